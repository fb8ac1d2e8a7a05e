"""A rule with one notice in each period: what becomes of a period that passed without a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from atsbridge.cases.decisions import DecisionOptions, decide
from atsbridge.model.case import Case, Clock, End, TransitionName
from atsbridge.model.notice import Notice, NoticeState, Purpose
from atsbridge.model.reason import ReasonCode
from atsbridge.model.verdict import State, Verdict
from atsbridge.ports.decision_store import Decision
from atsbridge.rules.rule import Rule

Make = Callable[..., Verdict]
Run = Callable[..., Decision]
WEEK = timedelta(days=7)


@pytest.fixture
def run(rule: Rule, options: DecisionOptions, now: datetime) -> Run:
    """Decide on one verdict of the rule, which has one notice in each period."""
    weekly = {rule.id: replace(rule, periodic=True)}

    def go(verdict: Verdict, *cases: Case, **more: Any) -> Decision:
        chosen = replace(options, **more)
        return decide("acme", now, [verdict], cases, weekly, chosen)

    return go


@pytest.fixture
def before(verdict: Make, now: datetime) -> Case:
    """The case of the period a week ago."""
    present = verdict()
    return Case(
        number=7,
        rule=present.rule,
        subject=present.subject,
        opened_at=now - WEEK,
        clock=Clock.BREACHED,
        started_at=(present.started_at or now) - WEEK,
        due_at=now - WEEK,
        owed_by="u1",
        steps_done=(0, 1),
    )


def test_a_period_that_passed_without_a_run_is_over(
    run: Run, verdict: Make, before: Case, now: datetime
) -> None:
    """Its case ends, who was told hears of it, and the present period has a case of its own."""
    sent = [
        replace(one, state=NoticeState.SENT, case=before.number)
        for one in run(verdict(State.BREACHED, 1)).notices
    ]

    def read(number: int) -> Sequence[Notice]:
        return sent if number == before.number else []

    found = run(verdict(State.BREACHED, 1), before, read_notices=read)
    ended, present = found.cases
    assert (ended.number, ended.end, ended.ended_at) == (before.number, End.RESOLVED, now)
    assert (present.number, present.end) == (0, None)
    _, _, first = found.transitions[0]
    assert first.name is TransitionName.RESOLVED
    assert first.reason is not None
    assert first.reason.code is ReasonCode.NEWS_OVER
    assert [one.purpose for one in found.notices if one.case == before.number] == [Purpose.RESOLVE]
    assert [one.purpose for one in found.notices if one.case == 0] == [Purpose.SEND]


def test_within_a_period_the_case_goes_on(run: Run, verdict: Make, before: Case) -> None:
    """Nothing ends, and nothing opens beside it."""
    same = replace(before, started_at=verdict().started_at, steps_done=(0,))
    found = run(verdict(State.BREACHED, 0, 1), same)
    assert [(one.number, one.end) for one in found.cases] == [(before.number, None)]
