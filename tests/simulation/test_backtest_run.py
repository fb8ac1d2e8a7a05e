"""A rule lived through the past again: what it would have opened and told, and what nobody kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from atsbridge.cases.recipients import Directory
from atsbridge.model.case import End
from atsbridge.model.notice import Destination
from atsbridge.model.organization import User
from atsbridge.ports import Reminder
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.evaluate.evaluation_context import EvaluationContext
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.rules.rule import Rule
from atsbridge.simulation.backtest_figures import BacktestFigures, MessageHabits, figures
from atsbridge.simulation.backtest_run import BacktestOutcome, backtest
from atsbridge.simulation.past_rows import BacktestWindow
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.testing.store_contract import written
from atsbridge.timesource import ManualTime
from atsbridge.worktime.calendar import Calendar, parse_hours
from atsbridge.worktime.duration import Duration

OFFICE = Calendar("office", "UTC", parse_hours("mon-fri 09:00-18:00"))
START, NOW = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 16, tzinfo=UTC)  # Mondays
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
OPS = Destination("chat", "channel", "#ops")
PACK = """\
version: 1
defaults: {calendar: office, owner: ops}
rules:
  - id: late
    kind: sla
    title: Feedback
    each: interview.seat
    where: {seat.feedback_required: true, application.status: active}
    clock:
      start: interview.ends_at
      stop: seat.scorecard.submitted_at
      pause: [requisition.on_hold]
      cancel: [application.closed_at]
      owed_by: seat.user
    target: 1bd
    steps:
      - {at: due, to: seat.user}
      - {at: +1bd, to: requisition.recruiter, via: digest}
    message: Please write.
  - id: answered
    kind: sla
    title: An answer is late
    each: interview.seat
    where: {seat.response: needs_action}
    clock: {start: interview.scheduled_at, cancel: [application.closed_at], owed_by: seat.user}
    target: 1bd
    steps: [{at: due, to: seat.user}]
    message: Please answer.
  - id: split
    kind: spread
    title: The panel is split
    each: application
    of: seat
    value: seat.scorecard.recommendation
    once: seat.scorecard.submitted_at
    apart: 3
    steps: [{at: due, to: application.recruiter}]
    message: Far apart.
  - id: drift
    kind: changed
    title: It changed
    each: requisition
    fields: [requisition.headcount]
    since: requisition.opened_at
    within: 2bd
    steps: [{at: due, to: requisition.recruiter}]
    message: "{check.found}"
  - id: dry
    kind: quiet
    title: No profile
    each: requisition
    where: {requisition.status: open}
    event: requisition.last_submission_at
    clock: {start: requisition.opened_at, cancel: [requisition.closed_at]}
    target: 3bd
    steps: [{at: due, to: requisition.recruiter}]
    message: Nothing new.
"""


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """An instant of March 2026; the 2nd is a Monday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


@dataclass
class PastRow:
    """A store of the past and one pack; `rule` names what is replayed."""

    store: SqlStore
    rules: dict[str, Rule]

    def put(self, kind: str, *rows: dict[str, Any], seen: datetime = LONG_AGO) -> None:
        digest = f"{seen:%m%d%H}{sorted(rows[0])}".encode()
        written(self.store.records, *rows, kind=kind, at=seen, digest=digest)
        self.store.subjects.derive("acme", seen)

    def seat(self, ends_at: datetime | None, *, seen: datetime = LONG_AGO, **more: Any) -> None:
        """One interview on one application, one seat of user 7 that owes a scorecard."""
        told = {"submitted_at": None, "required": True, "status": "active", **more}
        self.put(
            "application",
            {
                "id": "1",
                "requisition": "1",
                "status": told["status"],
                "rejected_at": told.get("rejected_at"),
                "applied_at": LONG_AGO,
                "recruiter": "8",
            },
            seen=seen,
        )
        self.put("requisition", {"id": "1", "status": "open", "opened_at": LONG_AGO}, seen=seen)
        self.put(
            "interview",
            {"id": "1", "application": "1", "ends_at": ends_at, "scheduled_at": LONG_AGO},
            seen=seen,
        )
        self.put("scorecard", {"id": "1", "application": "1", "submitted_at": told["submitted_at"]})
        seat = {"id": "1", "interview": "1", "user": "7", "scorecard": "1"}
        answer = {"response": told.get("response"), "feedback_required": told["required"]}
        self.put("seat", seat | answer, seen=seen)

    def play(self, rule: str, reminders: Sequence[Reminder] = (), **more: Any) -> BacktestOutcome:
        around = EvaluationContext(now=NOW, calendars=lambda _user, _name: OFFICE)
        window = more.pop("window", None) or BacktestWindow(more.pop("start", START), NOW)
        chosen = replace(self.rules[rule], **more)
        directory = replace(people(), reminders=tuple(reminders))
        return backtest("acme", chosen, self.store, around, directory, window)

    def figures(self, rule: str, per_day: int = 3, **more: Any) -> BacktestFigures:
        habits = MessageHabits(
            calendar=lambda _to: OFFICE, quiet=True, digest_at=time(9, 30), per_day=per_day
        )
        return figures(self.play(rule, **more), habits)


