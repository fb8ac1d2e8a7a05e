"""`HistoryStore` on SQL: records and their Changes, of one record or of many at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row

from atsbridge.model import Change, Field, Found, Key, Origin, Query, Record, catalog
from atsbridge.store.database import (
    Database,
    decode,
    instant,
    instant_or_none,
    sql,
    table_name,
    unlog,
)
from atsbridge.store.select import find_below

Span = tuple[datetime | None, datetime | None]
_PIECE = 1000


@cache
def _stored(kind: str) -> tuple[Field, ...]:
    return tuple(field for field in catalog.KINDS[kind].fields.values() if field.stored)


def _record(kind: str, account: str, row: Row[Any]) -> Record:
    stored: Sequence[Any] = row[1:]
    values = {f.name: decode(f, v) for f, v in zip(_stored(kind), stored, strict=True)}
    return catalog.KINDS[kind].record(account=account, id=row[0], **values)


def spans(present: Any, changes: Sequence[Change], value: Any) -> list[Span]:
    """The intervals (start, end) during which a field was `value`, in order, none empty.

    `present`: the field's value now. `changes`: all Changes of the field, oldest first; announced
    ones are ignored. Start None: the field had the value when first seen, or since a change of the
    account's map. End None: it still has it.
    """
    found: list[Span] = []
    changes = [change for change in changes if change.origin is not Origin.ANNOUNCED]
    start: datetime | None = None
    inside = (changes[0].old if changes else present) == value
    for change in changes:
        at = change.occurred_at or change.observed_at
        if inside and change.new != value:
            found.append((start, at))
            inside = False
        elif not inside and change.new == value:
            start = None if change.origin is Origin.MAPPING else at
            inside = True
    if inside:
        found.append((start, None))
    return found


@dataclass(frozen=True, slots=True)
class SqlHistory:
    """Records and their Changes. See `ports.HistoryStore`."""

    _database: Database

    def read_record(self, key: Key) -> Record | None:
        """The record, deleted or not. None if no list has shown it."""
        statement = self._select(key.kind, "id = :id")
        with self._database.read() as connection:
            row = connection.execute(
                sql(statement), {"account": key.account, "id": key.id}
            ).one_or_none()
        return None if row is None else _record(key.kind, key.account, row)

    def read_records(
        self, account: str, kind: str, *, include_deleted: bool = False
    ) -> Iterator[Record]:
        """All records of a kind in order of id."""
        live = "" if include_deleted else "deleted_at IS NULL AND "
        statement = self._select(kind, f"{live}id > :last ORDER BY id LIMIT {_PIECE}")
        last = ""
        while True:
            with self._database.read() as connection:
                rows = connection.execute(sql(statement), {"account": account, "last": last}).all()
            yield from (_record(kind, account, row) for row in rows)
            if len(rows) < _PIECE:
                return
            last = rows[-1][0]

    def _select(self, kind: str, where: str) -> str:
        columns = ", ".join(f'"{field.name}"' for field in _stored(kind))
        return f"SELECT id, {columns} FROM {table_name(kind)} WHERE account = :account AND {where}"

    def read_changes(self, key: Key, fields: Sequence[str] = ()) -> Sequence[Change]:
        """The Changes of a record, oldest first. `fields`: only these; empty: all."""
        among = f" AND {self._database.ids_in('field')}" if fields else ""
        which: dict[str, Any] = {"account": key.account, "kind": key.kind, "id": key.id}
        if fields:
            which["ids"] = self._database.ids(fields)
        with self._database.read() as connection:
            rows = connection.execute(
                sql(
                    "SELECT field, old, new, occurred_at, observed_at, origin, actor FROM changes"
                    " WHERE account = :account AND kind = :kind AND id = :id"
                    f"{among} ORDER BY number"
                ),
                which,
            ).all()
        declared = catalog.KINDS[key.kind].fields
        return [_change(key, row, declared) for row in rows if row.field in declared]

    def find_changed(self, account: str, kind: str, field: str) -> frozenset[str]:
        """Ids of the records of a kind with a Change of the field."""
        with self._database.read() as connection:
            rows = connection.execute(
                sql(
                    "SELECT DISTINCT id FROM changes"
                    " WHERE account = :account AND kind = :kind AND field = :field"
                ),
                {"account": account, "kind": kind, "field": field},
            )
            return frozenset(row[0] for row in rows)

    def read_intervals(
        self,
        account: str,
        kind: str,
        id: str,  # noqa: A002
        field: str,
        value: str,
    ) -> Sequence[Span]:
        """The intervals (start, end) during which the field was `value`. See `spans`."""
        key = Key(account, kind, id)
        now = self.read_record(key)
        if now is None:
            return []
        return spans(getattr(now, field), self.read_changes(key, (field,)), value)

    def find_changed_fields(self, account: str) -> frozenset[str]:
        """Every "kind.field" with a Change."""
        statement = "SELECT DISTINCT kind, field FROM changes WHERE account = :account"
        with self._database.read() as connection:
            rows = connection.execute(sql(statement), {"account": account})
            return frozenset(f"{kind}.{field}" for kind, field in rows)

    def read_many_changes(
        self, account: str, kind: str, ids: Sequence[str], fields: Sequence[str]
    ) -> Mapping[str, Sequence[Change]]:
        """Id -> Changes of these fields, oldest first. Records without a Change are left out."""
        found: dict[str, list[Change]] = {}
        declared = catalog.KINDS[kind].fields
        names = ", ".join(f"'{name}'" for name in fields if name in declared)
        statement = (
            "SELECT id, field, old, new, occurred_at, observed_at, origin, actor FROM changes"
            f" WHERE account = :account AND kind = :kind AND {self._database.ids_in()}"
            f" AND field IN ({names}) ORDER BY number"
        )
        which = {"account": account, "kind": kind, "ids": self._database.ids(ids)}
        with self._database.read() as connection:
            for row in connection.execute(sql(statement), which):
                found.setdefault(row.id, []).append(
                    _change(Key(account, kind, row.id), row, declared)
                )
        return found

    def find_children(
        self, account: str, query: Query, ref: str, parents: Sequence[str]
    ) -> Iterator[Found]:
        """The matches of the Query whose field `ref` holds one of the ids `parents`."""
        return find_below(self._database, account, query, ref, parents)


def _change(key: Key, row: Any, declared: Mapping[str, Any]) -> Change:
    field = declared[row.field]
    return Change(
        key=key,
        field=row.field,
        old=unlog(field, row.old),
        new=unlog(field, row.new),
        observed_at=instant(row.observed_at),
        origin=Origin(row.origin),
        occurred_at=instant_or_none(row.occurred_at),
        actor=row.actor,
    )
