"""`SubjectStore` on SQL: which subjects a run evaluates, and the facts that the rules read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from atsbridge.store import derive, select
from atsbridge.store.database import Database, ms, sql

if TYPE_CHECKING:
    from atsbridge.model import Found, Query

_ANYTHING = """
SELECT 1 WHERE EXISTS (SELECT 1 FROM dirty WHERE account = :account)
    OR EXISTS (SELECT 1 FROM cases WHERE account = :account AND ending IS NULL)
    OR EXISTS (SELECT 1 FROM agenda WHERE account = :account AND look_at <= :now)
    OR EXISTS (SELECT 1 FROM received_replies WHERE account = :account)
    OR EXISTS (SELECT 1 FROM notices WHERE account = :account
        AND state IN ('queued', 'retry', 'sending', 'held'))
"""


@dataclass(frozen=True, slots=True)
class SqlSubjects:
    """Finds subjects of rules. See `ports.SubjectStore`."""

    _database: Database

    def select(
        self,
        account: str,
        query: Query,
        *,
        ids: Sequence[str] | None = None,
        filtered: bool = True,
        unreadable: frozenset[str] = frozenset(),
    ) -> Iterator[Found]:
        """The subjects that match the Query, in order of id, read in pieces."""
        return select.find(
            self._database, account, query, ids=ids, filtered=filtered, unreadable=unreadable
        )

    def find_unread(self, account: str, subject: str, ids: Sequence[str]) -> Sequence[str]:
        """The subjects among these that depend on a queued parent, in order of id."""
        from atsbridge.store.records import read_supply

        with self._database.read() as connection:
            if not read_supply(connection, account).waiting:
                return ()
        from atsbridge.model import All, Query

        found = self.select(account, Query(subject, All(), ()), ids=ids, filtered=False)
        return [one.id for one in found if one.unread]

    def derive(self, account: str, at: datetime) -> None:
        """Compute the derived fields of dirty records and of records that depend on them."""
        derive.derive(self._database, account, at)

    def find_dirty(self, account: str, subject: str, refs: Iterable[str]) -> Sequence[str] | None:
        """Ids of dirty subjects and of live subjects that refer to a dirty record.

        In order of id. `refs`: the "kind.field"s to follow. None: all of the account.
        """
        return select.find_dirty(self._database, account, subject, refs)

    def find_due(self, account: str, subject: str, now: datetime) -> Sequence[str]:
        """Ids whose next evaluation is due at `now`, in order of id."""
        with self._database.read() as connection:
            return select.agenda.find_due(connection, account, subject, ms(now))

    def is_idle(self, account: str, now: datetime) -> bool:
        """Whether nothing is dirty, no evaluation is due, no case is open and no notice waits."""
        which = {"account": account, "now": ms(now)}
        with self._database.read() as connection:
            return connection.execute(sql(_ANYTHING), which).first() is None

    def save_calendars(self, account: str, calendars: Mapping[str, str | None]) -> int:
        """user id -> key of the calendar that counts for them; returns how many differed.

        Only those that differ are written. Users that are not stored are left out.
        """
        with self._database.read() as connection:
            rows = connection.execute(
                sql("SELECT id, calendar FROM users WHERE account = :account"),
                {"account": account},
            )
            there = {row[0]: row[1] for row in rows}
        differ = [
            {"account": account, "id": user, "calendar": key}
            for user, key in sorted(calendars.items())
            if user in there and there[user] != key
        ]
        if differ:
            with self._database.write() as connection:
                connection.execute(
                    sql(
                        "UPDATE users SET calendar = :calendar"
                        " WHERE account = :account AND id = :id"
                    ),
                    differ,
                )
        return len(differ)
