"""The built-in kinds: what they compile to; `quiet` judged; a plugin's kind beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from atsbridge.model.query import Ahead, All, Condition, Found, NoneOf, Operator, Query
from atsbridge.model.verdict import Due, State, Verdict
from atsbridge.ports.rule_kind import RuleKind, RuleSource
from atsbridge.presentation.case_message import render
from atsbridge.rules.compile.compiler import build_rule
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.evaluate.evaluation_context import EvaluationContext
from atsbridge.rules.evaluate.evaluator import ahead, bound
from atsbridge.rules.evaluate.prefilter import settled
from atsbridge.rules.evaluate.rule_subject import RuleSubject
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.rules.kinds.sla import SlaKeys, SlaKind
from atsbridge.rules.language.pack_errors import RuleErrors
from atsbridge.rules.language.rule_schema import RuleKeys
from atsbridge.rules.reference.json_schema import pack_schema
from atsbridge.rules.reference.language_page import render_page
from atsbridge.rules.rule import Rule
from atsbridge.simulation.pack_test_report import differences
from atsbridge.simulation.pack_test_runner import play
from atsbridge.worktime.calendar import Calendar

DRY = """\
version: 1
rules:
  - id: dry
    kind: quiet
    status: live
    title: No new profile for this search
    each: requisition
    where: {requisition.status: open}
    clock:
      start: requisition.opened_at
      pause: [requisition.on_hold]
      cancel: [requisition.closed_at]
      owed_by: requisition.recruiter
    event: requisition.last_submission_at
    target: 10d
    steps:
      - {at: due, to: requisition.recruiter}
    message: "No profile for {requisition.title} since {clock.started}."
"""
OPENED, LAST = "requisition.opened_at", "requisition.last_submission_at"


@pytest.fixture(scope="module")
def dry(rules: Any) -> Rule:
    """Ten days without a new submission."""
    found: Rule = rules(DRY)["dry"]
    return found


@pytest.mark.parametrize(
    ("opened", "last", "now", "state"),
    [
        ("2026-03-01T00:00", None, "2026-03-10T23:59", State.RUNNING),
        ("2026-03-01T00:00", None, "2026-03-11T00:00", State.BREACHED),
        ("2026-03-01T00:00", "2026-03-08T00:00", "2026-03-11T00:00", State.RUNNING),
        ("2026-03-01T00:00", "2026-03-08T00:00", "2026-03-18T00:00", State.BREACHED),
        ("2026-03-20T00:00", "2026-03-01T00:00", "2026-03-25T00:00", State.RUNNING),
        (None, None, "2026-03-11T00:00", State.OUTSIDE),
    ],
)
def test_silence_counts_from_the_last_event(
    dry: Rule, verdict: Any, at: Any, opened: Any, last: Any, now: str, state: State
) -> None:
    """Each event starts the clock anew; before the first, the subject's own start counts."""
    facts: dict[str, Any] = {"requisition.status": "open"}
    facts[OPENED] = at(opened) if opened else None
    facts[LAST] = at(last) if last else None
    assert verdict(dry, facts, now).state is state


def test_quiet_pauses_on_the_subject_itself(dry: Rule, verdict: Any, at: Any) -> None:
    """The interval is asked of the requisition, by its own id."""
    asked: list[str] = []

    def spans(bearer: Any, _word: str) -> list[Any]:
        asked.append(str(bearer))
        return []

    facts = {"requisition.status": "open", OPENED: at("2026-03-01T00:00")}
    verdict(dry, facts, "2026-03-05T00:00", intervals=spans)
    assert asked == ["acme/requisition/1"]


def test_bound_of_quiet_leaves_out_recent_events(dry: Rule, at: Any, calendar: Any) -> None:
    """A search that had an event since the latest threshold cannot be open."""
    query = bound(dry, at("2026-03-20T00:00"), {"": calendar()})
    assert query.bound is not None
    latest = query.bound.otherwise
    assert query.where == All((dry.open.where, NoneOf((Condition(LAST, Operator.GT, latest),))))


