"""The built-in kinds: what they compile to; `quiet` judged; a plugin's kind beside them."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from atsbridge.model.query import All, Condition, NoneOf, Operator
from atsbridge.model.verdict import State
from atsbridge.ports.rule_kind import RuleKind
from atsbridge.rules.compile.compiler import Parsed
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.evaluate.prefilter import bound, settled
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.rules.kinds.sla import SlaKeys, SlaKind
from atsbridge.rules.language.pack_errors import RuleErrors
from atsbridge.rules.rule import Rule

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
    """A plugin's kind."""

    name = "trend"
    judge = "clock"
    schema: type[BaseModel] = TrendKeys

    def compile(self, rule: Parsed) -> Rule:
        """As an sla."""
        return SlaKind().compile(rule)


def test_a_plugin_adds_a_kind() -> None:
    """Its schema may lean on a built-in one, and its keys are checked like all others."""
    kind: RuleKind = TrendKind()
    kinds = {one.name: one for one in (*BUILTIN_KINDS, kind)}
    text = DRY.replace("kind: quiet", "kind: trend").replace(f"event: {LAST}", "over: 3")
    assert load([("p.yaml", text)], kinds).rules["dry"].kind == "trend"


class BrokenKind(TrendKind):
    """A plugin's kind that breaks."""

    name = "broken"

    def compile(self, rule: Parsed) -> Rule:
        """Never gets there."""
        raise ZeroDivisionError("by zero")


def test_a_kind_that_breaks_is_told_like_any_mistake() -> None:
    """Which kind, on which rule; other mistakes are told beside it."""
    kinds = {one.name: one for one in (*BUILTIN_KINDS, BrokenKind())}
    text = DRY.replace("kind: quiet", "kind: broken").replace(f"event: {LAST}", "over: 3")
    with pytest.raises(RuleErrors) as caught:
        load([("p.yaml", text)], kinds)
    assert [str(error) for error in caught.value.errors] == [
        (
            'p.yaml:3:5: the kind "broken" broke on this rule: ZeroDivisionError: by zero. '
            "Tell whoever wrote the plugin"
        )
    ]
