"""Copies between the two databases: all rows arrive, and nothing is left of a copy that failed."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from atsbridge.errors import LockedError, StoreError
from atsbridge.model.case import Case, Clock, Transition, TransitionName
from atsbridge.model.reason import ReasonCode, because
from atsbridge.model.record import Key
from atsbridge.ports.decision_store import Decision
from atsbridge.store.maintenance import store_copy
from atsbridge.store.maintenance.store_copy import TableCopy, copy_store
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.timesource import ManualTime

from ..conftest import NOON, Feed

PEOPLE = 4500  # more than two batches
APPLICATION = Key("acme", "application", "a1")


def _fill(url: str) -> None:
    """Records with every kind of value, a case, a forgotten candidate, and two accounts."""
    store = open_store(url, ManualTime(NOON))
    feed = Feed(store)
    feed.page("user", *({"id": f"u{n}", "name": f"Ünï {n} 🎉"} for n in range(PEOPLE)))
    feed.page("candidate", {"id": "c1", "display_name": "Ada"}, {"id": "c2", "display_name": "B"})
    feed.page(
        "application",
        {"id": "a1", "candidate": "c1", "status": "active", "created_at": NOON, "stage": None},
    )
    Feed(store, "globex").page("offer", {"id": "o1", "pay": {"amount": 1.5e5}, "custom": None})
    _open_case(store, "feedback-late")
    store.privacy.forget("acme", "c2", NOON)
    store.close()


def _open_case(store: SqlStore, rule: str) -> None:
    case = Case(number=0, rule=rule, subject=APPLICATION, opened_at=NOON, clock=Clock.WARNED)
    opened = Transition(0, NOON, TransitionName.OPENED, because(ReasonCode.CLEARED))
    decision = Decision(
        account="acme", at=NOON, cases=[case], transitions=[(APPLICATION, rule, opened)]
    )
    store.cases.save_decision(decision)


def _without_fences(tables: list[TableCopy]) -> list[TableCopy]:
    """Each copy locks the accounts of its source, and each lock has a number of its own."""
    return [one for one in tables if one.table != "fences"]


@pytest.fixture
def source(url: str) -> str:
    """The URL of a filled store on each engine."""
    _fill(url)
    return url


@pytest.fixture
def new_url(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[str], str]:
    """Gives the URL of an empty database of an engine."""

    def make(engine: str) -> str:
        if engine == "sqlite":
            return f"sqlite:///{tmp_path / 'copy.db'}"
        return str(request.getfixturevalue("new_database")())

    return make


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_copy_and_its_copy_are_equal(
    source: str, engine: str, new_url: Callable[[str], str], tmp_path: Path
) -> None:
    """Rows and digests are those of the original, from each engine to each engine and back."""
    target = new_url(engine)
    there = copy_store(source, target)
    back = copy_store(target, f"sqlite:///{tmp_path / 'back.db'}")
    assert _without_fences(there) == _without_fences(back)
    rows = {one.table: one.rows for one in there}
    assert rows["users"] == PEOPLE
    assert rows["cases"] == rows["forgotten"] == rows["transitions"] == 1


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_run_goes_on_in_the_copy(source: str, engine: str, new_url: Callable[[str], str]) -> None:
    """Bookmarks, cases and forgotten candidates are there, and new rows get new numbers."""
    target = new_url(engine)
    copy_store(source, target)
    store = open_store(target, ManualTime(NOON))
    assert store.records.read_state("acme", "applications").bookmark == NOON
    assert store.privacy.remember("acme", "c2")
    _open_case(store, "stalled-in-stage")
    first, second = store.cases.read_cases("acme")
    assert second.number == first.number + 1
    store.close()


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_copy_that_fails_leaves_nothing_and_can_be_repeated(
    source: str, engine: str, new_url: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A value that arrives changed is noticed; the second try succeeds."""
    target = new_url(engine)
    name = f"_insert_{engine}"
    insert = getattr(store_copy, name)

    def lossy(writer: object, table: object, rows: list[tuple[object, ...]]) -> None:
        insert(writer, table, rows[1:] if len(rows) > 100 else rows)

    with monkeypatch.context() as patch:
        patch.setattr(store_copy, name, lossy)
        with pytest.raises(StoreError, match=r"copy of table \w+ differs") as caught:
            copy_store(source, target)
    assert "Nothing was kept" in str(caught.value)
    if engine == "sqlite":
        assert not list(Path(make_url(target).database or "").parent.glob("copy.db*"))
    assert copy_store(source, target)


COPIER = """
import sys, time
from atsbridge.store import copy_store
def show(one):
    print(one.table, flush=True)
    time.sleep(60)
copy_store(sys.argv[1], sys.argv[2], show)
"""


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_killed_copy_leaves_nothing_and_can_be_repeated(
    source: str, engine: str, new_url: Callable[[str], str]
) -> None:
    """SIGKILL between two tables: the target is as empty as before, and no account stays locked."""
    target = new_url(engine)
    copier = subprocess.Popen(
        [sys.executable, "-c", COPIER, source, target], stdout=subprocess.PIPE, text=True
    )
    assert copier.stdout is not None
    assert copier.stdout.readline()
    copier.kill()
    copier.communicate()
    if engine == "sqlite":
        assert not Path(make_url(target).database or "").exists()
    assert copy_store(source, target)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_target_with_a_store_is_refused(
    source: str, engine: str, new_url: Callable[[str], str]
) -> None:
    """Nothing is written over, not even an empty store."""
    target = new_url(engine)
    open_store(target, ManualTime(NOON)).close()
    with pytest.raises(StoreError, match="The target is not empty"):
        copy_store(source, target)


def test_no_copy_while_a_run_is_at_work(source: str, new_url: Callable[[str], str]) -> None:
    """What the run stores after the copy would be lost."""
    store = open_store(source, ManualTime(NOON))
    with store.lock("globex"), pytest.raises(LockedError):
        copy_store(source, new_url("sqlite"))
    store.close()


def test_bad_sources_are_refused(tmp_path: Path, new_url: Callable[[str], str]) -> None:
    """No file, no store, an older and a newer schema: one clear sentence each."""
    file = tmp_path / "old.db"
    old, target = f"sqlite:///{file}", new_url("sqlite")
    with pytest.raises(StoreError, match="There is no store here"):
        copy_store(old, target)
    file.touch()
    with pytest.raises(StoreError, match="There is no store here"):
        copy_store(old, target)
    open_store(old, ManualTime(NOON)).close()
    for schema, sentence in ((1, "older version"), (99, "this program knows")):
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("UPDATE meta SET value = ? WHERE name = 'schema'", [str(schema)])
        with pytest.raises(StoreError, match=sentence):
            copy_store(old, target)


def test_an_unreadable_url_shows_no_password(tmp_path: Path) -> None:
    """The password of a server that does not answer is in no message."""
    _fill(f"sqlite:///{tmp_path / 'store.db'}")
    secret = "hunter2-planted"
    with pytest.raises(StoreError) as caught:
        copy_store(f"sqlite:///{tmp_path / 'store.db'}", f"postgresql://me:{secret}@127.0.0.1:1/x")
    assert secret not in str(caught.value)