def people() -> Directory:
    users = {
        one: User(account="acme", id=one, name=f"P{one}", email=f"{one}@x.example", active=True)
        for one in ("7", "8")
    }
    away = {"7": "on leave today"}
    return Directory(users=users, teams={}, ops=OPS, sinks=("chat",), away=away)


@pytest.fixture
def past(tmp_path: Path) -> Iterator[PastRow]:
    store = open_store(f"sqlite:///{tmp_path / 'past.db'}", ManualTime(NOW))
    rules = load([("p.yaml", PACK)], {kind.name: kind for kind in BUILTIN_KINDS}).rules
    yield PastRow(store, dict(rules))
    store.close()


def test_a_clock_that_was_late_is_lived_through(past: PastRow) -> None:
    """It opens at due, tells each step once, and ends when the scorecard came."""
    past.seat(at(3, 10), submitted_at=at(6, 12))
    (case,) = past.play("late").cases
    assert (case.opened_at, case.ended_at, case.end) == (at(4, 10), at(6, 12), End.RESOLVED)
    assert [(when, rung.to.address) for when, rung in case.reached_steps] == [
        (at(4, 10), "7@x.example"),  # away today is not away then
        (at(5, 10), "#ops"),  # nobody is the recruiter
    ]


def test_a_promise_that_was_kept_opens_nothing(past: PastRow) -> None:
    """Looked at and silent."""
    past.seat(at(3, 10), submitted_at=at(4, 9))
    outcome = past.play("late")
    assert (outcome.subjects, outcome.cases) == (1, [])


def test_what_was_true_then_counts_not_what_is_true_now(past: PastRow) -> None:
    """The application was rejected on Thursday: until then it was active, by its own dates."""
    past.seat(at(3, 10), seen=at(15), status="rejected", rejected_at=at(5, 12))
    (case,) = past.play("late").cases
    assert (case.opened_at, case.ended_at, case.end) == (at(4, 10), at(5, 12), End.CANCELLED)


def test_changes_are_read_as_of_then(past: PastRow) -> None:
    """A scorecard that was asked for on Wednesday was not owed before."""
    past.seat(at(3, 10), required=False)
    past.seat(at(3, 10), required=True, seen=at(4, 15))
    (case,) = past.play("late").cases
    assert case.opened_at == at(4, 15)


def test_a_pause_of_the_past_stands_still_again(past: PastRow) -> None:
    """Due a day later: the requisition was on hold from Tuesday noon to Wednesday noon."""
    past.seat(at(3, 10))
    past.put("requisition", {"id": "1", "status": "on_hold"}, seen=at(3, 12))
    past.put("requisition", {"id": "1", "status": "open"}, seen=at(4, 12))
    (case,) = past.play("late").cases
    assert case.opened_at == at(5, 10)


def test_what_nobody_kept_is_said_and_not_guessed_at(past: PastRow) -> None:
    """An answer to an invitation is not dated: before it was first seen there is no history."""
    past.seat(None, seen=at(10), response="needs_action")
    outcome = past.play("answered")
    (case,) = outcome.cases
    assert case.opened_at == at(10)
    assert (outcome.unsure, dict(outcome.unknown)) == (1, {"seat.response": 1})


def test_what_was_late_at_the_start_is_told_in_one_summary(past: PastRow) -> None:
    """Its first step is not told again; the later one is."""
    past.seat(at(3, 10))
    figure = past.figures("late", start=at(4, 18))
    assert (figure.opened, figure.baseline, figure.still_open) == (0, 1, 1)
    assert (figure.messages, figure.to_channels) == (0, 1)


