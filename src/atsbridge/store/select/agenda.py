"""The table `agenda`: for each live subject the next instant at which time can change a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from atsbridge.store.database import Database, ms, read_once, sql

if TYPE_CHECKING:
    from atsbridge.ports import Decision

_PUT = (
    "INSERT INTO agenda (account, kind, id, look_at) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (account, kind, id) DO UPDATE SET look_at = excluded.look_at"
)
_SOONER = (
    "INSERT INTO agenda (account, kind, id, look_at) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (account, kind, id) DO UPDATE SET look_at = excluded.look_at"
    " WHERE excluded.look_at < agenda.look_at"
)
_DROP = "DELETE FROM agenda WHERE account = ? AND kind = ? AND id = ?"


def find_due(connection: Connection, account: str, kind: str, now: int) -> Sequence[str]:
    """Ids whose next evaluation is due at `now` (ms), in order of id."""
    due = read_once(connection, ("due", account, now), lambda: _read_due(connection, account, now))
    return sorted(due.get(kind, ()))


def _read_due(connection: Connection, account: str, now: int) -> dict[str, list[str]]:
    """Kind -> ids, of all kinds: asked for one, PostgreSQL may read all of the kind by its key."""
    statement = "SELECT kind, id FROM agenda WHERE account = :account AND look_at <= :now"
    found: dict[str, list[str]] = {}
    for kind, one in connection.execute(sql(statement), {"account": account, "now": now}):
        found.setdefault(kind, []).append(one)
    return found


def replace(database: Database, connection: Connection, decision: Decision) -> None:
    """Replace the agenda rows of the evaluated subjects. Equal rows are not written."""
    account = decision.account
    for kind, ids in decision.evaluated.items():
        if ids is None:
            _replace_all(database, connection, decision, kind)
            continue
        wanted: dict[str, int] = {}
        for look in decision.looks:
            if look.kind == kind:
                wanted[look.id] = min(ms(look.at), wanted.get(look.id, ms(look.at)))
        there = _there(database, connection, account, kind, ids)
        drop = [(account, kind, one) for one in sorted(there.keys() - wanted.keys())]
        put = [
            (account, kind, one, at) for one, at in sorted(wanted.items()) if there.get(one) != at
        ]
        if drop:
            connection.exec_driver_sql(database.driver(_DROP), drop)
        if put:
            connection.exec_driver_sql(database.driver(_PUT), put)


def _replace_all(database: Database, connection: Connection, decision: Decision, kind: str) -> None:
    """Write all rows of a kind: of evaluated subjects, and of those left for later."""
    account, which = decision.account, {"account": decision.account, "kind": kind}
    connection.execute(sql("DELETE FROM agenda WHERE account = :account AND kind = :kind"), which)
    ahead = [one for one in decision.ahead if one.query.subject == kind]
    if ahead:
        from atsbridge.store.select import agenda_sql

        agenda_sql.put(database, connection, account, ahead, decision.unreadable)
    rows = [(account, kind, look.id, ms(look.at)) for look in decision.looks if look.kind == kind]
    if rows:
        connection.exec_driver_sql(database.driver(_SOONER), rows)


def _there(
    database: Database, connection: Connection, account: str, kind: str, ids: Sequence[str]
) -> dict[str, int]:
    which: dict[str, object] = {"account": account, "kind": kind, "ids": database.ids(ids)}
    statement = (
        "SELECT id, look_at FROM agenda"
        f" WHERE account = :account AND kind = :kind AND {database.ids_in()}"
    )
    return {row[0]: row[1] for row in connection.execute(sql(statement), which)}
