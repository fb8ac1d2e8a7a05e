"""Reading records and their Changes back.

Finding the subjects of rules is `select`'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row

from atsbridge.model import Change, Field, Key, Origin, Record, catalog
from atsbridge.store.database import (
    Database,
    decode,
    instant,
    instant_or_none,
    sql,
    table_name,
    unlog,
)

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
    """When a field was `value`: `changes` of that field, oldest first, and what it is now.

    What was only announced is no change yet.

    A span that was open at first sight, or that a mapping brought, has no start; one still open
    no end. In order, never empty of time.
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


class History:
    """The part of the store that gives records back."""

    _database: Database

    def record(self, key: Key) -> Record | None:
        """The record as it is, gone or not; None if it was never seen."""
        statement = self._select(key.kind, "id = :id")
        with self._database.read() as connection:
            row = connection.execute(
                sql(statement), {"account": key.account, "id": key.id}
            ).one_or_none()
        return None if row is None else _record(key.kind, key.account, row)

    def records(self, account: str, kind: str, *, gone: bool = False) -> Iterator[Record]:
        """All records of a kind in order of id; with `gone`, those that are gone too."""
        live = "" if gone else "gone_at IS NULL AND "
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

    def changes(self, key: Key, fields: Sequence[str] = ()) -> Sequence[Change]:
        """Changes of a record, oldest first; of these fields only, if any are named."""
        among = f" AND {self._database.ids_in('field')}" if fields else ""
        which = {"account": key.account, "kind": key.kind, "id": key.id}
        if fields:
            which["ids"] = self._database.ids(fields)  # type: ignore[assignment]
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
        return [
            Change(
                key=key,
                field=row.field,
                old=unlog(declared[row.field], row.old),
                new=unlog(declared[row.field], row.new),
                observed_at=instant(row.observed_at),
                origin=Origin(row.origin),
                occurred_at=instant_or_none(row.occurred_at),
                actor=row.actor,
            )
            for row in rows
            if row.field in declared
        ]

    def changed(self, account: str, kind: str, field: str) -> frozenset[str]:
        """Ids of the records of a kind with any Change of the field."""
        with self._database.read() as connection:
            rows = connection.execute(
                sql(
                    "SELECT DISTINCT id FROM changes"
                    " WHERE account = :account AND kind = :kind AND field = :field"
                ),
                {"account": account, "kind": kind, "field": field},
            )
            return frozenset(row[0] for row in rows)

    def intervals(
        self,
        account: str,
        kind: str,
        id: str,  # noqa: A002
        field: str,
        value: str,
    ) -> Sequence[Span]:
        """(start, end) spans during which the field was `value`, in order.

        No start: it was so when first seen, or only a mapping made it so; no end: it still is.
        """
        key = Key(account, kind, id)
        now = self.record(key)
        if now is None:
            return []
        return spans(getattr(now, field), self.changes(key, (field,)), value)
