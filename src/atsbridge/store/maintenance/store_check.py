"""Check a store: the database itself, its tables, and rows that refer to nothing.

Every check reads; none repairs. What a run would end by itself is not reported.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Connection, inspect
from sqlalchemy.exc import DatabaseError

from atsbridge.model import catalog
from atsbridge.store.database import Database, metadata, sql, table_name
from atsbridge.store.maintenance.store_snapshot import digest_table, existing_store, snapshot

_EXAMPLES = 3
_DAMAGES = 20  # of the database's own report


class StoreCheck(StrEnum):
    """What was checked. The values are part of the JSON output."""

    DATABASE = "database"  # pages, rows and indexes can be read and agree
    TABLES = "tables"  # every declared table, column and index is there
    HISTORY = "history"  # transitions, notices and digests belong to something
    ENTRIES = "entries"  # the dirty and agenda tables name stored records
    CASES = "cases"  # open cases are about stored records
    RECORDS = "records"  # live records are still on a list, and not below a deleted application
    ACCOUNTS = "accounts"  # accounts with data are configured


class StoreCheckResult(NamedTuple):
    """The result of a check: how much was looked at, how much of it is wrong, and examples."""

    check: StoreCheck
    looked_at: int
    wrong: int = 0
    examples: Sequence[str] = ()


def check_store(url: str, accounts: Collection[str]) -> list[StoreCheckResult]:
    """Check the store at `url`; `accounts` are the configured ones. All checks see one instant.

    After damage to the database or a missing table nothing further is checked. StoreError where
    the store is not there or another version wrote it.
    """
    findings: list[StoreCheckResult] = []
    with existing_store(url) as database, snapshot(database) as connection:
        for check in (_check_database, _check_tables):
            findings.append(check(database, connection))
            if findings[-1].wrong:
                return findings
        findings += [
            _count(connection, StoreCheck.HISTORY, _HISTORY),
            _count(connection, StoreCheck.ENTRIES, _ENTRIES),
            _count(connection, StoreCheck.CASES, _CASES),
            _count(connection, StoreCheck.RECORDS, _RECORDS),
            _check_accounts(connection, accounts),
        ]
    return findings


def _check_database(database: Database, connection: Connection) -> StoreCheckResult:
    """SQLite checks itself. On PostgreSQL every row is read, which finds damaged pages."""
    if not database.sqlite:
        there = set(inspect(connection).get_table_names())
        tables = [table for table in metadata.sorted_tables if table.name in there]
        return StoreCheckResult(
            StoreCheck.DATABASE, sum(digest_table(connection, t).rows for t in tables)
        )
    try:
        lines = connection.exec_driver_sql(f"PRAGMA integrity_check({_DAMAGES})").scalars().all()
    except DatabaseError as error:  # too damaged for the check itself
        lines = [str(error.orig)]
    damages = [str(line) for line in lines if line != "ok"]
    if damages:
        return StoreCheckResult(StoreCheck.DATABASE, 0, len(damages), damages[:_EXAMPLES])
    names = inspect(connection).get_table_names()
    count = sum(_number(connection, f"SELECT COUNT(*) FROM {name}") for name in names)
    return StoreCheckResult(StoreCheck.DATABASE, count)


def _check_tables(_database: Database, connection: Connection) -> StoreCheckResult:
    inspector = inspect(connection)
    there = set(inspector.get_table_names())
    missing = []
    for table in metadata.sorted_tables:
        if table.name not in there:
            missing.append(f"table {table.name}")
            continue
        found = {column["name"] for column in inspector.get_columns(table.name)}
        missing += [f"column {table.name}.{c.name}" for c in table.columns if c.name not in found]
        names = {index["name"] for index in inspector.get_indexes(table.name)}
        missing += [f"index {index.name}" for index in table.indexes if index.name not in names]
    return StoreCheckResult(
        StoreCheck.TABLES, len(metadata.tables), len(missing), missing[:_EXAMPLES]
    )


class _Rule(NamedTuple):
    """Rows of `table` that `where` finds are wrong; `name` is SQL that names one."""

    table: str
    name: str
    where: str


def _absent(kind: str, row: str) -> str:
    """A condition: the record of `kind` that the row names is not stored."""
    return (
        f"{row}.kind = '{kind}' AND NOT EXISTS (SELECT 1 FROM {table_name(kind)} r"
        f" WHERE r.account = {row}.account AND r.id = {row}.id)"
    )


_SUBJECT = "t.account || '/' || t.kind || '/' || t.id"
_HISTORY = (
    _Rule(
        "transitions",
        "'transition ' || t.number || ' of case ' || t.case_number",
        "NOT EXISTS (SELECT 1 FROM cases c WHERE c.number = t.case_number)",
    ),
    _Rule(
        "notices",
        "'notice of case ' || t.case_number || ' in ' || t.account",
        "t.case_number <> 0 AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.number = t.case_number)",
    ),
    _Rule(
        "digests",
        "'digest of list number ' || t.stream",
        "NOT EXISTS (SELECT 1 FROM streams s WHERE s.number = t.stream)",
    ),
)
_ENTRIES = tuple(
    _Rule(table, f"'{table}: ' || {_SUBJECT}", _absent(kind, "t"))
    for table in ("dirty", "agenda")
    for kind in catalog.KINDS
)
_CASES = tuple(
    _Rule(
        "cases",
        f"'case ' || t.number || ' about ' || {_SUBJECT}",
        f"t.ending IS NULL AND {_absent(kind, 't')}",
    )
    for kind in catalog.KINDS
)
# What is deleted together with an application: see `records.row_origins`.
_RECORDS = tuple(
    _Rule(
        table_name(kind),
        f"t.account || '/{kind}/' || t.id",
        "t.deleted_at IS NULL AND EXISTS (SELECT 1 FROM applications a WHERE a.account = t.account"
        " AND a.id = t.application AND a.deleted_at IS NOT NULL)",
    )
    for kind in ("interview", "scorecard", "offer")
) + tuple(
    _Rule(
        table_name(kind),
        f"t.account || '/{kind}/' || t.id",
        "t.deleted_at IS NULL AND t.parts = 0",
    )
    for kind in catalog.KINDS
)


def _count(connection: Connection, check: StoreCheck, rules: Sequence[_Rule]) -> StoreCheckResult:
    count = 0
    examples: list[str] = []
    for rule in rules:
        rows = f"FROM {rule.table} t WHERE {rule.where}"
        found = _number(connection, f"SELECT COUNT(*) {rows}")
        if found:
            count += found
            some = sql(f"SELECT {rule.name} {rows} ORDER BY 1 LIMIT {_EXAMPLES}")
            examples += connection.execute(some).scalars().all()
    tables = sorted({rule.table for rule in rules})
    looked = sum(_number(connection, f"SELECT COUNT(*) FROM {table}") for table in tables)
    return StoreCheckResult(check, looked, count, examples[:_EXAMPLES])


def _check_accounts(connection: Connection, accounts: Collection[str]) -> StoreCheckResult:
    stored = set(_stored_accounts(connection))
    unknown = sorted(stored.difference(accounts))
    return StoreCheckResult(StoreCheck.ACCOUNTS, len(stored), len(unknown), unknown)


def _stored_accounts(connection: Connection) -> Iterator[str]:
    for table in ("streams", "cases"):
        rows: Any = connection.execute(sql(f"SELECT DISTINCT account FROM {table}"))
        yield from (row[0] for row in rows)


def _number(connection: Connection, statement: str) -> int:
    return int(connection.execute(sql(statement)).scalar_one())
