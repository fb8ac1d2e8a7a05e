"""Time that goes back ends, opens and repeats nothing, whatever set the clock back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest

from atsbridge.timesource import ManualTime, NeverBack

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(scope="module")
def world(new_world: Callable[..., Any]) -> Iterator[Any]:
    """A sandbox that has run for some days, with open cases and sent messages.

    Every test leaves it as of its present instant, so that they may come in any order.
    """
    made = new_world(400)
    for hours in (0, 30, 24, 24):
        made.standing.advance(made.now + timedelta(hours=hours))
        assert made.tick().code in (0, 3)
    yield made
    made.close()


def kept(world: Any) -> dict[str, list[Any]]:
    """All that a run decided and sent."""
    with sqlite3.connect(world.store) as store:
        tables = ("cases", "transitions", "notices", "interruptions")
        rows = {table: store.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
    rows["notices"] = [row for row in rows["notices"] if "ops" not in row]
    rows["slack"] = said(world)
    return rows


def said(world: Any) -> list[Any]:
    """Every message in the chat as it stands now, but for those about clocks."""
    found = [message for slack in world.standing.slacks.values() for message in slack.everything()]
    return [one for one in found if "a clock is" not in str(one)]


def about_clocks(world: Any) -> list[str]:
    """What ops hear of clocks."""
    found = [m["text"] for slack in world.standing.slacks.values() for _, m in slack.everything()]
    return [text for text in found if "a clock is" in text]


def at(world: Any, when: datetime, *more: str) -> tuple[int, dict[str, Any]]:
    """A run at that instant: its exit code and its account's summary."""
    outcome = world.call("run", "--json", "--now", when.isoformat(), *more)
    return outcome.code, json.loads(outcome.out)["accounts"][0]


def test_a_clock_a_little_behind_judges_at_the_later_instant(world: Any) -> None:
    """Ten minutes back, then fifty: no case moves, no message is sent or edited; said once."""
    before, sent = kept(world), len(said(world))
    assert sent > 3
    for back in (10, 50, 20):
        code, account = at(world, world.now - back * MINUTE)
        assert code in (0, 3)
        assert account["clock_behind_seconds"] == back * 60
        assert kept(world) == before
    assert len(about_clocks(world)) == len(world.standing.fakes)
    assert at(world, world.now)[1]["clock_behind_seconds"] == 0


def test_a_clock_far_behind_leaves_the_account_alone(world: Any) -> None:
    """A run as of yesterday reads, judges and sends nothing, and says what to do."""
    before = kept(world)
    code, account = at(world, world.now - 26 * HOUR)
    assert code == 1
    assert [one["where"] for one in account["failures"]] == ["acme"]
    assert "--trust-clock" in account["failures"][0]["remedy"]
    assert account["requests"] == 0
    assert kept(world) == before
    assert at(world, world.now)[0] in (0, 3)


def test_an_account_is_not_frozen_by_a_clock_that_was_a_year_ahead(world: Any) -> None:
    """With --trust-clock it goes on: nothing sent is repeated, and new changes are read."""
    at(world, world.now + timedelta(days=365))
    sent = len(said(world))
    code, account = at(world, world.now)
    assert (code, account["requests"]) == (1, 0)
    code, account = at(world, world.now, "--trust-clock")
    assert code in (0, 3)
    assert account["requests"] > 0
    assert account["full_evaluation"]
    assert len(said(world)) == sent
    world.standing.advance(world.now + timedelta(hours=24))
    code, account = at(world, world.now)
    assert code in (0, 3)
    assert sum(stream["new"] + stream["changed"] for stream in account["streams"]) > 0
    with sqlite3.connect(world.store) as store:
        latest = store.execute("SELECT max(bookmark), max(read_at) FROM streams").fetchone()
    assert max(latest) <= world.now.timestamp() * 1000


def test_a_dry_run_as_of_a_later_day_leaves_no_bookmark_there(world: Any) -> None:
    """What changes until that day must still be asked for."""
    outcome = world.call(
        "run", "--dry-run", "--json", "--now", (world.now + timedelta(days=30)).isoformat()
    )
    assert outcome.code in (0, 3), outcome.err
    with sqlite3.connect(world.store) as store:
        latest = store.execute("SELECT max(bookmark), max(read_at) FROM streams").fetchone()
    assert max(latest) <= world.now.timestamp() * 1000
    assert at(world, world.now)[1]["clock_behind_seconds"] == 0


def test_a_dry_run_as_of_an_earlier_instant_is_allowed(world: Any) -> None:
    """It writes nothing that a later run would miss."""
    before = kept(world)
    early = world.now - timedelta(days=2)
    assert world.call("run", "--dry-run", "--now", early.isoformat()).code in (0, 3)
    assert kept(world) == before
    assert at(world, world.now)[1]["clock_behind_seconds"] == 0


def test_a_dry_run_cannot_set_the_store_back(world: Any) -> None:
    """The two options contradict each other, and nothing is done."""
    before = kept(world)
    done = world.call("run", "--dry-run", "--trust-clock")
    assert (done.code, done.out) == (2, "")
    assert "--trust-clock" in done.err
    assert kept(world) == before


def test_a_jump_ahead_that_nothing_confirms_sends_nothing(world: Any) -> None:
    """No list can be read and two days have passed: the clock may be wrong, so the run waits."""
    before = kept(world)
    for fake in world.standing.fakes.values():
        fake.server.faults.add("", None, status=503)
    code, account = at(world, world.now + timedelta(days=2))
    for fake in world.standing.fakes.values():
        fake.server.faults.clear()
    assert code == 1
    assert any("whether it is right" in one["what"] for one in account["failures"])
    assert kept(world) == before


def test_another_version_evaluates_everything_again(world: Any) -> None:
    """What was kept by another version of the program was made by other rules of reading."""
    at(world, world.now)
    assert not at(world, world.now)[1]["full_evaluation"]
    modules = (
        "context.rule_packs",
        "context.market_tables",
        "tick.evaluation_plan",
        "tick.brief_import",
    )
    with ExitStack() as stack:
        for module in modules:
            stack.enter_context(mock.patch(f"atsbridge.{module}.__version__", "next"))
        assert at(world, world.now)[1]["full_evaluation"]
        assert not at(world, world.now)[1]["full_evaluation"]
    assert at(world, world.now)[1]["full_evaluation"]


def test_a_clock_never_shows_less_than_it_has_shown() -> None:
    """It stands still until the clock beneath has caught up, also within one run."""
    start = datetime(2026, 3, 9, 12, tzinfo=UTC)
    beneath = ManualTime(start)
    clock = NeverBack(start + 10 * MINUTE, beneath)
    shown = [clock.now()]
    for step in (5, 6, -30, 31):
        beneath.advance(step * MINUTE)
        shown.append(clock.now())
    assert [(one - start) // MINUTE for one in shown] == [10, 10, 11, 11, 12]
