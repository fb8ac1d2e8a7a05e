"""Rows whose members are columns of one kind, described as data, and readers of single values."""

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
    """An id as text, however it was sent; None for what is absent."""
    return None if value in (None, "") else str(value)


def read_instant(value: Instant) -> datetime | None:
    """An instant in UTC."""
    return None if value is None else value.astimezone(UTC)


def read_word(value: str | None, words: Mapping[str, str] | tuple[str, ...]) -> str | None:
    """The catalog's value for the vendor's; a new one is kept as "other:<value>"."""
    if not value:
        return None
    known = words.get(value) if isinstance(words, Mapping) else value if value in words else None
    return known or f"other:{value}"


class SimpleRow:
    """The columns of one kind, read from the members of a row: `row`, `owns` and `normalise`.

    `columns`: their names, with the member's name if it differs: "user=user_id role". Types are
    the catalog's. `words`: column -> the vendor's value -> the catalog's.
    """

    def __init__(self, kind: str, columns: str, **words: Mapping[str, str]) -> None:
        fields = KINDS[kind].fields
        pairs = [pair.partition("=") for pair in columns.split()]
        self.owns = {kind: tuple(column for column, _, _ in pairs)}
        self.row: type[msgspec.Struct] = msgspec.defstruct(
            kind.title(),
            [("id", int | str), *((m or c, _TYPES[fields[c].type], None) for c, _, m in pairs)],
        )
        self._kind = kind
        self._reads = [(c, m or c, _reading(fields[c], words.get(c))) for c, _, m in pairs]

    def normalise(self, row: Any) -> Iterator[Fragment]:
        """The one fragment of the row."""
        values = {column: read(getattr(row, member)) for column, member, read in self._reads}
        yield Fragment(self._kind, str(row.id), values)


def _reading(field: Field, words: Mapping[str, str] | None) -> Callable[[Any], Any]:
    if field.type is FieldType.REF:
        return read_id
    if field.type is FieldType.INSTANT:
        return read_instant
    if field.type is FieldType.ENUM:
        return lambda value: read_word(value, words or field.values)
    return lambda value: None if value == "" else value
