"""The built-in packs: they load, raise no doubts, and their own tests come true."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from atsbridge.model.query import Found
from atsbridge.model.verdict import State
from atsbridge.rules import finder
from atsbridge.rules.judge import Surroundings, judge
from atsbridge.rules.kinds import BUILTIN
from atsbridge.rules.lint import lint
from atsbridge.rules.pack import load
from atsbridge.rules.rule import Example, Rule
from atsbridge.rules.vocabulary import bearer
from atsbridge.worktime.clock import Pause

_FILES = sorted(finder.builtin_folder().glob("*.yaml"))
_RULES = load(finder.texts(_FILES, Path.cwd()), {kind.name: kind for kind in BUILTIN}).rules
_EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.id}: {example.name}")
    for rule in _RULES.values()
    for example in rule.tests
]
_ENDS = {
    "resolved": {State.KEPT},
    "cancelled": {State.CANCELLED, State.OUTSIDE},
}


def _found(rule: Rule, example: Example) -> Found:
    told = {step.to for step in rule.steps}
    facts: dict[str, Any] = {path: path if path in told else None for path in rule.open.columns}
    for word in example.intervals:
        facts[bearer(rule.subject, word)[1]] = "1"
    return Found("acme", rule.subject, "1", facts | dict(example.facts))


def _sent(rule: Rule, before: set[int], come: set[int]) -> list[tuple[str, str]]:
    """Of the steps newly due, the last to each person."""
    last = {rule.steps[i].to: rule.steps[i].via for i in sorted(come - before)}
    return sorted(last.items())


@pytest.mark.parametrize(("rule", "example"), _EXAMPLES)
def test_example_comes_true(rule: Rule, example: Example, calendar: Any) -> None:
    """Every `expect` of every test in the packs is what the judge says."""

    def whose(user: str | None, _name: str) -> Any:
        person = example.people.get(user or "", {})
        return calendar(person.get("timezone", "UTC"), person.get("country", ""))

    def spans(_bearer: Any, word: str) -> list[Pause]:
        return [Pause(start, end, word) for start, end in example.intervals.get(word, ())]

    come: set[int] = set()
    for expected in example.expects:
        around = Surroundings(now=expected.at, calendars=whose, intervals=spans)
        verdict = judge(rule, _found(rule, example), around)
        asked = dict(expected.asks)
        where = f"{expected.place} at {expected.at}: {verdict.state} {verdict.reason}"
        if (clock := asked.pop("clock", None)) is not None:
            assert verdict.state == clock, where
        if (due := asked.pop("due", None)) is not None:
            assert verdict.due is not None, where
            assert verdict.due.at == due, where
        if (end := asked.pop("end", None)) is not None:
            assert verdict.state in _ENDS[end], where
        if (sent := asked.pop("sent", None)) is not None:
            wanted = sorted((one["to"], one.get("via", "dm")) for one in sent)
            assert _sent(rule, come, set(verdict.steps_due)) == wanted, where
        assert not asked, f"{expected.place}: nobody here can check {', '.join(asked)}"
        come |= set(verdict.steps_due)


@pytest.mark.parametrize("rule", _RULES.values(), ids=lambda rule: rule.id)
def test_built_in_rule_raises_no_doubt(rule: Rule) -> None:
    """A rule we ship passes our own lints."""
    assert lint(rule) == []


@pytest.mark.parametrize("rule", _RULES.values(), ids=lambda rule: rule.id)
def test_built_in_rule_shows_all_its_sides(rule: Rule) -> None:
    """Each has a test that fires, one that is silent, one that pauses, one called off."""
    asks = [expected.asks for example in rule.tests for expected in example.expects]
    clocks = {ask.get("clock") for ask in asks}
    assert clocks >= {"breached", "paused", "outside"}
    assert {ask.get("end") for ask in asks} >= {"cancelled"}


def test_both_promises_are_live() -> None:
    """The two rules that work out of the box are live."""
    live = [rule.id for rule in _RULES.values() if rule.status == "live"]
    assert {"feedback-late", "stalled-in-stage"} <= set(live)
