"""How many rows the lists of a first sync have at a customer of some size, for `sync --plan`.

Assumed, not measured: five ended applications for each active one, of which one ended in the last
180 days; one open job for forty active applications, and three closed ones; one interview plan for
twenty jobs; a schedule for every second application ever, an offer for every thirtieth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil


def sizes(active: int) -> Mapping[str, Sequence[int]]:
    """Rows by list, and parents that wait, in the form of `atsbridge.sync.request_cost`."""
    every = 6 * active
    jobs = ceil(active / 10)
    return {
        "users": (50 + active // 100,),
        "departments": (30,),
        "locations": (20,),
        "archive_reasons": (30,),
        "jobs": (jobs,),
        "openings": (jobs,),
        "interview_plans": (ceil(jobs / 20),),
        "stages": (ceil(jobs / 20),),
        "applications": (every,),
        "stage_history": (2 * active,),
        "interview_schedules": (every // 2,),
        "feedback": (every // 2,),
        "offers": (every // 30,),
        "approvals": (every // 30 + jobs,),
    }
