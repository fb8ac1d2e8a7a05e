"""The list of typical mistakes, and a sample of them; all of them: tests/torture."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.testing.generated import generate_package
from tools.connector_mistakes import read_mistakes

from atsbridge.testing import ConnectorContract

ROOT = Path(__file__).parents[2]
MISTAKES = {one.name: one for one in read_mistakes()}
CHECKS = [name for name, _ in inspect.getmembers(ConnectorContract) if name.startswith("test_")]


def test_there_are_enough_and_each_is_told_apart() -> None:
    """Sixty at least, on every kind of API, each with a name and a reason of its own."""
    mistakes = read_mistakes()
    assert len(mistakes) >= 60
    assert max(Counter(one.name for one in mistakes).values()) == 1
    real = {"greenhouse", "lever", "ashby"}
    assert {one.on for one in mistakes} == {"get", "post", "rich"} | real
    assert {one.on for one in mistakes if one.file} == real
    assert all(one.what.endswith(".") and one.old != one.new for one in mistakes)


def test_every_mistake_can_be_made_and_names_a_check() -> None:
    """What it changes stands in the connector once; a change of the template shows here."""
    for mistake in MISTAKES.values():
        if mistake.file:
            module = ROOT / f"plugins/{mistake.on}/src/atsbridge_{mistake.on}" / mistake.file
            assert module.read_text("utf-8").count(mistake.old) == 1, mistake.name
        else:
            generate_package(mistake.style, mistake.changes, mistake.fake_changes)
        wanted = mistake.caught_by.split(" or ")
        assert all(any(part in check for check in CHECKS) for part in wanted), mistake.name


def test_a_sample_is_found() -> None:
    """One on each kind of API, by the check that is meant for it."""
    names = ["a day late", "a limit is fatal", "the first page of children"]
    tool = [sys.executable, "tools/connector_mistakes.py", *names]
    done = subprocess.run(tool, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "3 of 3 mistakes found" in done.stdout, done.stdout + done.stderr
