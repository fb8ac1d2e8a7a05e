"""How promises end: by what a run sees, and by what the records tell of the past."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.conftest import World

from atsbridge.app import open_services
from atsbridge.context import AccountContext
from atsbridge.model import Key, Promise, PromiseOutcome, ReasonCode, State, Verdict, because
from atsbridge.model.verdict import Due
from atsbridge.rules import EvaluationContext
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.simulation import SettledPromises
from atsbridge.store import SqlStore, open_store
from atsbridge.tick.evaluation import Evaluated
from atsbridge.tick.promise_ledger import PromiseLedger
from atsbridge.timesource import ManualTime
from atsbridge.worktime import Calendar, parse_hours

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
OFFICE = Calendar("office", "UTC", parse_hours("mon-fri 09:00-17:00"))
PACK = """\
version: 1
rules:
  - id: stalled
    kind: sla
    status: live
    side: recruiter
    title: Nothing moves
    each: application
    where: {application.status: active}
    clock:
      start: application.stage_entered_at
      reset: [application.assignee_since]
      cancel: [application.closed_at]
      owed_by: application.assignee
    target: 2bd
    steps: [{at: due, to: application.assignee}]
    message: "{requisition.title}"
  - id: feedback
    kind: sla
    status: live
    side: manager
    title: Feedback is late
    each: interview.seat
    clock: {start: interview.ends_at, stop: seat.scorecard.submitted_at, owed_by: seat.user}
    target: 1bd
    steps: [{at: due, to: seat.user}]
    message: "{requisition.title}"
