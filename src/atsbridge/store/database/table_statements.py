"""The statements that make all tables and indexes, compiled once per process and engine.

SQLAlchemy compiles them anew for every new store, which takes five times as long as running them.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Connection, create_mock_engine
from sqlalchemy.schema import ExecutableDDLElement

from atsbridge.store.database.tables import metadata


def create_tables(connection: Connection) -> None:
    """Make all tables and indexes of an empty store."""
    for statement in _compile(connection.engine.url.drivername):
        connection.exec_driver_sql(statement)


@cache
def _compile(drivername: str) -> tuple[str, ...]:
    statements: list[str] = []

    def keep(made: ExecutableDDLElement, *_: Any, **__: Any) -> None:
        statements.append(str(made.compile(dialect=engine.dialect)))

    engine = create_mock_engine(f"{drivername}://", keep)
    metadata.create_all(engine, checkfirst=False)
    return tuple(statements)
