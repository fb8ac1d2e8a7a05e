"""Changes that people announced before the ATS showed them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from atsbridge.errors import StoreError
from atsbridge.model import Change, Key, Origin, bounded, catalog, storable
from atsbridge.store.database import Database, encode, instant, log, ms, sql, table_name, unlog
from atsbridge.store.select import mark_dirty

_PUT = (
    "INSERT INTO changes (account, kind, id, field, old, new, observed_at, origin, actor)"
    " VALUES (:account, :kind, :id, :field, :old, :new, :at, :origin, :actor)"
)


@dataclass(frozen=True, slots=True)
class SqlAnnouncements:
    """Changes that people announced. See `ports.AnnouncementStore`."""

    _database: Database

    def announce(self, change: Change, *, takes: bool = False) -> None:
        """Keep a Change that somebody announced.

        With `takes` the record has the new value from now on and is evaluated again. Without, only
        the announcement is kept, and the record keeps its value until the ATS shows another.
        StoreError if the field cannot hold the new value.
        """
        key, field = change.key, catalog.KINDS[change.key.kind].fields[change.field]
        value, why = bounded(field, change.new)
        if why:
            raise StoreError(f"{field.path} cannot be kept: {why}", where=str(key))
        old, new = encode(field, change.old), encode(field, value)
        with self._database.write() as connection:
            connection.execute(
                sql(_PUT),
                {
                    **key._asdict(),
                    "field": change.field,
                    "old": log(field, old),
                    "new": log(field, new),
                    "at": ms(change.observed_at),
                    "origin": change.origin.value,
                    "actor": None if change.actor is None else storable(change.actor),
                },
            )
            if takes:
                connection.execute(
                    sql(
                        f'UPDATE {table_name(key.kind)} SET "{change.field}" = :new'
                        " WHERE account = :account AND id = :id"
                    ),
                    {"account": key.account, "id": key.id, "new": new},
                )
                mark_dirty(self._database, connection, key.account, [(key.kind, key.id)])

    def read_announced(self, account: str, kind: str, name: str) -> Sequence[Change]:
        """Changes of a field that people announced, of any record of a kind, oldest first.

        Changes of edited files are not among them: no person announced them.
        """
        with self._database.read() as connection:
            rows = connection.execute(
                sql(
                    "SELECT id, old, new, observed_at, actor FROM changes"
                    " WHERE account = :account AND kind = :kind AND field = :field"
                    " AND origin = :origin AND actor IS NOT NULL ORDER BY number"
                ),
                {"account": account, "kind": kind, "field": name, "origin": Origin.ANNOUNCED.value},
            ).all()
        field = catalog.KINDS[kind].fields[name]

        return [
            Change(
                Key(account, kind, row.id),
                name,
                unlog(field, row.old),
                unlog(field, row.new),
                observed_at=instant(row.observed_at),
                origin=Origin.ANNOUNCED,
                actor=row.actor,
            )
            for row in rows
        ]
