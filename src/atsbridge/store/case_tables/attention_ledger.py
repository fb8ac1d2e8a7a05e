"""Who was interrupted on which day, over all accounts: the ledger behind the daily limit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from atsbridge.ports import Admitted, PendingNotice, Spent
from atsbridge.store.database import Database, instant, load, sql

_SPEND = (
    "INSERT INTO interruptions (person, day, key) VALUES (:person, :day, :key)"
    " ON CONFLICT (person, day, key) DO NOTHING"
)
_ADDRESS = {  # whether it is SQLite -> the address in `destination`, which is JSON
    True: "lower(json_extract(destination, '$.address'))",
    False: "lower(CAST(destination AS json) ->> 'address')",
}
_GIVE_BACK = "DELETE FROM interruptions WHERE key = :key"
_KEPT_DAYS = 3  # of interruptions, with each person's address: no local day lasts longer


def _first_day(now: int) -> str:
    """The first day whose interruptions count; all before it is over everywhere."""
    return (instant(now) - timedelta(days=_KEPT_DAYS)).date().isoformat()


def forget_attention(connection: Connection, now: int) -> None:
    """Erase who was interrupted on days that count no more."""
    forget = "DELETE FROM interruptions WHERE day < :since"
    connection.execute(sql(forget), {"since": _first_day(now)})


def read_spent(
    database: Database, connection: Connection, now: int, waiting: Sequence[PendingNotice]
) -> Spent:
    """The attention given and promised to those for whom something waits, over all accounts."""
    to = (one.notice.destination for one in waiting)
    people = sorted({one.address.lower() for one in to if one.kind == "person"})
    rows = connection.execute(
        sql("SELECT person, day, count(*) FROM interruptions WHERE day >= :since GROUP BY 1, 2"),
        {"since": _first_day(now)},
    )
    counts = {(row[0], row[1]): int(row[2]) for row in rows}
    digests: dict[str, list[datetime]] = {}
    address = _ADDRESS[database.sqlite]
    held = connection.execute(
        sql(
            "SELECT DISTINCT destination, not_before FROM notices"
            f" WHERE state = 'held' AND hold = 'digest' AND {database.ids_in(address)}"
        ),
        {"ids": database.ids(people)},
    )
    for destination, not_before in held:
        to = load(destination)
        if to["kind"] == "person" and not_before is not None:
            digests.setdefault(to["address"].lower(), []).append(instant(not_before))
    return Spent(counts, digests)


def spend_attention(connection: Connection, going: Iterable[Admitted]) -> None:
    """Count each of these that interrupts a person on that person's day."""
    rows = [
        {"person": one.notice.destination.address.lower(), "day": one.day, "key": one.notice.key}
        for one in going
        if one.day
    ]
    if rows:
        connection.execute(sql(_SPEND), rows)


def give_back_attention(connection: Connection, unsent: Sequence[Mapping[str, Any]]) -> None:
    """Count these no more. `unsent`: rows with the `key` of each notice."""
    if unsent:
        connection.execute(sql(_GIVE_BACK), unsent)
