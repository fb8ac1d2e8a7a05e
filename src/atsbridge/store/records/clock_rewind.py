"""Setting back what was noted by a clock that was ahead, once the present one is trusted."""

from __future__ import annotations

from datetime import datetime, timedelta

from atsbridge.store.database import Database, ms, sql

# A digest or an opening of quiet hours may lie over a long week-end; nothing waits for longer.
_WAITS = timedelta(days=5)


def rewind(database: Database, account: str, now: datetime) -> None:
    """What was noted of the account for instants after `now` counts as of `now`.

    Lists are read whole again, since changes before their bookmark may never have been asked
    for; messages that waited for a far instant may go. Cases and what was sent stay.
    """
    at = {"account": account, "now": ms(now)}
    with database.write() as connection:
        for statement in (
            "UPDATE streams SET bookmark = NULL WHERE account = :account AND bookmark > :now",
            "UPDATE streams SET read_at = :now WHERE account = :account AND read_at > :now",
            "UPDATE streams SET since = :now WHERE account = :account AND since > :now",
            "UPDATE work SET since = :now WHERE account = :account AND since > :now",
            "UPDATE asked SET at = :now WHERE account = :account AND at > :now",
        ):
            connection.execute(sql(statement), at)
        connection.execute(
            sql(
                "UPDATE notices SET not_before = :now WHERE account = :account"
                " AND state IN ('queued', 'retry', 'held') AND not_before > :latest"
            ),
            {**at, "latest": ms(now + _WAITS)},
        )
