"""The tags an account has a use for, on the applications of the candidates that bear them.

How they are read is in `tagging`, putting a tag on and taking one off in `marks`; what a tag
means is the account's map.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from atsbridge.model import Fragment
from atsbridge_greenhouse.listing import listed
from atsbridge_greenhouse.values import Row, Scalar, own_id

_PREFIX = "tag:"


class Applied(Row):
    """GET /v3/applied_candidate_tags; a tag sits on the person, and so on all their applications.

    Once they are gathered `id` is the application's.
    """

    candidate_id: Scalar = None
    candidate_tag_id: Scalar = None
    names: Any = None


def patterns(account_map: Mapping[str, Any]) -> tuple[str, ...]:
    """The tags that an account's map speaks of."""
    words = (v for v in account_map.values() if isinstance(v, str) and v.startswith(_PREFIX))
    return tuple(dict.fromkeys(word.removeprefix(_PREFIX).lower() for word in words))


def tagged(row: Applied) -> Iterable[Fragment]:
    """The tags that count, in order of their names; none is a fact."""
    held = row.names if isinstance(row.names, list) else ()
    names = tuple(sorted(map(str, held)))
    yield Fragment("application", own_id(row), {"tags": names or None})


def _active(_: datetime) -> Sequence[Mapping[str, str]]:
    return ({"status": "active"},)


def _daily(_: int) -> timedelta:
    """That a tag was taken off shows nowhere: all running applications are looked at."""
    return timedelta(days=1)


STREAM = listed(
    "applied_candidate_tags",
    Applied,
    tagged,
    {"application": ("tags",)},
    elsewhere=("names",),
    looks_up=("candidate_tags",),
    whole=False,
    first=_active,
    again=_daily,
    mapped=True,
)
