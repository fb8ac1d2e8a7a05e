"""The check evaluator: what a finding becomes, and from when its steps are counted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from atsbridge.model.query import Found
from atsbridge.model.reason import Reason, ReasonCode, because
from atsbridge.model.record import Key
from atsbridge.model.verdict import State
from atsbridge.rules.evaluate.check import Finding
from atsbridge.rules.evaluate.evaluation_context import EvaluationContext
from atsbridge.rules.evaluate.evaluator import ahead, bound, evaluate_rule
from atsbridge.rules.rule import Rule
from atsbridge.worktime.calendar import Calendar, parse_hours

PACK = """\
version: 1
rules:
  - id: gaps
    kind: complete
    title: Gaps
    each: requisition
    calendar: support
    needs: [requisition.target_on]
    steps:
      - {at: due, to: requisition.recruiter}
      - {at: +1bd, to: requisition.recruiter}
      - {at: +2bd, to: requisition.recruiter}
    message: "{check.found}"
  - id: declined
    kind: ratio
    title: Declined
    each: requisition
    of: application
    share: {application.status: rejected}
    by: application.decided_at
    over: 50%
    least: 1
    steps: [{at: due, to: requisition.recruiter}]
    message: "{check.found}"
"""


class Fixed:
    """A check with a given finding."""

    reads: tuple[str, ...] = ()
    watched: tuple[str, ...] = ()
    below = None

    def __init__(self, finding: Finding) -> None:
        self.finding = finding

    def look(self, found: Found, context: EvaluationContext) -> Finding:
        """The finding, whatever the subject."""
        return self.finding


@pytest.fixture
def rule(rules: Any) -> Rule:
    found: Rule = rules(PACK)["gaps"]
    return found


@pytest.fixture
def evaluate(rule: Rule, verdict: Any) -> Any:
    """The verdict on a finding at an instant."""

    def make(finding: Finding, now: str, **context: Any) -> Any:
        return verdict(replace(rule, check=Fixed(finding)), {}, now, **context)

    return make


def test_later_steps_come_late_until_the_run_that_sees_them(evaluate: Any, at: Any) -> None:
    """Steps whose time has come are all due; the nearest step to come is the next evaluation."""
    opened = {"opened": lambda _rule, _key: at("2026-03-03T10:00")}
    finding = Finding(True, "a gap")
    for now, steps, look in (
        ("2026-03-03T10:00", (0,), "2026-03-04T10:00"),
        ("2026-03-04T09:59", (0,), "2026-03-04T10:00"),
        ("2026-03-04T10:00", (0, 1), "2026-03-05T10:00"),
        ("2026-03-05T10:00", (0, 1, 2), None),
        ("2026-03-09T10:00", (0, 1, 2), None),
    ):
        said = evaluate(finding, now, **opened)
        assert (said.state, said.steps_due) == (State.BREACHED, steps)
        assert said.look_at == (at(look) if look else None)
        assert (said.started_at, said.due.at) == (at("2026-03-03T10:00"),) * 2
        assert said.due.steps[-1] == at("2026-03-05T10:00")
        assert (said.finding, said.reason) == ("a gap", because(ReasonCode.FOUND, text="a gap"))


@pytest.mark.parametrize(
    ("look", "expected"),
    [
        ("2026-03-03T12:00", "2026-03-03T12:00"),  # before the next step
        ("2026-03-04T12:00", "2026-03-04T10:00"),  # after it
        ("2026-03-03T09:00", "2026-03-04T10:00"),  # in the past
    ],
)
def test_a_finding_that_changes_with_time_is_evaluated_again(
    evaluate: Any, at: Any, look: str, expected: str
) -> None:
    """At its own instant or at the next step, whichever comes first."""
    said = evaluate(Finding(True, "a gap", look_at=at(look)), "2026-03-03T10:00")
    assert said.look_at == at(expected)


def test_it_counts_from_the_event_else_from_the_case_else_from_now(
    rule: Rule, evaluate: Any, at: Any
) -> None:
    """The open case is asked for by rule and subject."""
    asked: list[object] = []

    def opened(name: str, key: Key) -> Any:
        asked.append((name, key))
        return at("2026-03-02T10:00")

    event = at("2026-03-01T10:00")
    now = "2026-03-03T10:00"
    assert evaluate(Finding(True, since=event), now, opened=opened).started_at == event
    assert evaluate(Finding(True), now, opened=opened).started_at == at("2026-03-02T10:00")
    assert asked == [("gaps", Key("acme", "requisition", "1"))]
    assert evaluate(Finding(True), now).started_at == at(now)


def test_steps_are_counted_on_the_calendar_of_the_rule(rule: Rule, found: Any, at: Any) -> None:
    """Nobody owes a finding: the calendar is asked for without a person."""
    asked: list[object] = []

    def calendars(user: str | None, name: str) -> Calendar:
        asked.append((user, name))
        return Calendar("all", "UTC", parse_hours("mon-sun 00:00-24:00"), {})

    context = EvaluationContext(now=at("2026-03-07T10:00"), calendars=calendars)
    said = evaluate_rule(rule, found(rule, {}), context)
    assert asked == [(None, "support")]
    assert said.due.steps[1] == at("2026-03-08T10:00")  # a Sunday


def test_nothing_found_is_kept(evaluate: Any, at: Any) -> None:
    """The case ends because what was found is cleared."""
    look = at("2026-03-04T00:00")
    said = evaluate(Finding(False, "all there", look_at=look), "2026-03-03T10:00")
    assert (said.state, said.reason, said.look_at) == (
        State.KEPT,
        because(ReasonCode.FOUND, text="all there"),
        look,
    )
    assert said.ending == because(ReasonCode.CLEARED)


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("no row", because(ReasonCode.FOUND, text="no row")),
        ("", because(ReasonCode.UNREADABLE, paths=("market",))),
    ],
)
def test_a_finding_that_is_unknown(evaluate: Any, at: Any, reason: str, said: Reason) -> None:
    """With its own reason where it gives one; the paths are named in both cases."""
    look = at("2026-03-04T00:00")
    finding = Finding(False, reason, unknown=("market",), look_at=look)
    verdict = evaluate(finding, "2026-03-03T10:00")
    assert (verdict.state, verdict.reason, verdict.unknown) == (State.UNKNOWN, said, ("market",))
    assert verdict.look_at == look  # time alone may answer it


def test_a_finding_that_waits_for_its_records_is_evaluated_by_the_next_run(
    rule: Rule, found: Any, calendar: Any, at: Any
) -> None:
    """Not only when time changes it."""
    now = at("2026-03-03T10:00")
    context = EvaluationContext(now=now, calendars=lambda *_: calendar())
    finding = Finding(False, unknown=("market",), look_at=at("2026-03-04T00:00"))
    subject = found(rule, {}, unread=frozenset({"opening.status"}))
    said = evaluate_rule(replace(rule, check=Fixed(finding)), subject, context)
    assert (said.state, said.look_at) == (State.UNKNOWN, now)


class Uncountable(Fixed):
    """A check that counts on a calendar without hours."""

    def look(self, found: Found, context: EvaluationContext) -> Finding:
        """ValueError, as the calendar raises it."""
        raise ValueError("no working hours")


def test_a_check_that_cannot_count_is_unknown_and_says_why(rule: Rule, verdict: Any) -> None:
    """It neither fires nor ends a case."""
    said = verdict(replace(rule, check=Uncountable(Finding(True))), {}, "2026-03-03T10:00")
    assert said.state is State.UNKNOWN
    assert said.reason == because(ReasonCode.UNCOUNTABLE, text="no working hours")


def test_a_rule_without_a_check_is_a_mistake_of_its_kind(rule: Rule, verdict: Any) -> None:
    """Whoever wrote the kind is shown which rule has none."""
    with pytest.raises(TypeError, match="gaps"):
        verdict(replace(rule, check=None), {}, "2026-03-03T10:00")


def test_records_below_that_cannot_be_read_are_unknown(rules: Any, verdict: Any, at: Any) -> None:
    """Even without a single record: those that count may be the ones that are not read."""
    rule = rules(PACK)["declined"]
    assert verdict(rule, {}, "2026-03-03T10:00").state is State.KEPT
    for column in ("application.status", "application.decided_at", "application.requisition"):
        said = verdict(rule, {}, "2026-03-03T10:00", unreadable=frozenset({column}))
        assert (said.state, column in said.unknown) == (State.UNKNOWN, True)


def test_a_check_is_found_whole(rule: Rule, at: Any, calendar: Any) -> None:
    """Time alone leaves nobody out, so nothing is planned for later."""
    now = at("2026-03-03T10:00")
    assert bound(rule, now, {"": calendar()}) is rule.open
    assert ahead(rule, now, {"": calendar()}) is None
