"""How one stream's columns of one kind are written: encoders and statements, prepared once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection

from atsbridge.errors import PluginError
from atsbridge.model import Field, FieldType, by_column, catalog
from atsbridge.store.database import Database, encoder, plain_text, table_name

Row = tuple[Any, ...]
_TEXTUAL = (FieldType.TEXT, FieldType.ENUM, FieldType.REF)
_TEXT_OR_NONE = frozenset((str, type(None)))
HEAD = ("id", "parts", "deleted_at", "first_seen_at")  # columns of `find` before the others


@dataclass(frozen=True, slots=True)
class Plan:
    """The statements and encoders for one stream's columns of a kind.

    `creates`: whether the stream creates records of the kind. If it does not, its values of a
    record that is deleted or was never shown are kept in a deleted row; a row that was never shown
    has no `first_seen_at`.
    """

    kind: str
    creates: bool
    fields: tuple[Field, ...]
    encoders: tuple[tuple[int, Callable[[Any], Any]], ...]
    textual: tuple[int, ...]
    insert: str
    update: str
    lookup: str

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)

    def encode(self, several: Iterable[Mapping[str, Any]]) -> list[Iterable[Any]]:
        """The values of some records as stored, a column for each of `fields`.

        The values are within `model.value_bounds`. KeyError names a column that a record lacks.
        """
        columns: list[Iterable[Any]] = [*by_column(several, self.columns).values()]
        for at in self.textual:
            if not _TEXT_OR_NONE.issuperset(map(type, columns[at])):
                columns[at] = [None if v is None else plain_text(v) for v in columns[at]]
        for at, how in self.encoders:
            columns[at] = [None if v is None else how(v) for v in columns[at]]
        return columns

    def find(
        self, connection: Connection, database: Database, account: str, ids: Iterable[str]
    ) -> Mapping[str, Row]:
        """Current rows by id: HEAD, then the columns."""
        found = connection.exec_driver_sql(self.lookup, (account, database.ids(ids)))
        return {row[0]: row for row in map(tuple, found)}


@cache
def plan(kind: str, columns: tuple[str, ...], sqlite: bool, creates: bool) -> Plan:
    """The plan for these columns of a kind. Columns that are never stored are left out.

    Raises PluginError for an unknown kind or column.
    """
    try:
        declared = catalog.KINDS[kind].fields
        fields = tuple(declared[name] for name in columns if declared[name].stored)
    except KeyError as error:
        raise PluginError(
            f"{error.args[0]!r} is neither a kind of record nor a field of {kind!r}",
            remedy="Correct the `owns` of the stream",
        ) from None
    names = [f'"{field.name}"' for field in fields]
    mark = "?" if sqlite else "%s"
    coded = ((at, encoder(field)) for at, field in enumerate(fields))
    return Plan(
        kind=kind,
        creates=creates,
        fields=fields,
        encoders=tuple((at, how) for at, how in coded if how is not None),
        textual=tuple(at for at, field in enumerate(fields) if field.type in _TEXTUAL),
        insert=_insert(kind, names, creates).replace("?", mark),
        update=_update(kind, names, creates).replace("?", mark),
        lookup=_lookup(kind, names, sqlite).replace("?", mark),
    )


def _insert(kind: str, names: Sequence[str], creates: bool) -> str:
    """Parameters: account, id, bit, now, the columns."""
    seen = "first_seen_at" if creates else "deleted_at"
    return (
        f"INSERT INTO {table_name(kind)} (account, id, parts, {seen}, {', '.join(names)})"
        f" VALUES (?, ?, ?, ?{', ?' * len(names)}) ON CONFLICT (account, id) DO NOTHING"
    )


def _update(kind: str, names: Sequence[str], creates: bool) -> str:
    """Parameters: now (only if the stream creates the kind), bit, the columns, account, id."""
    shown = (
        "deleted_at = NULL, deleted_with = NULL, first_seen_at = coalesce(first_seen_at, ?), "
        if creates
        else ""
    )
    return (
        f"UPDATE {table_name(kind)} SET {shown}parts = parts | ?,"
        f" {', '.join(f'{name} = ?' for name in names)} WHERE account = ? AND id = ?"
    )


def _lookup(kind: str, names: Sequence[str], sqlite: bool) -> str:
    """Parameters: account, ids.

    The ids are one parameter, an array on PostgreSQL and JSON on SQLite, so that a page of any
    size uses the same prepared statement.
    """
    among = "id IN (SELECT value FROM json_each(?))" if sqlite else "id = ANY(?)"
    return (
        f"SELECT {', '.join((*HEAD, *names))} FROM {table_name(kind)} WHERE account = ? AND {among}"
    )
