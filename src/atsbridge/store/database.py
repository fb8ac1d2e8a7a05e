"""The connection to SQLite or PostgreSQL: one way to read, one way to write.

Tables and statements live beside it; errors are put into words by `faults`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, TextClause, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from atsbridge.errors import StoreError
from atsbridge.store.codec import dump
from atsbridge.store.faults import explained

_BUSY_MS = 30_000
_PRAGMAS = (
    f"PRAGMA busy_timeout = {_BUSY_MS}",
    "PRAGMA page_size = 16384",  # at creation only: wide rows, half the file, 1.7x the speed
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",  # with WAL no commit is torn, whatever is killed
    "PRAGMA cache_size = -16384",
    "PRAGMA wal_autocheckpoint = 4000",  # 64 MB: a first load writes the pages of indexes again
    "PRAGMA wal_autocheckpoint = 2000",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA secure_delete = ON",  # what was erased is overwritten, not only unlinked
)


@lru_cache(maxsize=512)
def sql(statement: str) -> TextClause:
    """A statement with :named parameters, parsed once."""
    return text(statement)


def _url(given: str) -> URL:
    try:
        url = make_url(given)
    except ArgumentError:
        raise StoreError(
            "The store's url cannot be read",
            where="store.url",
            remedy='Write "sqlite:///atsbridge.db" or "postgresql://user@host/database"',
        ) from None
    if url.drivername in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
        return url
    if url.drivername == "postgresql+psycopg":
        return url
    raise StoreError(
        "The store must be a SQLite file or a PostgreSQL database",
        where="store.url",
        remedy='Write "sqlite:///atsbridge.db" or "postgresql://user@host/database"',
    )


class Database:
    """An engine and its two doors. Threads may share it; SQLite writes take turns."""

    def __init__(self, url: str) -> None:
        self.url = _url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.path = Path(self.url.database or "") if self.sqlite else None
        self.name = str(self.path) if self.sqlite else self.url.render_as_string(hide_password=True)
        self.engine = self._engine()
        self._turn: AbstractContextManager[object] = (
            threading.Lock() if self.sqlite else nullcontext()
        )

    def _engine(self) -> Engine:
        if not self.sqlite:
            return create_engine(self.url, pool_pre_ping=True)
        engine = create_engine(self.url, connect_args={"check_same_thread": False})
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        return engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One unchanging view of the store until the block ends."""
        with explained(self.name), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: all of the block is stored, or none of it."""
        with explained(self.name), self._turn, self.engine.connect() as connection:
            connection.execution_options(atsbridge_writes=True)
            with connection.begin():
                yield connection

    def driver(self, statement: str) -> str:
        """A statement with ? marks as the driver wants it."""
        return statement if self.sqlite else statement.replace("?", "%s")

    def ids_in(self, column: str = "id") -> str:
        """A condition that takes one parameter, made by `ids`: `column` is one of them."""
        if self.sqlite:
            return f"{column} IN (SELECT value FROM json_each(:ids))"
        return f"{column} = ANY(:ids)"

    def ids(self, ids: Iterable[str]) -> object:
        """The parameter of `ids_in`."""
        return dump(list(ids)) if self.sqlite else list(ids)

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours: see _begin
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("atsbridge_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
