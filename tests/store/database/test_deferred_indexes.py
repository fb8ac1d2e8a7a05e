"""An empty SQLite table is loaded without its indexes, and has them all when the load is over."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

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
