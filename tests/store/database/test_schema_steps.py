"""Stores of earlier schemas are brought to the present one, on both engines."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from atsbridge.errors import StoreError
from atsbridge.model.case import Case, Clock
from atsbridge.model.reason import ReasonCode, because
from atsbridge.model.record import Key
from atsbridge.ports.decision_store import Decision
from atsbridge.store.database import migrations
from atsbridge.store.database.connection import Database
from atsbridge.store.database.migration_steps import LAYOUT, SCHEMA, Migration
from atsbridge.store.database.migrations import migrate
from atsbridge.store.database.tables import layout
from atsbridge.store.sql_store import open_store
from atsbridge.timesource import SystemTime


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
        Migration(SCHEMA + 1, "a color", ("ALTER TABLE cache ADD COLUMN color TEXT",)),
        Migration(SCHEMA + 2, "it is blue", ("UPDATE users SET name = name || ' Blue'",)),
    ]
    database = Database(url)
    migrate(database, steps[:1], SCHEMA + 1)
    assert "color" in _columns(database, "cache")
    assert store.history.read_record(Key("acme", "user", "u1")).name == "Ann"
    for _ in range(2):
        migrate(database, steps, SCHEMA + 2)
    assert store.history.read_record(Key("acme", "user", "u1")).name == "Ann Blue"
    if database.path is not None:
        (before,) = database.path.parent.glob(f"store.db.before-{SCHEMA + 2}-of-{SCHEMA + 1}-*")
        with closing(sqlite3.connect(before)) as copy:
            assert copy.execute("SELECT name FROM users").fetchall() == [("Ann",)]
    database.close()


def test_a_failing_step_leaves_the_schema_as_it_was(url, store):
    """All of a step or nothing of it."""
    step = Migration(
        SCHEMA + 1,
        "wrong",
        ("ALTER TABLE cache ADD COLUMN color TEXT", "UPDATE nosuch SET x = 1"),
    )
    database = Database(url)
    with pytest.raises(StoreError):
        migrate(database, [step], SCHEMA + 1)
    assert "color" not in _columns(database, "cache")
    database.close()
    open_store(url, SystemTime()).close()


def test_a_migration_that_is_tried_again_keeps_the_copy_of_the_whole_store(tmp_path):
    """The first step is done and the second fails, at every run of cron."""
    file = tmp_path / "store.db"
    open_store(f"sqlite:///{file}", SystemTime()).close()
    steps = [
        Migration(SCHEMA + 1, "a color", ("ALTER TABLE cache ADD COLUMN color TEXT",)),
        Migration(SCHEMA + 2, "wrong", ("UPDATE nosuch SET x = 1",)),
    ]
    for _ in range(3):
        database = Database(f"sqlite:///{file}")
        with pytest.raises(StoreError):
            migrate(database, steps, SCHEMA + 2)
        database.close()
    (whole,) = tmp_path.glob(f"store.db.before-{SCHEMA + 2}-of-{SCHEMA}-*")
    with closing(sqlite3.connect(whole)) as copy:
        columns = {row[1] for row in copy.execute("PRAGMA table_info(cache)")}
    assert "color" not in columns


def test_a_program_that_lacks_columns_of_the_store_is_refused(url, store):
    """A newer one of the same schema has added them: the store stays as it is, without a copy."""
    with store._database.write() as connection:
        held = json.loads(
            connection.execute(text("SELECT value FROM meta WHERE name = 'held'")).scalar_one()
        )
        assert "cases.rule:TEXT" in held
        newer = {"held": json.dumps([*held, "cases.mood:TEXT"]), "columns": "newer"}
        for name, value in newer.items():
            connection.execute(
                text("UPDATE meta SET value = :value WHERE name = :name"),
                {"name": name, "value": value},
            )
    with pytest.raises(StoreError, match=r"does not know: cases\.mood"):
        open_store(url, SystemTime())
    with store._database.read() as connection:
        found = dict(iter(connection.execute(text("SELECT name, value FROM meta"))))
    assert newer.items() <= found.items()
    if store._database.path is not None:
        assert not list(store._database.path.parent.glob("*.before-*"))


def test_a_new_field_becomes_a_column(url, store, feed, monkeypatch):
    """The catalog grew since the store was made: the column and its index are added."""
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


def test_the_layout_is_kept_where_a_start_looks():
    """Whoever changes a table changes `LAYOUT` too: else no store out there would grow it."""
    assert layout() == LAYOUT


def test_the_first_schema_opens(tmp_path):
    """A file of schema 1, kept as SQL, comes up to the present one with its rows."""
    file = tmp_path / "store.db"
    kept = (Path(__file__).parents[1] / "schema_1.sql").read_text()
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(kept)
    store = open_store(f"sqlite:///{file}", SystemTime())
    assert store.history.read_record(Key("acme", "user", "u1")).name == "Ann Example"
    assert [case.rule for case in store.cases.read_open_cases("acme")] == ["feedback-late"]
    store.close()


@pytest.mark.parametrize("script", ["schema_1.sql", "schema_2.sql"])
def test_an_old_store_gets_the_indexes_of_a_new_one(tmp_path, script):
    """With their conditions: an index of the same name and another condition is not used."""
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    with closing(sqlite3.connect(old)) as connection:
        connection.executescript((Path(__file__).parents[1] / script).read_text())
    for file in (old, new):
        open_store(f"sqlite:///{file}", SystemTime()).close()
    assert _indexes(new).items() <= _indexes(old).items()


def _indexes(file: Path) -> dict[str, str]:
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        ).fetchall()
    return {name: " ".join(text.replace('"', "").split()) for name, text in rows}


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


def test_a_store_that_was_read_gets_back_what_sqlite_plans_by(tmp_path):
    """Building the indexes of a first load dropped it in stores of schema 11."""
    file = tmp_path / "store.db"
    open_store(f"sqlite:///{file}", SystemTime()).close()
    rows = "SELECT tbl, idx, stat FROM sqlite_stat1 ORDER BY tbl, idx"
    with closing(sqlite3.connect(file)) as connection, connection:
        whole = connection.execute(rows).fetchall()
        connection.execute("DELETE FROM sqlite_stat1 WHERE tbl = 'applications'")
        connection.execute("UPDATE meta SET value = '11' WHERE name = 'schema'")
    open_store(f"sqlite:///{file}", SystemTime()).close()
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute(rows).fetchall() == whole
