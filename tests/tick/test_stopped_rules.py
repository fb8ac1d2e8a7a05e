"""A mistake in a pack stops the rules it is about; the others run, and ops hear of it once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

PACK = """\
version: 1
defaults: {calendar: office, owner: recruiting_ops}
rules:
  - &one
    id: mine-one
    kind: sla
    status: live
    title: Feedback
    each: interview.seat
    where: {seat.feedback_required: true, application.status: active}
    clock:
      start: interview.ends_at
      stop: seat.scorecard.submitted_at
      cancel: [interview.cancelled_at, application.closed_at]
      owed_by: seat.user
    target: 1bd
    steps: [{at: due, to: seat.user}]
    message: Please write.
  - id: mine-two
    kind: sla
    status: live
    title: Feedback later
    each: interview.seat
    where: {seat.feedback_required: true, application.status: active}
    clock:
      start: interview.ends_at
      stop: seat.scorecard.submitted_at
      cancel: [interview.cancelled_at, application.closed_at]
      owed_by: seat.user
    target: 2bd
    steps: [{at: due, to: seat.user}]
    message: Please write.
"""
MISTAKES = {
    "a calendar": ("target: 1bd\n", "target: 1bd\n    calendar: ofice\n"),
    "an unknown key": ("title: Feedback\n", "titel: Feedback is late\n"),
    "twice one key": ("target: 1bd\n", "target: 1bd\n    target: 3bd\n"),
}
FILE = {  # what is about the whole file
    "no YAML": ("version: 1\n", "version: 1\n  bad: [\n"),
    "a top key": ("defaults:", "defalts:"),
}


@pytest.fixture
def world(new_world: Callable[..., Any]) -> Iterator[Any]:
    made = new_world(80)
    made.configure(lambda text: text.replace('"notes.yaml"', '"my.yaml"'))
    (made.folder / "my.yaml").write_text(PACK, "utf-8")
    assert made.tick().code == 0
    yield made
    made.close()


def cases(world: Any) -> dict[str, set[tuple[int, str]]]:
    """Rule -> (number, end) of each of its cases."""
    found: dict[str, set[tuple[int, str]]] = {}
    for one in json.loads(world.call("cases", "list", "--all", "--json").out)["cases"]:
        found.setdefault(one["rule"], set()).add((one["number"], one["end"] or ""))
    return found


@pytest.mark.parametrize("kind", [*MISTAKES, *FILE])
def test_a_mistake_stops_its_rules_and_nothing_else(world: Any, kind: str) -> None:
    before = cases(world)
    assert {"mine-one", "mine-two", "feedback-late"} <= before.keys()
    pack = world.folder / "my.yaml"
    pack.write_text(PACK.replace(*{**MISTAKES, **FILE}[kind], 1), "utf-8")
    world.standing.advance(world.now + timedelta(days=2))
    ran = world.call("run")
    stopped = {"mine-one"} if kind in MISTAKES else {"mine-one", "mine-two"}
    after = cases(world)
    assert {name: after[name] for name in stopped} == {name: before[name] for name in stopped}
    assert after["feedback-late"] != before["feedback-late"], "the others run"
    if kind in MISTAKES:
        assert after["mine-two"] != before["mine-two"]
    assert ran.code == 2
    assert "my.yaml:" in ran.err
    again = world.call("run")
    assert (again.code, again.err) == (2, ""), "it is said once"
    pack.write_text(PACK, "utf-8")
    back = world.call("run")
    assert "recovered: " in back.err
    assert cases(world)["mine-one"] != before["mine-one"], "what was missed is caught up with"


def test_a_file_that_cannot_be_read_stops_what_it_changes(world: Any) -> None:
    """Nobody knows what stood in it: only rules that are as they were go on."""
    before = cases(world)
    (world.folder / "my.yaml").unlink()
    world.standing.advance(world.now + timedelta(days=2))
    assert world.call("run").code == 2
    after = cases(world)
    assert after["mine-one"] == before["mine-one"]
    assert after["feedback-late"] != before["feedback-late"]
