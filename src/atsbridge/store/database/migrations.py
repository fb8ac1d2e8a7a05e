"""Bring a store of an earlier schema to the present one: numbered steps, then new columns."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, inspect
from sqlalchemy.exc import OperationalError, ProgrammingError

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
from atsbridge.store.database.table_names import table_name
from atsbridge.store.select import mark_all


@dataclass(frozen=True, slots=True)
class Migration:
    """What leads from schema `version` - 1 to `version`; statements both engines know.

    `renames`: (table, column, its new name), done before the statements. A table or column that
    is not there is passed over: the store was made before it was declared. No column: the table
    itself is renamed.

    `convert` names what a statement cannot do; it runs after the statements.
    """

    version: int
    why: str
    statements: tuple[str, ...] = ()
    renames: tuple[tuple[str, str, str], ...] = ()
    convert: Callable[[Connection], None] | None = None


def _convert_transition_reasons(connection: Connection) -> None:
    # Imported here: a run with nothing to migrate stays fast.
    from atsbridge.store.database.transition_reasons import convert_transition_reasons

    convert_transition_reasons(connection)


def _split_notice_columns(connection: Connection) -> None:
    from atsbridge.store.database.notice_columns import split_notice_columns

    split_notice_columns(connection)


def _convert_destination_reasons(connection: Connection) -> None:
    from atsbridge.store.database.destination_reasons import convert_destination_reasons

    convert_destination_reasons(connection)


def _replace_baseline(connection: Connection) -> None:
    """The flag `baseline` of a case becomes `first_look`; a store without the flag has neither."""
    from sqlalchemy import inspect

    names = {column["name"] for column in inspect(connection).get_columns("cases")}
    if "first_look" not in names:
        add = "ALTER TABLE cases ADD COLUMN first_look TEXT DEFAULT 'none' NOT NULL"
        connection.execute(sql(add))
    if "baseline" in names:
        connection.execute(sql("UPDATE cases SET first_look = 'summary' WHERE baseline <> 0"))
        connection.execute(sql("ALTER TABLE cases DROP COLUMN baseline"))


# JSON with the text after a prefix as its one parameter; what ends a string in JSON is escaped.
_PARAM = (
    "'{{\"{name}\":\"' || replace(replace(substr(end_reason, {start}), '\\', '\\\\'), '\"', '\\\"')"
    " || '\"}}'"
)
_ENDS = (  # code, condition, parameter
    ("stopped", "end_reason LIKE 'stopped by %'", _PARAM.format(name="path", start=12)),
    ("cancelled", "end_reason LIKE 'cancelled by %'", _PARAM.format(name="path", start=14)),
    ("news_over", "ending = 'resolved' AND end_reason = 'told'", "''"),
    ("cleared", "ending = 'resolved'", "''"),
    ("rule_removed", "end_reason = 'the rule is gone'", "''"),
    ("rule_disabled", "end_reason LIKE 'the rule is %'", _PARAM.format(name="status", start=13)),
    ("deleted", "end_reason = 'gone'", "''"),
    ("start_moved", "end_reason LIKE '%first step again_ its start moved'", "''"),
    ("due_moved", "end_reason LIKE '%first step again_ its target or calendar changed'", "''"),
    ("steps_changed", "end_reason LIKE '%first step again%'", "''"),
    ("other", "ending IS NOT NULL", _PARAM.format(name="text", start=1)),
)
_CODE = " ".join(f"WHEN {when} THEN '{code}'" for code, when, _ in _ENDS)
_PARAMS = " ".join(f"WHEN {when} THEN {param}" for _, when, param in _ENDS)

_ASSIGNEE = (  # old name, new name
    ("holder", "assignee"),
    ("holder_role", "assignee_role"),
    ("holder_since", "assignee_since"),
)
_WITH_ASSIGNEE = ("application", "requisition")

SCHEMA = 10
# The value of `tables.layout()`, kept here so that most runs need not import the tables.
LAYOUT = "b51ed442"
STEPS: tuple[Migration, ...] = (
    Migration(
        2,
        "why a case ended is a code with parameters",
        (
            "ALTER TABLE cases ADD COLUMN end_params TEXT",
            (
                f"UPDATE cases SET end_reason = CASE {_CODE} ELSE '' END,"
                f" end_params = CASE {_PARAMS} ELSE '' END"
            ),
        ),
    ),
    Migration(
        3,
        "assignee, deleted_at, bookmark and dirty are named as everywhere else",
        tuple(
            f"UPDATE changes SET field = '{new}' WHERE field = '{old}'"
            " AND kind IN ('application', 'requisition')"
            for old, new in _ASSIGNEE
        )
        + tuple(
            f"UPDATE cases SET end_params = replace(end_params, '{kind}.{old}\"', '{kind}.{new}\"')"
            f" WHERE end_params LIKE '%{kind}.{old}\"%'"
            for kind in _WITH_ASSIGNEE
            for old, new in _ASSIGNEE
        ),
        (
            *((table_name(kind), "gone_at", "deleted_at") for kind in catalog.KINDS),
            *((table_name(kind), *pair) for kind in _WITH_ASSIGNEE for pair in _ASSIGNEE),
            ("streams", "mark", "bookmark"),
            ("unjudged", "", "dirty"),
        ),
    ),
    Migration(
        4,
        "why a case changed is a code with parameters",
        ("ALTER TABLE transitions ADD COLUMN params TEXT",),
        convert=_convert_transition_reasons,
    ),
    Migration(
        5,
        "hold, drop reason, error, text and replies of a notice have columns of their own",
        convert=_split_notice_columns,
    ),
    Migration(6, "versions of briefs, agreements to them, and calibration rounds have tables"),
    Migration(
        7,
        "why a notice goes to its destination is a list of codes with parameters",
        convert=_convert_destination_reasons,
    ),
    Migration(
        8,
        "what the first look of a rule made of a case: nothing, a line of a summary, or backlog",
        convert=_replace_baseline,
    ),
    Migration(9, "the rate of each credential has a table, which all processes share"),
    Migration(10, "replies by button wait in a table of their own"),
)


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
        if inspect(database.engine).has_table("meta"):
            raise
        return {}  # a new store


def _say(connection: Connection, facts: Mapping[str, str]) -> None:
    connection.execute(
        sql(
            "INSERT INTO meta (name, value) VALUES (:name, :value)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        ),
        [{"name": name, "value": value} for name, value in facts.items()],
    )


def _create(database: Database, facts: Mapping[str, str]) -> None:
    from atsbridge.store.database.tables import metadata

    with database.write() as connection:
        metadata.create_all(connection, checkfirst=False)
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
