"""Targets by segment: the judge, the bound, the agenda and the words all follow the same one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from atsbridge.model.verdict import State
from atsbridge.rules.evaluate.evaluator import bound
from atsbridge.rules.language.labels import lasting
from atsbridge.rules.language.pack_errors import RuleErrors
from atsbridge.worktime.duration import Duration

PACK = """\
version: 1
rules:
  - id: one
    kind: sla
    status: live
    title: A slate is late
    each: requisition
    clock: {start: requisition.opened_at, stop: requisition.first_submission_at}
    target: 4d
    SEGMENTS
    steps: [{at: "50%", to: requisition.recruiter}, {at: due, to: requisition.recruiter}]
    message: "It may take {clock.target}."
"""
BY_FACTOR = "multiplier: {field: requisition.priority, by: {High: 0.5, Low: 2}}"
BY_TARGET = "target_by: {field: requisition.custom.level, by: {Junior: 36h, Principal: 10d}}"
OPENED = "requisition.opened_at"
PRIORITY = "requisition.priority"


@pytest.fixture
def rule(rules: Any) -> Any:
    """The rule with these segments."""
    return lambda segments: rules(PACK.replace("SEGMENTS", segments))["one"]


@pytest.mark.parametrize(
    ("segments", "facts", "due"),
    [
        (BY_FACTOR, {PRIORITY: "High"}, "2026-03-04T10:00"),
        (BY_FACTOR, {PRIORITY: "Low"}, "2026-03-10T10:00"),
        (BY_FACTOR, {PRIORITY: "Odd"}, "2026-03-06T10:00"),
        (BY_FACTOR, {}, "2026-03-06T10:00"),
        (BY_TARGET, {"requisition.custom": {"level": "Junior"}}, "2026-03-03T22:00"),
        (BY_TARGET, {"requisition.custom": {"level": ["Junior"]}}, "2026-03-06T10:00"),
        (BY_TARGET, {"requisition.custom": {"grade": "Junior"}}, "2026-03-06T10:00"),
    ],
)
def test_target_is_that_of_the_segment(
    rule: Any, verdict: Any, at: Any, segments: str, facts: dict[str, Any], due: str
) -> None:
    """The value of the field decides; a value nobody listed, or none, leaves the common target."""
    said = verdict(rule(segments), {OPENED: at("2026-03-02T10:00"), **facts}, "2026-03-02T11:00")
    assert said.due.at == at(due)
    assert said.look_at == at("2026-03-02T10:00") + (at(due) - at("2026-03-02T10:00")) / 2


def test_segment_that_cannot_be_read_is_unknown(rule: Any, verdict: Any, at: Any) -> None:
    """Without the field nobody can say how long it may take; unless nothing here ever tells it."""
    one, facts = rule(BY_FACTOR), {OPENED: at("2026-03-02T10:00"), PRIORITY: "High"}
    dark = {"unreadable": frozenset({PRIORITY})}
    assert verdict(one, facts, "2026-03-09T10:00", **dark).unknown == (PRIORITY,)
    never = {**dark, "never": frozenset({PRIORITY})}
    said = verdict(one, {OPENED: facts[OPENED]}, "2026-03-09T10:00", **never)
    assert (said.state, said.due.at) == (State.BREACHED, at("2026-03-06T10:00"))


def test_bound_is_that_of_the_smallest_target(rule: Any, at: Any, calendar: Any) -> None:
    """SQL finds whoever any segment could have made late: here half of 36 hours ago."""
    now = at("2026-03-09T10:00")
    query = bound(rule(BY_TARGET), now, {"any": calendar()})
    assert query.bound.thresholds == {"any": now - timedelta(hours=18)}
    assert query.bound.otherwise >= now - timedelta(hours=18)
    assert "requisition.custom" in query.columns


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("1bd", "1 working day"),
        ("1.5d", "1.5 days"),
        ("36h", "36 hours"),
        ("4bh", "4 office hours"),
    ],
)
def test_an_amount_is_said_in_words(amount: str, words: str) -> None:
    """People read "2 working days", not "2bd"."""
    assert lasting(Duration.parse(amount)) == words


def test_a_step_before_the_start_of_any_segment_is_refused(rules: Any) -> None:
    """A day's warning needs more than a day in every segment."""
    pack = PACK.replace("SEGMENTS", BY_TARGET.replace("36h", "1d")).replace('"50%"', "-1d")
    with pytest.raises(RuleErrors, match="comes before the clock starts: the target is 1d"):
        rules(pack)
