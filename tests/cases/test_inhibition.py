"""Inhibition: an open breach keeps what follows from it quiet."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from atsbridge.cases.inhibition import inhibits
from atsbridge.model.case import Case, Clock, Handling
from atsbridge.model.record import Key
from atsbridge.model.verdict import State, Verdict
from atsbridge.ports.decision_store import Decision
from atsbridge.rules.rule import Rule

Make = Callable[..., Verdict]
Run = Callable[..., Decision]
SEAT = Key("acme", "seat", "s1")


@pytest.fixture
def stored(now: datetime) -> Case:
    return Case(
        number=7,
        rule="feedback-late",
        subject=SEAT,
        opened_at=now - timedelta(hours=5),
        clock=Clock.BREACHED,
        started_at=now - timedelta(days=3),
        due_at=now - timedelta(minutes=5),
        owed_by="u1",
        steps_done=(0, 1),
    )


def test_a_consequence_hears_of_its_cause_in_the_same_tick(
    run: Run, rule: Rule, verdict: Make
) -> None:
    """The cause is decided first, whatever its name; what follows from it can be muted."""
    effect = replace(rule, id="a-effect", muted_by=("feedback-late",))
    heard: list[bool] = []

    def muted(one: Rule, subject: Key, breaches: Set[tuple[str, Key]]) -> str:
        if one.id == "a-effect":
            heard.append(("feedback-late", subject) in breaches)
        return ""

    both = (verdict(State.BREACHED, 0), replace(verdict(State.BREACHED, 0), rule="a-effect"))
    run(*both, rules={rule.id: rule, "a-effect": effect}, find_suppression=muted)
    assert heard == [True]


def test_a_cause_in_shadow_mutes_nothing(run: Run, rule: Rule, verdict: Make) -> None:
    """Nobody hears of it, so what follows from it is the only word they get."""
    cause = replace(rule, status="shadow")
    effect = replace(rule, id="a-effect", muted_by=("feedback-late",))
    heard: list[bool] = []

    def muted(one: Rule, subject: Key, breaches: Set[tuple[str, Key]]) -> str:
        heard.append(("feedback-late", subject) in breaches)
        return ""

    both = (verdict(State.BREACHED, 0), replace(verdict(State.BREACHED, 0), rule="a-effect"))
    run(*both, rules={rule.id: cause, "a-effect": effect}, find_suppression=muted)
    assert heard == [False, False]


def test_a_cause_that_became_unknown_after_it_was_due_mutes_in_the_same_run(
    run: Run, rule: Rule, verdict: Make, stored: Case
) -> None:
    """It was told; nobody can say that it is over."""
    effect = replace(rule, id="a-effect", muted_by=("feedback-late",))
    heard: list[bool] = []

    def muted(one: Rule, subject: Key, breaches: Set[tuple[str, Key]]) -> str:
        heard.append(("feedback-late", subject) in breaches)
        return ""

    unknown = verdict(State.UNKNOWN, due=None, unknown=("seat.scorecard.submitted_at",))
    both = (unknown, replace(verdict(State.BREACHED, 0), rule="a-effect"))
    rules = {rule.id: rule, "a-effect": effect}
    run(*both, cases=(stored,), rules=rules, find_suppression=muted)
    assert heard == [True]


def _breaches_seen(
    run: Run, rule: Rule, cause: Verdict | None, effect: Verdict, stored: Case
) -> bool:
    """Whether the cause is among the breaches when its effect is decided."""
    seen: list[bool] = []

    def muted(one: Rule, subject: Key, breaches: Set[tuple[str, Key]]) -> str:
        seen.append((rule.id, subject) in breaches)
        return ""

    rules = {rule.id: rule, "a-effect": replace(rule, id="a-effect", muted_by=(rule.id,))}
    verdicts = (effect,) if cause is None else (cause, effect)
    run(*verdicts, cases=(stored,), rules=rules, find_suppression=muted)
    return seen[-1]


def test_a_cause_that_is_over_mutes_nothing_from_the_same_run_on(
    run: Run, rule: Rule, verdict: Make, stored: Case
) -> None:
    """Nor does one that is no longer late; one without a verdict mutes as before."""
    effect = replace(verdict(State.BREACHED, 0), rule="a-effect")
    assert _breaches_seen(run, rule, None, effect, stored)
    unknown = replace(stored, clock=Clock.UNKNOWN)
    assert _breaches_seen(run, rule, None, effect, unknown)  # it was late when last known
    for over in (verdict(State.KEPT), verdict(State.WARNED, 0)):
        assert not _breaches_seen(run, rule, over, effect, stored)


CAUSES = {
    "told": ({}, True),
    "in somebody's hands": ({"handling": Handling.ACKNOWLEDGED}, True),
    "put off": ({"handling": Handling.SNOOZED}, True),
    "not to be read now": ({"clock": Clock.UNKNOWN}, True),
    "a false alarm": ({"handling": Handling.SNOOZED, "false_facts": "x"}, False),
    "only ahead": ({"clock": Clock.WARNED}, False),
    "standing still before due": ({"clock": Clock.PAUSED}, False),
}


@pytest.mark.parametrize("how", CAUSES)
def test_a_cause_that_was_told_keeps_its_consequences_quiet(
    how: str, rule: Rule, stored: Case, now: datetime
) -> None:
    """Whatever was said of it, but for a false alarm; in a shadow rule nobody heard of it."""
    changes, quiet = CAUSES[how]
    case = replace(stored, **changes)
    assert inhibits(case, rule, now) is quiet
    assert inhibits(case, replace(rule, status="shadow"), now) is False
    assert inhibits(case, None, now) is False
