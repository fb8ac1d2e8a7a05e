"""Mark records deleted: those of raw rows that disappeared, and children that are no longer listed.

Everything that belongs to an application is deleted and restored with it, because vendors do not
report the parts of what they delete.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from sqlalchemy import Connection

from atsbridge.model import catalog
from atsbridge.store.database import Database, sql, table_name
from atsbridge.store.records.row_origins import (
    BELOW,
    RowRecord,
    bringers,
    forget_digests,
    read_former_records,
)
from atsbridge.store.records.stream_states import Known, Supplier, suppliers


@dataclass(frozen=True, slots=True)
class DeletionMarker:
    """Marks records of one stream deleted, inside a write, and clears their digests.

    `at`: milliseconds. Only records of a kind that the stream creates are marked, and only if no
    other stream that creates the kind still shows them.
    """

    database: Database
    connection: Connection
    account: str
    stream: Known
    at: int

    def rows(self, ids: Sequence[str]) -> list[RowRecord]:
        """Mark the records of these raw rows deleted. Returns them, with all their parts.

        What the main record belongs to (its candidate, its requisition) stays, and so does a part
        that another row of the list shows as well.
        """
        brought = read_former_records(self.database, self.connection, self.stream.number, ids)
        forget_digests(self.database, self.connection, self.stream.number, ids)
        lost = {one for records in brought.values() for one in records if _own(one, records[0])}
        parts = {one for one in lost if one[1] not in brought}
        return self._mark(lost - self._shown_elsewhere(parts, brought))

    def dropped(
        self, before: Mapping[str, Sequence[RowRecord]], here: set[RowRecord]
    ) -> list[RowRecord]:
        """Mark deleted the records that rewritten rows had before and no longer have.

        A part that another row of the list shows now has moved there.
        """
        lost = {
            one
            for raw, records in before.items()
            for one in records
            if one not in here and one[1] != raw and _own(one, records[0])
        }
        return self._mark(lost - self._shown_elsewhere(lost, before))

    def _shown_elsewhere(self, records: Set[RowRecord], rows: Collection[str]) -> Set[RowRecord]:
        """Those of the records that other rows of the list brought than these."""
        if not records:
            return frozenset()
        found = bringers(self.database, self.connection, self.stream.number, records)
        return {one for raw, its in found.items() if raw not in rows for one in its}

    def children(
        self, complete: Iterable[tuple[str, str, str]], here: set[RowRecord]
    ) -> list[RowRecord]:
        """Mark deleted the children of complete (kind, field, parent)s that are not in `here`."""
        lost = {
            (kind, record)
            for kind, ref, parent in complete
            for record in self._of(kind, ref, parent)
            if (kind, record) not in here
        }
        if not lost:
            return []
        raws = bringers(self.database, self.connection, self.stream.number, lost)
        rows = self.rows(sorted(raws))
        return rows + self._mark(lost.difference(rows))

    def _of(self, kind: str, ref: str, parent: str) -> Sequence[str]:
        if not catalog.KINDS[kind].fields[ref].ref:
            raise KeyError(ref)
        rows = self.connection.execute(
            sql(
                f'SELECT id FROM {table_name(kind)} WHERE account = :account AND "{ref}" = :parent'
                " AND deleted_at IS NULL AND parts & :bit <> 0"
            ),
            {"account": self.account, "parent": parent, "bit": self.stream.bit},
        )
        return [row[0] for row in rows]

    def _mark(self, records: Collection[RowRecord]) -> list[RowRecord]:
        if not records:
            return []
        supply = suppliers(self.connection, self.account)
        kinds: dict[str, set[str]] = {}
        for kind, record in records:
            kinds.setdefault(kind, set()).add(record)
        deleted: list[RowRecord] = []
        for kind, ids in sorted(kinds.items()):
            creators = [one for one in supply if kind in one.creates]
            others = [one for one in creators if one.number != self.stream.number]
            if len(others) == len(creators):
                continue  # this stream does not create such records
            which = {
                "account": self.account,
                "ids": self.database.ids(sorted(ids - self._shown(kind, ids, others))),
            }
            self.connection.execute(  # deleted itself: no application restores it
                sql(
                    f"UPDATE {table_name(kind)} SET deleted_with = NULL WHERE account = :account"
                    f" AND deleted_with IS NOT NULL AND {self.database.ids_in()}"
                ),
                which,
            )
            rows = self.connection.execute(
                sql(
                    f"UPDATE {table_name(kind)} SET deleted_at = :at WHERE account = :account"
                    f" AND deleted_at IS NULL AND {self.database.ids_in()} RETURNING id"
                ),
                {**which, "at": self.at},
            )
            deleted.extend(sorted((kind, row[0]) for row in rows))
        return deleted + self._below([record for kind, record in deleted if kind == "application"])

    def _shown(self, kind: str, ids: set[str], others: Sequence[Supplier]) -> set[str]:
        """The records that another stream which creates their kind still shows."""
        shown: set[str] = set()
        for other in others:
            rows = self.connection.execute(
                sql(
                    f"SELECT id FROM {table_name(kind)} WHERE account = :account"
                    f" AND parts & :bit <> 0 AND {self.database.ids_in()}"
                ),
                {"account": self.account, "bit": other.bit, "ids": self.database.ids(sorted(ids))},
            )
            supplied = {(kind, row[0]) for row in rows}
            if supplied:
                found = bringers(self.database, self.connection, other.number, supplied)
                shown |= {one for its in found.values() for k, one in its if k == kind}
        return shown

    def _below(self, applications: Sequence[str]) -> list[RowRecord]:
        """Mark everything that belongs to these applications deleted. The digests stay."""
        return _walk(
            self,
            applications,
            'SET deleted_at = :at, deleted_with = "{ref}" WHERE deleted_at IS NULL',
        )

    def back(self, applications: Collection[str]) -> list[RowRecord]:
        """Restore what was deleted with these applications, which are shown again."""
        rows = self.connection.execute(
            sql(
                "SELECT id FROM applications WHERE account = :account AND deleted_at IS NULL"
                f" AND {self.database.ids_in()}"
            ),
            {"account": self.account, "ids": self.database.ids(sorted(applications))},
        )
        return _walk(
            self,
            [row[0] for row in rows],
            "SET deleted_at = NULL, deleted_with = NULL WHERE deleted_with IS NOT NULL",
        )


def _own(one: RowRecord, main: RowRecord) -> bool:
    """Whether a record is deleted with the row whose main record is `main`."""
    return one[0] == main[0] or one[0] not in catalog.roots(main[0])


def _walk(job: DeletionMarker, applications: Sequence[str], change: str) -> list[RowRecord]:
    """Update what belongs to these applications, level by level. Returns the records."""
    held: dict[str, list[str]] = {"application": list(applications)}
    for kind, ref in BELOW if applications else ():
        rows = job.connection.execute(
            sql(
                f"UPDATE {table_name(kind)} {change.format(ref=ref)} AND account = :account"
                f" AND {job.database.ids_in(ref)} RETURNING id"
            ),
            {
                "account": job.account,
                "ids": job.database.ids(held[ref]),
                **({"at": job.at} if ":at" in change else {}),
            },
        )
        held[kind] = sorted(row[0] for row in rows)
    return [(kind, one) for kind, ids in held.items() if kind != "application" for one in ids]
