"""PostgreSQL measures what a first load filled before anything is computed from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from atsbridge.store.database.measured_statistics import measure_if_much_changed
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.timesource import SystemTime

from ..conftest import Feed

WIDE = "x" * 900


@pytest.fixture
def store(new_database: Callable[..., str]) -> Iterator[SqlStore]:
    opened = open_store(new_database(), SystemTime())
    yield opened
    opened.close()


def measured(store: SqlStore) -> bool:
    """Whether PostgreSQL has statistics of the applications."""
    with store._database.read() as connection:
        statement = "SELECT count(*) FROM pg_stats WHERE tablename = 'candidates'"
        return bool(connection.execute(text(statement)).scalar_one())


def fill(store: SqlStore, candidates: int, name: str = WIDE) -> None:
    Feed(store).page(
        "candidate", *({"id": f"c{n}", "display_name": f"{name}{n}"} for n in range(candidates))
    )


def test_a_first_load_is_measured_before_fields_are_derived(store: SqlStore) -> None:
    """Autovacuum would come a minute later."""
    fill(store, 1500)
    assert not measured(store)
    store.subjects.derive("acme", SystemTime().now())
    assert measured(store)


@pytest.mark.parametrize(("candidates", "name"), [(200, WIDE), (1500, "x")])
def test_what_is_small_is_not_measured(store: SqlStore, candidates: int, name: str) -> None:
    """Any plan is good for it."""
    fill(store, candidates, name)
    measure_if_much_changed(store._database, "acme")
    assert not measured(store)
