"""A store of schema 2 opens with everything in it, and a run goes on where the last one ended."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from atsbridge.model.case import FirstLook
from atsbridge.model.reason import ReasonCode, because
from atsbridge.model.record import Key
from atsbridge.ports.decision_store import Decision
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.timesource import SystemTime

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
APPLICATION = Key("acme", "application", "a1")


@pytest.fixture
def migrated(tmp_path: Path) -> Iterator[SqlStore]:
    """The store of `schema_2.sql`, opened by this program."""
    file = tmp_path / "store.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript((Path(__file__).parents[1] / "schema_2.sql").read_text())
    store = open_store(f"sqlite:///{file}", SystemTime())
    yield store
    store.close()


def test_the_assignee_and_its_changes_are_kept(migrated: SqlStore) -> None:
    """`holder` became `assignee`, in the record and in its Changes."""
    record = migrated.history.read_record(APPLICATION)
    assert record is not None
    assert record.assignee_role == "unclear"
    (change,) = migrated.history.read_changes(APPLICATION, ("assignee",))
    assert (change.old, change.new) == ("u0", "u1")


def test_a_deleted_record_stays_deleted(migrated: SqlStore) -> None:
    """`gone_at` became `deleted_at`; the others are live."""
    live = [one.id for one in migrated.history.read_records("acme", "application")]
    assert live == ["a1"]
    deleted = migrated.history.read_record(Key("acme", "application", "a2"))
    assert deleted is not None
    assert deleted.deleted_at == NOON


def test_cases_and_notices_are_kept(migrated: SqlStore) -> None:
    """The reason of an end names the field as it is called now."""
    ended, opened = migrated.cases.read_cases("acme")
    assert ended.end_reason == because(ReasonCode.STOPPED, path="application.assignee_since")
    assert (opened.rule, opened.owed_by, opened.end) == ("stalled-in-stage", "u1", None)
    (notice,) = migrated.outbox.read_notices("acme", case=opened.number)
    assert (notice.key, notice.sent_at) == ("k1", NOON)
    assert len(migrated.cases.read_transitions(opened.number)) == 1


def test_bookmarks_and_dirty_records_are_kept(migrated: SqlStore) -> None:
    """The next sync starts at the bookmark, and the next run evaluates what was still dirty."""
    assert migrated.records.read_state("acme", "applications").bookmark == NOON
    assert migrated.subjects.find_dirty("acme", "application", ()) is None
    migrated.cases.save_decision(Decision(account="acme", at=NOON, dirty_done=True))
    assert migrated.subjects.find_dirty("acme", "application", ()) == []


def test_what_the_first_look_found_is_kept(tmp_path: Path) -> None:
    """The flag of the first summary became one of several first looks; nothing is backlog yet."""
    file = tmp_path / "store.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript((Path(__file__).parents[1] / "schema_2.sql").read_text())
        connection.execute("UPDATE cases SET baseline = 1 WHERE ending IS NULL")
        connection.commit()
    store = open_store(f"sqlite:///{file}", SystemTime())
    ended, opened = store.cases.read_cases("acme")
    assert (ended.first_look, opened.first_look) == (FirstLook.NONE, FirstLook.SUMMARY)
    assert store.cases.count_backlog("acme") == {}
    store.close()
    with closing(sqlite3.connect(file)) as connection:
        columns = {row[1] for row in connection.execute("PRAGMA table_info(cases)")}
    assert "baseline" not in columns
