"""The page on the rule language is what the code says, and its example works."""

from __future__ import annotations

import re
from pathlib import Path

from atsbridge.plugins import discover
from atsbridge.presentation.case_message import render
from atsbridge.rules.compile import discovery
from atsbridge.rules.compile.lint_rule import lint
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.reference.language_page import COMMAND, render_page
from atsbridge.simulation.pack_test_report import differences
from atsbridge.simulation.pack_test_runner import play

PAGE = (Path(__file__).parents[2] / "docs/rules.md").read_text("utf-8")


def test_the_page_is_in_step_with_kinds_catalog_and_connectors() -> None:
    """Written anew it is the same."""
    plugins, folder = discover(), discovery.builtin_folder()
    kinds = plugins.rule_kinds()
    rules = load(discovery.texts(sorted(folder.glob("*.yaml")), folder), kinds).rules
    specs = [spec for _, spec in sorted(plugins.connectors().items())]
    assert render_page(kinds, rules.values(), specs) == PAGE, f"write it anew: {COMMAND}"


def test_its_examples_load_raise_no_doubt_and_come_true() -> None:
    """Whoever copies one has a pack that works, with a test of its own."""
    examples = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert examples
    kinds = discover().rule_kinds()
    for text in examples:
        rules = load([("docs/rules.md", text)], kinds).rules
        assert [doubt for rule in rules.values() for doubt in lint(rule)] == []
        outcomes = list(play(rules.values(), {"office": "mon-fri 09:00-18:00"}, render))
        assert outcomes
        assert [block for outcome in outcomes for block in differences(outcome)] == []
