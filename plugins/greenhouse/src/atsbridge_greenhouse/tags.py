"""The tags that an account maps, as tags of applications."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from atsbridge.api import Backfill, Fragment
from atsbridge_greenhouse.listing import Completed, listed, partly, select_active
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
    """The tags in an account's map."""
    sources = (v for v in account_map.values() if isinstance(v, str) and v.startswith(_PREFIX))
    return tuple(dict.fromkeys(source.removeprefix(_PREFIX).lower() for source in sources))


def tagged(row: Applied) -> Iterable[Fragment]:
    """The mapped tags in order of name. An empty tuple is a fact."""
    held = row.names if isinstance(row.names, list) else ()
    names = tuple(sorted(map(str, held)))
    yield Fragment("application", own_id(row), {"tags": names or None})


def _daily(_: int) -> timedelta:
    """Read all active applications daily: no list shows that a tag was removed."""
    return timedelta(days=1)


STREAM = replace(
    partly(
        listed(
            "applied_candidate_tags",
            Applied,
            tagged,
            {"application": ("tags",)},
            completed=Completed(("names",), ("candidate_tags",)),
        )
    ),
    backfill=Backfill(first=select_active, repeat_after=_daily),
    only_if_mapped=True,
)
