"""Every recipe of the cookbook is a pack that loads, raises no doubt, and whose tests come true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from atsbridge.plugins import discover
from atsbridge.presentation.case_message import render
from atsbridge.rules.compile.lint_rule import lint
from atsbridge.rules.compile.pack_loader import load
from atsbridge.simulation.pack_test_report import differences
from atsbridge.simulation.pack_test_runner import play

PAGE = (Path(__file__).parents[2] / "docs/cookbook.md").read_text("utf-8")
RECIPES = re.findall(r"^## (.+?)\n.*?```yaml\n(.*?)```", PAGE, re.DOTALL | re.MULTILINE)


def test_there_are_enough_recipes() -> None:
    """Each heading has one, and no two have the same title."""
    titles = [title for title, _ in RECIPES]
    assert len(titles) == len(set(titles)) == PAGE.count("\n## ")
    assert len(titles) >= 25


@pytest.mark.parametrize(("title", "text"), RECIPES, ids=[title for title, _ in RECIPES])
def test_recipe_works(title: str, text: str) -> None:
    """Whoever copies one has a rule in shadow that fires in one test and is silent in another."""
    rules = load([("docs/cookbook.md", text)], discover().rule_kinds()).rules
    assert [doubt for rule in rules.values() for doubt in lint(rule)] == [], title
    assert {rule.status for rule in rules.values()} == {"shadow"}
    outcomes = list(play(rules.values(), {"office": "mon-fri 09:00-18:00"}, render))
    assert [block for outcome in outcomes for block in differences(outcome)] == []
    sent = [bool(moment.sent) for outcome in outcomes for moment in outcome.moments]
    assert True in sent
    assert False in sent
