"""Trouble: locks, killed processes, full disks, damaged files, older and newer schemas."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event

from atsbridge.errors import LockedError, StoreError
from atsbridge.model.record import Key
from atsbridge.store.database.connection import Database
from atsbridge.store.sql_store import open_store
from atsbridge.timesource import SystemTime

HOLDER = """
import sys
from atsbridge.store import open_store
from atsbridge.timesource import SystemTime
store = open_store(sys.argv[1], SystemTime())
with store.lock("acme"):
    print("held", flush=True)
    sys.stdin.read()
"""

WRITER = """
import sys
from datetime import UTC, datetime
from atsbridge.model.fragment import Fragment
from atsbridge.ports import PageWrite, RowWrite, StreamState, Work
from atsbridge.store import open_store
from atsbridge.timesource import SystemTime
store = open_store(sys.argv[1], SystemTime())
at = datetime(2026, 3, 2, tzinfo=UTC)
number = int(sys.argv[2])
while True:
    number += 1
    rows = [
        RowWrite(str(n), str(number).encode(),
                 [Fragment("application", str(n), {"source": str(number), "status": "active"})])
        for n in range(40)
    ]
    store.records.write_page(PageWrite(
        account="acme", stream="applications", at=at, rows=rows,
        owns={"application": ("source", "status")}, wanted=[Work("stays", str(number))],
        done=[Work("stays", str(number - 1))],
        state=StreamState(stream="applications", detail=str(number), read_at=at),
    ))
    print(number, flush=True)
