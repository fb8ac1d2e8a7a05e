"""Copy a whole store into an empty database, of the same or of the other kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, Table, inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateTable

from atsbridge.errors import StoreError, require
from atsbridge.store.database import Database, create_private, metadata, schema_lock, settle, sql
from atsbridge.store.maintenance.store_snapshot import (
    Digester,
    Row,
    TableDigest,
    batches,
    columns,
    digest_table,
    every_account_locked,
    existing_store,
    snapshot,
)

_SIDE_FILES = ("", "-wal", "-shm", "-journal")
Progress = Callable[["TableCopy"], None]


class TableCopy(NamedTuple):
    """A table that was copied, read back and compared."""

    table: str
    rows: int
    digest: str


def copy_store(
    source: str, target: str, progress: Progress | None = None, *, online: bool = False
) -> list[TableCopy]:
    """Copy the store at the URL `source` to the URL `target`; the tables in order.

    The target must not have a store. It gets all of the source or nothing: a copy that failed or
    was killed can be started again. Each table is read back, and rows and digest are compared.

    `online`: runs may go on; the copy has the source as it was when the copy began. Otherwise
    every account is locked. StoreError, or LockedError while a run is at work.
    """
    with existing_store(source) as old:
        lock = nullcontext() if online else every_account_locked(old)
        with lock, snapshot(old) as reader, _new_store(target) as new:
            done = []
            with new.write() as writer:
                _create_tables(writer)
                for table in metadata.sorted_tables:
                    copied = _copy_table(reader, writer, table, new)
                    done.append(TableCopy(table.name, copied.rows, copied.digest))
                    if progress is not None:
                        progress(done[-1])
                _finish(writer, new)
    return done


@contextmanager
def _new_store(url: str) -> Iterator[Database]:
    """A database without a store. A SQLite file gets its name if the block raises no error."""
    target = Database(url)
    try:
        if target.path is None:
            with schema_lock(target):
                with target.read() as connection:
                    names = set(inspect(connection).get_table_names())
                if names & metadata.tables.keys():
                    raise _not_empty(target.name)
                yield target
            return
    finally:
        target.close()
    with new_file(target.path) as part:
        database = Database(str(target.url.set(database=str(part))))
        try:
            yield database
        finally:
            database.close()


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """A private file beside `path` that takes its name at the end; after an error it is removed.

    StoreError if `path` exists already, or its folder does not.
    """
    if path.exists():
        raise _not_empty(str(path))
    if not path.parent.is_dir():
        raise StoreError(
            "The folder of the new file does not exist",
            where=str(path.parent),
            remedy="Create it, or name another file",
        )
    part = path.with_name(f"{path.name}.part")
    files = [part.with_name(f"{part.name}{ending}") for ending in _SIDE_FILES]
    for file in files:  # of a copy that was killed
        file.unlink(missing_ok=True)
    create_private(part)
    try:
        yield part
        part.replace(path)
    finally:
        for file in files:
            file.unlink(missing_ok=True)


def _not_empty(name: str) -> StoreError:
    return StoreError(
        "The target is not empty, and nothing was written to it",
        where=name,
        remedy="Name a new file or a new, empty database",
    )


def _create_tables(writer: Connection) -> None:
    """Create all tables without their indexes, which are built faster when the rows are there."""
    for table in metadata.sorted_tables:
        writer.execute(CreateTable(table))


def _copy_table(
    reader: Connection, writer: Connection, table: Table, target: Database
) -> TableDigest:
    """Copy all rows and compare them with the source. StoreError if they differ."""
    sent = Digester()
    insert = _insert_sqlite if target.sqlite else _insert_postgresql
    for rows in batches(reader, table):
        sent.add(rows)
        insert(writer, table, rows)
    arrived = digest_table(writer, table)
    if arrived != sent.result:
        raise StoreError(
            f"The copy of table {table.name} differs from the original:"
            f" {sent.result.rows:,} rows were sent, {arrived.rows:,} arrived",
            where=target.name,
            remedy="Nothing was kept. Check the source with `atsbridge store check`, then try"
            " again; if it happens again, please report it",
        )
    return arrived


def _insert_sqlite(writer: Connection, table: Table, rows: Sequence[Row]) -> None:
    forgotten = ", ".join("?" * len(table.columns))
    into = f"INSERT INTO {table.name} ({columns(writer, table)}) VALUES ({forgotten})"
    writer.exec_driver_sql(into, list(rows))


def _insert_postgresql(writer: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert with COPY, many times faster than INSERT."""
    driver = require(writer.connection.driver_connection, "the connection of the driver")
    statement = f"COPY {table.name} ({columns(writer, table)}) FROM STDIN"
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as stream:
            for row in rows:
                stream.write_row(row)
    except writer.dialect.loaded_dbapi.Error as error:
        raise DBAPIError(statement, None, error) from error


def _finish(writer: Connection, target: Database) -> None:
    """Build the indexes, continue the numbering, and update the planner's statistics."""
    for table in metadata.sorted_tables:
        for index in table.indexes:
            index.create(writer)
    if target.sqlite:
        settle(writer)
        return
    for name, highest in _highest_numbers(writer).items():
        writer.execute(
            sql("SELECT setval(pg_get_serial_sequence(:name, 'number'), :highest)"),
            {"name": name, "highest": highest},
        )
    writer.exec_driver_sql("ANALYZE")


def _highest_numbers(writer: Connection) -> Mapping[str, int]:
    """table -> its highest number, for tables whose rows are numbered and that have any."""
    numbered = [t.name for t in metadata.sorted_tables if t.autoincrement_column is not None]
    found = {name: writer.execute(sql(f"SELECT MAX(number) FROM {name}")) for name in numbered}
    highest = {name: result.scalar_one() for name, result in found.items()}
    return {name: int(number) for name, number in highest.items() if number is not None}
