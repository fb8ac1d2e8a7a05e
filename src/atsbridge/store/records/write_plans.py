"""How one stream's columns of one kind are written: encoders and statements, made once.

When which statement runs is `records`'.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection

from atsbridge.errors import PluginError
from atsbridge.model import Field, FieldType, catalog
from atsbridge.store.database import Database, encoder, plain_text, table_name

Row = tuple[Any, ...]
_TEXTUAL = (FieldType.TEXT, FieldType.ENUM, FieldType.REF)
_TEXT_OR_NONE = frozenset((str, type(None)))
HEAD = ("id", "parts", "deleted_at", "first_seen_at")  # what `find` gives before the columns


@dataclass(frozen=True, slots=True)
class Plan:
    """One kind, the columns one stream owns of it, and everything made of them once.

    `creates`: whether the stream creates records of the kind. What another stream writes of a
    record that nobody has shown, or that is deleted, stands in its row until it is shown: such a
    row is gone, and one that nobody has ever shown has no `first_seen_at`.
    """

    kind: str
    creates: bool
    fields: tuple[Field, ...]
    get: Callable[[Mapping[str, Any]], Row]
    encoders: tuple[tuple[int, Callable[[Any], Any]], ...]
    textual: tuple[int, ...]
    insert: str
    update: str
    lookup: str

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)

    def encode(self, several: Iterable[Mapping[str, Any]]) -> list[Row]:
        """The values of some records as stored, each in the order of `fields`.

        They are within the bounds of `model.value_bounds`: whoever writes pages has seen to it.
        Column by column: a page of rows costs half of what row by row does.
        """
        columns: list[Iterable[Any]] = list(zip(*map(self.get, several), strict=True))
        for at in self.textual:
            if not _TEXT_OR_NONE.issuperset(map(type, columns[at])):
                columns[at] = [None if v is None else plain_text(v) for v in columns[at]]
        for at, how in self.encoders:
            columns[at] = [None if v is None else how(v) for v in columns[at]]
        return list(zip(*columns, strict=True))

    def find(
        self, connection: Connection, database: Database, account: str, ids: Iterable[str]
    ) -> Mapping[str, Row]:
        """Current rows by id: HEAD, then the columns."""
        found = connection.exec_driver_sql(self.lookup, (account, database.ids(ids)))
        return {row[0]: row for row in map(tuple, found)}


def _getter(columns: Sequence[str]) -> Callable[[Mapping[str, Any]], Row]:
    """itemgetter, which gives a tuple for two columns and more, for any number of them."""
    if len(columns) > 1:
        return itemgetter(*columns)
    return lambda values: tuple(values[column] for column in columns)


@cache
def plan(kind: str, columns: tuple[str, ...], sqlite: bool, creates: bool) -> Plan:
    """The plan for these columns of a kind; those that are never stored are left out.

    Parameters of `insert`: account, id, bit, now, the columns; of `update`: now (where the stream
    creates the kind), bit, the columns, account, id.
    """
    try:
        declared = catalog.KINDS[kind].fields
        fields = tuple(declared[name] for name in columns if declared[name].stored)
    except KeyError as error:
        raise PluginError(
            f"{error.args[0]!r} is neither a kind of record nor a field of {kind!r}",
            remedy="Correct the `owns` of the stream",
        ) from None
    table = table_name(kind)
    names = [f'"{field.name}"' for field in fields]
    # On PostgreSQL an array, on SQLite JSON: one parameter, so one prepared statement for any page.
    among = "id IN (SELECT value FROM json_each(?))" if sqlite else "id = ANY(?)"
    seen = "first_seen_at" if creates else "deleted_at"
    insert = (
        f"INSERT INTO {table} (account, id, parts, {seen}, {', '.join(names)})"
        f" VALUES (?, ?, ?, ?{', ?' * len(names)}) ON CONFLICT (account, id) DO NOTHING"
    )
    shown = (
        "deleted_at = NULL, deleted_with = NULL, first_seen_at = coalesce(first_seen_at, ?), "
        if creates
        else ""
    )
    update = (
        f"UPDATE {table} SET {shown}parts = parts | ?,"
        f" {', '.join(f'{name} = ?' for name in names)} WHERE account = ? AND id = ?"
    )
    lookup = f"SELECT {', '.join((*HEAD, *names))} FROM {table} WHERE account = ? AND {among}"
    mark = "?" if sqlite else "%s"
    coded = ((at, encoder(field)) for at, field in enumerate(fields))
    return Plan(
        kind=kind,
        creates=creates,
        fields=fields,
        get=_getter([field.name for field in fields]),
        encoders=tuple((at, how) for at, how in coded if how is not None),
        textual=tuple(at for at, field in enumerate(fields) if field.type in _TEXTUAL),
        insert=insert.replace("?", mark),
        update=update.replace("?", mark),
        lookup=lookup.replace("?", mark),
    )
