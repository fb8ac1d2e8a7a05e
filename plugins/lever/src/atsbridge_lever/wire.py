"""Decode Lever's rows and instants, and add members to a row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from atsbridge.api import SkipRecord

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(milliseconds=1)
_YEARS = range(1971, 2200)

Ms = int | float | str | None  # milliseconds since 1970 UTC; some answers quote them


class Row(msgspec.Struct, rename="camel", kw_only=True):
    """A row as received, with mapped members only. All but the id are optional."""

    id: str


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A reference: an object if Lever expands it, else an id. Either is read as an id."""

    id: str | None = None


Ref = str | Named | None


def ref(value: Ref) -> str | None:
    """The id, whether or not the vendor inlined the object."""
    return value.id if isinstance(value, Named) else value or None


def instant(value: Ms) -> datetime | None:
    """An aware UTC datetime to the millisecond.

    None for what is absent, no number or absurd: outside `_YEARS` it is no count of milliseconds
    (seconds would all lie in January 1970), or a slip.
    """
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        found = _EPOCH + int(value) * _TICK
    except (ValueError, OverflowError):
        return None
    return found if found.year in _YEARS else None


def strict_instant(value: Ms, name: str) -> datetime | None:
    """As `instant`, where "not yet" would be a lie: SkipRecord for what is there and is none.

    `name`: the member, as the vendor spells it.
    """
    found = instant(value)
    if found is None and value not in (None, "", 0, False):
        raise SkipRecord(f"{name} is not an instant", field=name)
    return found


def ms(at: datetime) -> str:
    """An instant as a query parameter: whole milliseconds, rounded down."""
    return str((at - _EPOCH) // _TICK)


def spliced(raw: bytes, added: Mapping[str, Any]) -> msgspec.Raw:
    """The raw row with further keys appended; its own bytes stay as received.

    ValueError if it is no object.
    """
    body = bytes(raw).rstrip()
    if not (body.startswith(b"{") and body.endswith(b"}")):
        raise ValueError("this row is not an object")
    head = body[:-1].rstrip()
    return msgspec.Raw(head + (b"" if head == b"{" else b",") + msgspec.json.encode(added)[1:])
