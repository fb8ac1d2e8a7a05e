"""What is gone: the records that a vanished raw row brought, and children no longer listed.

What hangs on an application goes with it: vendors say nothing of the parts of what they delete.

Whether a row vanished or only could not be read is judged in `sync`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from atsbridge.model import catalogue
from atsbridge.store.codec import load
from atsbridge.store.database import Database, sql
from atsbridge.store.names import table_name
from atsbridge.store.streams import Known

Brought = tuple[str, str]  # kind, id of a record
# What goes with an application, parents first. Its stays remain: they are the past.
_BELOW = (
    ("interview", "application"),
    ("seat", "interview"),
    ("scorecard", "application"),
    ("offer", "application"),
    ("approval", "offer"),
)


def formerly_brought(
    database: Database, connection: Connection, stream: int, ids: Sequence[str]
) -> Mapping[str, Sequence[Brought]]:
    """raw id -> what its row brought when it was last stored; the first is its main record."""
    if not ids:
        return {}
    rows = connection.execute(
        sql(f"SELECT id, brought FROM digests WHERE stream = :stream AND {database.ids_in()}"),
        {"stream": stream, "ids": database.ids(ids)},
    )
    return {
        row: [tuple(one) for one in load(said)] if said.startswith("[") else [(said, row)]
        for row, said in rows
    }


@dataclass(frozen=True, slots=True)
class Vanished:
    """Marks records of one stream gone at `at` (ms), inside a write, and clears their digests."""

    database: Database
    connection: Connection
    account: str
    stream: Known
    at: int

    def rows(self, ids: Sequence[str]) -> list[Brought]:
        """These raw rows vanished. Returns the records that are gone with them, parts included."""
        brought = formerly_brought(self.database, self.connection, self.stream.number, ids)
        own: list[Brought] = []
        others: list[Brought] = []
        for raw, records in brought.items():
            main = records[0][0] if records else ""
            for kind, record in records:
                if kind == main and record == raw:
                    own.append((kind, record))
                elif kind == main or kind not in catalogue.roots(main):
                    others.append((kind, record))
        self._forget(ids)
        return self._mark(own, shared=True) + self._mark(others, shared=False)

    def dropped(self, before: Mapping[str, Sequence[Brought]], here: set[Brought]) -> list[Brought]:
        """Records that rewritten rows brought before and bring no more."""
        lost = [
            (kind, record)
            for raw, records in before.items()
            for kind, record in records
            if (kind, record) not in here
            and record != raw
            and (kind == records[0][0] or kind not in catalogue.roots(records[0][0]))
        ]
        made = [one for one in lost if self._makes(one[0])]
        return self._mark(made, shared=True) + self._mark(set(lost) - set(made), shared=False)

    def _makes(self, kind: str) -> bool:
        """Whether this stream is the one that supplies most of the records of a kind: they are
        there because it says so, whatever others say of them."""
        owned = self.connection.execute(
            sql("SELECT number, owns FROM streams WHERE account = :account"),
            {"account": self.account},
        )
        columns = {number: len(load(owns).get(kind, ())) for number, owns in owned}
        return columns[self.stream.number] == max(columns.values())

    def children(
        self, complete: Iterable[tuple[str, str, str]], here: set[Brought]
    ) -> list[Brought]:
        """(kind, ref, parent)s whose records are all `here`; any other of them is gone."""
        lost = [
            (kind, record)
            for kind, ref, parent in complete
            for record in self._of(kind, ref, parent)
            if (kind, record) not in here
        ]
        rows = self.rows([record for _, record in lost])
        return rows + self._mark(sorted(set(lost) - set(rows)), shared=True)

    def _of(self, kind: str, ref: str, parent: str) -> Sequence[str]:
        if not catalogue.KINDS[kind].fields[ref].ref:
            raise KeyError(ref)
        rows = self.connection.execute(
            sql(
                f'SELECT id FROM {table_name(kind)} WHERE account = :account AND "{ref}" = :parent'
                " AND gone_at IS NULL AND parts & :bit <> 0 ORDER BY id"
            ),
            {"account": self.account, "parent": parent, "bit": self.stream.bit},
        )
        return [row[0] for row in rows]

    def _mark(self, records: Iterable[Brought], *, shared: bool) -> list[Brought]:
        """`shared`: also those that another stream supplies too."""
        kinds: dict[str, list[str]] = {}
        for kind, record in records:
            kinds.setdefault(kind, []).append(record)
        gone: list[Brought] = []
        others = "" if shared else " AND parts & ~:bit = 0"
        for kind, ids in sorted(kinds.items()):
            rows = self.connection.execute(
                sql(
                    f"UPDATE {table_name(kind)} SET gone_at = :at WHERE account = :account"
                    f" AND gone_at IS NULL{others} AND {self.database.ids_in()} RETURNING id"
                ),
                {
                    "at": self.at,
                    "account": self.account,
                    "ids": self.database.ids(sorted(ids)),
                    **({} if shared else {"bit": self.stream.bit}),
                },
            )
            gone.extend(sorted((kind, row[0]) for row in rows))
        return gone + self._below([record for kind, record in gone if kind == "application"])

    def _below(self, applications: Sequence[str]) -> list[Brought]:
        """What hangs on these applications is gone too. Read again, it is back: its digests go."""
        held: dict[str, list[str]] = {"application": list(applications)}
        for kind, ref in _BELOW if applications else ():
            rows = self.connection.execute(
                sql(
                    f"UPDATE {table_name(kind)} SET gone_at = :at WHERE account = :account"
                    f" AND gone_at IS NULL AND {self.database.ids_in(ref)} RETURNING id"
                ),
                {"at": self.at, "account": self.account, "ids": self.database.ids(held[ref])},
            )
            held[kind] = sorted(row[0] for row in rows)
        below = {kind: ids for kind, ids in held.items() if kind != "application" and ids}
        self._unlearn(below)
        return [(kind, record) for kind, ids in below.items() for record in ids]

    def _unlearn(self, below: Mapping[str, Sequence[str]]) -> None:
        """Let every stream that brings these kinds look at their rows again."""
        streams = self.connection.execute(
            sql("SELECT number, owns FROM streams WHERE account = :account"),
            {"account": self.account},
        ).all()
        for number, owns in streams if below else ():
            kinds = load(owns).keys() & below.keys()
            self._forget(sorted({record for kind in kinds for record in below[kind]}), number)

    def _forget(self, ids: Sequence[str], number: int | None = None) -> None:
        """Digests of these raw rows, of this stream or of that number, are not known any more."""
        self.connection.execute(
            sql(f"DELETE FROM digests WHERE stream = :stream AND {self.database.ids_in()}"),
            {"stream": number or self.stream.number, "ids": self.database.ids(ids)},
        )
