"""Read any list of Harvest v3: full pages, only the members that are used, pipe filters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from atsbridge.api import Fragment, Incremental, Parent, Reconciliation, RequestCost, Stream
from atsbridge_greenhouse.values import Row

PAGE = "500"  # the most rows a page may have
DATES = ("created_at", "updated_at")
HELD = timedelta(days=30)  # interviews held before this are read by the backfill
RECENT = timedelta(days=45)  # records that belong to them may be older: they were planned before


@dataclass(frozen=True, slots=True)
class Completed:
    """Members that the vendor's row lacks; `links` adds them from other lists."""

    members: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()


def select_active(_: datetime) -> Sequence[Mapping[str, str]]:
    """The parameters of a first read of the active applications alone."""
    return ({"status": "active"},)


def listed(
    path: str,
    row: type[Row],
    normalize: Callable[[Any], Iterable[Fragment]],
    owns: Mapping[str, tuple[str, ...]],
    *,
    completed: Completed = Completed(),
    params: Mapping[str, str] | None = None,
) -> Stream:
    """A stream for the list at that path: complete, filtered by change, named like the path."""
    return Stream(
        name=path,
        path=path,
        row=row,
        normalize=normalize,
        owns=owns,
        params={"per_page": PAGE, **(params or {}), "fields": asked(row, completed.members)},
        incremental=Incremental(since=changed),
        reconciliation=Reconciliation(complete=True, ids={"fields": "id"}),
        cost=RequestCost(lookups=completed.lists),
        scope=f"harvest:{path}:list",
    )


def partly(stream: Stream) -> Stream:
    """As `listed`, for a list that does not show every record: absence deletes nothing."""
    return replace(stream, reconciliation=Reconciliation())


def read_by_ids(stream: Stream, parent: Parent) -> Stream:
    """As `listed`, read only by the ids of parents."""
    return replace(stream, incremental=None, reconciliation=Reconciliation(), parent=parent)


def asked(row: type[Row], elsewhere: tuple[str, ...] = ()) -> str:
    """The `fields=` parameter for a row: only mapped members (at most 50 names)."""
    return ",".join(f for f in row.__struct_fields__ if f not in elsewhere)


def changed(start: datetime, end: datetime) -> dict[str, str]:
    """The filter for [start, end) of every list (except two demographic ones).

    The bracket form of it is refused by some lists.
    """
    return {"updated_at": f"gte|{iso(start)}|lt|{iso(end)}"}


def lately(now: datetime) -> tuple[Mapping[str, str], ...]:
    """For `Backfill.first`: rows that changed within RECENT."""
    return (changed(now - RECENT, now + RECENT),)


def iso(at: datetime) -> str:
    """An instant for filters: UTC with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
