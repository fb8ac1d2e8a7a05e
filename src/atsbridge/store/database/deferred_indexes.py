"""Indexes that are dropped while an empty table is loaded for the first time, and built afterward.

SQLite only. Rows arrive in the order of their ids, so every page would rewrite most pages of an
index on another column. With 200,000 applications that is a quarter of the time of a first load;
building the index at the end takes 0.2 s (benchmarks/sync.py).
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection
from sqlalchemy.schema import CreateIndex, DropIndex

from atsbridge.model import KINDS
from atsbridge.store.database.connection import sql
from atsbridge.store.database.table_names import table_name


def put_off(connection: Connection, kinds: Iterable[str]) -> None:
    """Drop the indexes of those kinds' tables that hold no row yet."""
    for kind in KINDS.keys() & kinds:
        empty = f"SELECT 1 FROM {table_name(kind)} LIMIT 1"
        if connection.execute(sql(empty)).first() is None:
            from atsbridge.store.database.record_tables import RECORDS

            for index in RECORDS[kind].indexes:
                connection.execute(DropIndex(index, if_exists=True))


def build(connection: Connection, kinds: Iterable[str]) -> None:
    """Build the indexes of those kinds' tables that are not there, and write what plans use."""
    from atsbridge.store.database.planner_statistics import restore
    from atsbridge.store.database.record_tables import RECORDS

    tables = [RECORDS[kind] for kind in sorted(KINDS.keys() & kinds)]
    for table in tables:
        for index in table.indexes:
            connection.execute(CreateIndex(index, if_not_exists=True))
    restore(connection, tables)
