"""Marks of what is still to be judged; one row may stand for a whole account.

Who reads them is `touched`; they are cleared by the decision that judged them (`cases`).
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from atsbridge.store.database import Database, sql

_EVERYTHING = "SELECT 1 FROM dirty WHERE account = :account AND kind = '' AND id = ''"
_MARK = "INSERT INTO dirty (account, kind, id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"


def everything_marked(connection: Connection, account: str) -> bool:
    """Whether one mark stands for all of the account."""
    return connection.execute(sql(_EVERYTHING), {"account": account}).first() is not None


def mark_all(connection: Connection, account: str) -> None:
    """All of the account is to be judged."""
    connection.execute(
        sql(
            "INSERT INTO dirty (account, kind, id) VALUES (:account, '', '') ON CONFLICT DO NOTHING"
        ),
        {"account": account},
    )


def mark_dirty(
    database: Database, connection: Connection, account: str, records: Iterable[tuple[str, str]]
) -> None:
    """These (kind, id)s are to be judged; nothing is written where all of the account is."""
    rows = sorted({(account, kind, record) for kind, record in records})
    if rows and not everything_marked(connection, account):
        connection.exec_driver_sql(database.driver(_MARK), rows)