def test_open_leaves_out_what_is_over(rules: Any) -> None:
    """A stop that happens once and each cancel end a clock for good, unless a reset revives it."""
    text = DRY.replace("kind: quiet", "kind: sla").replace("    event: " + LAST + "\n", "")
    text = text.replace("      pause", "      stop: requisition.first_submission_at\n      pause")
    over = {"requisition.first_submission_at", "requisition.closed_at"}

    def unset(rule: Rule) -> set[str]:
        assert isinstance(rule.open.where, All)
        leaves = [part for part in rule.open.where.parts if isinstance(part, Condition)]
        return {leaf.path for leaf in leaves if leaf.operator is Operator.UNSET}

    assert unset(rules(text)["dry"]) == over
    latest = text.replace("stop: requisition.first_", "stop: requisition.last_")
    assert unset(rules(latest)["dry"]) == {"requisition.closed_at"}
    reset = text.replace("      pause", "      reset: requisition.first_interview_at\n      pause")
    assert unset(rules(reset)["dry"]) == set()


def test_settled_is_narrowed_to_its_window(dry: Rule, at: Any) -> None:
    """What was answered from the first instant on and before the second."""
    start, end = at("2026-03-01T00:00"), at("2026-03-08T00:00")
    query = settled(dry, start, end)
    assert query.where == All(
        (
            dry.settled.where,
            Condition(LAST, Operator.GTE, start),
            Condition(LAST, Operator.LT, end),
        )
    )


def test_columns_hold_all_that_is_read(dry: Rule) -> None:
    """Judging, the ladder and the message find every path they read among the columns."""
    wanted = {"requisition.status", OPENED, LAST, "requisition.closed_at", "requisition.recruiter"}
    assert {*wanted, "requisition.title"} <= set(dry.open.columns)
    assert len(set(dry.open.columns)) == len(dry.open.columns)


class TrendKeys(SlaKeys):
    """A kind with one key more."""

    over: int


class TrendKind:
    """A plugin's kind that compiles to a built-in clock."""

    name = "trend"
    question = "Does it get slower?"
    schema = TrendKeys

    def compile(self, keys: TrendKeys, source: RuleSource) -> Rule:
        """As an sla."""
        return SlaKind().compile(keys, source)


def test_a_plugin_adds_a_kind() -> None:
    """Its schema may lean on a built-in one, and its keys are checked like all others."""
    kind: RuleKind[TrendKeys, Rule] = TrendKind()
    kinds = {one.name: one for one in (*BUILTIN_KINDS, kind)}
    text = DRY.replace("kind: quiet", "kind: trend").replace(f"event: {LAST}", "over: 3")
    assert load([("p.yaml", text)], kinds).rules["dry"].kind == "trend"
    with pytest.raises(RuleErrors, match=r'over needs a whole number, not "x"'):
        load([("p.yaml", text.replace("over: 3", "over: x"))], kinds)


@dataclass(frozen=True, slots=True)
class HeadcountEvaluator:
    """An evaluator of a plugin: breached while more seats are open than the rule allows."""

    most: int

    def evaluate(self, rule: Rule, found: Found, context: EvaluationContext) -> Verdict:
        """Unknown without a number."""
        subject = RuleSubject.create(rule, found, context)
        if unknown := subject.find_unknown(["requisition.headcount"]):
            return subject.unknown_verdict(unknown)
        many = found.facts["requisition.headcount"] > self.most
        due = Due(context.now, tuple(context.now for _ in rule.steps))
        later = context.now + timedelta(days=1)
        if not many:
            return subject.verdict(State.KEPT, look_at=later)
        steps = tuple(range(len(rule.steps)))
        return subject.verdict(State.BREACHED, due=due, steps_due=steps, look_at=later)

    def prefilter(self, rule: Rule, now: datetime, calendars: Mapping[str, Calendar]) -> Query:
        """SQL compares the number."""
        more = Condition("requisition.headcount", Operator.GT, self.most)
        return replace(rule.open, where=All((rule.open.where, more)))

    def next_evaluation(
        self, rule: Rule, now: datetime, calendars: Mapping[str, Calendar]
    ) -> Ahead | None:
        """Time says nothing."""
        return None


class HeadcountKeys(RuleKeys):
    """How many seats one requisition may have."""

    most: int


