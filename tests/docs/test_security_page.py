"""docs/security.md names tests that exist; docs/reference/scopes.md is generated."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from .pages import ROOT, load_tool

PAGE = (ROOT / "docs/security.md").read_text("utf-8")
THREATS = [
    line.strip("| ").split(" | ")
    for line in PAGE.split("## Threats")[1].split("## ")[0].splitlines()[4:]
    if line
]


def _functions(file: Path) -> set[str]:
    tree = ast.parse(file.read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("threat", THREATS, ids=lambda threat: threat[0])
def test_every_threat_is_held_by_a_test(threat: list[str]) -> None:
    """A file and a function of it, which pytest collects."""
    _, protection, reference = threat
    assert protection
    found = re.fullmatch(r"`((?:plugins/[\w-]+/)?tests/[\w/]+\.py)::(test_\w+)`", reference)
    assert found
    assert found[2] in _functions(ROOT / found[1])


def test_there_are_threats() -> None:
    """The table was found."""
    assert len(THREATS) > 20


def test_the_page_of_permissions_is_generated() -> None:
    """`make docs` writes it anew."""
    tool = load_tool("scopes_reference")
    assert tool.PAGE.read_text("utf-8") == tool.make_page()
