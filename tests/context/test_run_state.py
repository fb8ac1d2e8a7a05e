"""Every value that runs keep between them, under one key each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from atsbridge.context.run_memory import Memory
from atsbridge.context.run_state import RunState, SharedRunState

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
NIGHTLY = "02:00 UTC"
NIGHT = "2026-03-09T02:00:00+00:00"


class Shelf(dict[str, bytes]):
    """A run state in memory."""

    def get(self, key: str) -> bytes | None:  # type: ignore[override]
        return super().get(key)

    def put(self, key: str, value: bytes) -> None:
        self[key] = value


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


WRITES: dict[str, Callable[[RunState], Any]] = {
    "tick/acme": lambda one: one.write_memory(Memory(NOW, NOW)),
    "clock/acme": lambda one: one.note_run(NOW),
    "night/acme": lambda one: one.note_night(NIGHT),
    "expired/acme": lambda one: one.note_expired(NIGHT),
    "unconfirmed/acme": lambda one: one.write_unconfirmed_since(NOW.isoformat()),
    "zones/acme": lambda one: one.write_chat_zones({"u1": ["Europe/Lisbon", NOW.isoformat()]}),
    "intake/acme": lambda one: one.write_imports({"briefs": {"count": 1}}),
    "listened/acme/slack": lambda one: one.write_polls("slack", {"c1": NOW.isoformat()}),
    "failures/acme": lambda one: one.write_failures([["acme", "it failed", "", "", ""]]),
}


@pytest.mark.parametrize("key", WRITES)
def test_each_value_has_a_key_of_its_own(shelf: Shelf, key: str) -> None:
    """Stores of earlier versions have these keys: they change only with a migration."""
    WRITES[key](RunState(shelf, "acme"))
    assert list(shelf) == [key]


def test_what_was_written_is_read(shelf: Shelf) -> None:
    """By the account that wrote it, and by no other."""
    state, other = RunState(shelf, "acme"), RunState(shelf, "globex")
    for write in WRITES.values():
        write(state)
    assert state.read_memory() == Memory(NOW, NOW)
    assert state.read_last_run() == NOW
    assert state.is_expired(NIGHT)
    assert state.read_unconfirmed_since() == NOW.isoformat()
    assert state.read_chat_zones() == {"u1": ["Europe/Lisbon", NOW.isoformat()]}
    assert state.read_imports() == {"briefs": {"count": 1}}
    assert state.read_polls("slack") == {"c1": NOW.isoformat()}
    assert state.read_polls("teams") == {}
    assert state.read_failures() == [["acme", "it failed", "", "", ""]]
    assert (other.read_memory(), other.read_last_run(), other.read_failures()) == (
        Memory(),
        None,
        [],
    )
    assert not other.is_expired(NIGHT)


def test_the_latest_run_counts_unless_it_is_set_back(shelf: Shelf) -> None:
    """A clock that went back changes nothing; the operator may."""
    state = RunState(shelf, "acme")
    state.note_run(NOW)
    state.note_run(NOW - timedelta(hours=1))
    assert state.read_last_run() == NOW
    state.set_last_run(NOW - timedelta(hours=1))
    assert state.read_last_run() == NOW - timedelta(hours=1)


def test_a_night_is_due_once(shelf: Shelf) -> None:
    """Until the next, or until nights are forgotten."""
    state = RunState(shelf, "acme")
    assert state.read_due_night(NOW, NIGHTLY) == NIGHT
    state.note_night(NIGHT)
    assert state.read_due_night(NOW, NIGHTLY) == ""
    assert state.read_due_night(NOW + timedelta(days=1), NIGHTLY) == "2026-03-10T02:00:00+00:00"
    state.forget_nights()
    assert state.read_due_night(NOW, NIGHTLY) == NIGHT


def test_what_all_accounts_share(shelf: Shelf) -> None:
    """What sinks keep, and holidays of one version."""
    shared = SharedRunState(shelf)
    shared.write_of_sink("slack", "users", b"u1")
    shared.probe(NOW)
    assert (shared.read_of_sink("slack", "users"), shared.read_of_sink("mail", "users")) == (
        b"u1",
        None,
    )
    days = {"2026-06-10": "Dia de Portugal"}
    assert shared.read_holidays("PT", 2026, "1", lambda: days) == days
    assert shared.read_holidays("PT", 2026, "1", dict) == days
    assert shared.read_holidays("PT", 2026, "2", dict) == {}
    assert sorted(shelf) == ["doctor/probe", "holidays/PT/2026", "sink/slack/users"]
