"""Two runs at once: who holds an account, who has lost it, and what a loser may no longer do."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from atsbridge.errors import LockedError, LockLostError, StoreError
from atsbridge.model.notice import Destination, Notice, Purpose
from atsbridge.model.record import Key
from atsbridge.ports.decision_store import Decision
from atsbridge.ports.record_store import PageWrite, StreamState
from atsbridge.store.database import file_permissions
from atsbridge.store.database.connection import Database
from atsbridge.store.database.migrations import copy
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.timesource import SystemTime

from ..conftest import NOON


@pytest.fixture
def other(url: str, store: SqlStore) -> Iterator[SqlStore]:
    opened = open_store(url, SystemTime())
    yield opened
    opened.close()


def _lose(store: SqlStore, account: str) -> None:
    """Take the lock of the account from the run that holds it, as a crash of its session does.

    On PostgreSQL the server ends the session. On SQLite somebody deletes the lock file.
    """
    database = store._database
    if database.path is not None:
        database.path.with_name(f"{database.path.name}.{account}.lock").unlink()
        return
    engine = create_engine(database.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks"
                " WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        )
    engine.dispose()


def _notice() -> Notice:
    subject = Key("acme", "application", "a1")
    to = Destination("slack", "person", "kim@acme.example")
    return Notice(
        key="k" * 24,
        account="acme",
        case=0,
        rule="stalled",
        subject=subject,
        destination=to,
        purpose=Purpose.SEND,
        step=0,
        created_at=NOON,
    )


WRITES: dict[str, Callable[[SqlStore], object]] = {
    "decide": lambda store: store.cases.save_decision(Decision(account="acme", at=NOON)),
    "claim": lambda store: store.outbox.claim("acme", NOON),
    "depart": lambda store: store.outbox.depart("k" * 24),
    "settle": lambda store: store.outbox.settle(_notice()),
    "queue": lambda store: store.outbox.queue([_notice()]),
    "state": lambda store: store.records.save_state("acme", StreamState(stream="jobs")),
    "cache": lambda store: store.run_state.put("key", b"value"),
    "page": lambda store: store.records.write_page(
        PageWrite(account="acme", stream="jobs", at=NOON, owns={})
    ),
    "erase": lambda store: store.privacy.forget("acme", "c1", NOON),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_run_that_lost_its_account_writes_nothing_more(store, other, write):
    """Another run has it: each kind of write of the first is refused, and nothing is stored."""
    with store.lock("acme"):
        store.outbox.queue([])
        _lose(store, "acme")
        with other.lock("acme"):
            with pytest.raises(LockLostError) as caught:
                write(store)
            assert caught.value.where == "acme"
            assert "next run goes on" in caught.value.remedy
            assert list(other.outbox.read_notices("acme")) == []
            other.run_state.put("key", b"mine")
        with pytest.raises(LockLostError):  # also when the other run is over
            write(store)
    assert other.run_state.get("key") == b"mine"


def test_a_run_that_lost_its_account_sends_nothing_more(store, other):
    """What is asked before each message says so; whoever holds the account is told nothing."""
    store.require_lock("acme")  # outside a lock there is none to lose
    with store.lock("acme"):
        store.require_lock("acme")
        _lose(store, "acme")
        with other.lock("acme"):
            other.require_lock("acme")
            with pytest.raises(LockLostError):
                store.require_lock("acme")
    with store.lock("acme"):
        store.require_lock("acme")


@pytest.fixture
def postgresql(new_database) -> str:
    """The url of an empty PostgreSQL database."""
    return new_database()


def test_a_session_that_ended_is_noticed_before_anybody_took_over(postgresql):
    """Nothing is sent in the moment between."""
    store = open_store(postgresql, SystemTime())
    with store.lock("acme"), store.lock("globex"):
        _lose(store, "acme")
        for account in ("acme", "globex"):  # one session held both
            with pytest.raises(LockLostError):
                store.require_lock(account)
        with store.lock("initech"):  # a new session
            store.require_lock("initech")
    with store.lock("acme"):
        store.require_lock("acme")
    store.close()


def test_ctrl_c_lets_go_of_the_account(store, other):
    """Also in a process that lives on: another run may have it at once, and so may this one."""

    def work() -> None:
        with store.lock("acme"):
            with pytest.raises(LockedError), other.lock("acme"):
                pass
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    with other.lock("acme"):
        other.require_lock("acme")
    with store.lock("acme"):
        store.require_lock("acme")


def test_accounts_of_other_threads_keep_their_own_locks(store):
    """One hold ends, the other goes on; both were taken by one process."""
    inside, leave = threading.Event(), threading.Event()
    failed: list[BaseException] = []

    def hold() -> None:
        try:
            with store.lock("globex"):
                inside.set()
                leave.wait(30)
                store.require_lock("globex")
                store.run_state.put("key", b"value")
        except BaseException as error:  # noqa: BLE001
            failed.append(error)

    thread = threading.Thread(target=hold)
    thread.start()
    assert inside.wait(30)
    with store.lock("acme"):
        store.require_lock("acme")
    with pytest.raises(LockedError), store.lock("globex"):
        pass
    leave.set()
    thread.join()
    assert failed == []


def test_eight_accounts_at_once_never_want_for_a_connection(postgresql):
    """Each writes while it reads, four at a time: no more connections than the pool allows."""
    opened = open_store(postgresql, SystemTime(), pool=10)
    assert opened.at_once == 4
    failed: list[BaseException] = []
    start = threading.Barrier(4)

    def work(account: str) -> None:
        try:
            with opened.lock(account):
                start.wait(30)
                for number in range(20):
                    with opened._database.read() as outer:
                        outer.execute(text("SELECT 1"))
                        opened.run_state.put(f"{account}/{number}", b"x")
                        opened.require_lock(account)
        except BaseException as error:  # noqa: BLE001
            failed.append(error)

    for accounts in (range(4), range(4, 8)):
        threads = [threading.Thread(target=work, args=(f"a{n}",)) for n in accounts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failed == []
    engine = create_engine(opened._database.url)
    with engine.connect() as connection:
        sessions = connection.execute(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid()"
            )
        ).scalar_one()
    engine.dispose()
    opened.close()
    assert 1 <= sessions <= 10


@pytest.mark.parametrize(("pool", "at_once"), [(1, 1), (3, 1), (4, 1), (5, 2), (17, 8), (40, 19)])
def test_no_more_accounts_run_at_once_than_the_pool_serves(postgresql, pool, at_once):
    """Two connections each, and one that holds the locks."""
    database = Database(postgresql, pool)
    assert database.at_once == at_once
    database.close()


def test_a_pool_that_is_used_up_says_what_to_raise(postgresql, monkeypatch):
    """The setting, and the server's limit."""
    monkeypatch.setattr("atsbridge.store.database.connection._POOL_WAIT_SECONDS", 0.05)
    database = Database(postgresql, pool=3)
    with database.read(), database.read():
        with pytest.raises(StoreError, match="All connections") as caught, database.read():
            pass
        assert "[store] pool" in caught.value.remedy
    database.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "real").mkdir()
    return tmp_path / "real" / "store.db"