"""
RULES = load([("p.yaml", PACK)], {kind.name: kind for kind in BUILTIN_KINDS}).rules
A1, S1 = Key("acme", "application", "a1"), Key("acme", "seat", "s1")


class Watch:
    """A ledger over an empty store, and the verdicts that a run hands to it."""

    def __init__(self, store: SqlStore) -> None:
        self.store, self.since = store, dict.fromkeys(RULES, NOON.isoformat())

    def run(self, now: datetime, *verdicts: Verdict) -> list[Promise]:
        """The promises after a run at `now` that came to these verdicts."""
        state = SimpleNamespace(
            read_promises_since=lambda: self.since, write_promises_since=self.since.update
        )
        section = SimpleNamespace(history=timedelta(days=30))
        context: Any = SimpleNamespace(
            account="acme", store=self.store, run_state=state, section=section
        )
        inputs: Any = SimpleNamespace(
            account="acme",
            store=self.store,
            unreadable=frozenset(),
            evaluation_context=lambda: EvaluationContext(now=now, calendars=lambda *_: OFFICE),
        )
        evaluated = Evaluated(list(verdicts), {"application": ["a1"], "seat": ["s1"]})
        PromiseLedger(context, inputs, list(RULES.values()), now).record(evaluated)
        rows = self.store.promises.read_open_promises
        return [*rows("acme", "application"), *rows("acme", "seat"), *self._ended()]

    def _ended(self) -> Iterator[Promise]:
        url = self.store._database.name
        with sqlite3.connect(url) as connection:
            for row in connection.execute(
                "SELECT rule, outcome, started_at, ended_at, worked, why FROM promises"
                " WHERE ended_at IS NOT NULL ORDER BY started_at"
            ):
                rule, outcome, started, ended, worked, why = row
                yield Promise(
                    rule=rule,
                    side="",
                    subject=A1,
                    started_at=_instant(started),
                    ended_at=_instant(ended),
                    outcome=PromiseOutcome(outcome),
                    worked=None if worked is None else timedelta(milliseconds=worked),
                    why=why,
                )


def _instant(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}", ManualTime(NOON))
    yield Watch(store)
    store.close()


def verdict(state: State, start: datetime | None, **given: Any) -> Verdict:
    due = Due(start + timedelta(days=2), ()) if start else None
    rule, subject = given.pop("rule", "stalled"), given.pop("subject", A1)
    return Verdict(rule, subject, NOON, state, started_at=start, due=due, owed_by="u1", **given)


def test_a_clock_that_begins_anew_keeps_the_promise(watch: Watch) -> None:
    (running,) = watch.run(NOON, verdict(State.RUNNING, NOON))
    assert (running.outcome, running.owed_by) == (PromiseOutcome.RUNNING, "u1")
    moved = NOON + 3 * HOUR
    running, kept = watch.run(moved + HOUR, verdict(State.RUNNING, moved))
    assert running.started_at == moved
    assert (kept.outcome, kept.ended_at, kept.worked) == (PromiseOutcome.ON_TIME, moved, 3 * HOUR)


def test_what_began_before_the_first_evaluation_is_not_counted(watch: Watch) -> None:
    """Those that were kept before left no trace: the late ones alone would accuse."""
    assert watch.run(NOON, verdict(State.BREACHED, NOON - timedelta(days=9))) == []


def test_moved_on_keeps_it_and_a_closed_application_does_not(watch: Watch) -> None:
    watch.run(NOON, verdict(State.RUNNING, NOON))
    role = because(ReasonCode.CONDITION, path="application.assignee_role")
    facts = {"application.assignee_since": NOON + HOUR}
    (kept,) = watch.run(NOON + 2 * HOUR, verdict(State.OUTSIDE, None, ending=role, evidence=facts))
    assert (kept.outcome, kept.ended_at) == (PromiseOutcome.ON_TIME, NOON + HOUR)
    again = NOON + 4 * HOUR
    watch.run(again, verdict(State.RUNNING, again))
    closed = because(ReasonCode.CONDITION, path="application.status")
    found = watch.run(again + HOUR, verdict(State.OUTSIDE, None, ending=closed))
    assert [one.outcome for one in found] == [PromiseOutcome.ON_TIME, PromiseOutcome.CANCELLED]
    assert found[1].why == "application.status"


def test_late_stays_late_when_it_is_not_needed_any_more(watch: Watch) -> None:
    start = NOON
    watch.run(start, verdict(State.RUNNING, start))
    watch.run(start + timedelta(days=3), verdict(State.BREACHED, start))
    closed = because(ReasonCode.CONDITION, path="application.status")
    (late,) = watch.run(start + timedelta(days=4), verdict(State.OUTSIDE, None, ending=closed))
    assert (late.outcome, late.worked) == (PromiseOutcome.LATE, None)


def test_unknown_is_neither_kept_nor_late(watch: Watch) -> None:
    watch.run(NOON, verdict(State.RUNNING, NOON))
    unknown = verdict(State.UNKNOWN, None, unknown=("application.assignee",))
    (found,) = watch.run(NOON + HOUR, unknown)
    assert (found.outcome, found.why) == (PromiseOutcome.UNKNOWN, "application.assignee")
    (found,) = watch.run(NOON + 2 * HOUR, verdict(State.RUNNING, NOON))
    assert found.outcome is PromiseOutcome.RUNNING


def test_a_deleted_record_is_not_counted(watch: Watch) -> None:
    watch.run(NOON, verdict(State.RUNNING, NOON))
    deleted = because(ReasonCode.DELETED)
    assert watch.run(NOON + HOUR, verdict(State.OUTSIDE, None, ending=deleted)) == []


def test_of_a_rule_with_a_stop_only_overdue_ones_are_watched(watch: Watch) -> None:
    """The records tell the others later; what is due later again is no longer overdue."""
    running = verdict(State.RUNNING, NOON, rule="feedback", subject=S1)
    assert watch.run(NOON, running) == []
    late = verdict(State.BREACHED, NOON, rule="feedback", subject=S1)
    (found,) = watch.run(NOON + timedelta(days=3), late)
    assert (found.outcome, found.counted_at) == (PromiseOutcome.LATE, found.due_at)
    assert watch.run(NOON + timedelta(days=3), running) == []


# --- the past, from records ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def world(new_world: Callable[..., World]) -> Iterator[World]:
    """A company of 250 applications after three days of runs."""
    made = new_world(250, seed=3)
    for _ in range(7):
        assert made.tick().code == 0
        made.standing.clock.advance(made.now + timedelta(hours=11))
    assert made.tick().code == 0
    yield made
    made.close()


_SEATS = """\
SELECT seats.id, interviews.ends_at, scorecards.submitted_at, seats."user" FROM seats
 JOIN interviews ON interviews.account = seats.account AND interviews.id = seats.interview
 JOIN scorecards ON scorecards.account = seats.account AND scorecards.id = seats.scorecard
 WHERE seats.account = 'acme' AND scorecards.submitted_at IS NOT NULL"""
_PROMISES = """\
SELECT id, started_at, due_at, ended_at, outcome, worked, paused FROM promises
 WHERE account = 'acme' AND rule = 'feedback-late' AND worked IS NOT NULL"""


def test_the_past_equals_a_walk_over_every_minute(world: World) -> None:
    """Start, end, outcome and response of feedback, counted minute by minute on local days."""
    with sqlite3.connect(world.store) as connection:
        facts = {row[0]: row[1:] for row in connection.execute(_SEATS)}
        promises = connection.execute(_PROMISES).fetchall()
    with open_services(world.config) as services:
        calendars = AccountContext(services, "acme").calendars
        assert len(promises) > 20
        assert {row[4] for row in promises} == {"on_time", "late"}
        for one, started, due, ended, outcome, worked, paused in promises:
            ends_at, submitted_at, user = facts[one]
            assert (started, ended) == (ends_at, submitted_at)
            if paused:
                continue
            calendar = calendars.of(user, "office")
            working, office = _minutes(calendar, _instant(started), _instant(ended))
            assert outcome == ("late" if ended > due else "on_time")
            assert (working > 24 * 60) == (outcome == "late"), one  # the target is 1bd
            assert abs(office - worked / 60_000) <= 2, one


def _minutes(calendar: Calendar, start: datetime, end: datetime) -> tuple[int, int]:
    """Minutes of working days, and of office hours, one after the other."""
    zone, working, office = ZoneInfo(calendar.zone), 0, 0
    known: dict[date, tuple[bool, Any]] = {}
    at = start
    while at < end:
        local = at.astimezone(zone)
        day = local.date()
        if day not in known:
            known[day] = (calendar.closed(day) is None, calendar.intervals(day))
        is_open, intervals = known[day]
        if is_open:
            working += 1
            minute = local.hour * 60 + local.minute
            office += any(a <= minute < b for a, b in intervals)
        at += timedelta(minutes=1)
    return working, office


def test_reading_the_past_reaches_back_as_far_as_it_says(world: World) -> None:
    with open_services(world.config) as services:
        since = AccountContext(services, "acme").run_state.read_promises_since()
    reached = datetime.fromisoformat(since["feedback-late"])
    watched = datetime.fromisoformat(since["stalled-in-stage"])
    assert reached <= watched - timedelta(weeks=12)
    with sqlite3.connect(world.store) as connection:
        ((first,),) = connection.execute(
            "SELECT min(started_at) FROM promises WHERE account = 'acme'"
            " AND rule = 'stalled-in-stage'"
        ).fetchall()
    assert first is None or _instant(first) >= watched


def test_one_promise_of_a_subject_runs_at_a_time(world: World) -> None:
    with sqlite3.connect(world.store) as connection:
        rows = connection.execute(
            "SELECT rule, id, started_at, ended_at FROM promises WHERE account = 'acme'"
            " ORDER BY rule, id, started_at"
        ).fetchall()
    last: dict[tuple[str, str], float] = {}
    assert rows
    for rule, one, started, ended in rows:
        assert started >= last.get((rule, one), 0), (rule, one)
        last[rule, one] = float("inf") if ended is None else max(started, ended)


def test_another_run_changes_nothing(world: World) -> None:
    def read() -> str:
        with sqlite3.connect(world.store) as connection:
            return json.dumps(
                connection.execute("SELECT * FROM promises ORDER BY 1, 2, 3, 4, 5").fetchall()
            )

    before = read()
    assert world.tick().code == 0
    assert read() == before


def test_a_first_run_reads_each_instant_of_the_past_once(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each reading looks through all subjects: this instant is read with the past, and where
    little happened in the last week, all before it is read at once."""
    windows: list[tuple[datetime, datetime]] = []

    def read(reader: SettledPromises, ids: object = None) -> Iterator[Promise]:
        windows.append(reader.window)
        return iter(())

    monkeypatch.setattr(SettledPromises, "read", read)
    watch.since = {}
    watch.run(NOON)
    end = NOON + timedelta(milliseconds=1)
    week_ago = end - timedelta(weeks=1)
    assert windows == [(week_ago, end), (NOON - timedelta(days=30), week_ago)]
