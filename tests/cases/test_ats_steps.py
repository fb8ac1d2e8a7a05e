"""Steps that write into the ATS, and steps left to what the ATS sends of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from atsbridge.cases.decisions import DecisionOptions, decide
from atsbridge.cases.escalation import find_drop_reason
from atsbridge.cases.recipients import Directory, recipient
from atsbridge.model.case import Case, Clock
from atsbridge.model.notice import (
    Destination,
    DropCode,
    DropReason,
    Hold,
    Notice,
    NoticeState,
    Purpose,
)
from atsbridge.model.recipient_codes import RecipientCode, recipient_reason
from atsbridge.model.record import Key
from atsbridge.model.verdict import Due, State, Verdict
from atsbridge.model.write_actions import Mark, tag
from atsbridge.ports.connector import Reminder
from atsbridge.ports.decision_store import Decision
from atsbridge.rules.rule import Rule, Step

Make = Callable[..., Verdict]
DAILY = Reminder(
    "scorecard.submitted_at",
    "seat.user",
    timedelta(hours=1),
    timedelta(days=14),
    "reminds interviewers every day",
)


@pytest.fixture
def writing(rule: Rule) -> Rule:
    """At due: a note, a tag and a field, besides the message to who owes it."""
    due = rule.steps[1]
    marks = (None, tag("feedback late"), Mark("custom.sla", "late"))
    steps = (due, *(replace(due, to="ats", mark=mark) for mark in marks))
    return replace(rule, steps=steps)


def _due(verdict: Verdict, rule: Rule) -> Verdict:
    """Every step of the rule has come, at due."""
    assert verdict.due is not None
    at = (verdict.due.at,) * len(rule.steps)
    every = tuple(range(len(rule.steps)))
    return replace(verdict, due=Due(verdict.due.at, at), steps_due=every)


@pytest.fixture
def decided(
    verdict: Make, directory: Directory, options: DecisionOptions, now: datetime
) -> Callable[..., Decision]:
    def go(rule: Rule, directory: Directory = directory, **changes: Any) -> Decision:
        found = _due(verdict(State.BREACHED), rule)
        return decide(
            "acme",
            now,
            [replace(found, **changes)],
            [],
            {rule.id: rule},
            replace(options, directory=directory),
        )

    return go


def test_notes_and_marks_are_places_of_their_own(
    decided: Callable[..., Decision], writing: Rule
) -> None:
    """In one step each is written; none takes another's place."""
    found = decided(writing)
    assert [(n.destination.address, n.state) for n in found.notices] == [
        ("mara@acme.example", NoticeState.QUEUED),
        ("acme/seat/s1", NoticeState.QUEUED),
        ("acme/seat/s1#tag=feedback late", NoticeState.QUEUED),
        ("acme/seat/s1#custom.sla=late", NoticeState.QUEUED),
    ]
    assert [n.destination.why[0] for n in found.notices[1:]] == [
        recipient_reason(RecipientCode.NOTE),
        recipient_reason(RecipientCode.MARK, field="tag"),
        recipient_reason(RecipientCode.MARK, field="custom.sla"),
    ]


def test_what_an_account_does_not_allow_is_left_with_its_reason(
    decided: Callable[..., Decision], writing: Rule, directory: Directory
) -> None:
    """Each by its name; the case goes on, and people are told."""
    found = decided(writing, replace(directory, writes=frozenset({"tag"})))
    assert [(n.state, n.drop) for n in found.notices] == [
        (NoticeState.QUEUED, None),
        (NoticeState.DROPPED, not_allowed("application_note")),
        (NoticeState.QUEUED, None),
        (NoticeState.DROPPED, not_allowed("application_field")),
    ]


def not_allowed(capability: str) -> DropReason:
    return DropReason(DropCode.WRITE_NOT_ALLOWED, (("capabilities", (capability,)),))


def test_a_rule_on_requisitions_needs_its_own_permission(
    rule: Rule, verdict: Make, directory: Directory
) -> None:
    """A note on a job is not a note in a candidate's file."""
    search = replace(verdict(State.BREACHED), subject=Key("acme", "requisition", "r1"))
    step = replace(rule.steps[1], to="ats")
    its = replace(rule, subject="requisition", steps=(step,))
    to = recipient("ats", its, search, directory)
    only = replace(directory, writes=frozenset({"application_note"}))
    assert find_drop_reason(0, to, its, search, only) == not_allowed("job_note")
    assert (
        find_drop_reason(0, to, its, search, replace(directory, writes=frozenset({"job_note"})))
        is None
    )


