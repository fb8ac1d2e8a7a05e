"""What a test of a pack may be given beside facts: records, changes, answers, people's days."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent, indent

import pytest

from atsbridge.presentation.case_message import render
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.simulation.pack_test_report import differences
from atsbridge.simulation.pack_test_runner import play

HEAD = """\
version: 1
defaults: {owner: recruiting_ops, status: live}
rules:
  - id: one
    title: One rule
    message: "See {check.found}."
"""
PANEL = """\
    kind: spread
    each: application
    where: {application.status: active}
    of: seat
    among: {seat.feedback_required: true}
    same: {interview.stage: application.stage}
    value: seat.scorecard.recommendation
    once: seat.scorecard.submitted_at
    apart: 3
    steps: [{at: due, to: requisition.recruiter}]
"""
OFF_TARGET = """\
    kind: ratio
    each: requisition
    of: application
    share: {application.status: rejected}
    by: application.decided_at
    last: 4
    least: 3
    over: 60%
    steps: [{at: due, to: requisition.recruiter}, {at: +1bd, to: requisition.hiring_manager}]
"""
CHANGED = """\
    kind: changed
    each: requisition
    where: {requisition.priority: {is: set}}
    fields: [requisition.priority]
    since: requisition.opened_at
    steps: [{at: due, to: requisition.recruiter}]
"""
LATE = """\
    kind: sla
    each: interview.seat
    clock:
      start: interview.ends_at
      stop: seat.scorecard.submitted_at
      cancel: [application.closed_at]
      owed_by: seat.user
    target: 1bd
    steps: [{at: due, to: seat.user}, {at: +1bd, to: seat.user}]
"""


@pytest.fixture
def untrue() -> Callable[..., list[str]]:
    """What did not come true of the one test of a rule."""

    def make(keys: str, given: str, expect: str) -> list[str]:
        test = f"given:\n{indent(dedent(given), '  ')}expect:\n{indent(dedent(expect), '  ')}"
        message = HEAD if "kind: sla" not in keys else HEAD.replace("{check.found}", "it")
        text = f"{message}{keys}    tests:\n      -\n{indent(test, ' ' * 8)}"
        rules = load([("mine.yaml", text)], {kind.name: kind for kind in BUILTIN_KINDS}).rules
        played = play(rules.values(), {"office": "mon-fri 09:00-18:00"}, render)
        return [block for outcome in played for block in differences(outcome)]

    return make


SEATS = """\
    application.status: active
    application.stage: onsite
    records:
      seat:
        - interview.stage: onsite
          seat.feedback_required: true
          seat.scorecard.submitted_at: "2026-03-03T10:00Z"
          seat.scorecard.recommendation: 2
        - interview.stage: {STAGE}
          seat.feedback_required: true
          seat.scorecard.submitted_at: "2026-03-05T10:00Z"
          seat.scorecard.recommendation: -2
"""


def test_records_are_known_when_their_facts_are(untrue: Callable[..., list[str]]) -> None:
    """A scorecard of Thursday is not in on Wednesday, and on Thursday the panel is split."""
    expect = """\
        - {at: "2026-03-04T10:00Z", end: resolved, sent: []}
        - {at: "2026-03-05T10:00Z", clock: breached, sent: [{to: requisition.recruiter}]}
    """
    assert untrue(PANEL, SEATS.replace("{STAGE}", "onsite"), expect) == []


def test_records_that_are_not_asked_for_do_not_count(untrue: Callable[..., list[str]]) -> None:
    """A seat of another stage is no part of the panel."""
    expect = '- {at: "2026-03-06T10:00Z", clock: breached}\n'
    (said,) = untrue(PANEL, SEATS.replace("{STAGE}", "screen"), expect)
    assert "because: kept, nothing to compare" in said


def test_records_belong_to_the_subject(untrue: Callable[..., list[str]]) -> None:
    """Unless they say otherwise: another requisition's rejections are not this one's."""
    given = """\
        records:
          application:
            - {application.status: rejected, application.decided_at: "2026-03-02T10:00Z"}
            - {application.status: rejected, application.decided_at: "2026-03-02T11:00Z"}
            - application.status: rejected
              application.decided_at: "2026-03-02T12:00Z"
              application.requisition: another
    """
    only = '- {at: "2026-03-03T10:00Z", end: resolved}\n'
    assert untrue(OFF_TARGET, given, only) == []
    found = """\
        - {at: "2026-03-03T10:00Z", sent: [{to: requisition.recruiter, text: "3 of the last 3"}]}
    """
    assert untrue(OFF_TARGET, given.replace("another", '"1"'), found) == []


CHANGE = """\
    requisition.opened_at: "2026-02-02T10:00Z"
    changes:
      - {at: "2026-03-03T10:00Z", field: requisition.priority, to: High}
      - {at: "2026-03-05T10:00Z", field: requisition.priority, from: High, to: Low}
