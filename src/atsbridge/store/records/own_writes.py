"""What atsbridge wrote into the ATS, so that it does not count as activity of people."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from atsbridge.model import Key
from atsbridge.store.database import Database, instant, ms, sql
from atsbridge.store.records.write_plans import HEAD, Plan, Row

NEAR_MS = 5_000  # an activity instant this close to our own write is our own write


def keep_own_activity(
    database: Database,
    connection: Connection,
    account: str,
    how: Plan,
    rows: MutableMapping[str, Row],
    before: Mapping[str, Row],
) -> None:
    """Keep the stored `last_activity_at` of applications whose new one is a write of ours."""
    if "last_activity_at" not in how.columns:
        return
    at = how.columns.index("last_activity_at")
    kept = at + len(HEAD)
    moved = [r for r, row in rows.items() if row[at] is not None and row[at] != before[r][kept]]
    if not moved:
        return
    candidate = how.columns.index("candidate") if "candidate" in how.columns else None
    of = {r: (r, rows[r][candidate] if candidate is not None else None) for r in moved}
    ours = _ours(database, connection, account, {i for pair in of.values() for i in pair if i})
    for record, (own, person) in of.items():
        near = [*ours.get(("application", own), ()), *ours.get(("candidate", person), ())]
        if any(abs(rows[record][at] - one) <= NEAR_MS for one in near):
            row = rows[record]
            rows[record] = (*row[:at], before[record][kept], *row[at + 1 :])


def _ours(
    database: Database, connection: Connection, account: str, ids: set[str]
) -> Mapping[tuple[str, str | None], list[int]]:
    found: dict[tuple[str, str | None], list[int]] = {}
    rows = connection.execute(
        sql(
            "SELECT kind, id, at FROM own_writes WHERE account = :account"
            f" AND kind IN ('application', 'candidate') AND {database.ids_in()}"
        ),
        {"account": account, "ids": database.ids(sorted(ids))},
    )
    for kind, record, at in rows:
        found.setdefault((kind, record), []).append(at)
    return found


@dataclass(frozen=True, slots=True)
class SqlOwnWrites:
    """What atsbridge wrote into the ATS. See `ports.OwnWriteStore`."""

    _database: Database

    def remember_write(self, account: str, subject: Key, written: str, at: datetime) -> None:
        """Store that atsbridge wrote on `subject`. `written`: the ATS's id of it."""
        with self._database.write() as connection:
            connection.execute(
                sql(
                    "INSERT INTO own_writes (account, kind, id, written, at)"
                    " VALUES (:account, :kind, :id, :written, :at)"
                    " ON CONFLICT (account, kind, id, written) DO UPDATE SET at = excluded.at"
                ),
                {
                    "account": account,
                    "kind": subject.kind,
                    "id": subject.id,
                    "written": written,
                    "at": ms(at),
                },
            )

    def read_own_writes(self, account: str, subject: Key) -> Sequence[tuple[str, datetime]]:
        """(ATS's id, instant) of what atsbridge wrote on `subject`, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(
                sql(
                    "SELECT written, at FROM own_writes WHERE account = :account"
                    " AND kind = :kind AND id = :id ORDER BY at, written"
                ),
                {"account": account, "kind": subject.kind, "id": subject.id},
            )
            return [(row[0], instant(row[1])) for row in rows]
