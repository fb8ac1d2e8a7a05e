"""Counts over cases and notices, for metrics.

What they mean is `model`'s; how a tick tells them is `run.metrics`'.
"""

from __future__ import annotations

from collections.abc import Mapping

from atsbridge.store.database import Database, sql


class Figures:
    """The part of the store that counts."""

    _database: Database

    def open_by_rule(self, account: str) -> Mapping[tuple[str, str], int]:
        """(rule, clock) -> open cases, in that order."""
        with self._database.read() as connection:
            rows = connection.execute(
                sql(
                    "SELECT rule, clock, count(*) FROM cases WHERE account = :account"
                    " AND ending IS NULL GROUP BY rule, clock ORDER BY rule, clock"
                ),
                {"account": account},
            )
            return {(row[0], row[1]): int(row[2]) for row in rows}

    def notices_by_state(self, account: str) -> Mapping[str, int]:
        """State -> notices that are not sent or dropped: 0 where there is none."""
        found = dict.fromkeys(("queued", "sending", "retry", "held", "dead"), 0)
        with self._database.read() as connection:
            rows = connection.execute(
                sql(
                    "SELECT state, count(*) FROM notices WHERE account = :account"
                    " AND state IN ('queued', 'sending', 'retry', 'held', 'dead') GROUP BY state"
                ),
                {"account": account},
            )
            found.update({row[0]: int(row[1]) for row in rows})
        return found

    def false_alarms(self, account: str) -> Mapping[str, int]:
        """Rule -> how often a case of it was called a false alarm; only rules that have any."""
        with self._database.read() as connection:
            rows = connection.execute(
                sql(
                    "SELECT c.rule, count(*) FROM transitions t"
                    " JOIN cases c ON c.number = t.case_number"
                    " WHERE c.account = :account AND t.name = 'false_alarm'"
                    " GROUP BY c.rule ORDER BY c.rule"
                ),
                {"account": account},
            )
            return {row[0]: int(row[1]) for row in rows}
