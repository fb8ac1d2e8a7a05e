"""Rows that hold one record each, described as data, and functions that read single values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from atsbridge.model import KINDS, Field, FieldType, Fragment

Id = int | str | None
Instant = Annotated[datetime, msgspec.Meta(tz=True)] | None
_TYPES: Mapping[FieldType, Any] = {
    FieldType.TEXT: str | None,
    FieldType.ENUM: str | None,
    FieldType.REF: Id,
    FieldType.BOOL: bool | None,
    FieldType.INT: int | None,
    FieldType.NUMBER: float | None,
    FieldType.INSTANT: Instant,
}


def read_id(value: Id) -> str | None:
    """An id as text. None if it is absent."""
    return None if value in (None, "") else str(value)


def read_instant(value: Instant) -> datetime | None:
    """An instant in UTC."""
    return None if value is None else value.astimezone(UTC)


def read_enum(value: str | None, values: Mapping[str, str] | tuple[str, ...]) -> str | None:
    """The catalog's value for the vendor's; a new one is kept as "other:<value>"."""
    if not value:
        return None
    known = values.get(value) if isinstance(values, Mapping) else value if value in values else None
    return known or f"other:{value}"


class SimpleRow:
    """The columns of one kind, read from the members of a row: `row`, `owns` and `normalise`.

    `columns`: their names, with the member's name if it differs: "user=user_id role". Types are
    the catalog's. `values`: column -> the vendor's value -> the catalog's.
    """

    def __init__(self, kind: str, columns: str, **values: Mapping[str, str]) -> None:
        fields = KINDS[kind].fields
        pairs = [pair.partition("=") for pair in columns.split()]
        self.owns = {kind: tuple(column for column, _, _ in pairs)}
        self.row: type[msgspec.Struct] = msgspec.defstruct(
            kind.title(),
            [("id", int | str), *((m or c, _TYPES[fields[c].type], None) for c, _, m in pairs)],
        )
        self._kind = kind
        self._reads = [(c, m or c, _reading(fields[c], values.get(c))) for c, _, m in pairs]

    def normalise(self, row: Any) -> Iterator[Fragment]:
        """The one fragment of the row."""
        read = {column: reads(getattr(row, member)) for column, member, reads in self._reads}
        yield Fragment(self._kind, str(row.id), read)


def _reading(field: Field, values: Mapping[str, str] | None) -> Callable[[Any], Any]:
    if field.type is FieldType.REF:
        return read_id
    if field.type is FieldType.INSTANT:
        return read_instant
    if field.type is FieldType.ENUM:
        return lambda value: read_enum(value, values or field.values)
    return lambda value: None if value == "" else value
