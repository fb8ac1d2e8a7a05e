"""One connection for all that a thread reads in a block."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event

from atsbridge.model.query import All, Query
from atsbridge.testing.store_contract import written

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PEOPLE = Query("user", All(), ("user.name",))


def put(store: Any, *names: str) -> None:
    rows = [{"id": name, "name": name} for name in names]
    written(store.records, *rows, kind="user", at=NOON, digest=names[-1].encode())


@pytest.fixture
def begun(store: Any) -> Any:
    """Every connection that the store takes, and every statement on the suppliers of columns."""
    seen: dict[str, int] = {"connections": 0, "suppliers": 0}

    def note_connection(*_: object) -> None:
        seen["connections"] += 1

    def note_statement(_c: object, _cursor: object, statement: str, *_: object) -> None:
        seen["suppliers"] += "ORDER BY bit" in statement

    engine = store._database.engine
    event.listen(engine, "checkout", note_connection)
    event.listen(engine, "before_cursor_execute", note_statement)
    return seen


def read(store: Any) -> list[str]:
    return [found.id for found in store.subjects.select("acme", PEOPLE)]


def test_all_reads_of_a_view_share_a_connection(store: Any, begun: dict[str, int]) -> None:
    """And ask once how the account's records are supplied."""
    put(store, "a", "b")
    begun.update(connections=0, suppliers=0)
    with store.view():
        for one in store.subjects.select("acme", PEOPLE):  # one is read while others are
            assert read(store) == ["a", "b"], one
    assert begun == {"connections": 1, "suppliers": 1}


def test_after_a_view_everything_is_read_anew(store: Any) -> None:
    put(store, "a")
    with store.view():
        assert read(store) == ["a"]
    put(store, "b")
    assert read(store) == ["a", "b"]


def test_a_view_within_a_view_is_the_same(store: Any, begun: dict[str, int]) -> None:
    put(store, "a")
    begun.update(connections=0, suppliers=0)
    with store.view():
        with store.view():
            read(store)
        assert read(store) == ["a"]
    assert begun == {"connections": 1, "suppliers": 1}


def test_a_failure_ends_the_view(store: Any) -> None:
    put(store, "a")
    with pytest.raises(KeyError), store.view():
        raise KeyError("x")
    put(store, "b")
    assert read(store) == ["a", "b"]


def test_another_thread_has_its_own_connection(store: Any) -> None:
    put(store, "a")
    seen: list[list[str]] = []
    with store.view():
        other = threading.Thread(target=lambda: seen.append(read(store)))
        other.start()
        other.join()
    assert seen == [["a"]]