@pytest.mark.parametrize("state", [NoticeState.SENT, NoticeState.RETRY])
@pytest.mark.parametrize(("news", "ends"), [(False, 1), (True, 1)])
def test_the_end_takes_marks_off_and_leaves_notes(
    rule: Rule,
    writing: Rule,
    verdict: Make,
    directory: Directory,
    options: DecisionOptions,
    now: datetime,
    state: NoticeState,
    news: bool,
    ends: int,
) -> None:
    """A note stays; a mark says what is so now, and that of news is over with it too."""
    case = Case(
        number=7,
        rule=rule.id,
        subject=Key("acme", "seat", "s1"),
        opened_at=now,
        clock=Clock.BREACHED,
        steps_done=(0, 1, 2, 3),
    )
    places = [Destination("ats", "ats", a) for a in ("acme/seat/s1", "acme/application/1#tag=late")]
    told = [
        Notice(
            key=f"k{n}",
            account="acme",
            case=7,
            rule=rule.id,
            subject=case.subject,
            destination=to,
            purpose=Purpose.SEND,
            step=n,
            state=state,
        )
        for n, to in enumerate(places)
    ]
    found = decide(
        "acme",
        now,
        [verdict(State.KEPT)],
        [case],
        {rule.id: replace(writing, news=news)},
        replace(options, directory=directory, read_notices=lambda _: told),
    )
    assert len(found.notices) == ends
    assert found.notices[0].purpose is Purpose.RESOLVE
    assert found.notices[0].destination.address == "acme/application/1#tag=late"


# --- reminders of the ATS's own -----------------------------------------------------------------


def test_what_the_ats_reminds_of_is_left_to_it(
    decided: Callable[..., Decision], rule: Rule, directory: Directory
) -> None:
    """Its direct messages to who owes are not sent, with the reason; the later steps go on."""
    found = decided(rule, replace(directory, reminders=(DAILY,), ats="Greenhouse"))
    told = [(n.destination.address, n.state, n.hold or n.drop) for n in found.notices]
    params = (("ats", "Greenhouse"), ("text", "reminds interviewers every day"))
    why = DropReason(DropCode.ATS_REMINDS, params)
    assert told == [
        ("mara@acme.example", NoticeState.DROPPED, why),
        ("mara@acme.example", NoticeState.DROPPED, why),
        ("ravi@acme.example", NoticeState.HELD, Hold.DIGEST),
        ("ines@acme.example", NoticeState.QUEUED, None),
    ]


def _left(rule: Rule, verdict: Verdict, directory: Directory, index: int = 1) -> bool:
    step: Step = rule.steps[index]
    to = recipient(step.to, rule, verdict, directory)
    return bool(find_drop_reason(index, to, rule, verdict, directory))


@pytest.mark.parametrize(
    ("changes", "deferred"),
    [
        ({}, True),
        ({"about": "approval.decided_at"}, False),  # of something else
        ({"to": "requisition.recruiter"}, False),  # somebody else
        ({"first": timedelta(days=4)}, False),  # not yet: three days have passed
        ({"last": timedelta(days=2)}, False),  # no longer
    ],
)
def test_only_the_same_thing_the_same_person_and_time_are_left(
    rule: Rule, verdict: Make, directory: Directory, changes: dict[str, Any], deferred: bool
) -> None:
    """Anything else is ours to say."""
    able = replace(directory, reminders=(replace(DAILY, **changes),))
    assert _left(rule, verdict(State.BREACHED), able) is deferred


def test_who_stands_in_is_told_by_us(rule: Rule, verdict: Make, directory: Directory) -> None:
    """The ATS writes to the interviewer who is away, not to their delegate."""
    able = replace(directory, reminders=(DAILY,), away={"u1": "on leave"})
    assert not _left(rule, verdict(State.BREACHED), able)


def test_a_line_in_the_digest_is_no_second_reminder(
    rule: Rule, verdict: Make, directory: Directory
) -> None:
    """Only direct messages give way."""
    able = replace(directory, reminders=(DAILY,))
    quiet = replace(rule, steps=(replace(rule.steps[1], via="digest"),))
    assert not _left(quiet, _due(verdict(State.BREACHED), quiet), able, 0)
