"""The rate of a credential: one process at a time changes it, whatever its clock says."""

from __future__ import annotations

import threading

import pytest

from atsbridge.store.sql_store import SqlStore
from atsbridge.timesource import ManualTime

from .conftest import NOON


def test_the_first_change_finds_nothing_and_the_next_what_was_left(store: SqlStore) -> None:
    """With the seconds that passed between, on the clock that was given."""
    time, seen = ManualTime(NOON), []

    def change(state: str, elapsed: float) -> str:
        seen.append((state, elapsed))
        return state + "x"

    store.rates.change("key", change, time.monotonic)
    time.sleep(2.5)
    store.rates.change("key", change, time.monotonic)
    store.rates.change("other", change, time.monotonic)
    assert [state for state, _ in seen] == ["", "x", ""]
    assert seen[1][1] == 2.5


def test_a_change_that_fails_changes_nothing(store: SqlStore) -> None:
    """The error is raised as it is."""
    store.rates.change("key", lambda *_: "kept")
    with pytest.raises(KeyError):
        store.rates.change("key", lambda *_: {}["no"])
    store.rates.change("key", lambda state, elapsed: f"{state} {0 <= elapsed < 60}")
    seen: list[str] = []
    store.rates.change("key", lambda state, _: seen.append(state) or state)
    assert seen == ["kept True"]


def test_nobody_changes_it_at_the_same_time(opened) -> None:
    """Two processes add eighty times each: nothing is lost."""
    stores = [opened(), opened()]

    def add(store: SqlStore) -> None:
        for _ in range(40):
            store.rates.change("key", lambda state, _: str(int(state or 0) + 1))

    threads = [threading.Thread(target=add, args=(one,)) for one in stores * 2]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    seen: list[str] = []
    stores[0].rates.change("key", lambda state, _: seen.append(state) or state)
    assert seen == ["160"]
