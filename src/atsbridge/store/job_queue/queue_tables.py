"""Make and upgrade the tables of the queue in a PostgreSQL schema of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from atsbridge.errors import StoreError
from atsbridge.ports import QueueDefinition
from atsbridge.store.database import Database, schema_lock, sql

# `due_at`, `served_at`: seconds since 1970 on the server's clock. `tries`: how often the due round
# was begun.
_OWN = """
CREATE TABLE {schema}.queue_version (name text NOT NULL);
CREATE TABLE {schema}.rounds (
    account text PRIMARY KEY,
    due_at bigint NOT NULL,
    served_at bigint NOT NULL DEFAULT 0,
    tries integer NOT NULL DEFAULT 0
);
CREATE TABLE {schema}.workers (
    number bigint PRIMARY KEY,
    host text NOT NULL,
    process integer NOT NULL,
    version text NOT NULL,
    concurrency integer NOT NULL,
    session text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO {schema}.queue_version VALUES ('');
"""
_DENIED = "42501"  # https://www.postgresql.org/docs/current/errcodes-appendix.html


def read_version(database: Database, schema: str) -> str | None:
    """The last upgrade of the queue's tables; None where there are none."""
    with database.read() as connection:
        there = sql("SELECT to_regclass(:name) IS NOT NULL")
        if not connection.execute(there, {"name": f"{schema}.queue_version"}).scalar_one():
            return None
        found = connection.execute(sql(f"SELECT name FROM {schema}.queue_version")).scalar_one()
        return str(found)


def install(database: Database, schema: str, definition: QueueDefinition) -> None:
    """See `ports.JobQueue`."""
    if _is_present(database, schema, definition):
        return
    with schema_lock(database):
        if _is_present(database, schema, definition):
            return
        version = read_version(database, schema)
        if version is None:
            with _explained_rights(database, schema), database.write() as connection:
                _make(connection, schema, definition)
            return
        for name, statements in definition.upgrades:
            if name > version:
                with database.write() as connection:
                    _execute(connection, schema, statements)
                    _note(connection, schema, name)


def _is_present(database: Database, schema: str, definition: QueueDefinition) -> bool:
    version = read_version(database, schema)
    if version is not None and version > definition.version:
        raise StoreError(
            "The queue was made by a newer version of procrastinate than the one installed here",
            where=f"{database.name}, schema {schema}",
            remedy="Install the version that the other workers have, or a newer one:"
            ' pip install -U "atsbridge[workers]"',
        )
    return version == definition.version


def _make(connection: Connection, schema: str, definition: QueueDefinition) -> None:
    there = sql("SELECT to_regnamespace(:name) IS NOT NULL")
    if not connection.execute(there, {"name": schema}).scalar_one():
        connection.execute(sql(f"CREATE SCHEMA {schema}"))
    _execute(connection, schema, _OWN.format(schema=schema))
    _execute(connection, schema, definition.create)
    _note(connection, schema, definition.version)


def _execute(connection: Connection, schema: str, statements: str) -> None:
    """Several statements at once, their names without a schema in this one."""
    connection.execute(sql(f"SET LOCAL search_path TO {schema}"))
    connection.execution_options(no_parameters=True)
    connection.exec_driver_sql(statements)


def _note(connection: Connection, schema: str, name: str) -> None:
    connection.execute(sql(f"UPDATE {schema}.queue_version SET name = :name"), {"name": name})


@contextmanager
def _explained_rights(database: Database, schema: str) -> Iterator[None]:
    """Raise a refused CREATE as a StoreError that names the schema."""
    try:
        yield
    except StoreError as error:
        if getattr(error.__cause__, "sqlstate", None) != _DENIED:
            raise
        user = database.url.username or "the user of the store"
        raise StoreError(
            f"The workers' queue needs the schema {schema}, which this database user may not make",
            where=database.name,
            remedy=f"As an administrator: CREATE SCHEMA {schema} AUTHORIZATION {user}",
        ) from None
