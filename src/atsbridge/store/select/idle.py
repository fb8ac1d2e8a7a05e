"""Whether an account has anything to judge or to send at all.

What that is, is found by `touched`, `agenda`, `cases` and `outbox`.
"""

from __future__ import annotations

from datetime import datetime

from atsbridge.store.database import Database, ms, sql

_ANYTHING = """
SELECT 1 WHERE EXISTS (SELECT 1 FROM unjudged WHERE account = :account)
    OR EXISTS (SELECT 1 FROM cases WHERE account = :account AND ending IS NULL)
    OR EXISTS (SELECT 1 FROM agenda WHERE account = :account AND look_at <= :now)
    OR EXISTS (SELECT 1 FROM notices WHERE account = :account
        AND state IN ('queued', 'retry', 'sending', 'held'))
"""


class Idle:
    """The part of the store that says "nothing to do"."""

    _database: Database

    def idle(self, account: str, now: datetime) -> bool:
        """No mark, no open case, no agenda row that has come, no notice still to go out."""
        which = {"account": account, "now": ms(now)}
        with self._database.read() as connection:
            return connection.execute(sql(_ANYTHING), which).first() is None
