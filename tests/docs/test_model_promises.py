"""Every promise that a page or a template shows can be kept: one of its tests ends by its stop."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from atsbridge.model import State
from atsbridge.plugins import discover
from atsbridge.presentation.case_message import render
from atsbridge.rules.compile.pack_loader import load
from atsbridge.simulation.pack_test_runner import play

from .pages import ROOT

PAGES = ("docs/rules.md", "docs/cookbook.md", "docs/tutorials/rule-author.md", "docs/worktime.md")


def packs() -> Iterator[tuple[str, str]]:
    """Each whole pack, with the place that shows it."""
    for page in PAGES:
        text = (ROOT / page).read_text("utf-8")
        for index, block in enumerate(re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)):
            if "stop:" in block and block.startswith("version:"):
                yield f"{page} {index}", block
    template = ROOT / "src/atsbridge/cli/templates/pack.yaml.txt"
    yield "rules new", template.read_text("utf-8").replace("@id@", "model")


@pytest.mark.parametrize(("place", "text"), list(packs()), ids=lambda one: one[:40])
def test_the_promise_can_be_kept(place: str, text: str) -> None:
    """A rule that is copied ends as done once somebody did what it asks."""
    rules = load([(place, text)], discover().rule_kinds()).rules
    promises = {name for name, one in rules.items() if one.clock is not None and one.clock.stop}
    assert promises
    outcomes = list(play(rules.values(), {"office": "mon-fri 09:00-18:00"}, render))
    kept = {
        outcome.rule.id
        for outcome in outcomes
        for moment in outcome.moments
        if moment.verdict.state is State.KEPT
    }
    assert kept == promises
