"""Very many kills: `ATSBRIDGE_KILLS=1000 python -m pytest -m torture -s` with this file."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.torture.warm_runs import WarmRuns

KILLS = int(os.environ.get("ATSBRIDGE_KILLS", "1000"))
EACH = 20  # kills between two ends of a run
HOURS = 8  # between two ends of a run


@pytest.mark.torture
@pytest.mark.timeout(4 * 3600)
def test_many_kills_lose_nothing(
    killer: Callable[..., Any],
    read_all: Callable[[Any], int],
    differences: Callable[[Any, Any], list[str]],
) -> None:
    """Half at random instants, half at requests of delivery, over days in which much comes due.

    The runs are forks with all modules loaded. After each batch the store, the messages and the
    notes are those of a twin that nobody killed.
    """
    disturbed, peaceful = killer(800, 7), killer(800, 7)
    for one in (disturbed, peaceful):
        assert one.world.tick().code == 0
        read_all(one.world)
        one.warm = WarmRuns(one.world.folder, one.world.words(*one.command()))
    batches = 0
    while disturbed.kills < KILLS:
        batches += 1
        for one in (disturbed, peaceful):
            one.world.standing.advance(one.world.now + timedelta(hours=HOURS))
        peaceful.undisturbed()
        assert peaceful.world.tick().code == 0
        disturbed.whole = peaceful.whole
        kill(disturbed, min(KILLS, disturbed.kills + EACH))
        disturbed.undisturbed()
        assert disturbed.world.tick().code == 0
        # Whose first message explains itself depends on the order, and that on the kills.
        found = differences(disturbed.world, peaceful.world)
        found = [one for one in found if not one.startswith("slack, ")]
        assert not found, "\n".join(found)
        sys.stderr.write(f"{disturbed.kills} kills in {batches} batches: 0 lost, 0 repeated\n")


def kill(disturbed: Any, until: int) -> None:
    """Kill at delivery while there is something to deliver, else at random instants."""
    rng = disturbed.rng
    half = (disturbed.kills + until) // 2
    while disturbed.kills < half and disturbed.at_request(
        rng.randint(1, 9), answered=rng.random() < 0.6
    ):
        pass
    while disturbed.kills < until:
        disturbed.at_random()
