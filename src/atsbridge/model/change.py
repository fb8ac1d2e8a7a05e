"""Changes of fields: old value, new value, when and how they became known; and their diff."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from atsbridge.model.record import Key


class Origin(StrEnum):
    """How a change became known."""

    POLL = "poll"
    WEBHOOK = "webhook"
    FULL_READ = "sweep"
    MAPPING = "mapping"  # the account's mapping changed, not the ATS: no rule fires on it
    ANNOUNCED = "announced"


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one record took a new value. Instants are aware UTC."""

    key: Key
    field: str
    old: Any
    new: Any
    observed_at: datetime
    origin: Origin
    occurred_at: datetime | None = None  # the ATS's own date, where it has one
    actor: str | None = None


def diff(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """The fields of `new` whose value is not that of `old`: (name, old, new), in `new`'s order.

    Fields that are not in `new` are left out: a fragment changes only its own fields.
    """
    for name, value in new.items():
        before = old.get(name)
        if before != value or isinstance(before, bool) is not isinstance(value, bool):
            yield name, before, value


def as_of(present: Mapping[str, Any], changes: list[Change], at: datetime) -> dict[str, Any]:
    """The record's fields as they were at `at`: later changes are undone, newest first.

    `changes` are of that one record, in any order; a change counts from `occurred_at`, else
    from `observed_at`.
    """
    past = dict(present)
    dated = sorted(changes, key=lambda c: c.occurred_at or c.observed_at, reverse=True)
    for change in dated:
        if (change.occurred_at or change.observed_at) <= at:
            break
        past[change.field] = change.old
    return past
