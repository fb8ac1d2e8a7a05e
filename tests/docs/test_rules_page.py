"""The page on the rule language is what the code says, and its example works."""

from __future__ import annotations

import re
from pathlib import Path

from atsbridge.delivery.render import render
from atsbridge.plugins import discover
from atsbridge.rehearsal.telling import differences
from atsbridge.rehearsal.trial import play
from atsbridge.rules import finder
from atsbridge.rules.lint import lint
from atsbridge.rules.pack import load
from atsbridge.rules.reference import COMMAND, markdown

PAGE = (Path(__file__).parents[2] / "docs/rules.md").read_text("utf-8")


def test_the_page_is_in_step_with_kinds_catalogue_and_connectors() -> None:
    """Written anew it is the same."""
    plugins, folder = discover(), finder.builtin_folder()
    kinds = plugins.rule_kinds()
    rules = load(finder.texts(sorted(folder.glob("*.yaml")), folder), kinds).rules
    specs = [spec for _, spec in sorted(plugins.connectors().items())]
    assert markdown(kinds, rules.values(), specs) == PAGE, f"write it anew: {COMMAND}"


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
