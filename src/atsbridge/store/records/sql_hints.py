"""Hints of webhooks, and how many deliveries of each account arrived."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from atsbridge.ports import HintState, PendingHint, ReceivedHints
from atsbridge.store.database import Database, dump, instant, instant_or_none, load, ms, sql

_PENDING = "SELECT account, count(*) FROM hints WHERE done_at IS NULL GROUP BY account"
_ADD = (
    "INSERT INTO hints (account, key, kind, ids, received_at, tries)"
    " VALUES (:account, :key, :kind, :ids, :received_at, 0)"
    " ON CONFLICT (account, key, kind) DO NOTHING"
)
_COUNT = (
    "INSERT INTO webhooks (account, received, received_at, repeated, refused, refusal, missed)"
    " VALUES (:account, :received, :received_at, :repeated, 0, '', 0)"
    " ON CONFLICT (account) DO UPDATE SET received = webhooks.received + excluded.received,"
    " received_at = excluded.received_at, repeated = webhooks.repeated + excluded.repeated,"
    " missed = 0"
)
_REFUSE = (
    "INSERT INTO webhooks (account, received, repeated, refused, refused_at, refusal, missed)"
    " VALUES (:account, 0, 0, 1, :at, :why, 0)"
    " ON CONFLICT (account) DO UPDATE SET refused = webhooks.refused + 1,"
    " refused_at = excluded.refused_at, refusal = excluded.refusal"
)
_POLL = "UPDATE webhooks SET missed = missed + :changes WHERE account = :account"
_WAITING = (
    "SELECT number, kind, ids, received_at, tries FROM hints"
    " WHERE account = :account AND done_at IS NULL ORDER BY number LIMIT :limit"
)
_STATE = (
    "SELECT received, received_at, repeated, refused, refused_at, refusal, missed,"
    " (SELECT count(*) FROM hints WHERE hints.account = webhooks.account AND done_at IS NULL)"
    " FROM webhooks WHERE account = :account"
)


@dataclass(frozen=True, slots=True)
class SqlHints:
    """Keeps hints until their records were read. See `ports.HintStore`."""

    _database: Database

    def receive(self, deliveries: Sequence[ReceivedHints], limit: int) -> Sequence[bool]:
        """Store the hints in one transaction; False where too many of an account wait already."""
        with self._database.write() as connection:
            waiting = Counter(_count_pending(connection))
            stored = []
            for one in deliveries:
                room = waiting[one.account] + len(one.hints) <= limit
                stored.append(room)
                if room:
                    waiting[one.account] += _add(connection, one)
        return stored

    def note_refusal(self, account: str, at: datetime, why: str) -> None:
        """Count a delivery that was refused."""
        with self._database.write() as connection:
            connection.execute(sql(_REFUSE), {"account": account, "at": ms(at), "why": why})

    def note_polled(self, account: str, changes: int) -> None:
        """Count changes that a run found in the lists; nothing where no webhook ever arrived."""
        with self._database.write() as connection:
            connection.execute(sql(_POLL), {"account": account, "changes": changes})

    def read_pending(self, account: str, limit: int) -> Sequence[PendingHint]:
        """The hints that wait, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(sql(_WAITING), {"account": account, "limit": limit}).all()
        return [
            PendingHint(number, kind, tuple(load(ids)), instant(at), tries)
            for number, kind, ids, at, tries in rows
        ]

    def count_pending(self) -> Mapping[str, int]:
        """Account -> hints that wait; accounts without one are left out."""
        with self._database.read() as connection:
            return _count_pending(connection)

    def finish(self, account: str, numbers: Sequence[int], at: datetime) -> None:
        """The records of these hints were read; their keys stay known."""
        self._change("UPDATE hints SET done_at = :at", account, numbers, at=ms(at))

    def fail(self, account: str, numbers: Sequence[int], most: int, at: datetime) -> None:
        """The records could not be read; a hint that failed `most` times is finished."""
        change = (
            "UPDATE hints SET tries = tries + 1,"
            " done_at = CASE WHEN tries + 1 >= :most THEN :at ELSE NULL END"
        )
        self._change(change, account, numbers, at=ms(at), most=most)

    def forget_before(self, account: str, before: datetime) -> int:
        """Forget finished hints that arrived before that instant; returns how many."""
        with self._database.write() as connection:
            done = connection.execute(
                sql(
                    "DELETE FROM hints WHERE account = :account AND done_at IS NOT NULL"
                    " AND received_at < :before"
                ),
                {"account": account, "before": ms(before)},
            )
            return done.rowcount

    def read_state(self, account: str) -> HintState:
        """What is known of the account's webhooks."""
        with self._database.read() as connection:
            row = connection.execute(sql(_STATE), {"account": account}).first()
        if row is None:
            return HintState()
        received, received_at, repeated, refused, refused_at, refusal, missed, pending = row
        return HintState(
            received=received,
            received_at=instant_or_none(received_at),
            repeated=repeated,
            refused=refused,
            refused_at=instant_or_none(refused_at),
            refusal=refusal,
            pending=pending,
            missed=missed,
        )

    def _change(self, change: str, account: str, numbers: Sequence[int], **values: int) -> None:
        rows = [{"account": account, "number": number, **values} for number in numbers]
        if rows:
            with self._database.write() as connection:
                connection.execute(
                    sql(f"{change} WHERE account = :account AND number = :number"), rows
                )


def _count_pending(connection: Connection) -> dict[str, int]:
    return {str(row[0]): int(row[1]) for row in connection.execute(sql(_PENDING))}


def _add(connection: Connection, one: ReceivedHints) -> int:
    """Store one delivery; returns how many of its hints are new."""
    new, at = 0, ms(one.at)
    for hint in one.hints:
        row = {"account": one.account, "key": hint.key, "kind": hint.kind, "received_at": at}
        new += connection.execute(sql(_ADD), {**row, "ids": dump(list(hint.ids))}).rowcount
    counts = {"received": 1, "received_at": at, "repeated": len(one.hints) - new}
    connection.execute(sql(_COUNT), {"account": one.account, **counts})
    return new