@pytest.mark.parametrize("kind", ["file", "folder", "relative", "chain"])
def test_a_store_has_one_lock_however_it_is_reached(file, tmp_path, monkeypatch, kind):
    """By a link to the file, to its folder, to another link, or by a path from elsewhere."""
    open_store(f"sqlite:///{file}", SystemTime()).close()
    link = tmp_path / "link.db"
    way: str = str(link)
    if kind == "file":
        link.symlink_to(file)
    elif kind == "folder":
        (tmp_path / "folder").symlink_to(file.parent)
        way = str(tmp_path / "folder" / file.name)
    elif kind == "relative":
        monkeypatch.chdir(file.parent)
        way = file.name
    else:
        (tmp_path / "first.db").symlink_to(file)
        link.symlink_to(tmp_path / "first.db")
    first = open_store(f"sqlite:///{file}", SystemTime())
    second = open_store(f"sqlite:///{way}", SystemTime())
    with first.lock("acme"), pytest.raises(LockedError), second.lock("acme"):
        pass
    first.close()
    second.close()


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_umask")
def test_files_with_people_s_data_are_their_owner_s(file):
    """The database, its side files, its lock, and the copy before an upgrade."""
    store = open_store(f"sqlite:///{file}", SystemTime())
    with store.lock("acme"):
        store.run_state.put("key", b"value")
    copy(file, file.with_name("store.db.before-9"))
    found = sorted(file.parent.iterdir())
    assert {one.name for one in found} >= {"store.db", "store.db-wal", "store.db-shm"}
    assert {one.name: oct(_mode(one)) for one in found} == {one.name: "0o600" for one in found}
    store.close()


@pytest.mark.usefixtures("open_umask")
def test_files_of_an_older_version_lose_the_rights_of_others(file):
    """Each is looked at when the store is opened: a side file keeps the mode it was made with."""
    store = open_store(f"sqlite:///{file}", SystemTime())
    copy(file, file.with_name("store.db.before-9"))
    for one in file.parent.iterdir():
        one.chmod(0o644)
    assert file_permissions.readable_by_others(file)
    again = open_store(f"sqlite:///{file}", SystemTime())
    assert file_permissions.readable_by_others(file) == []
    again.close()
    store.close()
