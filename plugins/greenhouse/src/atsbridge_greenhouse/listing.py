"""How any list of Harvest v3 is asked for: full pages, mapped members only, pipe filters.

Which lists there are and what their rows mean is in the modules of the groups of streams.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from atsbridge.model import Fragment
from atsbridge.ports import Parent, Stream
from atsbridge_greenhouse.values import Row

PAGE = "500"  # the most rows a page may have
DATES = ("created_at", "updated_at")
HELD = timedelta(days=30)  # interviews held longer ago than this wait for the second leg
RECENT = timedelta(days=45)  # what hangs on them may be older: they were planned before
First = Callable[[datetime], Sequence[Mapping[str, str]]]


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
    first: First | None = None,
    partial: tuple[str, ...] = (),
    looks_up: tuple[str, ...] = (),
    again: Callable[[int], timedelta] | None = None,
    mapped: bool = False,
    version: int = 1,
    implied: tuple[str, ...] = (),
) -> Stream:
    """The stream of that list, named like it.

    `elsewhere`: members that the vendor's row lacks and `links` puts there, from the lists of
    `looks_up`. With a `parent` it is read by ids only; else by what changed, and `whole` lists
    tell what is gone. `first`, `partial`, `again`, `mapped`, `version` and `implied` as in
    `ports.Stream`.
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
        first=first,
        partial=partial,
        ids={"fields": "id"} if whole and parent is None else {},
        looks_up=looks_up,
        again=again,
        mapped=mapped,
        version=version,
        implied=implied,
    )


def asked(row: type[Row], elsewhere: tuple[str, ...] = ()) -> str:
    """The `fields=` parameter for that row: only what is mapped (at most 50 names)."""
    return ",".join(f for f in row.__struct_fields__ if f not in elsewhere)


def changed(start: datetime, end: datetime) -> dict[str, str]:
    """The filter for [start, end) that every list has (all but two demographic ones).

    The bracket form of it is refused by some lists.
    """
    return {"updated_at": f"gte|{iso(start)}|lt|{iso(end)}"}


def lately(now: datetime) -> tuple[Mapping[str, str], ...]:
    """A first leg: what changed within RECENT."""
    return (changed(now - RECENT, now + RECENT),)


def iso(at: datetime) -> str:
    """An instant as filters take it: UTC with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
