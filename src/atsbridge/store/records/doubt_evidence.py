"""Store doubts of streams, and count the references that speak for or against them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from atsbridge.model import Field, catalog
from atsbridge.ports import Doubt, StreamState
from atsbridge.store.database import Database, dump, instant, load, ms, sql, table_name
from atsbridge.store.records.row_origins import brought

NONE = "{}"  # stored for a stream that has returned rows
_LOOKED_AT = 1_000  # references of one field that are counted
# A record without `first_seen_at` was never shown: another list wrote its values in advance.
_REFERRING = (
    "SELECT count(*), count(t.first_seen_at)"
    ' FROM (SELECT r.account, r."{ref}" AS named FROM {table} r WHERE r.account = :account'
    ' AND r.deleted_at IS NULL AND r."{ref}" IS NOT NULL{among}'
    f" LIMIT {_LOOKED_AT}) n LEFT JOIN {{target}} t ON t.account = n.account AND t.id = n.named"
)
_ROWS = (
    "SELECT id, brought FROM digests WHERE stream ="
    " (SELECT number FROM streams WHERE account = :account AND stream = :stream)"
    f" ORDER BY id LIMIT {_LOOKED_AT}"
)

_UNSTORED = (
    'SELECT DISTINCT n.named FROM (SELECT r.account, r."{ref}" AS named FROM {table} r'
    ' WHERE r.account = :account AND r.deleted_at IS NULL AND r."{ref}" IS NOT NULL'
    f" LIMIT {_LOOKED_AT}) n LEFT JOIN {{target}} t ON t.account = n.account AND t.id = n.named"
    " WHERE t.first_seen_at IS NULL ORDER BY n.named LIMIT :limit"
)


def dumped(state: StreamState) -> str | None:
    """The doubt as stored. None (NULL): the stream was never read."""
    if state.doubt is None:
        return NONE if state.returned else None
    doubt = state.doubt
    return dump(
        {
            "since": ms(doubt.since),
            "rows": doubt.rows,
            "referring": list(doubt.referring),
            "vouched": doubt.vouched,
            "accepted": None if doubt.accepted is None else list(doubt.accepted),
            "partial": doubt.partial,
        }
    )


def loaded(stored: str | None) -> Doubt | None:
    """The doubt from its stored form, if there is one."""
    if not stored or stored == NONE:
        return None
    held = load(stored)
    accepted = held["accepted"]
    return Doubt(
        since=instant(held["since"]),
        rows=held["rows"],
        referring=tuple(held["referring"]),
        vouched=held["vouched"],
        accepted=None if accepted is None else tuple(accepted),
        partial=held.get("partial", False),  # older versions did not look for it
    )


@dataclass(frozen=True)
class DoubtEvidence:
    """Counts references to the records of a stream."""

    _database: Database

    def count_references(self, account: str, kind: str) -> Mapping[str, tuple[int, int]]:
        """References to records of `kind`: "kind.field" -> (how many, how many of them are stored).

        A deleted record counts as stored; one that its own list never returned does not. At most
        1,000 records of a field are counted.
        """
        found: dict[str, tuple[int, int]] = {}
        with self._database.read() as connection:
            for field in catalog.every_field():
                if field.ref != kind or field.derived:
                    continue
                if counts := _count(connection, field, {"account": account}):
                    found[field.path] = counts
        return found

    def count_row_references(
        self, account: str, stream: str, kind: str
    ) -> Mapping[str, tuple[int, int]]:
        """As `count_references`, of the records of `kind` that rows of the stream supplied."""
        found: dict[str, tuple[int, int]] = {}
        with self._database.read() as connection:
            rows = connection.execute(sql(_ROWS), {"account": account, "stream": stream}).all()
            supplied = [one for raw, stored in rows for one in brought(raw, stored)]
            ids = self._database.ids([record for its, record in supplied if its == kind])
            among = f" AND {self._database.ids_in('r.id')}"
            for field in catalog.KINDS[kind].fields.values():
                if not field.ref or field.derived:
                    continue
                which = {"account": account, "ids": ids}
                if counts := _count(connection, field, which, among):
                    found[field.path] = counts
        return found

    def find_unstored(
        self, account: str, kind: str, excluded: Collection[str], limit: int
    ) -> Sequence[str]:
        """Ids that live records refer to as `kind` and that no list has shown, at most `limit`.

        `excluded`: kinds whose references do not count. At most 1,000 records of a field are
        looked at.
        """
        found: dict[str, None] = {}
        with self._database.read() as connection:
            for field in catalog.every_field():
                if field.ref != kind or field.derived or field.kind in excluded:
                    continue
                statement = _UNSTORED.format(
                    ref=field.name, table=table_name(field.kind), target=table_name(kind)
                )
                which = {"account": account, "limit": limit - len(found)}
                found.update((row[0], None) for row in connection.execute(sql(statement), which))
                if len(found) >= limit:
                    break
        return list(found)

    def find_parents(
        self, account: str, kind: str, ref: str, parents: Sequence[str] | None, limit: int
    ) -> Sequence[str]:
        """Ids in the field `ref` of live records of `kind`, in order, at most `limit`.

        `parents`: only ids among these; None: all.
        """
        if not catalog.KINDS[kind].fields[ref].ref:
            raise KeyError(ref)
        among = ""
        which: dict[str, Any] = {"account": account, "limit": limit}
        if parents is not None:
            among = f" AND {self._database.ids_in(ref)}"
            which["ids"] = self._database.ids(parents)
        statement = (
            f'SELECT DISTINCT "{ref}" FROM {table_name(kind)} WHERE account = :account'
            f' AND deleted_at IS NULL AND "{ref}" IS NOT NULL{among} ORDER BY "{ref}" LIMIT :limit'
        )
        with self._database.read() as connection:
            return [row[0] for row in connection.execute(sql(statement), which)]

    def has_records(self, account: str, kind: str) -> bool:
        """Whether there is a live record of that kind."""
        statement = (
            f"SELECT 1 FROM {table_name(kind)}"
            " WHERE account = :account AND deleted_at IS NULL LIMIT 1"
        )
        with self._database.read() as connection:
            return connection.execute(sql(statement), {"account": account}).first() is not None


def _count(
    connection: Connection, field: Field, which: Mapping[str, object], among: str = ""
) -> tuple[int, int] | None:
    """How many records have the reference, and how many lead to a stored one; None for none."""
    statement = _REFERRING.format(
        ref=field.name,
        table=table_name(field.kind),
        target=table_name(field.ref),
        among=among,
    )
    named, stored = connection.execute(sql(statement), which).one()
    return (named, stored) if named else None
