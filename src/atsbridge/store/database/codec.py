"""How values are stored: instants as milliseconds, dates as ISO text, lists and maps as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from atsbridge.model import OTHER_TERM, Field, FieldType

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder()


def ms(instant: datetime) -> int:
    """Milliseconds since 1970 in UTC; fractions are cut off."""
    since = instant - _EPOCH
    return since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000


def ms_or_none(instant: datetime | None) -> int | None:
    return None if instant is None else ms(instant)


def instant(stored: int) -> datetime:
    return _EPOCH + stored * _MILLISECOND  # half the time of `timedelta(milliseconds=stored)`


def instant_or_none(stored: int | None) -> datetime | None:
    return None if stored is None else instant(stored)


def dump(value: Any) -> str:
    """JSON with sorted keys, so that equal values are equal text."""
    return _encoder.encode(value).decode()


def load(stored: str) -> Any:
    return _decoder.decode(stored)


def _list(value: Any) -> str:
    return dump(list(value))


def plain_text(value: Any) -> str:
    """A value as text, for mapped fields of another type."""
    if isinstance(value, str):
        return value
    return dump(value) if isinstance(value, dict | list | tuple | bool) else str(value)


def _day(value: date) -> str:
    return value.isoformat()


def _enum_encoder(field: Field) -> Callable[[str], str]:
    known = frozenset(field.values)

    def encode(value: str) -> str:
        if value in known or value.startswith(OTHER_TERM):
            return value
        return f"{OTHER_TERM}{value}"

    return encode


_ENCODE: Mapping[FieldType, Callable[[Any], Any]] = {
    FieldType.INSTANT: ms,
    FieldType.DATE: _day,
    FieldType.BOOL: int,
    FieldType.LIST: _list,
    FieldType.MAP: dump,
}
_DECODE: Mapping[FieldType, Callable[[Any], Any]] = {
    FieldType.INSTANT: instant,
    FieldType.DATE: date.fromisoformat,
    FieldType.BOOL: bool,
    FieldType.LIST: lambda stored: tuple(load(stored)),
    FieldType.MAP: load,
}


def encoder(field: Field) -> Callable[[Any], Any] | None:
    """How a value that is not None is stored; None: as it is."""
    if field.type is FieldType.ENUM:
        return _enum_encoder(field)
    return _ENCODE.get(field.type)


def decoder(field: Field) -> Callable[[Any], Any] | None:
    """How a stored value that is not NULL is read back; None: as it is."""
    return _DECODE.get(field.type)


def encode(field: Field, value: Any) -> Any:
    how = encoder(field)
    return value if value is None or how is None else how(value)


def decode(field: Field, stored: Any) -> Any:
    how = decoder(field)
    return stored if stored is None or how is None else how(stored)


def log(field: Field, stored: Any) -> str | None:
    """A stored value as a Change keeps it: JSON."""
    if stored is None or field.type in (FieldType.LIST, FieldType.MAP):
        return None if stored is None else str(stored)
    return dump(stored)


def unlog(field: Field, logged: str | None) -> Any:
    """What a Change keeps, as a value."""
    if logged is None:
        return None
    if field.type in (FieldType.LIST, FieldType.MAP):
        return decode(field, logged)
    return decode(field, load(logged))
