"""Bring a store of an earlier schema to the present one: `migration_steps`, then new columns."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect
from sqlalchemy.exc import OperationalError, ProgrammingError

from atsbridge.errors import StoreError
from atsbridge.model import catalog
from atsbridge.store.database.connection import Database, sql
from atsbridge.store.database.database_errors import explained
from atsbridge.store.database.file_permissions import create_private
from atsbridge.store.database.known_columns import (
    list_columns,
    make_newer_error,
    refuse_unknown_columns,
)
from atsbridge.store.database.locks import schema_lock
from atsbridge.store.database.migration_steps import LAYOUT, SCHEMA, STEPS, Migration
from atsbridge.store.select import mark_all


@cache
def columns_fingerprint() -> str:
    """Changes with the catalog's stored fields and with the store's own tables."""
    fields = [f"{f.path}:{f.type}" for f in catalog.every_field() if f.stored]
    return hashlib.sha256("\n".join([LAYOUT, *fields]).encode()).hexdigest()[:16]


def migrate(database: Database, steps: Sequence[Migration] = STEPS, schema: int = SCHEMA) -> None:
    """Bring the store to `schema`: nothing to do costs one query.

    StoreError where the store is newer than this program. A SQLite file is copied first, to
    `<file>.before-<schema>-of-<what it was>`; a copy that is there is never replaced: after a step
    that failed, it is the whole one. Each step is one transaction.
    """
    wanted = {"schema": str(schema), "columns": columns_fingerprint()}
    if read_schema(database, schema) == wanted:
        return
    with schema_lock(database):
        found = read_schema(database, schema)
        if found == wanted:
            return
        if not found:
            _refuse_foreign(database)
            _create(database, wanted)
            return
        refuse_unknown_columns(database, found, schema)
        version = int(found["schema"])
        if database.path is not None:
            _copy_before(database.path, found, schema)
        for step in steps:
            if step.version > version:
                _step(database, step)
        _grow(database, wanted)


def read_schema(database: Database, schema: int = SCHEMA) -> Mapping[str, str]:
    """The store's schema and columns, empty for a new one. StoreError if it is newer."""
    with explained(database.name):
        found = _meta(database)
    if found and not found.get("schema", "").isdecimal():
        raise _foreign(database)
    if found and int(found["schema"]) > schema:
        raise make_newer_error(
            database, f"has schema {found['schema']}, this program knows {schema}"
        )
    return found


def _copy_before(file: Path, found: Mapping[str, str], schema: int) -> None:
    """Copy a SQLite file as it was found, unless such a copy is there already."""
    was = f"{found['schema']}-{found.get('columns', '')[:8]}"
    target = file.with_name(f"{file.name}.before-{schema}-of-{was}")
    if not target.exists():
        copy(file, target)


def is_current(database: Database, schema: int = SCHEMA) -> bool:
    """Whether the tables are those of this program, and no other has migrated them since."""
    with explained(database.name):
        return _meta(database) == {"schema": str(schema), "columns": columns_fingerprint()}


def _meta(database: Database) -> Mapping[str, str]:
    try:
        with database.engine.connect() as connection:
            rows = connection.execute(
                sql("SELECT name, value FROM meta WHERE name IN ('schema', 'columns')")
            )
            return {row[0]: row[1] for row in rows}
    except (OperationalError, ProgrammingError):
        if _has_meta(database):
            raise
        return {}  # a new store, or no store


def _has_meta(database: Database) -> bool:
    inspector = inspect(database.engine)
    if not inspector.has_table("meta"):
        return False
    return {"name", "value"} <= {column["name"] for column in inspector.get_columns("meta")}


def _refuse_foreign(database: Database) -> None:
    """StoreError for tables that no version of this program has made.

    A schema of PostgreSQL may hold tables of others, as long as none has the name of one of ours.
    """
    with explained(database.name):
        there = set(inspect(database.engine).get_table_names())
    if not database.sqlite:
        from atsbridge.store.database.tables import metadata

        there &= metadata.tables.keys()
    if there:
        raise _foreign(database)


def _foreign(database: Database) -> StoreError:
    kind = "file" if database.sqlite else "database"
    return StoreError(
        f"This {kind} belongs to another program",
        where=database.name,
        remedy=f"Nothing was written. Name another {kind} in [store] url",
    )


def _say(connection: Connection, facts: Mapping[str, str]) -> None:
    connection.execute(
        sql(
            "INSERT INTO meta (name, value) VALUES (:name, :value)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        ),
        [{"name": name, "value": value} for name, value in facts.items()],
    )


def _create(database: Database, facts: Mapping[str, str]) -> None:
    from atsbridge.store.database.table_statements import create_tables

    with database.write() as connection:
        create_tables(connection)
        _say(connection, {**facts, "held": json.dumps(list_columns())})
    _plan(database)


def _step(database: Database, step: Migration) -> None:
    with database.write() as connection:
        _rename(connection, step.renames)
        for statement in step.statements:
            connection.execute(sql(statement))
        if step.convert is not None:
            step.convert(connection)
        _say(connection, {"schema": str(step.version)})


def _rename(connection: Connection, renames: Sequence[tuple[str, str, str]]) -> None:
    from sqlalchemy import inspect

    inspector = inspect(connection)
    there = set(inspector.get_table_names())
    for table, old, new in renames:
        if table not in there:
            continue
        if not old:
            connection.execute(sql(f"ALTER TABLE {table} RENAME TO {new}"))
        elif old in {column["name"] for column in inspector.get_columns(table)}:
            connection.execute(sql(f'ALTER TABLE {table} RENAME COLUMN "{old}" TO "{new}"'))


def _grow(database: Database, facts: Mapping[str, str]) -> None:
    """Add the tables, columns and indexes that are declared and not there; drop nothing.

    If a derived field is new, all records become dirty.
    """
    from sqlalchemy import inspect
    from sqlalchemy.schema import CreateColumn

    from atsbridge.store.database.record_tables import derived
    from atsbridge.store.database.tables import metadata

    grown = False
    with database.write() as connection:
        inspector = inspect(connection)
        there = set(inspector.get_table_names())
        for table in metadata.sorted_tables:
            if table.name not in there:
                table.create(connection)
                continue
            names = {column["name"] for column in inspector.get_columns(table.name)}
            quoted = connection.dialect.identifier_preparer.format_table(table)
            for column in table.columns:
                if column.name not in names:
                    grown = grown or derived(table.name, column.name)
                    definition = CreateColumn(column).compile(dialect=connection.dialect)
                    connection.exec_driver_sql(f"ALTER TABLE {quoted} ADD COLUMN {definition}")
            indexes = {index["name"] for index in inspector.get_indexes(table.name)}
            for index in table.indexes:
                if index.name not in indexes:
                    index.create(connection)
        if grown:
            for row in connection.execute(sql("SELECT DISTINCT account FROM streams")).all():
                mark_all(connection, row[0])
        _say(connection, {**facts, "held": json.dumps(list_columns())})
    _plan(database)


def _plan(database: Database) -> None:
    if database.sqlite:
        from atsbridge.store.database.planner_statistics import settle

        with database.write() as connection:
            settle(connection)
        database.close()  # connections read the figures when they open


def copy(source: Path, target: Path) -> None:
    """A whole and consistent copy of a SQLite file, also while others read and write it."""
    beside = target.with_name(f"{target.name}.part")
    beside.unlink(missing_ok=True)
    create_private(beside)
    with (
        explained(str(target)),
        closing(sqlite3.connect(source)) as old,
        closing(sqlite3.connect(beside)) as new,
    ):
        old.backup(new)
    beside.replace(target)
