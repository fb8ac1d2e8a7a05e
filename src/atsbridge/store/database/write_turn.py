"""Wait for the turn to write a SQLite file that another process writes."""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from atsbridge.timesource import TimeSource

_POLL = 0.002  # seconds


def begin_write(connection: Connection, clock: TimeSource) -> None:
    """Begin a transaction that writes. OperationalError once the connection's busy_timeout is over.

    SQLite's own waits grow to 100 ms: beside a sync, which pauses for a few milliseconds only, they
    miss the gaps. A webhook waited half a second for its turn.
    """
    driver: Any = connection.connection.driver_connection
    (limit,) = driver.execute("PRAGMA busy_timeout").fetchone()  # milliseconds
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        end = clock.elapsed() + limit / 1000
        while not _begin(connection, last=clock.elapsed() >= end):
            clock.sleep(_POLL)
    finally:
        driver.execute(f"PRAGMA busy_timeout = {limit}")


def _begin(connection: Connection, *, last: bool) -> bool:
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except OperationalError as error:
        code = getattr(error.orig, "sqlite_errorcode", 0)
        if last or code & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True
