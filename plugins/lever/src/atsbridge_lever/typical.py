"""How many rows the lists of a first sync have at a customer of some size, for `sync --plan`.

Assumed, not measured: a fifth of the active candidates are in stages with interviews or were
interviewed elsewhere in the last month; a tenth of those are in the offer stage; forty active
candidates and one requisition for each posting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil


def sizes(active: int) -> Mapping[str, Sequence[int]]:
    """Rows by list, and parents that wait, in the form of `atsbridge.sync.request_cost`."""
    return {
        "users": (50 + active // 100,),
        "stages": (20,),
        "archive_reasons": (30,),
        "postings": (ceil(active / 40),),
        "opportunities": (active,),
        "interviews": (active // 5,),
        "offers": (active // 50,),
    }
