"""The outbox. The run that holds the account's lock claims notices and settles them once sent.

`cases` decides who gets a notice, and `delivery` sends it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from atsbridge.model import Hold, Key, Notice, NoticeState, Purpose
from atsbridge.ports import Admit, PendingNotice
from atsbridge.store.case_tables.attention_ledger import (
    forget_attention,
    give_back_attention,
    read_spent,
    spend_attention,
)
from atsbridge.store.case_tables.notice_rows import (
    COLUMNS,
    NAMES,
    make_notice,
    make_reply_columns,
    make_row,
)
from atsbridge.store.database import Database, instant_or_none, ms, sql

_MOVING = (  # what changes after a notice was queued; replies are written by `save_replies`
    "destination",
    "state",
    "hold",
    "drop_code",
    "drop_params",
    "error_code",
    "error_text",
    "departed",
    "not_before",
    "attempts",
    "sent_at",
    "receipt",
    "headline",
    "body",
    "more_text",
    "digest",
    "pair",
    "handed_on",
    "refused_edit",
    "foreign_tag",
)
# What was sent stays sent, whatever is decided again after a crash.
_PUT = (
    f"INSERT INTO notices ({COLUMNS}) VALUES ({', '.join(f':{name}' for name in NAMES)})"
    " ON CONFLICT (key) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _MOVING)
    + " WHERE notices.state <> 'sent'"
)
_ADD = (
    f"INSERT INTO notices ({COLUMNS}) VALUES ({', '.join(f':{name}' for name in NAMES)})"
    " ON CONFLICT (key) DO NOTHING"
)
_SETTLE = (
    f"UPDATE notices SET {', '.join(f'{name} = :{name}' for name in _MOVING)} WHERE key = :key"
)
# Holds that end by themselves.
_PASSING = (
    Hold.QUIET_HOURS,
    Hold.DAILY_LIMIT,
    Hold.AWAY,
    Hold.UNCONFIRMED,
    Hold.STOPPED,
    Hold.SUPPRESSED,
)
_CLAIMED = (
    "(state IN ('queued', 'retry')"
    f" OR state = 'held' AND hold IN ({', '.join(f'{one.value!r}' for one in _PASSING)}))"
)
_COME = "(not_before IS NULL OR not_before <= :now)"
_JOINED = (
    "SELECT notices.*, cases.due_at, cases.owed_by FROM notices"
    " LEFT JOIN cases ON cases.number = notices.case_number"
    " WHERE notices.account = :account AND "
)
_ORDER = " ORDER BY notices.created_at, notices.key"


def put(
    connection: Connection, notices: Iterable[Notice], numbers: Mapping[tuple[Key, str], int]
) -> None:
    """Queue, hold or drop notices inside a decision; `numbers` are of its cases.

    A notice is known by its key: one that was sent already stays as it is. One that is dropped
    gives back the attention it was counted for.
    """
    rows = []
    for notice in notices:
        number = notice.case or numbers.get((notice.subject, notice.rule), 0)
        rows.append(make_row(replace(notice, case=number)))
    if rows:
        connection.execute(sql(_PUT), rows)
    dropped = [row for row in rows if row["state"] == NoticeState.DROPPED]
    give_back_attention(connection, dropped)


def save_replies(connection: Connection, answered: Iterable[Notice]) -> None:
    """Store which replies to these notices were read, inside a decision."""
    rows = [{"key": one.key, **make_reply_columns(one)} for one in answered]
    if rows:
        statement = "UPDATE notices SET replies = :replies, help_sent = :help_sent WHERE key = :key"
        connection.execute(sql(statement), rows)


def _claim(notice: Notice) -> Notice:
    return replace(notice, state=NoticeState.SENDING, hold=None, departed=False)


def _moving(notice: Notice) -> dict[str, Any]:
    row = make_row(notice)
    return {name: row[name] for name in (*_MOVING, "key")}


def _waiting(row: Row[Any]) -> PendingNotice:
    return PendingNotice(make_notice(row), instant_or_none(row.due_at), row.owed_by)


@dataclass(frozen=True, slots=True)
class SqlOutbox:
    """Notices on their way. See `ports.OutboxStore`."""

    _database: Database

    def claim(
        self,
        account: str,
        now: datetime,
        limit: int = 100,
        admit: Admit | None = None,
        later: list[str] | None = None,
    ) -> Sequence[Notice]:
        """Mark notices as `sending` and return them; see `OutboxStore.claim`."""
        which = {"account": account, "now": ms(now), "limit": limit}
        with self._database.write() as connection:
            left = connection.execute(
                sql(
                    f"SELECT {COLUMNS} FROM notices WHERE account = :account"
                    " AND state = 'sending' ORDER BY created_at, key"
                ),
                which,
            ).all()
            if admit is None:
                fresh = self._first_come(connection, which)
            else:
                fresh = self._admitted(connection, which, admit, [] if later is None else later)
        return [*map(make_notice, left), *map(_claim, fresh)]

    def depart(self, key: str) -> None:
        """Note that a claimed notice is being sent; see `OutboxStore.depart`."""
        with self._database.write() as connection:
            statement = "UPDATE notices SET departed = 1 WHERE key = :key"
            connection.execute(sql(statement), {"key": key})

    def _first_come(self, connection: Connection, which: Mapping[str, Any]) -> Sequence[Notice]:
        rows = connection.execute(
            sql(f"{_JOINED}{_CLAIMED} AND {_COME}{_ORDER} LIMIT :limit"), which
        ).all()
        if rows:
            connection.execute(
                sql(
                    "UPDATE notices SET state = 'sending', hold = NULL, departed = 0"
                    " WHERE key = :key"
                ),
                [{"key": row.key} for row in rows],
            )
        return [make_notice(row) for row in rows]

    def _admitted(
        self, connection: Connection, which: Mapping[str, Any], admit: Admit, later: list[str]
    ) -> Sequence[Notice]:
        """What may go now, best first; the rest of it is in `later`, for the next claim."""
        forget_attention(connection, which["now"])
        rows = self._read_waiting(connection, which, later)
        if not rows:
            return ()
        if not self._database.sqlite:  # one ledger for all accounts: counted one at a time
            connection.execute(sql("SELECT pg_advisory_xact_lock(hashtext('interruptions'))"))
        waiting = [_waiting(row) for row in rows]
        decided = admit(waiting, read_spent(self._database, connection, which["now"], waiting))
        held = [one.notice for one in decided if one.notice.state is NoticeState.HELD]
        going = [one for one in decided if one.notice.state is NoticeState.SENDING]
        later += [one.notice.key for one in going[which["limit"] :]]
        going = going[: which["limit"]]
        claimed = (_claim(one.notice) for one in going)
        moved = [_moving(notice) for notice in (*held, *claimed)]
        if moved:
            connection.execute(sql(_SETTLE), moved)
        spend_attention(connection, going)
        return [one.notice for one in going]

    def _read_waiting(
        self, connection: Connection, which: Mapping[str, Any], later: list[str]
    ) -> Sequence[Row[Any]]:
        """The next of those that were admitted before, taken out of `later`; then all that wait.

        All are read again after the last one: some may have been queued since.
        """
        waiting = f"{_JOINED}{_CLAIMED} AND {_COME}"
        while later:
            page = self._database.ids(later[: which["limit"]])
            del later[: which["limit"]]
            among = f"{waiting} AND {self._database.ids_in('notices.key')}{_ORDER}"
            if rows := connection.execute(sql(among), {**which, "ids": page}).all():
                return rows
        return connection.execute(sql(f"{waiting}{_ORDER}"), which).all()

    def queue(self, notices: Sequence[Notice]) -> None:
        """Put these into the outbox. One whose key is there already stays as it is."""
        if notices:
            with self._database.write() as connection:
                connection.execute(sql(_ADD), [make_row(notice) for notice in notices])

    def settle(self, *notices: Notice) -> None:
        """Store what changed of these notices, together.

        One that goes back unsent gives back the attention it was counted for.
        """
        if not notices:
            return
        back = [{"key": n.key} for n in notices if n.state is not NoticeState.SENT]
        with self._database.write() as connection:
            connection.execute(sql(_SETTLE), [_moving(notice) for notice in notices])
            give_back_attention(connection, back)

    def read_sent_apart(
        self, account: str, purposes: Iterable[Purpose], since: datetime
    ) -> Sequence[Notice]:
        """The notices of these purposes that are about no case and were sent `since`, in order."""
        names = ", ".join(f"'{one.value}'" for one in purposes)
        statement = (
            f"SELECT {COLUMNS} FROM notices WHERE account = :account AND case_number = 0"
            f" AND state = 'sent' AND sent_at >= :since AND purpose IN ({names})"
            " ORDER BY created_at, key"
        )
        with self._database.read() as connection:
            rows = connection.execute(sql(statement), {"account": account, "since": ms(since)})
            return [make_notice(row) for row in rows]

    def read_open_notices(
        self, account: str, since: datetime | None = None
    ) -> Mapping[int, Sequence[Notice]]:
        """The notices of every open case, by its number, oldest first; or those sent `since`."""
        found: dict[int, list[Notice]] = {}
        sent = " AND notices.state = 'sent' AND notices.sent_at >= :since" if since else ""
        with self._database.read() as connection:
            rows = connection.execute(
                sql(
                    "SELECT notices.* FROM cases"
                    " JOIN notices ON notices.case_number = cases.number"
                    f" WHERE cases.account = :account AND cases.ending IS NULL{sent}"
                    " ORDER BY notices.created_at, notices.key"
                ),
                {"account": account} | ({"since": ms(since)} if since else {}),
            )
            for row in rows:
                found.setdefault(row.case_number, []).append(make_notice(row))
        return found

    def find_notice(self, key: str) -> Notice | None:
        """The notice with that key, of any account; None if there is none."""
        with self._database.read() as connection:
            statement = f"SELECT {COLUMNS} FROM notices WHERE key = :key"
            row = connection.execute(sql(statement), {"key": key}).first()
        return None if row is None else make_notice(row)

    def read_notices(
        self,
        account: str,
        *,
        case: int | None = None,
        states: Iterable[NoticeState] | None = None,
    ) -> Sequence[Notice]:
        """Notices of an account, oldest first; of one case, in some states only."""
        where, which = "account = :account", dict[str, Any](account=account)
        if case is not None:
            where += " AND case_number = :case"
            which["case"] = case
        if states is not None:
            where += f" AND {self._database.ids_in('state')}"
            which["ids"] = self._database.ids([s.value for s in states])
        with self._database.read() as connection:
            rows = connection.execute(
                sql(f"SELECT {COLUMNS} FROM notices WHERE {where} ORDER BY created_at, key"), which
            )
            return [make_notice(row) for row in rows]

    def count_notices(self, account: str) -> Mapping[str, int]:
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
