"""What a verdict says of an end, of a doubt, and of events at the instant of judging."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from atsbridge.model.reason import ReasonCode, because
from atsbridge.model.verdict import State
from atsbridge.rules.evaluate.end_reasons import ended_by
from atsbridge.rules.evaluate.evaluation_context import EvaluationContext
from atsbridge.rules.evaluate.evaluator import evaluate_rule
from atsbridge.rules.rule import Rule

PACK = """\
version: 1
rules:
  - id: late
    kind: sla
    status: live
    title: Feedback is late
    each: interview.seat
    clock:
      start: interview.ends_at
      stop: seat.scorecard.submitted_at
      reset: [interview.rescheduled_at]
      cancel: [application.closed_at]
      owed_by: seat.user
    target: 10h
    steps: [{at: due, to: seat.user}]
    message: Please write.
"""
START, STOP = "interview.ends_at", "seat.scorecard.submitted_at"
RESET, CANCEL = "interview.rescheduled_at", "application.closed_at"
DAY = "2026-03-03T"


@pytest.fixture(scope="module")
def rule(rules: Callable[..., dict[str, Rule]]) -> Rule:
    return rules(PACK)["late"]


@pytest.mark.parametrize("start", ["09:00", None])
@pytest.mark.parametrize(
    ("path", "state"),
    [(STOP, State.KEPT), (CANCEL, State.CANCELLED)],
)
def test_an_end_names_its_event_and_when_it_came(
    start: str | None, path: str, state: State, rule: Rule, verdict: Any, at: Any
) -> None:
    """Also where the clock had not started."""
    facts = {path: at(DAY + "12:00")} | ({START: at(DAY + start)} if start else {})
    said = verdict(rule, facts, DAY + "20:00")
    assert (said.state, said.reason) == (state, ended_by(path, kept=state is State.KEPT))
    assert said.ended_at == at(DAY + "12:00")
    assert said.ending == ended_by(path, kept=state is State.KEPT)


def test_a_clock_that_was_stopped_before_its_start_needs_no_second_look(
    rule: Rule, verdict: Any, at: Any
) -> None:
    """The start that lies ahead changes nothing any more."""
    facts = {START: at(DAY + "09:00"), STOP: at(DAY + "08:00")}
    said = verdict(rule, facts, DAY + "08:30")
    assert (said.state, said.look_at) == (State.KEPT, None)


def test_a_reset_counts_from_its_very_instant(rule: Rule, verdict: Any, at: Any) -> None:
    """The promise starts anew then, not a millisecond later."""
    facts = {START: at(DAY + "09:00"), RESET: at(DAY + "20:00")}
    said = verdict(rule, facts, DAY + "20:00")
    assert (said.state, said.started_at) == (State.RUNNING, at(DAY + "20:00"))


def test_a_doubt_says_whether_reading_is_still_to_come(
    rule: Rule, found: Any, verdict: Any, at: Any, calendar: Any
) -> None:
    """What waits for its turn is looked at by the next run; what failed is not waited for."""
    facts, now = {START: at(DAY + "09:00")}, at(DAY + "20:00")
    around = EvaluationContext(now=now, calendars=lambda *_: calendar())
    waits = evaluate_rule(
        rule, found(rule, facts, unread=frozenset({"scorecard.submitted_at"})), around
    )
    assert (waits.state, waits.look_at) == (State.UNKNOWN, now)
    assert waits.reason == because(ReasonCode.UNREAD, paths=(STOP,))
    lost = verdict(rule, facts, now, unreadable=frozenset({"scorecard.submitted_at"}))
    assert (lost.state, lost.look_at) == (State.UNKNOWN, None)
    assert lost.reason == because(ReasonCode.UNREADABLE, paths=(STOP,))
