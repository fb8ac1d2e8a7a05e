"""The past of many records at once: their Changes, and the rows below them.

Of one record it is `history`'s; what was true at an instant is made of it in `rehearsal`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam

from atsbridge.model import Change, Found, Key, Origin, Query, catalog
from atsbridge.store.database import Database, instant, instant_or_none, sql, unlog
from atsbridge.store.records.provenance import parts_of
from atsbridge.store.select import Statement, chunks, found_of


class Past:
    """The part of the store that is asked for the past of many records."""

    _database: Database

    def ever_changed(self, account: str) -> frozenset[str]:
        """Every "kind.field" of which there is any Change."""
        statement = "SELECT DISTINCT kind, field FROM changes WHERE account = :account"
        with self._database.read() as connection:
            rows = connection.execute(sql(statement), {"account": account})
            return frozenset(f"{kind}.{field}" for kind, field in rows)

    def logged(
        self, account: str, kind: str, ids: Sequence[str], fields: Sequence[str]
    ) -> Mapping[str, Sequence[Change]]:
        """The Changes of these fields of these records: id -> oldest first. None: no entry."""
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
                found.setdefault(row.id, []).append(_change(account, kind, row, declared))
        return found

    def children(
        self, account: str, query: Query, ref: str, parents: Sequence[str]
    ) -> Iterator[Found]:
        """What the Query finds among rows whose own ref of that name leads to one of `parents`."""
        with self._database.read() as connection:
            parts = parts_of(connection, account)
            statement = Statement(account, query, frozenset(), parts, self._database.sqlite)
            select, columns = statement.compile(by_id=False, filtered=True)
            above = statement.operand(f"{query.subject}.{ref}").column
            select = select.where(above.in_(bindparam("ids", expanding=True)))
            for chunk in chunks(parents):
                rows = connection.execute(select, {"account": account, "ids": chunk})
                for row in rows:
                    yield found_of(account, query.subject, columns, row)


def _change(account: str, kind: str, row: Any, declared: Mapping[str, Any]) -> Change:
    field = declared[row.field]
    return Change(
        key=Key(account, kind, row.id),
        field=row.field,
        old=unlog(field, row.old),
        new=unlog(field, row.new),
        observed_at=instant(row.observed_at),
        origin=Origin(row.origin),
        occurred_at=instant_or_none(row.occurred_at),
        actor=row.actor,
    )
