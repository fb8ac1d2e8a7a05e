"""Open a store that is already there, and read all of it as it is at one instant."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Table

from atsbridge.errors import StoreError
from atsbridge.store.database import (
    SCHEMA,
    Database,
    account_lock,
    columns_fingerprint,
    read_schema,
    refuse_unknown_columns,
    sql,
)

_BATCH = 2000  # rows in memory at once
_encoder = msgspec.msgpack.Encoder()
Row = tuple[Any, ...]


class TableDigest(NamedTuple):
    """The number of rows of a table, and a digest of all their values in order of the key."""

    rows: int
    digest: str


@contextmanager
def existing_store(url: str) -> Iterator[Database]:
    """A store of this program's schema, closed at the end. It is neither created nor migrated.

    StoreError where there is none, or where another version wrote it.
    """
    database = Database(url)
    try:
        if database.path is not None and not database.path.is_file():
            raise _missing(database)
        found = read_schema(database)
        if not found:
            raise _missing(database)
        if found != {"schema": str(SCHEMA), "columns": columns_fingerprint()}:
            refuse_unknown_columns(database, found, SCHEMA)
            raise StoreError(
                "The store was written by an older version of atsbridge",
                where=database.name,
                remedy="Upgrade it first: `atsbridge doctor`, with this store in [store] url",
            )
        yield database
    finally:
        database.close()


def _missing(database: Database) -> StoreError:
    return StoreError(
        "There is no store here",
        where=database.name,
        remedy="Name the store that [store] url names in the settings",
    )


@contextmanager
def snapshot(database: Database) -> Iterator[Connection]:
    """One unchanging view of all tables, while others may write."""
    with database.read() as connection:
        if not database.sqlite:
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


@contextmanager
def every_account_locked(database: Database) -> Iterator[None]:
    """Hold the lock of each account in the store. LockedError while a run is at work."""
    with database.read() as connection:
        rows = connection.execute(
            sql("SELECT account FROM streams UNION SELECT account FROM fences ORDER BY 1")
        )
        accounts = [row[0] for row in rows]
    with ExitStack() as locks:
        for account in accounts:
            locks.enter_context(account_lock(database, account))
        yield


def batches(connection: Connection, table: Table) -> Iterator[Sequence[Row]]:
    """All rows of a table in order of its key, some thousand at a time."""
    quote = connection.dialect.identifier_preparer.quote
    order = ", ".join(quote(column.name) for column in table.primary_key)
    statement = f"SELECT {columns(connection, table)} FROM {quote(table.name)} ORDER BY {order}"
    result = connection.exec_driver_sql(statement, execution_options={"stream_results": True})
    for rows in result.partitions(_BATCH):
        yield [tuple(row) for row in rows]


def columns(connection: Connection, table: Table) -> str:
    """The columns of a table as a list for SQL, in their declared order."""
    quote = connection.dialect.identifier_preparer.quote
    return ", ".join(quote(column.name) for column in table.columns)


class Digester:
    """Counts rows and digests their values; the same on both databases."""

    def __init__(self) -> None:
        self._rows = 0
        self._hash = hashlib.blake2b(digest_size=16)

    def add(self, rows: Sequence[Row]) -> None:
        """Take the next rows, in order."""
        self._rows += len(rows)
        self._hash.update(b"".join(map(_encoder.encode, rows)))

    @property
    def result(self) -> TableDigest:
        """What was added so far."""
        return TableDigest(self._rows, self._hash.hexdigest())


def digest_table(connection: Connection, table: Table) -> TableDigest:
    """Read a whole table: its rows and their digest."""
    digester = Digester()
    for rows in batches(connection, table):
        digester.add(rows)
    return digester.result
