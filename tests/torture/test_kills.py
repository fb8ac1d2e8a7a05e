"""A run may be killed at any instant: nothing is lost, and nothing is said twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

# Hours after the first tick, at which things are due: steps, follow-ups, ends, notes.
HOURS = (36, 60, 84, 104)
MORE = (*HOURS, 128, 152, 176)


@pytest.fixture
def begin(
    killer: Callable[..., Any], read_all: Callable[[Any], int]
) -> Callable[..., tuple[Any, Any]]:
    """A world to be disturbed, and its twin that is left in peace.

    Both after a first tick and with their past read: that goes on tick by tick, and whoever is
    killed has more ticks.
    """

    def make(applications: int, seed: int) -> tuple[Any, Any]:
        disturbed, peaceful = killer(applications, seed), killer(applications, seed)
        for one in (disturbed, peaceful):
            first = one.world.tick()
            assert (first.code, first.err) == (0, "")
            read_all(one.world)
        return disturbed, peaceful

    return make


def advance(worlds: Sequence[Any], hours: int) -> None:
    from atsbridge.sandbox.company.fake_company import START

    for one in worlds:
        one.world.standing.advance(START + timedelta(hours=hours))


def end(one: Any) -> None:
    """A run to its end and one more: what a note changes in the ATS is read by who comes next."""
    one.undisturbed()
    assert one.world.tick().code == 0


def kill_at_random_instants(disturbed: Any, kills: int) -> None:
    """That many more kills, each after a random share of a whole run."""
    wanted = disturbed.kills + kills
    while disturbed.kills < wanted:
        disturbed.at_random()


def kill_while_delivering(disturbed: Any, kills: int) -> None:
    """Up to that many kills at requests of delivery; fewer where all is delivered before."""
    rng = disturbed.rng
    for _ in range(kills):
        if not disturbed.at_request(rng.randint(1, 9), answered=rng.random() < 0.6):
            return


@pytest.mark.timeout(400)
def test_a_few_kills_leave_no_trace(
    begin: Callable[..., tuple[Any, Any]], differences: Callable[..., list[str]]
) -> None:
    """Killed again and again, also between a message's acceptance and its receipt, a run ends
    with the store, the chats and the notes of a run left in peace."""
    disturbed, peaceful = begin(applications=500, seed=4)
    advance((disturbed, peaceful), 36)
    end(peaceful)
    disturbed.whole = peaceful.whole
    assert disturbed.at_note()
    kill_while_delivering(disturbed, 2)
    kill_at_random_instants(disturbed, 3)
    end(disturbed)
    assert "\n".join(differences(disturbed.world, peaceful.world)) == ""
    assert disturbed.kills >= 4
    advance((disturbed,), 52)  # past a night, whose pass over everything holds the agenda to it
    end(disturbed)


@pytest.mark.torture
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("seed", [1, 2])
def test_fifty_kills_at_random_instants_leave_no_trace(
    seed: int, begin: Callable[..., tuple[Any, Any]], differences: Callable[..., list[str]]
) -> None:
    """Fifty kills over days in which much comes due: nothing lost, nothing twice."""
    disturbed, peaceful = begin(applications=800, seed=seed)
    for hour, kills in zip(HOURS, (13, 13, 12, 12), strict=True):
        advance((disturbed, peaceful), hour)
        end(peaceful)
        disturbed.whole = peaceful.whole
        kill_at_random_instants(disturbed, kills)
        end(disturbed)
        assert "\n".join(differences(disturbed.world, peaceful.world)) == ""
    assert disturbed.kills == 50


@pytest.mark.torture
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("seed", [1, 2])
def test_forty_kills_while_delivering_leave_no_trace(
    seed: int, begin: Callable[..., tuple[Any, Any]], differences: Callable[..., list[str]]
) -> None:
    """Forty kills at requests of delivery, before or after they were granted."""
    disturbed, peaceful = begin(applications=800, seed=seed)
    for hour in MORE:
        advance((disturbed, peaceful), hour)
        end(peaceful)
        kill_while_delivering(disturbed, 40 - disturbed.kills)
        end(disturbed)
        assert "\n".join(differences(disturbed.world, peaceful.world)) == ""
        if disturbed.kills == 40:
            break
    assert disturbed.kills == 40