class HeadcountKind:
    """A plugin's kind with an evaluator of its own."""

    name = "headcount"
    question = "Are there more seats on one requisition than allowed?"
    schema = HeadcountKeys

    def compile(self, keys: HeadcountKeys, source: RuleSource) -> Rule:
        """The rule with its evaluator and the path that it reads."""
        rule = build_rule(keys, source, keys.where, keys.where, ["requisition.headcount"])
        return replace(rule, evaluator=HeadcountEvaluator(keys.most))


HEADS = """\
version: 1
defaults: {owner: ops}
rules:
  - id: heads
    kind: headcount
    title: Many seats
    each: requisition
    where: {requisition.status: open}
    most: 3
    steps: [{at: due, to: requisition.recruiter}]
    message: "{requisition.title} has {requisition.headcount} seats."
    tests:
      - given:
          requisition.status: open
          requisition.title: Data Engineer
          requisition.headcount: 4
          requisition.recruiter: ana
        expect:
          - at: 2026-03-03T10:00Z
            clock: breached
            sent: [{to: requisition.recruiter, text: "Data Engineer has 4 seats."}]
      - given: {requisition.status: open, requisition.headcount: 3}
        expect: [{at: 2026-03-03T10:00Z, end: resolved, sent: []}]
      - given: {requisition.status: closed, requisition.headcount: 9}
        expect: [{at: 2026-03-03T10:00Z, clock: outside, sent: []}]
"""


def test_a_kind_of_a_plugin_brings_its_own_evaluator(at: Any, verdict: Any) -> None:
    """Its keys, evaluation, prefilter and pack tests work like those of a built-in kind."""
    kind: RuleKind[HeadcountKeys, Rule] = HeadcountKind()
    kinds = {one.name: one for one in (*BUILTIN_KINDS, kind)}
    rule = load([("p.yaml", HEADS)], kinds).rules["heads"]
    now = at("2026-03-03T10:00")
    query = bound(rule, now, {})
    assert query.where == All(
        (rule.where, Condition("requisition.headcount", Operator.GT, 3)),
    )
    assert ahead(rule, now, {}) is None
    facts: dict[str, Any] = {"requisition.status": "open", "requisition.headcount": 4}
    said = verdict(rule, facts, "2026-03-03T10:00")
    assert (said.state, said.steps_due) == (State.BREACHED, (0,))
    assert said.look_at == at("2026-03-04T10:00")
    unread = frozenset({"requisition.headcount"})
    unknown = verdict(rule, facts, "2026-03-03T10:00", unreadable=unread)
    assert unknown.state is State.UNKNOWN
    outcomes = list(play([rule], {"office": "mon-fri 09:00-18:00"}, render))
    assert [differences(outcome) for outcome in outcomes] == [(), (), ()]
    assert "headcount" in render_page(kinds, [], [])
    assert "rule.headcount" in pack_schema(kinds)["$defs"]


class BrokenKind(TrendKind):
    """A plugin's kind that breaks."""

    name = "broken"

    def compile(self, keys: TrendKeys, source: RuleSource) -> Rule:
        """Never gets there."""
        raise ZeroDivisionError("by zero")


class ForgetfulKind(TrendKind):
    """A plugin's kind that returns nothing."""

    name = "broken"

    def compile(self, keys: TrendKeys, source: RuleSource) -> Any:
        """Forgets to return the rule."""


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        (BrokenKind(), "ZeroDivisionError: by zero"),
        (ForgetfulKind(), "TypeError: compile returned NoneType, not a Rule"),
    ],
)
def test_a_kind_that_breaks_is_an_error_like_any_other(kind: TrendKind, fault: str) -> None:
    """Which kind, on which rule; other mistakes stand beside it."""
    kinds = {one.name: one for one in (*BUILTIN_KINDS, kind)}
    text = DRY.replace("kind: quiet", "kind: broken").replace(f"event: {LAST}", "over: 3")
    with pytest.raises(RuleErrors) as caught:
        load([("p.yaml", text)], kinds)
    assert [str(error) for error in caught.value.errors] == [
        f'p.yaml:3:5: the kind "broken" broke on this rule: {fault}. Tell whoever wrote the plugin'
    ]
