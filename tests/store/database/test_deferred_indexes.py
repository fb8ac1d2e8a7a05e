"""An empty SQLite table is loaded without its indexes, and has them all when the load is over."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event

from atsbridge.model.fragment import Fragment
from atsbridge.ports.record_store import PageWrite, RowWrite, StreamState, StreamStatus
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.timesource import ManualTime

NOW = datetime(2026, 3, 9, 9, tzinfo=UTC)
READ = StreamState(stream="applications", status=StreamStatus.GOOD, bookmark=NOW, read_at=NOW)
FAILED = StreamState(stream="applications", status=StreamStatus.FAILED, detail="dropped")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


@pytest.fixture
def store(file: Path) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{file}", ManualTime(NOW))
    yield opened
    opened.close()


def indexes(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as base:
        rows = base.execute(
            "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'applications'"
            " AND name LIKE 'applications%'"
        )
        return {name for (name,) in rows}


def figures(file: Path) -> list[tuple[str, ...]]:
    """What plans use of every index."""
    with closing(sqlite3.connect(file)) as base:
        return base.execute("SELECT tbl, idx, stat FROM sqlite_stat1 ORDER BY 1, 2").fetchall()


def plan(store: SqlStore) -> str:
    """How the active applications of an account are found."""
    with store._database.read() as connection:
        rows = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT id FROM applications"
            " WHERE account = 'acme' AND status = 'active' ORDER BY id"
        )
        return " / ".join(row.detail for row in rows)


def page(account: str, number: int, state: StreamState | None = None) -> PageWrite:
    values = {"requisition": "7", "status": "active"}
    row = RowWrite(str(number), b"d", [Fragment("application", str(number), values)])
    return PageWrite(
        account=account,
        stream="applications",
        at=NOW,
        owns={"application": ("requisition", "status")},
        rows=[row],
        state=state,
    )


def test_indexes_wait_for_the_end_of_a_first_load(store: SqlStore, file: Path) -> None:
    """Gone with the first page, back with the last."""
    whole = indexes(file)
    store.records.write_page(page("acme", 1))
    assert indexes(file) == set() != whole
    store.records.write_page(page("acme", 2, READ))
    assert indexes(file) == whole


def test_a_first_load_that_fails_gives_the_indexes_back(store: SqlStore, file: Path) -> None:
    """What was stored by then is judged all the same."""
    whole = indexes(file)
    store.records.write_page(page("acme", 1))
    store.records.save_state("acme", FAILED)
    assert indexes(file) == whole


def test_a_table_with_rows_keeps_its_indexes(store: SqlStore, file: Path) -> None:
    """The second account's first load finds the rows of the first one there."""
    whole = indexes(file)
    store.records.write_page(page("acme", 1, READ))
    store.records.write_page(page("globex", 1))
    assert indexes(file) == whole


def test_queries_are_planned_as_before_a_first_load(store: SqlStore, file: Path) -> None:
    """SQLite drops what it knows of an index with the index. By default it takes an account for
    ten rows and looks each of them up."""
    before, way = figures(file), plan(store)
    assert way == "SEARCH applications USING PRIMARY KEY (account=?)"
    store.records.write_page(page("acme", 1))
    store.records.write_page(page("acme", 2, READ))
    assert figures(file) == before
    assert plan(store) == way


def test_the_indexes_are_not_looked_up(store: SqlStore) -> None:
    """Looking each up first took five questions for each index of each list of a first sync."""
    asked: list[str] = []
    engine = store._database.engine
    event.listen(engine, "before_cursor_execute", lambda *of: asked.append(of[2]))
    store.records.write_page(page("acme", 1))
    store.records.write_page(page("acme", 2, READ))
    assert [one for one in asked if "PRAGMA" in one] == []
