"""Too many new cases of a rule at once: nobody is messaged, and the operators hear why."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

from atsbridge.cases import circuit_breaker

PACK = """
version: 1
defaults: {owner: recruiting_ops, status: live}
rules:
  - id: feedback-in-hours
    kind: sla
    title: Feedback
    why: The candidate waits.
    each: interview.seat
    where: {seat.feedback_required: true}
    clock: {start: interview.ends_at, stop: seat.scorecard.submitted_at, owed_by: seat.user}
    target: 1h
    steps: [{at: due, to: seat.user}]
    message: "Please send your feedback. It was due {clock.due}."
"""


def test_a_trip_is_told_to_the_operators_once(
    new_world: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One message for each rule; while it is held, the next runs say it no more."""
    world = new_world(60)
    (world.folder / "hours.yaml").write_text(PACK, "utf-8")
    world.configure(
        lambda text: text.replace('"builtin:responsiveness", "notes.yaml"', '"hours.yaml"')
    )
    try:
        assert world.tick().code == 0
        monkeypatch.setattr(circuit_breaker, "MAX_NEW_CASES", 0)
        monkeypatch.setattr(circuit_breaker, "MAX_NEW_SHARE", 0)
        for _ in range(4):
            world.standing.advance(world.now + timedelta(hours=12))
            world.tick()
        with closing(sqlite3.connect(world.store)) as store:
            held = store.execute("SELECT DISTINCT rule FROM notices WHERE hold = 'breaker'")
            rules = held.fetchall()
        chat = next(iter(world.standing.slacks.values()))
        ops = [one["text"] for one in chat.messages("recruiting-ops")]
        told = [one for one in ops if one.startswith("Held: ")]
        assert rules
        assert len(told) == len(set(told)) == len(rules)
    finally:
        world.close()
