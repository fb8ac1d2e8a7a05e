"""Who is outside a rule: what was deleted, exceptions, and time that cannot be counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from atsbridge.model.reason import ReasonCode, because
from atsbridge.model.verdict import State
from atsbridge.rules.compile import pilot
from atsbridge.rules.evaluate.evaluation_context import EvaluationContext
from atsbridge.rules.evaluate.evaluator import evaluate_rule
from atsbridge.rules.rule import Rule
from atsbridge.worktime.duration import Duration, Unit
from atsbridge.worktime.elapsed import threshold

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


def test_the_condition_that_fails_is_the_end_of_a_case(rule: Rule, verdict: Any) -> None:
    """By its path and its value."""
    said = verdict(rule, {"application.status": "rejected"}, DAY + "20:00")
    assert said.ending == because(ReasonCode.CONDITION, path="application.status", value="rejected")


def test_what_is_unknown_is_not_why_a_subject_is_outside(rules: Any, verdict: Any) -> None:
    """Another condition fails for certain: that one is named, though it comes later."""
    wanted = "where: {requisition.code: R7, application.status: active}"
    rule = rules(PACK.replace("where: {application.status: active}", wanted))["late"]
    around = {"unreadable": frozenset({"requisition.code"})}
    said = verdict(rule, {"application.status": "rejected"}, DAY + "20:00", **around)
    assert (said.state, said.ending.as_dict()["path"]) == (State.OUTSIDE, "application.status")
    assert said.reason == because(ReasonCode.OUTSIDE, text="application.status is rejected")


PILOT = {"requisition.code": "R7", "requisition.opened_at": {"within": "30d"}}


@pytest.mark.parametrize(
    ("changes", "unreadable", "code"),
    [
        ({}, (), ReasonCode.CONDITION),
        ({"requisition.code": "R8"}, (), ReasonCode.PILOT),
        ({"requisition.opened_at": "2026-01-01T09:00"}, (), ReasonCode.PILOT),
        ({"requisition.code": None}, ("requisition.code",), ReasonCode.CONDITION),
    ],
)
def test_only_what_a_pilot_leaves_out_for_certain_ends_as_outside_the_pilot(
    rule: Rule, verdict: Any, at: Any, changes: Any, unreadable: Any, code: ReasonCode
) -> None:
    """A pilot may use relative time. What is rejected within it ends because it is rejected."""
    narrow = pilot.narrowed(rule, pilot.read(PILOT)[0])
    facts = {
        "application.status": "rejected",
        "requisition.code": "R7",
        "requisition.opened_at": "2026-03-01T09:00",
        **changes,
    }
    facts["requisition.opened_at"] = at(facts["requisition.opened_at"])
    said = verdict(narrow, facts, DAY + "20:00", unreadable=frozenset(unreadable))
    assert (said.state, said.ending.code) == (State.OUTSIDE, code)


@pytest.mark.parametrize("until", ["2026-03-01", "2026-03-31"])
def test_a_strange_value_of_the_vendor_counts_as_other(
    rules: Any, verdict: Any, at: Any, until: str
) -> None:
    """In conditions and in exceptions; an exception that is over hides no later one."""
    text = PACK.replace("application.status: active", "application.status: other")
    exceptions = f"""\
exceptions:
  - {{rule: late, where: {{application.status: other}}, until: 2026-03-02, why: over}}
  - {{rule: late, where: {{application.status: other}}, until: {until}, why: migration}}
"""
    facts = {"application.status": "other:parked", START: at(DAY + "09:00")}
    said = verdict(rules(text + exceptions)["late"], facts, DAY + "20:00")
    if until < DAY:
        assert said.state is State.BREACHED
    else:
        assert (said.state, said.reason["why"]) == (State.OUTSIDE, "migration")


def test_a_status_that_nobody_knows_ends_nothing(rule: Rule, verdict: Any, at: Any) -> None:
    """What the ATS says is told to whoever asks why."""
    facts = {"application.status": "other:parked", START: at(DAY + "09:00")}
    found = verdict(rule, facts, DAY + "20:00")
    path = "application.status"
    assert (found.state, found.unknown) == (State.UNKNOWN, (path,))
    assert found.reason == because(ReasonCode.UNKNOWN_TERM, paths=(path,), terms=("parked",))


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
    with pytest.raises(ValueError, match=r".+") as error:
        threshold(empty, Unit.BD, at(DAY + "20:00"), Duration.parse("2bd").span)
    assert said.state is State.UNKNOWN
    assert said.reason == because(ReasonCode.UNCOUNTABLE, text=str(error.value))