def test_what_was_overdue_for_long_is_backlog(past: PastRow) -> None:
    """Nobody is reminded of it, now or later, until it ends; what is late by less is as before."""
    past.seat(LONG_AGO)
    window = BacktestWindow(START, NOW, Duration.parse("20bd"))
    (case,) = past.play("late", window=window).cases
    assert (case.backlog, case.reached_steps) == (True, [])
    longer = BacktestWindow(START, NOW, Duration.parse("60bd"))
    (case,) = past.play("late", window=longer).cases
    assert not case.backlog


def test_steps_at_night_wait_and_may_be_spared(past: PastRow) -> None:
    """Due at 20:00, written by 08:00: nobody is told."""
    past.seat(at(3, 20), submitted_at=at(5, 8))
    figure = past.figures("late")
    assert (figure.opened, figure.messages, figure.spared) == (1, 0, 1)
    assert figure.cleared == {4: 0.0, 24: 1.0, 72: 1.0}


def test_who_has_too_many_in_a_day_is_named(past: PastRow) -> None:
    """Two seats of one person fall due on one day, and one message is allowed."""
    past.seat(at(3, 10))
    seat = {"id": "2", "interview": "1", "user": "7", "scorecard": None}
    past.put("seat", seat | {"response": None, "feedback_required": True})
    figure = past.figures("late", per_day=1)
    (reader,) = figure.over_budget
    assert (reader.address, reader.most, reader.days_over) == ("7@x.example", 2, 1)
    assert figure.busiest == (at(4).date(), 2)
    assert (figure.messages, figure.capped, figure.per_week) == (1, 1, 0.5)
    assert past.figures("late", per_day=2).over_budget == ()


def test_a_check_looks_at_the_rows_below_as_they_were(past: PastRow) -> None:
    """The panel is split from the second scorecard on."""
    past.seat(at(3, 10))
    for number, when, said in (("1", at(4, 9), 2), ("2", at(5, 11), -1)):
        card = {"id": number, "application": "1", "submitted_at": when}
        past.put("scorecard", card | {"recommendation": said, "author": "7"})
        past.put("seat", {"id": number, "interview": "1", "user": "7", "scorecard": number})
    (case,) = past.play("split").cases
    assert case.opened_at == at(5, 11)
    assert [rung.to.address for _, rung in case.reached_steps] == ["8@x.example"]


def test_the_latest_of_something_is_known_at_every_instant(past: PastRow) -> None:
    """A profile on the 4th and one on the 12th: quiet for three working days in between."""
    past.seat(at(3, 10), response="needs_action")
    past.put("stage", {"id": "1", "kind": "review"})
    for number, day in (("5", 4), ("6", 12)):
        past.put("application", {"id": number, "requisition": "1", "stage": "1"})
        stay = {"id": number, "application": number, "stage": "1", "entered_at": at(day, 10)}
        past.put("stage_stay", stay, seen=at(day, 10))
    cases = past.play("dry", start=at(4, 11)).cases
    assert [(one.opened_at, one.ended_at) for one in cases] == [(at(9, 10), at(12, 10))]


def test_a_change_that_was_seen_is_news_again(past: PastRow) -> None:
    """From when it came to light, for as long as it was news; and since when Changes are kept."""
    past.seat(at(3, 10))
    past.put("requisition", {"id": "1", "headcount": 1}, seen=datetime(2026, 2, 2, tzinfo=UTC))
    past.put("requisition", {"id": "1", "headcount": 3}, seen=at(4, 11))
    outcome = past.play("drift")
    assert [(one.opened_at, one.ended_at) for one in outcome.cases] == [(at(4, 11), at(6, 11))]
    assert outcome.seen == LONG_AGO


def test_a_reminder_of_the_ats_replaces_only_the_steps_of_its_time(past: PastRow) -> None:
    """It reminds within two days: not of what is due on Monday, of the same person's interview."""
    past.seat(at(3, 10))
    past.put("interview", {"id": "2", "application": "1", "ends_at": at(6, 10)})
    past.put("seat", {"id": "2", "interview": "2", "user": "7", "feedback_required": True})
    says = Reminder(
        "scorecard.submitted_at", "seat.user", timedelta(), timedelta(days=2), "It does"
    )
    soon, later = past.play("late", reminders=(says,)).cases
    assert [step.drop is None for _, step in soon.reached_steps] == [False, True]
    assert [step.drop is None for _, step in later.reached_steps] == [True, True]


def test_the_subjects_that_cannot_matter_are_not_read(past: PastRow) -> None:
    """What was over before the window is left to the database."""
    past.seat(at(3, 10), submitted_at=at(4, 9))
    assert past.play("late", start=at(5)).subjects == 0
