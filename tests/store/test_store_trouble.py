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
from sqlalchemy import event, inspect, text

from atsbridge.errors import LockedError, StoreError
from atsbridge.model.case import Case, Clock
from atsbridge.model.reason import ReasonCode, because
from atsbridge.model.record import Key
from atsbridge.ports.decision_store import Decision
from atsbridge.store.database import migrations
from atsbridge.store.database.connection import Database
from atsbridge.store.database.migrations import SCHEMA, Migration, migrate
from atsbridge.store.database.tables import layout
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


def test_a_newer_store_is_refused(url, store):
    """Nothing is changed in it."""
    with store._database.write() as connection:
        connection.execute(text("UPDATE meta SET value = '99' WHERE name = 'schema'"))
    with pytest.raises(StoreError, match=f"schema 99, this program knows {SCHEMA}"):
        open_store(url, SystemTime())


def _columns(database: Database, table: str) -> set[str]:
    return {column["name"] for column in inspect(database.engine).get_columns(table)}


def test_steps_lead_from_one_schema_to_the_next(url, store, feed):
    """Numbered steps run once, in order; data stays; a SQLite file was copied before."""
    feed.page("user", {"id": "u1", "name": "Ann"})
    steps = [
        Migration(SCHEMA + 1, "a colour", ("ALTER TABLE cache ADD COLUMN colour TEXT",)),
        Migration(SCHEMA + 2, "it is blue", ("UPDATE users SET name = name || ' Blue'",)),
    ]
    database = Database(url)
    migrate(database, steps[:1], SCHEMA + 1)
    assert "colour" in _columns(database, "cache")
    assert store.history.read_record(Key("acme", "user", "u1")).name == "Ann"
    for _ in range(2):
        migrate(database, steps, SCHEMA + 2)
    assert store.history.read_record(Key("acme", "user", "u1")).name == "Ann Blue"
    if database.path is not None:
        before = database.path.with_name(f"store.db.before-{SCHEMA + 2}")
        with closing(sqlite3.connect(before)) as copy:
            assert copy.execute("SELECT name FROM users").fetchall() == [("Ann",)]
    database.close()


def test_a_failing_step_leaves_the_schema_as_it_was(url, store):
    """All of a step or nothing of it."""
    step = Migration(
        SCHEMA + 1,
        "wrong",
        ("ALTER TABLE cache ADD COLUMN colour TEXT", "UPDATE nosuch SET x = 1"),
    )
    database = Database(url)
    with pytest.raises(StoreError):
        migrate(database, [step], SCHEMA + 1)
    assert "colour" not in _columns(database, "cache")
    database.close()
    open_store(url, SystemTime()).close()


def test_a_new_field_becomes_a_column(url, store, feed, monkeypatch):
    """The catalogue grew since the store was made: the column and its index are added."""
    feed.page("interview", {"id": "i1", "application": "a1", "ends_at": feed.at})
    with store._database.write() as connection:
        connection.execute(text("DROP INDEX interviews_by_ends_at"))
        connection.execute(text("ALTER TABLE interviews DROP COLUMN ends_at"))
        connection.execute(text("DROP TABLE silences"))
        connection.execute(text("UPDATE meta SET value = 'older' WHERE name = 'columns'"))
    again = open_store(url, SystemTime())
    assert again.history.read_record(Key("acme", "interview", "i1")).ends_at is None
    assert list(again.silences.read_silences("acme", feed.at)) == []
    again.close()
    monkeypatch.setattr(migrations, "schema_lock", None)  # all is well: the lock is not asked for
    open_store(url, SystemTime()).close()


def test_the_layout_is_said_where_a_start_looks():
    """Whoever changes a table says so in `migrations`: else no store out there would grow it."""
    assert layout() == migrations.LAYOUT


def test_the_first_schema_opens(file):
    """A file of schema 1, kept as SQL, comes up to the present one with its rows."""
    kept = Path(__file__).with_name("schema_1.sql").read_text()
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(kept)
    store = open_store(f"sqlite:///{file}", SystemTime())
    assert store.history.read_record(Key("acme", "user", "u1")).name == "Ann Example"
    assert [case.rule for case in store.cases.read_open_cases("acme")] == ["feedback-late"]
    store.close()


@pytest.mark.parametrize(
    ("ending", "kept", "reason"),
    [
        ("resolved", "stopped by a.b_at", because(ReasonCode.STOPPED, path="a.b_at")),
        ("resolved", "0 of the last 2", because(ReasonCode.CLEARED)),
        ("cancelled", "cancelled by x.y", because(ReasonCode.CANCELLED, path="x.y")),
        ("cancelled", "gone", because(ReasonCode.DELETED)),
        ("retired", "the rule is gone", because(ReasonCode.RULE_REMOVED)),
        ("retired", "the rule is draft", because(ReasonCode.RULE_DISABLED, status="draft")),
        (
            "cancelled",
            "the clock is before its first step again: its start moved",
            because(ReasonCode.START_MOVED),
        ),
        (
            "cancelled",
            'team.name is "A\\B"',
            because(ReasonCode.OTHER, text='team.name is "A\\B"'),
        ),
    ],
)
def test_why_a_case_had_ended_becomes_a_code(url, store, feed, ending, kept, reason):
    """A store of schema 1 kept sentences; what they said is kept."""
    case = Case(
        number=0,
        rule="late",
        subject=Key("acme", "seat", "s1"),
        opened_at=feed.at,
        clock=Clock.BREACHED,
    )
    store.cases.save_decision(Decision(account="acme", at=feed.at, cases=[case]))
    with store._database.write() as connection:
        connection.execute(text("ALTER TABLE cases DROP COLUMN end_params"))
        connection.execute(text("ALTER TABLE transitions DROP COLUMN params"))
        connection.execute(
            text("UPDATE cases SET ending = :ending, end_reason = :kept"),
            {"ending": ending, "kept": kept},
        )
        connection.execute(text("UPDATE meta SET value = '1' WHERE name = 'schema'"))
    again = open_store(url, SystemTime())
    (found,) = again.cases.read_cases("acme")
    assert found.end_reason == reason
    again.close()


def test_a_new_derived_field_is_derived_of_all_that_is_there(url, store, feed):
    """An old store knows nothing of it: everything is derived once more."""
    feed.page("requisition", {"id": "r1", "status": "open", "opened_at": feed.at})
    feed.page("team_member", {"id": "m1", "requisition": "r1", "user": "u", "role": "recruiter"})
    feed.settle()
    with store._database.write() as connection:
        connection.execute(text("ALTER TABLE requisitions DROP COLUMN assignee"))
        connection.execute(text("UPDATE meta SET value = 'older' WHERE name = 'columns'"))
    again = open_store(url, SystemTime())
    again.subjects.derive("acme", feed.at)
    assert again.history.read_record(Key("acme", "requisition", "r1")).assignee == "u"
    again.close()
