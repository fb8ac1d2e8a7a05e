"""A writer that finds the SQLite file locked takes the first gap."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import OperationalError

from atsbridge.store.database.write_turn import begin_write
from atsbridge.timesource import ManualTime

WAIT = 30  # seconds


class _Time(ManualTime):
    """Calls `act` with the number of each sleep."""

    def __init__(self, act: Callable[[int], object]) -> None:
        super().__init__(datetime(2026, 3, 4, tzinfo=UTC))
        self._act = act

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self._act(len(self.slept))


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Connection, Connection]]:
    """Two connections to one file; the first holds the right to write."""
    engines = [create_engine(f"sqlite:///{tmp_path}/one.db") for _ in range(2)]
    with engines[0].connect() as first, engines[1].connect() as second:
        for one in (first, second):
            one.connection.dbapi_connection.isolation_level = None
            one.exec_driver_sql(f"PRAGMA busy_timeout = {WAIT * 1000}")
        first.exec_driver_sql("PRAGMA journal_mode = WAL")
        first.exec_driver_sql("BEGIN IMMEDIATE")
        yield first, second
    for engine in engines:
        engine.dispose()


def test_it_begins_at_the_first_gap(two: tuple[Connection, Connection]) -> None:
    """Within one poll, and its wait for later statements is as before."""
    first, second = two
    time = _Time(lambda number: first.exec_driver_sql("COMMIT") if number == 7 else None)
    begin_write(second, time)
    assert len(time.slept) == 7
    second.exec_driver_sql("CREATE TABLE found (id INTEGER)")
    second.exec_driver_sql("COMMIT")
    with closing(second.exec_driver_sql("PRAGMA busy_timeout")) as found:
        assert found.scalar() == WAIT * 1000


def test_a_file_that_stays_locked_is_an_error(two: tuple[Connection, Connection]) -> None:
    """Once the connection's busy_timeout is over."""
    time = _Time(lambda _: None)
    with pytest.raises(OperationalError, match="locked"):
        begin_write(two[1], time)
    assert WAIT / 0.002 <= len(time.slept) <= WAIT / 0.002 + 2


def test_another_error_is_not_waited_for(two: tuple[Connection, Connection]) -> None:
    """A transaction within a transaction fails at once."""
    first, _ = two
    time = _Time(lambda _: None)
    with pytest.raises(OperationalError, match="within a transaction"):
        begin_write(first, time)
    assert len(time.slept) == 0