"""


def _run(program: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, "the other process ended early"
    return line.strip()


def _kill(process: subprocess.Popen[str]) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()


def _free(store, account: str) -> None:
    """Wait until the account can be had; the server may see a dead client a moment later."""
    for _ in range(200):
        try:
            with store.lock(account):
                return
        except LockedError:
            threading.Event().wait(0.05)
    raise AssertionError("the lock outlived its process")


def test_a_lock_keeps_other_processes_out_and_dies_with_its_own(url, store):
    """One account, one tick; other accounts are free; SIGKILL leaves no lock behind."""
    process = _run(HOLDER, url)
    try:
        assert _line(process) == "held"
        with pytest.raises(LockedError, match="acme"), store.lock("acme"):
            pass
        with store.lock("globex"):
            pass
    finally:
        _kill(process)
    _free(store, "acme")


def test_a_lock_is_given_back(store):
    """Also within one process, and also when its block fails."""
    with store.lock("acme"), pytest.raises(LockedError), store.lock("acme"):
        pass
    with pytest.raises(ZeroDivisionError), store.lock("acme"):
        raise ZeroDivisionError
    with store.lock("acme"):
        pass


def _survives(url: str, opened, kills: int, seed: int) -> None:
    """Kill a writer `kills` times; after each the store is as some page left it."""
    rnd = random.Random(seed)
    last = 0
    for _ in range(kills):
        process = _run(WRITER, url, str(last))
        try:
            for _ in range(rnd.randint(1, 25)):
                said = int(_line(process))
        finally:
            _kill(process)
        store = opened()
        number = store.records.read_state("acme", "applications").detail
        assert int(number) >= said
        assert {r.source for r in store.history.read_records("acme", "application")} == {number}
        digests = store.records.read_digests("acme", "applications", [str(n) for n in range(40)])
        assert list(digests.values()) == [number.encode()] * 40
        assert [work.parent for work in store.records.read_work("acme", "stays", 9)] == [number]
        assert len(store.history.read_changes(Key("acme", "application", "7"))) == int(number) - 1
        last = int(number)
        store.close()


def test_a_killed_write_leaves_whole_pages(url, opened):
    """SIGKILL at any instant: the store is as before the page or as after it."""
    _survives(url, opened, 5, 1)


@pytest.mark.torture
@pytest.mark.timeout(900)
def test_many_killed_writes_leave_whole_pages(url, opened):
    """The same, a hundred times."""
    _survives(url, opened, 100, 2)


def test_threads_of_several_accounts_write_at_once(store, new_feed):
    """Each page arrives whole, none is refused."""
    failed: list[BaseException] = []

    def write(account: str) -> None:
        feed = new_feed(store, account)
        try:
            for page in range(10):
                feed.page("application", *({"id": str(n), "source": str(page)} for n in range(20)))
        except BaseException as error:  # noqa: BLE001
            failed.append(error)

    threads = [threading.Thread(target=write, args=(f"a{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    for n in range(4):
        assert {r.source for r in store.history.read_records(f"a{n}", "application")} == {"9"}


def _pragma(store, pragma: str) -> None:
    """Every connection opened from now on has it."""
    engine = store._database.engine
    engine.dispose()
    event.listen(engine, "connect", lambda connection, _: connection.execute(f"PRAGMA {pragma}"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def sqlite_store(file: Path):
    store = open_store(f"sqlite:///{file}", SystemTime())
    yield store
    store.close()


@pytest.mark.parametrize(
    ("pragma", "says"),
    [
        ("max_page_count = 1", "disk of the store is full"),
        ("query_only = ON", "store is read-only"),
    ],
)
def test_a_refused_write_says_why(sqlite_store, new_feed, pragma, says):
    """One clear sentence, a remedy, the file; and nothing half stored."""
    _pragma(sqlite_store, pragma)
    with pytest.raises(StoreError, match=says) as caught:
        new_feed(sqlite_store).page(
            "user", *({"id": str(n), "name": "x" * 900} for n in range(2000))
        )
    assert caught.value.where.endswith("store.db")
    assert caught.value.remedy
    assert list(sqlite_store.history.read_records("acme", "user")) == []


def test_a_locked_file_says_so(sqlite_store, file):
    """Another program holds the database open for writing."""
    _pragma(sqlite_store, "busy_timeout = 0")
    with closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked by another program"):
            sqlite_store.run_state.put("k", b"v")


@pytest.mark.parametrize(
    ("content", "says"), [(b"not a database at all" * 99, "damaged or is no database")]
)
def test_a_damaged_file_says_so(file, content, says):
    """It is left as it is."""
    file.write_bytes(content)
    with pytest.raises(StoreError, match=says):
        open_store(f"sqlite:///{file}", SystemTime())
    assert file.read_bytes() == content


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite:////nowhere/at/all/store.db", "cannot be opened"),
        ("sqlite://", "must be a SQLite file or a PostgreSQL database"),
        ("mysql://x/y", "must be a SQLite file or a PostgreSQL database"),
        ("nonsense", "cannot be read"),
        ("postgresql://me:hunter2@127.0.0.1:1/x", "does not answer"),
        ("postgresql://127.0.0.1:1/x?password=hunter2", "does not answer"),
        ("postgresql://127.0.0.1:1/x?password=1&password=hunter2", "does not answer"),
        ("postgresql:///x?host=127.0.0.1&port=1&password=hunter2", "does not answer"),
        ("postgresql://127.0.0.1:1/x?sslpassword=hunter2", "does not answer"),
        ("postgresql://127.0.0.1:1/x?pasword=hunter2", "an option that PostgreSQL does not know"),
        ("postgresql://127.0.0.1:hunter2/x", "cannot be read"),
    ],
)
def test_a_wrong_url_says_what_to_write(url, says):
    """And never shows a password, however it is given."""
    with pytest.raises(StoreError, match=says) as caught:
        open_store(url, SystemTime())
    assert "hunter2" not in f"{caught.value} {caught.value!r} {caught.value.where}"
    assert caught.value.remedy


def test_a_password_among_the_options_is_used_and_hidden():
    """As libpq takes it; it would stand in every repr of the engine there."""
    database = Database("postgresql://me@127.0.0.1/x?password=hunter2&sslmode=require")
    try:
        assert database.url.password == "hunter2"
        assert database.url.query == {"sslmode": "require"}
        assert "hunter2" not in f"{database.url} {database.engine!r} {database.name}"
    finally:
        database.close()


def test_postgres_without_its_package_says_what_to_install(monkeypatch):
    """No traceback: the extra may have been forgotten."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"needs the package psycopg") as caught:
        open_store("postgresql://me:hunter2@127.0.0.1/x", SystemTime())
    assert caught.value.remedy == 'Run: pip install "atsbridge[postgres]"'
    assert "hunter2" not in str(caught.value)
