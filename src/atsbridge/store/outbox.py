"""The outbox: notices, claimed by the tick that holds the account, settled once sent.

Who gets a notice is decided in `cases`; sending it is `delivery`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from atsbridge.model.notice import Destination, Notice, NoticeState, Purpose
from atsbridge.model.record import Key
from atsbridge.store.codec import dump, instant_or_none, load, ms, ms_or_none
from atsbridge.store.database import Database, sql

_COLUMNS = (
    "key, account, case_number, rule, kind, id, destination, purpose, step, state, reason,"
    " not_before, attempts, created_at, sent_at, receipt"
)
_NAMES = tuple(name.strip() for name in _COLUMNS.split(","))
_MOVING = ("destination", "state", "reason", "not_before", "attempts", "sent_at", "receipt")
# What was sent stays sent, whatever is decided again after a crash.
_PUT = (
    f"INSERT INTO notices ({_COLUMNS}) VALUES ({', '.join(f':{name}' for name in _NAMES)})"
    " ON CONFLICT (key) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _MOVING)
    + " WHERE notices.state <> 'sent'"
)
_SETTLE = (
    f"UPDATE notices SET {', '.join(f'{name} = :{name}' for name in _MOVING)} WHERE key = :key"
)
_DUE = "state IN ('queued', 'retry') AND (not_before IS NULL OR not_before <= :now)"


def _row(notice: Notice) -> dict[str, Any]:
    return {
        "key": notice.key,
        "account": notice.account,
        "case_number": notice.case,
        "rule": notice.rule,
        "kind": notice.subject.kind,
        "id": notice.subject.id,
        "destination": dump(asdict(notice.destination)),
        "purpose": notice.purpose.value,
        "step": notice.step,
        "state": notice.state.value,
        "reason": notice.reason,
        "not_before": ms_or_none(notice.not_before),
        "attempts": notice.attempts,
        "created_at": ms_or_none(notice.created_at),
        "sent_at": ms_or_none(notice.sent_at),
        "receipt": dump(dict(notice.receipt)),
    }


def _notice(row: Row[Any]) -> Notice:
    return Notice(
        key=row.key,
        account=row.account,
        case=row.case_number,
        rule=row.rule,
        subject=Key(row.account, row.kind, row.id),
        destination=Destination(**load(row.destination)),
        purpose=Purpose(row.purpose),
        step=row.step,
        state=NoticeState(row.state),
        reason=row.reason,
        not_before=instant_or_none(row.not_before),
        attempts=row.attempts,
        created_at=instant_or_none(row.created_at),
        sent_at=instant_or_none(row.sent_at),
        receipt=load(row.receipt),
    )


def put(
    connection: Connection, notices: Iterable[Notice], numbers: Mapping[tuple[Key, str], int]
) -> None:
    """Queue, hold or drop notices inside a decision; `numbers` are of its cases.

    A notice is known by its key: one that was sent already stays as it is.
    """
    rows = []
    for notice in notices:
        number = notice.case or numbers.get((notice.subject, notice.rule), 0)
        rows.append(_row(replace(notice, case=number)))
    if rows:
        connection.execute(sql(_PUT), rows)


class Outbox:
    """The part of the store that keeps notices."""

    _database: Database

    def claim(self, account: str, now: datetime, limit: int = 100) -> Sequence[tuple[Notice, bool]]:
        """Notices to send now, oldest first, at most `limit` new ones; they are `sending` then.

        First come all that a dead tick left in `sending`, with True: look their keys up.
        """
        which = {"account": account, "now": ms(now), "limit": limit}
        with self._database.write() as connection:
            left = connection.execute(
                sql(
                    f"SELECT {_COLUMNS} FROM notices WHERE account = :account"
                    " AND state = 'sending' ORDER BY created_at, key"
                ),
                which,
            ).all()
            fresh = connection.execute(
                sql(
                    f"SELECT {_COLUMNS} FROM notices WHERE account = :account AND {_DUE}"
                    " ORDER BY created_at, key LIMIT :limit"
                ),
                which,
            ).all()
            if fresh:
                connection.execute(
                    sql("UPDATE notices SET state = 'sending' WHERE key = :key"),
                    [{"key": row.key} for row in fresh],
                )
        taken = [(_notice(row), True) for row in left]
        return taken + [(replace(_notice(row), state=NoticeState.SENDING), False) for row in fresh]

    def settle(self, notice: Notice) -> None:
        """Store how a notice stands now: state, reason, attempts, receipt, instants."""
        row = _row(notice)
        with self._database.write() as connection:
            connection.execute(sql(_SETTLE), {name: row[name] for name in (*_MOVING, "key")})

    def notices(
        self,
        account: str,
        *,
        case: int | None = None,
        states: Iterable[NoticeState] | None = None,
    ) -> Sequence[Notice]:
        """Notices of an account, oldest first; of one case, in some states only."""
        where, which = "account = :account", {"account": account}
        if case is not None:
            where += " AND case_number = :case"
            which["case"] = case  # type: ignore[assignment]
        if states is not None:
            where += f" AND {self._database.ids_in('state')}"
            which["ids"] = self._database.ids([s.value for s in states])  # type: ignore[assignment]
        with self._database.read() as connection:
            rows = connection.execute(
                sql(f"SELECT {_COLUMNS} FROM notices WHERE {where} ORDER BY created_at, key"), which
            )
            return [_notice(row) for row in rows]
