"""The built-in packs: they load, raise no doubts, and their own tests come true."""

from __future__ import annotations

from pathlib import Path

import pytest

from atsbridge.delivery.render import render
from atsbridge.rehearsal.telling import differences, title
from atsbridge.rehearsal.trial import Outcome, play
from atsbridge.rules import finder
from atsbridge.rules.kinds import BUILTIN
from atsbridge.rules.lint import lint
from atsbridge.rules.pack import load
from atsbridge.rules.rule import Rule

_FILES = sorted(finder.builtin_folder().glob("*.yaml"))
_RULES = load(finder.texts(_FILES, Path.cwd()), {kind.name: kind for kind in BUILTIN}).rules
_OUTCOMES = list(play(_RULES.values(), {"office": "mon-fri 09:00-18:00"}, render))


@pytest.mark.parametrize("outcome", _OUTCOMES, ids=title)
def test_example_comes_true(outcome: Outcome) -> None:
    """Every `expect` of every test in the packs is what a tick does."""
    assert outcome.moments
    assert differences(outcome) == (), "\n".join(differences(outcome))


@pytest.mark.parametrize("rule", _RULES.values(), ids=lambda rule: rule.id)
def test_built_in_rule_raises_no_doubt(rule: Rule) -> None:
    """A rule we ship passes our own lints."""
    assert lint(rule) == []


@pytest.mark.parametrize("rule", _RULES.values(), ids=lambda rule: rule.id)
def test_built_in_rule_shows_all_its_sides(rule: Rule) -> None:
    """Each has a test that fires, one that is silent, one that pauses, one called off."""
    asks = [expected.asks for example in rule.tests for expected in example.expects]
    clocks = {ask.get("clock") for ask in asks}
    assert rule.clock is not None
    assert clocks & {"breached", "warned"}
    assert clocks >= ({"paused", "outside"} if rule.clock.pause else {"outside"})
    assert not rule.clock.cancel or "cancelled" in {ask.get("end") for ask in asks}


def test_both_promises_are_live() -> None:
    """The two rules that work out of the box are live."""
    live = [rule.id for rule in _RULES.values() if rule.status == "live"]
    assert {"feedback-late", "stalled-in-stage"} <= set(live)
