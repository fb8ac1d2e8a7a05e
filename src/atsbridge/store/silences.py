"""Silences, people who answer in another's place, and how often a rule raised a false alarm.

What follows from them is decided in `cases`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from atsbridge.model.case import Silence
from atsbridge.model.record import Key
from atsbridge.store.codec import instant, ms
from atsbridge.store.database import Database, sql


class Silences:
    """The part of the store that remembers what people said of cases."""

    _database: Database

    def silence(self, silence: Silence) -> None:
        """Keep a silence."""
        subject = silence.subject
        with self._database.write() as connection:
            connection.execute(
                sql(
                    "INSERT INTO silences"
                    " (account, rule, kind, id, start_at, end_at, author, comment)"
                    " VALUES (:account, :rule, :kind, :id, :start, :end, :author, :comment)"
                ),
                {
                    "account": silence.account,
                    "rule": silence.rule,
                    "kind": subject.kind if subject else "",
                    "id": subject.id if subject else "",
                    "start": ms(silence.start),
                    "end": ms(silence.end),
                    "author": silence.author,
                    "comment": silence.comment,
                },
            )

    def silences(self, account: str, at: datetime) -> Sequence[Silence]:
        """The silences that hold at that instant, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(
                sql(
                    "SELECT rule, kind, id, start_at, end_at, author, comment FROM silences"
                    " WHERE account = :account AND start_at <= :at AND end_at > :at"
                    " ORDER BY number"
                ),
                {"account": account, "at": ms(at)},
            )
            return [
                Silence(
                    account=account,
                    rule=row.rule,
                    subject=Key(account, row.kind, row.id) if row.kind else None,
                    start=instant(row.start_at),
                    end=instant(row.end_at),
                    author=row.author,
                    comment=row.comment,
                )
                for row in rows
            ]

    def reassign(self, subject: Key, person: str, instead: str) -> None:
        """For this subject `instead` (an e-mail, "": the rule's owner) stands for user `person`."""
        with self._database.write() as connection:
            connection.execute(
                sql(
                    "INSERT INTO reassigned (account, kind, id, person, instead)"
                    " VALUES (:account, :kind, :id, :person, :instead)"
                    " ON CONFLICT (account, kind, id, person)"
                    " DO UPDATE SET instead = excluded.instead"
                ),
                {**subject._asdict(), "person": person, "instead": instead},
            )

    def reassigned(self, account: str) -> Mapping[tuple[Key, str], str]:
        """(subject, user id) -> who answers in that person's place."""
        with self._database.read() as connection:
            rows = connection.execute(
                sql("SELECT kind, id, person, instead FROM reassigned WHERE account = :account"),
                {"account": account},
            )
            return {(Key(account, row[0], row[1]), row[2]): row[3] for row in rows}

    def false_alarms(self, account: str) -> Mapping[str, int]:
        """How often each rule was said to be wrong."""
        with self._database.read() as connection:
            rows = connection.execute(
                sql(
                    "SELECT cases.rule, count(*) FROM transitions"
                    " JOIN cases ON cases.number = transitions.case_number"
                    " WHERE cases.account = :account AND transitions.name = 'false_alarm'"
                    " GROUP BY cases.rule"
                ),
                {"account": account},
            )
            return {row[0]: int(row[1]) for row in rows}
