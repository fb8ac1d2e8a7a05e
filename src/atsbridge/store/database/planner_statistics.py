"""Statistics for the query planners: fixed ones for SQLite, measured ones for PostgreSQL.

Without statistics SQLite assumes ten rows per account and scans it. Measured statistics would make
plans change from day to day
(https://www.sqlite.org/optoverview.html#manual_control_of_query_plans_using_sqlite_stat_tables).

PostgreSQL's autovacuum measures a table about a minute after it was filled. What is computed from a
first load before that takes 25 times as long: for 40,000 applications 39 seconds in place of 1.5.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Table

from atsbridge.store.database.connection import Database, sql
from atsbridge.store.database.database_errors import explained
from atsbridge.store.database.record_tables import RECORDS
from atsbridge.store.database.tables import metadata

_MANY, _FEW = 1_000_000, 1_000
_SHORT = frozenset({"dirty", "work", "meta", "streams", "cache", "own_writes"})
_ROWS_OF = {"account": 2, "kind": 10, "stream": 2, "rule": 100, "state": 1000}  # values per column


_MANY_DIRTY = 1_000  # records of an account that changed since they were derived
_LARGE = 1_000_000  # bytes of all tables together below which any plan is good
_IS_MUCH_DIRTY = """
SELECT EXISTS (SELECT 1 FROM dirty WHERE account = :account AND kind = '')
    OR count(*) >= :many
FROM (SELECT 1 FROM dirty WHERE account = :account LIMIT :many) AS some_dirty
"""
_FILLED_TABLES = """
SELECT relname, pg_relation_size(relid) AS size,
    greatest(last_analyze, last_autoanalyze) > now() - interval '10 minutes' AS is_new
FROM pg_stat_user_tables WHERE schemaname = current_schema()
AND relname = ANY(:names) AND pg_relation_size(relid) > 0
"""


def measure_if_much_changed(database: Database, account: str) -> None:
    """Let PostgreSQL measure the tables of records where much of the account has changed.

    A table that was measured within ten minutes is left alone. Each is measured by itself, outside
    any transaction: another account may measure it at the same time.
    """
    if database.sqlite:
        return
    names = [table.name for table in RECORDS.values()]
    with database.read() as connection:
        much = {"account": account, "many": _MANY_DIRTY}
        if not connection.execute(sql(_IS_MUCH_DIRTY), much).scalar_one():
            return
        found = connection.execute(sql(_FILLED_TABLES), {"names": names}).all()
    if sum(row.size for row in found) < _LARGE:
        return
    by_itself = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with explained(database.name), by_itself.connect() as connection:
        for row in found:
            if row.is_new:
                continue
            connection.exec_driver_sql(f"ANALYZE {row.relname}")


def _falling(columns: list[str], rows: int, last: int) -> str:
    """Rows in all, then how many share the first column, the first two, ..., all of them."""
    figures = [rows]
    for column in columns[:-1]:
        figures.append(max(figures[-1] // _ROWS_OF.get(column, 10_000), last))
    return " ".join(map(str, [*figures, last]))


def _figures(table: Table) -> Iterator[tuple[str, str, str]]:
    rows = _FEW if table.name in _SHORT else _MANY
    keys = [column.name for column in table.primary_key]
    if table.name in {t.name for t in RECORDS.values()} or len(keys) > 1:
        yield table.name, table.name, _falling(keys, rows, 1)
    for index in table.indexes:
        columns = [column.name for column in index.columns]
        part = index.dialect_options["sqlite"]["where"] is not None
        last = 1 if index.unique or columns[-1] == "id" else 10
        yield table.name, str(index.name), _falling(columns, rows // 10 if part else rows, last)


def settle(connection: Connection) -> None:
    """Write the figures; a connection opened later plans by them."""
    connection.exec_driver_sql("ANALYZE")
    connection.exec_driver_sql("DELETE FROM sqlite_stat1")
    rows = [row for table in metadata.sorted_tables for row in _figures(table)]
    connection.exec_driver_sql("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", rows)
