"""What a person asks for is decided on what is stored once the account's lock is held.

A run may end a case or send a notice between the moment a command finds it and the moment the
command holds the lock: `another_run` plays that run.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from atsbridge.store.sql_store import SqlStore

VERBS = (
    ("ack",),
    ("snooze", "--for", "3bd"),
    ("done",),
    ("false-alarm",),
    ("reassign", "--to", "somebody@acme.example"),
)


@pytest.fixture(scope="module")
def world(new_world: Callable[..., Any]) -> Iterator[Any]:
    made = new_world(300)
    assert made.tick().code == 0
    yield made
    made.close()


@pytest.fixture
def another_run(world: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Play a run that writes `statement` just before this process gets the account's lock."""
    lock = SqlStore.lock

    def plan(statement: str) -> None:
        @contextmanager
        def later(self: SqlStore, account: str) -> Iterator[None]:
            with closing(sqlite3.connect(world.store)) as base:
                base.execute(statement)
                base.commit()
            with lock(self, account):
                yield

        monkeypatch.setattr(SqlStore, "lock", later)

    return plan


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb[0])
def test_a_case_that_a_run_ended_meanwhile_stays_ended(
    world: Any, another_run: Callable[[str], None], verb: tuple[str, ...]
) -> None:
    """The command says so; neither the case nor its history is written again."""
    number = json.loads(world.call("cases", "list", "--json").out)["cases"][0]["number"]
    end = "ending = 'cancelled', ended_at = 0, end_reason = 'cancelled', handling = 'none'"
    another_run(f"UPDATE cases SET {end} WHERE number = {number}")
    said = world.call("cases", verb[0], str(number), *verb[1:])
    assert said.code == 2
    assert "has ended" in said.err
    with closing(sqlite3.connect(world.store)) as base:
        row = base.execute(f"SELECT ending, handling FROM cases WHERE number = {number}").fetchone()
        asked = base.execute(
            f"SELECT count(*) FROM transitions WHERE case_number = {number}"
            " AND name NOT IN ('opened', 'step')"
        ).fetchone()
        base.execute(f"UPDATE cases SET ending = NULL WHERE number = {number}")
        base.commit()
    assert row == ("cancelled", "none")
    assert asked == (0,)


def test_a_notice_that_a_run_sent_meanwhile_stays_sent(
    world: Any, another_run: Callable[[str], None]
) -> None:
    """Replayed by its key, it is not queued a second time, and the command counts none."""
    key, to = "f" * 24, json.dumps({"sink": "slack_acme", "kind": "person", "address": "a@b.c"})
    with closing(sqlite3.connect(world.store)) as base:
        base.execute(
            "INSERT INTO notices (key, account, case_number, rule, kind, id, destination, purpose,"
            " step, state, attempts, created_at, receipt) VALUES (?, 'acme', 0,"
            " 'feedback-late', 'seat', 's1', ?, 'send', 1, 'dead', 8, 0, '{}')",
            (key, to),
        )
        base.commit()
    another_run(f"UPDATE notices SET state = 'sent', sent_at = 1 WHERE key = '{key}'")
    said = world.call("notices", "replay", key)
    assert "acme: 0 queued for the next run" in said.out
    with closing(sqlite3.connect(world.store)) as base:
        state = base.execute("SELECT state FROM notices WHERE key = ?", (key,)).fetchone()
    assert state == ("sent",)


def test_a_concern_is_compared_with_what_is_stored_under_the_lock(
    world: Any, another_run: Callable[[str], None]
) -> None:
    """Another process wrote the same words first: there is no second change of them."""
    with closing(sqlite3.connect(world.store)) as base:
        found = base.execute(
            "SELECT id FROM applications WHERE account = 'acme' AND status = 'active' LIMIT 1"
        ).fetchone()
    another_run(f"UPDATE applications SET concern = 'pay' WHERE account='acme' AND id='{found[0]}'")
    said = world.call("intake", "concern", found[0], "pay", "--account", "acme")
    assert said.code == 0, said.err
    with closing(sqlite3.connect(world.store)) as base:
        rows = base.execute("SELECT new FROM changes WHERE field = 'concern'").fetchall()
    assert rows == []
