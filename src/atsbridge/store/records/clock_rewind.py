"""Correct what was stored under a clock that was ahead, once the present clock is trusted."""

from __future__ import annotations

from datetime import datetime, timedelta

from atsbridge.store.database import Database, ms, sql

# The longest wait of a notice: a digest or quiet hours over a long weekend.
_WAITS = timedelta(days=5)


def rewind(database: Database, account: str, now: datetime) -> None:
    """Replace the account's stored instants after `now` by `now`.

    Lists are read whole again, because changes before their bookmark may never have been
    requested. Messages that waited for a far instant may be sent. Cases and sent messages stay;
    what only the clock put into the backlog is a normal case.
    """
    at = {"account": account, "now": ms(now)}
    with database.write() as connection:
        for statement in (
            "UPDATE streams SET bookmark = NULL WHERE account = :account AND bookmark > :now",
            "UPDATE streams SET read_at = :now WHERE account = :account AND read_at > :now",
            "UPDATE streams SET since = :now WHERE account = :account AND since > :now",
            "UPDATE work SET since = :now WHERE account = :account AND since > :now",
            "UPDATE asked SET at = :now WHERE account = :account AND at > :now",
            (
                "UPDATE cases SET first_look = 'none' WHERE account = :account"
                " AND opened_at > :now AND first_look IN ('backlog', 'proposed')"
            ),
        ):
            connection.execute(sql(statement), at)
        connection.execute(
            sql(
                "UPDATE notices SET not_before = :now WHERE account = :account"
                " AND state IN ('queued', 'retry', 'held') AND not_before > :latest"
            ),
            {**at, "latest": ms(now + _WAITS)},
        )
