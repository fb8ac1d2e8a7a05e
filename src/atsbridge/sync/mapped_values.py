"""A customer's own values as the types of the columns that an account's map fills from them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from atsbridge.model import FieldType, plain_number, whole_number

_DAY_DIGITS = 8  # of 20260305; more are milliseconds since 1970, as Lever sends dates
_TRUE = frozenset({"true", "yes", "1", "on"})


def find_value(block: Any, key: str) -> Any:
    """The value at a key of `custom`, which may be nested (Lever), as rules find it; else None."""
    if isinstance(block, Mapping) and "." in key and key not in block:
        from atsbridge.rules import inside  # a run with nothing to do needs no rules

        return inside(block, key)
    return block.get(key) if isinstance(block, Mapping) else None


def map_term(value: Any) -> str:
    """A customer's value as a map writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def cast_value(kind: FieldType, value: Any) -> Any:
    """A customer's value as the column's type. None if it cannot be converted."""
    if value is None or value == "":
        return None
    if isinstance(value, list | tuple) and kind is not FieldType.LIST:
        value = value[0] if value else None
    match kind:
        case FieldType.BOOL:
            return value if isinstance(value, bool) else str(value).strip().lower() in _TRUE
        case FieldType.INT | FieldType.NUMBER:
            return _number(kind, value)
        case FieldType.INSTANT | FieldType.DATE:
            return _parse_date(kind, value)
        case FieldType.LIST:
            return tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value),)
        case _:
            return None if value is None else str(value)


def _number(kind: FieldType, value: Any) -> Any:
    return whole_number(value) if kind is FieldType.INT else plain_number(value)


def _parse_date(kind: FieldType, value: Any) -> Any:
    text = str(value)
    try:
        if text.isdecimal() and len(text) > _DAY_DIGITS:  # Python would see a year, month and day
            found = datetime.fromtimestamp(int(text) / 1000, UTC)
            return found.date() if kind is FieldType.DATE else found
        if kind is FieldType.DATE:
            return value if type(value) is date else date.fromisoformat(text[:10])
        found = value if isinstance(value, datetime) else datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):  # no instant, or one before the year 1 in UTC
        return None
