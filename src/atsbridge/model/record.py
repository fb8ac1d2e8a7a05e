"""What every record carries.

The kinds of record are in `organization`, `requisitions`, `applications` and `interviews`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from atsbridge.model.fields import Null, Sensitivity, instant, mapping, text


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record of one account's ATS. `id` is the ATS's own, as text; instants are aware UTC."""

    account: str
    id: str
    created_at: datetime | None = instant("when the ATS created it", null=Null.UNKNOWN)
    updated_at: datetime | None = instant("when it last changed in the ATS", null=Null.UNKNOWN)
    custom: Mapping[str, Any] | None = mapping(
        "the customer's own fields, by key; pay may be among them",
        null=Null.NONE,
        sensitivity=Sensitivity.COMPENSATION,
    )
    url: str | None = text("its page in the ATS", null=Null.NONE)
    first_seen_at: datetime | None = instant(
        "when atsbridge first stored it", derived="time of the first sync that brought it"
    )
    deleted_at: datetime | None = instant(
        "when atsbridge found it deleted", derived="reconciliation or a delete event"
    )


class Key(NamedTuple):
    """Which record: account, kind ("application"), id."""

    account: str
    kind: str
    id: str

    def __str__(self) -> str:
        return "/".join(self)


def to_iso(at: date | None) -> str | None:
    """A day or instant in ISO 8601, for documents; None stays None."""
    return at.isoformat() if at is not None else None
