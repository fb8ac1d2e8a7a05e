"""The built-in packs: they load, raise no doubts, and their own tests come true."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from atsbridge.presentation.case_message import render
from atsbridge.rules.compile import discovery
from atsbridge.rules.compile.lint_rule import lint
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.rules.rule import PackTest, Rule
from atsbridge.simulation.pack_test_report import differences, title
from atsbridge.simulation.pack_test_runner import PackTestResult, play
from atsbridge.worktime.holiday_calendar import public_holidays

_FILES = sorted(discovery.builtin_folder().glob("*.yaml"))
_RULES = load(
    discovery.texts(_FILES, Path.cwd()), {kind.name: kind for kind in BUILTIN_KINDS}
).rules
_OFF = {*public_holidays("PT", [2026]), *public_holidays("DE", [2026])}
_OUTCOMES = list(play(_RULES.values(), {"office": "mon-fri 09:00-18:00"}, render))


@pytest.mark.parametrize("outcome", _OUTCOMES, ids=title)
def test_example_comes_true(outcome: PackTestResult) -> None:
    """Every `expect` of every test in the packs is what a tick does."""
    assert outcome.moments
    assert differences(outcome) == (), "\n".join(differences(outcome))


@pytest.mark.parametrize("rule", _RULES.values(), ids=lambda rule: rule.id)
def test_built_in_rule_raises_no_doubt(rule: Rule) -> None:
    """A rule we ship passes our own lints."""
    assert lint(rule) == []


@pytest.mark.parametrize("rule", _RULES.values(), ids=lambda rule: rule.id)
def test_built_in_rule_shows_all_its_sides(rule: Rule) -> None:
    """Each has a test that fires, one that is silent, one that pauses or is called off."""
    asks = [expected.asks for example in rule.tests for expected in example.expects]
    clocks, ends = ({ask.get(key) for ask in asks} for key in ("clock", "end"))
    assert clocks & {"breached", "warned"}
    assert any(ask.get("sent") for ask in asks)
    assert "outside" in clocks or "resolved" in ends
    if rule.check is not None or (rule.clock is not None and rule.clock.cancel):
        assert "cancelled" in ends
    if rule.clock is not None and rule.clock.pause:
        assert any(example.intervals for example in rule.tests)


@pytest.mark.parametrize("rule", _RULES.values(), ids=lambda rule: rule.id)
def test_built_in_rule_knows_of_days_off(rule: Rule) -> None:
    """Each has a test that looks at, or over, a weekend or a holiday."""
    assert any(_days_off(example) for example in rule.tests)


def _days_off(example: PackTest) -> bool:
    """Whether days off lie between what happened and what is expected within a week of it."""
    facts = [
        *example.facts.values(),
        *(v for r in example.records.values() for f in r for v in f.values()),
    ]
    known = [at for at in facts if isinstance(at, datetime)]
    known += [one.at for one in example.changes]
    looks = [one.at for one in example.expects]
    return any(
        (first + timedelta(days=n)).weekday() == 6 or (first + timedelta(days=n)).date() in _OFF
        for at in known
        for look in looks
        for first, last in [sorted((at, look))]
        for n in range(min((last - first).days + 1, 7))
    )


def test_both_promises_are_live() -> None:
    """The two rules that work out of the box are live."""
    live = [rule.id for rule in _RULES.values() if rule.status == "live"]
    assert {"feedback-late", "stalled-in-stage"} <= set(live)
