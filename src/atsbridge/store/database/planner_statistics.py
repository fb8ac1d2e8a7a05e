"""Fixed statistics for SQLite's query planner.

Without statistics SQLite assumes ten rows per account and scans it. Measured statistics would make
plans change from day to day
(https://www.sqlite.org/optoverview.html#manual_control_of_query_plans_using_sqlite_stat_tables).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from sqlalchemy import Connection, Table

from atsbridge.store.database.record_tables import RECORDS
from atsbridge.store.database.tables import metadata

_MANY, _FEW = 1_000_000, 1_000
_INSERT = "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)"
_SHORT = frozenset({"dirty", "work", "meta", "streams", "cache", "own_writes"})
_ROWS_OF = {"account": 2, "kind": 10, "stream": 2, "rule": 100, "state": 1000}  # values per column


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
    connection.exec_driver_sql(_INSERT, _every_figure())


def restore(connection: Connection, tables: Iterable[Table]) -> None:
    """Write the figures of these tables again: SQLite drops those of an index with the index.

    This connection plans by them at once, the others when they see that an index was built.
    """
    for table in tables:
        connection.exec_driver_sql("DELETE FROM sqlite_stat1 WHERE tbl = ?", (table.name,))
        connection.exec_driver_sql(_INSERT, [*_figures(table)])
    connection.exec_driver_sql("ANALYZE sqlite_master")  # reads the figures, measures nothing


@cache
def _every_figure() -> list[tuple[str, str, str]]:
    return [row for table in metadata.sorted_tables for row in _figures(table)]
