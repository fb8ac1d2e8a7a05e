"""Who is outside a rule: what was deleted, exceptions, and time that cannot be counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from atsbridge.model.reason import ReasonCode, because
from atsbridge.model.verdict import State
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
    where: {application.status: active}
    clock:
      start: interview.ends_at
      stop: seat.scorecard.submitted_at
      owed_by: seat.user
    target: 10h
    steps: [{at: due, to: seat.user}]
    message: Please write.
"""
START, DAY = "interview.ends_at", "2026-03-03T"


@pytest.fixture(scope="module")
def rule(rules: Callable[..., dict[str, Rule]]) -> Rule:
    """Ten hours from the interview."""
    return rules(PACK)["late"]


def test_a_deleted_subject_is_outside_whatever_its_facts_say(
    rule: Rule, found: Any, at: Any, calendar: Any
) -> None:
    """Its case ends as deleted."""
    facts = {"application.status": "active", START: at(DAY + "09:00")}
    context = EvaluationContext(now=at(DAY + "20:00"), calendars=lambda *_: calendar())
    said = evaluate_rule(rule, found(rule, facts, deleted=True), context)
    assert said.state is State.OUTSIDE
    assert said.reason == said.ending == because(ReasonCode.DELETED)


def test_a_rule_whose_kind_is_gone_is_unknown(rule: Rule, verdict: Any, at: Any) -> None:
    """It neither fires nor ends, and the reason is said."""
    facts = {"application.status": "active", START: at(DAY + "09:00")}
    said = verdict(replace(rule, evaluator=None), facts, DAY + "20:00")
    assert (said.state, said.reason) == (State.UNKNOWN, because(ReasonCode.RULE_REMOVED))


def test_an_exception_may_say_relative_time(rules: Any, verdict: Any, at: Any) -> None:
    """Only those that opened lately are left alone; the others are as ever."""
    rule = rules(
        PACK
        + "exceptions:\n"
        + "  - rule: late\n"
        + "    where: {requisition.opened_at: {within: 7d}}\n"
        + "    until: 2026-03-31\n"
        + "    why: it has just begun\n"
    )["late"]
    facts = {"application.status": "active", START: at(DAY + "09:00")}
    lately = {**facts, "requisition.opened_at": at("2026-03-01T09:00")}
    long_ago = {**facts, "requisition.opened_at": at("2026-01-01T09:00")}
    left_alone = verdict(rule, lately, DAY + "20:00")
    assert (left_alone.state, left_alone.reason.code) == (State.OUTSIDE, ReasonCode.EXCEPTION)
    assert left_alone.look_at == at("2026-03-08T09:00")  # from then on it is not lately
    assert verdict(rule, long_ago, DAY + "20:00").state is State.BREACHED


def test_relative_time_that_no_calendar_counts_is_unknown(
    rules: Any, verdict: Any, at: Any, calendar: Any
) -> None:
    """The reason is what the calendar says."""
    text = PACK.replace(
        "where: {application.status: active}",
        "where: {application.status: active, requisition.opened_at: {older_than: 2bd}}",
    )
    rule = rules(text)["late"]
    empty = replace(calendar(), key="empty", hours=((),) * 7)
    facts = {
        "application.status": "active",
        START: at(DAY + "09:00"),
        "requisition.opened_at": at("2026-01-01T09:00"),
    }
    said = verdict(rule, facts, DAY + "20:00", calendars=lambda *_: empty)
    assert (said.state, said.reason.code) == (State.UNKNOWN, ReasonCode.UNCOUNTABLE)
    assert said.reason["text"]
