"""Silences and reassignments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from atsbridge.model import Key, Silence, storable
from atsbridge.store.database import Database, instant, ms, sql


@dataclass(frozen=True, slots=True)
class SqlSilences:
    """Silences, and who answers in whose place. See `ports.SilenceStore`."""

    _database: Database

    def add_silence(self, silence: Silence) -> None:
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
                    "author": storable(silence.author),
                    "comment": storable(silence.comment),
                },
            )

    def end_silence(self, number: int, at: datetime) -> None:
        """End a silence at that instant; it stays in the list of what was."""
        with self._database.write() as connection:
            connection.execute(
                sql("UPDATE silences SET end_at = :at WHERE number = :number AND end_at > :at"),
                {"number": number, "at": ms(at)},
            )

    def read_silences(
        self, account: str, at: datetime, *, every: bool = False
    ) -> Sequence[Silence]:
        """The silences that hold at that instant, oldest first; `every`: all that are kept."""
        holds = "" if every else " AND start_at <= :at AND end_at > :at"
        with self._database.read() as connection:
            rows = connection.execute(
                sql(
                    "SELECT number, rule, kind, id, start_at, end_at, author, comment"
                    f" FROM silences WHERE account = :account{holds} ORDER BY number"
                ),
                {"account": account} | ({} if every else {"at": ms(at)}),
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
                    number=row.number,
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
                {**subject._asdict(), "person": person, "instead": storable(instead)},
            )

    def undo_reassign(self, subject: Key) -> None:
        """Nobody stands for anybody on this subject any more."""
        with self._database.write() as connection:
            connection.execute(
                sql(
                    "DELETE FROM reassigned WHERE account = :account AND kind = :kind AND id = :id"
                ),
                subject._asdict(),
            )

    def read_reassigned(self, account: str) -> Mapping[tuple[Key, str], str]:
        """(subject, user id) -> who answers in that person's place."""
        with self._database.read() as connection:
            rows = connection.execute(
                sql("SELECT kind, id, person, instead FROM reassigned WHERE account = :account"),
                {"account": account},
            )
            return {(Key(account, row[0], row[1]), row[2]): row[3] for row in rows}
