"""`atsbridge plan`: what a tick would do and why, and what other rules would change of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

SHADOW = "version: 1\noverrides:\n  - {id: feedback-late, status: shadow}\n"


@pytest.fixture(scope="module")
def world(new_world: Callable[..., Any]) -> Iterator[Any]:
    """A company seen for the first time a day and a half ago, and read anew since."""
    made = new_world(40)
    assert made.tick().code == 0
    made.standing.advance(made.now + timedelta(hours=36))
    assert made.call("run", "--dry-run", "--json").code == 0  # which reads, and tells nobody
    yield made
    made.close()


def planned(world: Any, *words: str) -> Any:
    outcome = world.call("plan", "--account", "acme", "--json", *words)
    assert outcome.code == 0, outcome.err
    return json.loads(outcome.out)


def test_every_line_says_what_and_why(world: Any) -> None:
    """Open and hold are told apart, and each has its reason."""
    (account,) = planned(world)["accounts"]
    does = {one["does"] for one in account["planned_actions"]}
    assert {"open", "hold"} <= does <= {"open", "change", "resolve", "send", "edit", "hold", "drop"}
    assert all(one["reason"] for one in account["planned_actions"])
    opened = [one for one in account["planned_actions"] if one["does"] == "open"]
    assert all(one["reason"].startswith(("step ", "steps ")) for one in opened)
    text = world.call("plan", "--account", "acme").out
    assert "would" in text
    assert " reached" in " ".join(text.split())


def test_notices_of_shadow_rules_are_shown_as_held(world: Any) -> None:
    """Those of earlier ticks, too."""
    (account,) = planned(world)["accounts"]
    held = [one for one in account["planned_actions"] if one["hold"] == "shadow"]
    assert held
    assert {one["does"] for one in held} == {"hold"}
    live = {"feedback-late", "stalled-in-stage"}
    assert not live & {one["rule"] for one in held}


def test_other_rules_show_only_what_they_change(world: Any, tmp_path: Path) -> None:
    """A pack beside the others: what would no longer be done, and what would be instead."""
    file = tmp_path / "new.yaml"
    file.write_text(
        "version: 1\noverrides:\n  - {id: stalled-in-stage, status: retired}\n", "utf-8"
    )
    lines = planned(world, "--rules", str(file))["accounts"]["acme"]
    assert lines
    assert {one["rule"] for one in lines} <= {"stalled-in-stage", ""}
    ends = [one for one in lines if one["change"] == "+" and one["does"] == "resolve"]
    assert {one["reason"] for one in ends} == {"no longer tracked: the rule is retired"}
    text = world.call("plan", "--account", "acme", "--rules", str(file)).out
    assert "stalled-in-stage: " in text


def test_a_file_of_the_same_name_takes_its_place(world: Any, tmp_path: Path) -> None:
    """What the configured notes.yaml changed is not there then."""
    file = tmp_path / "notes.yaml"
    file.write_text((world.folder / "notes.yaml").read_text("utf-8"), "utf-8")
    assert planned(world, "--rules", str(file))["accounts"]["acme"] == []
    text = world.call("plan", "--account", "acme", "--rules", str(file)).out
    assert text == "acme: notes.yaml changes nothing now.\n"


def test_mistakes_in_the_new_rules_are_told(world: Any, tmp_path: Path) -> None:
    """As in any pack: exit 2, with the place."""
    file = tmp_path / "new.yaml"
    file.write_text("version: 1\noverrides:\n  - {id: feedback-lat}\n", "utf-8")
    outcome = world.call("plan", "--rules", str(file))
    assert outcome.code == 2
    assert 'new.yaml:3:10: there is no rule "feedback-lat"' in outcome.err


def test_a_plan_writes_nothing(world: Any, tmp_path: Path) -> None:
    """No case and no notice, and the next tick remembers nothing of other rules."""
    tables = ("cases", "transitions", "notices", "agenda", "dirty")

    def rows() -> list[Any]:
        with closing(sqlite3.connect(world.store)) as base:
            memory = base.execute("SELECT value FROM cache WHERE key LIKE 'tick/%'").fetchall()
            return [base.execute(f"SELECT count(*) FROM {t}").fetchone() for t in tables] + memory

    file = tmp_path / "new.yaml"
    file.write_text(SHADOW, "utf-8")
    planned(world)
    before = rows()
    planned(world)
    planned(world, "--rules", str(file))
    assert rows() == before


def test_what_was_late_before_the_first_look_is_counted_not_listed(
    new_world: Callable[..., Any],
) -> None:
    """A newcomer's first dry run says how much of each rule waits; --json has every line."""
    world = new_world(40)
    text = world.call("run", "--dry-run").out
    account = next(
        one
        for one in json.loads(world.call("plan", "--json").out)["accounts"]
        if one["account"] == "acme"
    )
    world.close()
    late = [one["subject"] for one in account["planned_actions"] if one["baseline"]]
    assert late
    assert f"{len(late)} items were already due, or nearly, when atsbridge started" in text
    assert not any(subject.rpartition("/")[2] in text for subject in late)
