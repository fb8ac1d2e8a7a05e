"""The circuit breaker: too many new cases of one rule at once are held."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from atsbridge.cases.circuit_breaker import MAX_NEW_CASES
from atsbridge.model.case import Case, Clock
from atsbridge.model.notice import Hold, NoticeState
from atsbridge.model.record import Key
from atsbridge.model.verdict import State, Verdict
from atsbridge.ports.decision_store import BreakerTrip, Decision
from atsbridge.rules.rule import Rule

Make = Callable[..., Verdict]


Run = Callable[..., Decision]


def many(verdict: Make, count: int) -> list[Verdict]:
    seats = [Key("acme", "seat", f"s{n:03d}") for n in range(count)]
    return [replace(verdict(State.BREACHED, 0, 1), subject=seat) for seat in seats]


def test_the_breaker_holds_what_begins_all_at_once(run: Run, verdict: Make) -> None:
    """One more than nobody wonders at: all held, and ops hear numbers, no names."""
    decided = run(*many(verdict, MAX_NEW_CASES + 1))
    assert {(n.state, n.hold) for n in decided.notices} == {(NoticeState.HELD, Hold.BREAKER)}
    assert decided.trips == [BreakerTrip("feedback-late", MAX_NEW_CASES + 1, 1)]


@pytest.mark.parametrize(("count", "live"), [(MAX_NEW_CASES, 0), (60, 1200)])
def test_the_breaker_lets_pass_what_is_in_proportion(
    run: Run, verdict: Make, count: int, live: int
) -> None:
    """Twenty-five, or a twentieth of what the rule watches."""
    decided = run(*many(verdict, count), live=lambda rule: {"feedback-late": live}[rule.id])
    assert {n.state for n in decided.notices} == {NoticeState.QUEUED}


def test_a_step_of_many_open_cases_is_no_sign_of_a_mistake(
    run: Run, verdict: Make, now: datetime
) -> None:
    """They opened one by one, and come due together."""
    verdicts = many(verdict, MAX_NEW_CASES + 1)
    cases = tuple(
        Case(
            number=n,
            rule=one.rule,
            subject=one.subject,
            opened_at=now - timedelta(days=n),
            clock=Clock.WARNED,
            owed_by="u1",
            steps_done=(0,),
        )
        for n, one in enumerate(verdicts, 1)
    )
    decided = run(*verdicts, cases=cases)
    assert not decided.trips
    assert [n.state for n in decided.notices] == [NoticeState.QUEUED] * len(cases)


def test_while_the_breaker_holds_a_rule_its_news_join(run: Run, verdict: Make) -> None:
    """No word goes out round it, and ops are not told again."""
    decided = run(verdict(State.BREACHED, 0, 1), tripped=frozenset({"feedback-late"}))
    (one,) = decided.notices
    assert not decided.trips
    assert (one.state, one.hold) == (NoticeState.HELD, Hold.BREAKER)


def test_the_breaker_of_one_rule_holds_nothing_of_another(
    run: Run, verdict: Make, rule: Rule
) -> None:
    """What too many cases of one rule begin is held; the few of another go out."""
    other = replace(rule, id="other")
    one = replace(verdict(State.BREACHED, 0, 1), rule="other")
    rules = {rule.id: rule, "other": other}
    decided = run(*many(verdict, MAX_NEW_CASES + 1), one, rules=rules)
    (theirs,) = (n for n in decided.notices if n.rule == "other")
    assert theirs.state is NoticeState.QUEUED
    assert {n.hold for n in decided.notices if n.rule == rule.id} == {Hold.BREAKER}


def test_the_breaker_holds_what_waits_for_the_digest_too(
    run: Run, verdict: Make, rule: Rule
) -> None:
    """Else hundreds of lines would come next morning."""
    steps = tuple(replace(one, via="digest") for one in rule.steps)
    decided = run(*many(verdict, MAX_NEW_CASES + 1), rules={rule.id: replace(rule, steps=steps)})
    assert {(n.state, n.hold, n.not_before) for n in decided.notices} == {
        (NoticeState.HELD, Hold.BREAKER, None)
    }