"""


def test_a_changed_field_is_what_it_was_at_each_instant(untrue: Callable[..., list[str]]) -> None:
    """Before its first change it was what that says, and conditions see it."""
    expect = """\
        - {at: "2026-03-02T10:00Z", clock: outside}
        - {at: "2026-03-03T11:00Z", sent: [{to: requisition.recruiter, text: "not set to High"}]}
        - {at: "2026-03-05T11:00Z", clock: warned}
    """
    assert untrue(CHANGED, CHANGE, expect) == []


def test_an_announced_change_is_no_news(untrue: Callable[..., list[str]]) -> None:
    """Somebody had said so on the day before."""
    given = """\
        requisition.opened_at: "2026-02-02T10:00Z"
        changes:
          - {at: "2026-03-04T10:00Z", field: requisition.priority, to: Low, origin: announced}
          - {at: "2026-03-05T10:00Z", field: requisition.priority, from: High, to: Low}
    """
    expect = '- {at: "2026-03-05T11:00Z", end: resolved, sent: []}\n'
    assert untrue(CHANGED, given, expect) == []


@pytest.mark.parametrize(
    ("says", "handling", "sent"),
    [
        ('says: ack, until: "2026-03-06T12:00Z"', "acknowledged", "[]"),
        ('says: snooze, until: "2026-03-06T12:00Z"', "snoozed", "[]"),
        ("says: false-alarm", "snoozed", "[]"),
        ("says: done", "none", "[{to: seat.user}]"),
    ],
)
def test_answers_of_people_are_heard(
    says: str, handling: str, sent: str, untrue: Callable[..., list[str]]
) -> None:
    """The step of the next day waits, or asks again where it was not done after all."""
    given = f"""\
        interview.ends_at: "2026-03-02T10:00Z"
        answers: [{{at: "2026-03-03T11:00Z", {says}}}]
    """
    expect = f"""\
        - {{at: "2026-03-03T10:00Z", handling: none, sent: [{{to: seat.user}}]}}
        - {{at: "2026-03-04T10:00Z", handling: {handling}, sent: {sent}}}
    """
    assert untrue(LATE, given, expect) == []


def test_days_of_a_person_do_not_count(untrue: Callable[..., list[str]]) -> None:
    """Neither a holiday that only they have, nor their leave; the team hears on such a day."""
    given = """\
        interview.ends_at: "2026-03-02T10:00Z"
        seat.user: ana
        people:
          ana:
            name: Ana Reis
            holidays: {2026-03-03: Town day}
            away: [{from: 2026-03-04, until: 2026-03-05}]
    """
    expect = """\
        - {at: "2026-03-05T10:00Z", clock: running, due: "2026-03-06T10:00Z", sent: []}
        - {at: "2026-03-06T10:00Z", clock: breached, sent: [{to: seat.user}]}
    """
    assert untrue(LATE, given, expect) == []


def test_a_hand_over_changes_only_time_to_come(untrue: Callable[..., list[str]]) -> None:
    """What ran for the first counts; the second one's holiday does not."""
    given = """\
        interview.ends_at: "2026-03-02T10:00Z"
        people: {kim: {holidays: {2026-03-03: Town day}}}
        changes: [{at: "2026-03-02T20:00Z", field: seat.user, from: ana, to: kim}]
    """
    expect = """\
        - {at: "2026-03-02T12:00Z", due: "2026-03-03T10:00Z"}
        - {at: "2026-03-03T12:00Z", clock: running, due: "2026-03-04T10:00Z", sent: []}
        - {at: "2026-03-04T10:00Z", sent: [{to: seat.user}]}
    """
    assert untrue(LATE, given, expect) == []
