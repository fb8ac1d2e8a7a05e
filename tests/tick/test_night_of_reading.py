"""A nightly pass that comes as more can be read is no proof against the agenda."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any


def test_what_became_readable_by_night_is_no_disagreement(new_world: Callable[..., Any]) -> None:
    """The first night reads the past of both accounts: cases come of it, and no alarm."""
    world = new_world(40)
    try:
        assert world.tick().code == 0
        world.standing.advance(world.now + timedelta(hours=30))
        outcome = world.tick()
        assert (outcome.code, outcome.err) == (0, "")
    finally:
        world.close()
