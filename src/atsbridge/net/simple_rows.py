"""Rows that hold one record each, described as data, and functions that read single values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

import msgspec

from atsbridge.model import FieldType, Fragment
from atsbridge.net import row_members
from atsbridge.net.row_members import RowColumn
from atsbridge.net.time_formats import TimeFormat, read_formatted

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
    FieldType.DATE: date | None,
    FieldType.LIST: list[int | str] | None,
    FieldType.MAP: dict[str, Any] | None,
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
    """The columns of one kind, read from the members of a row: `row`, `owns` and `normalize`.

    `columns`: their names, each with the member if it is called differently:

    | written | read from |
    |---|---|
    | `title` | the member `title` |
    | `user=user_id` | the member `user_id` |
    | `stage=stage.id` | the member `id` of the object `stage` |
    | `name=first_name+last_name` | both, with a space between; absent ones are left out |
    | `tags=tags[].name` | the member `name` of each object of the list `tags` |

    Types are the catalog's. `values`: an enum column -> the vendor's value -> the catalog's.
    `formats`: a column -> how its instant or day is written, if it is not ISO 8601 with an offset.
    `rename="camel"`: the vendor writes `user_id` as `userId`.

    PluginError if the kind, a column or a value is not in the catalog, or a format does not fit.
    """

    def __init__(
        self,
        kind: str,
        columns: str,
        /,
        *,
        rename: Literal["camel"] | None = None,
        formats: Mapping[str, TimeFormat] | None = None,
        **values: Mapping[str, str],
    ) -> None:
        found = row_members.parse(kind, columns, formats or {}, values)
        self.owns = {kind: tuple(one.column for one in found)}
        types = {one.column: _type_of(one) for one in found}
        self.row: type[msgspec.Struct] = row_members.build_struct(kind, found, types, rename)
        self._kind = kind
        self._reads = [(one.column, one.find, _reading(one, values)) for one in found]

    def normalize(self, row: Any) -> Iterator[Fragment]:
        """The one fragment of the row. SkipRecord, with the member, for an unreadable date."""
        read = {column: reads(find(row)) for column, find, reads in self._reads}
        yield Fragment(self._kind, str(row.id), read)


def _type_of(column: RowColumn) -> Any:
    if column.format is not None:
        return int | float | str | None
    if column.in_list:
        return int | str | None
    return _TYPES[column.field.type]


def _reading(column: RowColumn, values: Mapping[str, Mapping[str, str]]) -> Callable[[Any], Any]:
    field, form = column.field, column.format
    if form is not None:
        return lambda value: read_formatted(value, form, field.type, column.member)
    if field.type is FieldType.REF:
        return read_id
    if field.type is FieldType.INSTANT:
        return read_instant
    if field.type is FieldType.ENUM:
        known: Mapping[str, str] | tuple[str, ...] = values.get(column.column) or field.values
        return lambda value: read_enum(value, known)
    return _SHAPES.get(field.type, _read_plain)


def _read_plain(value: Any) -> Any:
    return None if value == "" else value


def _read_list(value: list[Any] | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(str(one) for one in value if one not in (None, ""))


def _read_map(value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The plain values of an object: text, numbers, yes or no."""
    if value is None:
        return None
    return {name: one for name, one in value.items() if isinstance(one, str | int | float)}


_SHAPES: Mapping[FieldType, Callable[[Any], Any]] = {
    FieldType.LIST: _read_list,
    FieldType.MAP: _read_map,
}
