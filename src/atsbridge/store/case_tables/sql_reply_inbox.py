"""Replies that have arrived and wait for the next run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from atsbridge.model import storable
from atsbridge.ports import ReceivedReply, Reply
from atsbridge.store.database import Database, instant, ms, sql

_ADD = (
    "INSERT INTO received_replies (account, key, mark, email, name, text, received_at)"
    " VALUES (:account, :key, :mark, :email, :name, :text, :received_at)"
    " ON CONFLICT (key, mark) DO NOTHING"
)
_READ = (
    "SELECT account, key, mark, email, name, text, received_at, answered FROM received_replies"
    " WHERE account = :account ORDER BY received_at, key, mark"
)

_COUNT = "SELECT count(*) FROM received_replies WHERE answered IS NULL"


@dataclass(frozen=True, slots=True)
class SqlReplyInbox:
    """Keeps each reply until it was applied. See `ports.ReplyInbox`."""

    _database: Database

    def add_reply(self, received: ReceivedReply) -> bool:
        """Store a reply; False where one with the same key and mark waits already."""
        reply = received.reply
        row = {
            "account": received.account,
            "key": reply.key,
            "mark": storable(reply.mark),
            "email": storable(reply.email),
            "name": storable(reply.name),
            "text": storable(reply.text),
            "received_at": ms(received.at),
        }
        with self._database.write() as connection:
            return connection.execute(sql(_ADD), row).rowcount > 0

    def read_replies(self, account: str) -> Sequence[ReceivedReply]:
        """The replies that wait, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(sql(_READ), {"account": account}).all()
        return [
            ReceivedReply(
                row.account,
                Reply(row.key, row.mark, row.email, row.name, text=row.text),
                instant(row.received_at),
                answered=bool(row.answered),
            )
            for row in rows
        ]

    def holds_reply(self, reply: Reply) -> bool:
        """Whether a reply with this key and mark waits."""
        statement = "SELECT 1 FROM received_replies WHERE key = :key AND mark = :mark"
        with self._database.read() as connection:
            return connection.execute(sql(statement), _place(reply)).first() is not None

    def mark_answered(self, reply: Reply) -> None:
        """Store that the author of a waiting reply has the answer."""
        statement = "UPDATE received_replies SET answered = 1 WHERE key = :key AND mark = :mark"
        with self._database.write() as connection:
            connection.execute(sql(statement), _place(reply))

    def count_replies(self) -> int:
        """How many replies wait for their answer, over all accounts."""
        with self._database.read() as connection:
            return int(connection.execute(sql(_COUNT)).scalar_one())

    def remove_replies(self, applied: Iterable[Reply]) -> None:
        """Remove replies that were applied."""
        rows = [_place(one) for one in applied]
        if rows:
            statement = "DELETE FROM received_replies WHERE key = :key AND mark = :mark"
            with self._database.write() as connection:
                connection.execute(sql(statement), rows)


def _place(reply: Reply) -> dict[str, str]:
    return {"key": reply.key, "mark": storable(reply.mark)}
