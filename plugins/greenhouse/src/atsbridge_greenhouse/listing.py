"""Read any list of Harvest v3: full pages, only the members that are used, pipe filters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from atsbridge.api import Fragment, Incremental, Parent, Reconciliation, RequestCost, Stream
from atsbridge_greenhouse.values import Row

PAGE = "500"  # the most rows a page may have
DATES = ("created_at", "updated_at")
HELD = timedelta(days=30)  # interviews held longer ago than this are left to the backfill
RECENT = timedelta(days=45)  # what hangs on them may be older: they were planned before


@dataclass(frozen=True, slots=True)
class Completed:
    """Members that the vendor's row lacks: `links` adds them from the rows of other lists."""

    members: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()


def listed(
    path: str,
    row: type[Row],
    normalise: Callable[[Any], Iterable[Fragment]],
    owns: Mapping[str, tuple[str, ...]],
    *,
    completed: Completed = Completed(),
    params: Mapping[str, str] | None = None,
) -> Stream:
    """The stream of the list at that path, named like it: complete, and filtered by change."""
    return Stream(
        name=path,
        path=path,
        row=row,
        normalise=normalise,
        owns=owns,
        params={"per_page": PAGE, **(params or {}), "fields": asked(row, completed.members)},
        incremental=Incremental(since=changed),
        reconciliation=Reconciliation(complete=True, ids={"fields": "id"}),
        cost=RequestCost(lookups=completed.lists),
        scope=f"harvest:{path}:list",
    )


def partly(stream: Stream) -> Stream:
    """The same list, which does not show every record: nothing is deleted by its absence."""
    return replace(stream, reconciliation=Reconciliation())


def read_by_ids(stream: Stream, parent: Parent) -> Stream:
    """The same list, read only by the ids of parents."""
    return replace(stream, incremental=None, reconciliation=Reconciliation(), parent=parent)


def asked(row: type[Row], elsewhere: tuple[str, ...] = ()) -> str:
    """The `fields=` parameter for that row: only what is mapped (at most 50 names)."""
    return ",".join(f for f in row.__struct_fields__ if f not in elsewhere)


def changed(start: datetime, end: datetime) -> dict[str, str]:
    """The filter for [start, end) that every list has (all but two demographic ones).

    The bracket form of it is refused by some lists.
    """
    return {"updated_at": f"gte|{iso(start)}|lt|{iso(end)}"}


def lately(now: datetime) -> tuple[Mapping[str, str], ...]:
    """For `Backfill.first`: what changed within RECENT."""
    return (changed(now - RECENT, now + RECENT),)


def iso(at: datetime) -> str:
    """An instant as filters take it: UTC with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
