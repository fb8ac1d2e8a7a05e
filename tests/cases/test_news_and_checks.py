"""Rules that tell news, and what a check found: how their cases open, go on and end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from atsbridge.cases.decisions import DecisionOptions, decide
from atsbridge.cases.lifecycle import move
from atsbridge.model.case import End, TransitionName
from atsbridge.model.notice import NoticeState
from atsbridge.model.reason import ReasonCode, because
from atsbridge.model.verdict import State, Verdict
from atsbridge.rules.rule import Rule

Make = Callable[..., Verdict]


def test_the_end_of_news_is_told_to_nobody(
    rule: Rule, verdict: Make, now: datetime, options: DecisionOptions
) -> None:
    """It was told once, and that was all there was to it."""
    glad = replace(rule, news=True)

    def run(one: Verdict, *cases: Any, **more: Any) -> Any:
        chosen = replace(options, **more)
        return decide("acme", now, [one], cases, {glad.id: glad}, chosen)

    first = run(verdict(State.WARNED, 1))
    (notice,) = first.notices
    told = [replace(notice, state=NoticeState.SENT)]
    case = replace(first.cases[0], number=7)
    last = run(
        verdict(State.KEPT, reason=because(ReasonCode.NEWS_OVER)), case, read_notices=lambda _: told
    )
    assert (last.cases[0].end, last.notices) == (End.RESOLVED, [])


def test_old_news_is_in_no_first_summary(
    rule: Rule, verdict: Make, now: datetime, options: DecisionOptions
) -> None:
    """A first look speaks of what is owed, and nobody owes news."""
    for news, notices in ((False, 1), (True, 0)):
        one = replace(rule, news=news)
        first = replace(options, baseline=frozenset({one.id}))
        found = decide("acme", now, [verdict(State.WARNED, 1)], (), {one.id: one}, first)
        assert len(found.notices) == notices


def test_a_case_keeps_what_was_found_last(rule: Rule, verdict: Make, now: datetime) -> None:
    """A finding that changes is a row of the history; one that cannot be read stays."""
    opened = move(None, verdict(State.BREACHED, 1, finding="target date"), rule, now).case
    assert opened is not None
    assert opened.finding == "target date"
    later = now + timedelta(hours=1)
    moved = move(opened, verdict(State.BREACHED, 1, finding="recruiter"), rule, later)
    assert moved.case is not None
    assert moved.case.finding == "recruiter"
    assert [row.name for row in moved.transitions] == [TransitionName.FOUND]
    unread = move(moved.case, verdict(State.UNKNOWN), rule, later).case
    assert unread is not None
    assert unread.finding == "recruiter"
