"""How any list of Harvest v3 is asked for: full pages, mapped members only, pipe filters.

Which lists there are and what their rows mean is in the modules of the groups of streams.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from atsbridge.model.fragment import Fragment
from atsbridge.ports import Parent, Stream
from atsbridge_greenhouse.values import Row

PAGE = "500"  # the most rows a page may have
DATES = ("created_at", "updated_at")


def listed(
    path: str,
    row: type[Row],
    normalise: Callable[[Any], Iterable[Fragment]],
    owns: Mapping[str, tuple[str, ...]],
    *,
    elsewhere: tuple[str, ...] = (),
    params: Mapping[str, str] | None = None,
    parent: Parent | None = None,
    whole: bool = True,
) -> Stream:
    """The stream of that list, named like it.

    `elsewhere`: members that the vendor's row lacks and `links` puts there. With a `parent` it is
    read by ids only; else by what changed, and `whole` lists tell what is gone.
    """
    return Stream(
        name=path,
        path=path,
        row=row,
        normalise=normalise,
        owns=owns,
        params={"per_page": PAGE, **(params or {}), "fields": asked(row, elsewhere)},
        since=None if parent else changed,
        parent=parent,
        whole=whole and parent is None,
        scope=f"harvest:{path}:list",
    )


def asked(row: type[Row], elsewhere: tuple[str, ...] = ()) -> str:
    """The `fields=` parameter for that row: only what is mapped (at most 50 names)."""
    return ",".join(f for f in row.__struct_fields__ if f not in elsewhere)


def changed(start: datetime, end: datetime) -> dict[str, str]:
    """The filter for [start, end) that every list has (all but two demographic ones).

    The bracket form of it is refused by some lists.
    """
    return {"updated_at": f"gte|{_iso(start)}|lt|{_iso(end)}"}


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
