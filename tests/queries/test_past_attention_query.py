"""A backtest weighs silences and causes as a run does, from what the store has of the past."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from atsbridge.app import open_services
from atsbridge.model import Silence
from atsbridge.queries import run_backtest
from atsbridge.simulation import BacktestFigures

WEEKS = timedelta(days=30)


@pytest.fixture(scope="module")
def world(new_world: Callable[..., Any]) -> Iterator[Any]:
    """A company whose past was read once."""
    made = new_world(60)
    assert made.tick().code == 0
    yield made
    made.close()


@pytest.fixture
def rehearse(world: Any) -> Callable[..., BacktestFigures]:
    """The figures of a rule that follows from `feedback-late`, with a silence of the past."""

    def rehearse(silenced: str | None, cause: str = "feedback-late") -> BacktestFigures:
        with open_services(world.config) as services:
            base = services.packs.rule_set.rules["feedback-late"]
            effect = replace(base, id="an-effect", muted_by=(cause,) if cause else ())
            if silenced is not None:
                now = services.time.now()
                start, end = now - 2 * WEEKS, now - timedelta(seconds=1)
                silence = Silence(
                    account="acme",
                    rule=silenced,
                    subject=None,
                    start=start,
                    end=end,
                    author="bo",
                    comment="we move offices",
                )
                services.store.silences.add_silence(silence)
            try:
                return run_backtest(services, "acme", effect, WEEKS).figures
            finally:
                for one in services.store.silences.read_silences(
                    "acme", services.time.now(), every=True
                ):
                    services.store.silences.end_silence(one.number, one.start)

    return rehearse


def test_a_cause_mutes_what_follows_from_it(rehearse: Callable[..., BacktestFigures]) -> None:
    assert rehearse(None, cause="").put_off == 0
    assert rehearse(None).put_off > 0


def test_a_silenced_cause_mutes_nothing(rehearse: Callable[..., BacktestFigures]) -> None:
    """Nobody is told of it, so that what follows from it is told: as in a run."""
    free = rehearse(None, cause="")
    found = rehearse("feedback-late")
    assert (found.messages, found.in_digest, found.put_off) == (free.messages, free.in_digest, 0)


def test_a_silence_of_the_rule_itself_mutes_it(rehearse: Callable[..., BacktestFigures]) -> None:
    """And one of all rules mutes both."""
    assert rehearse("an-effect", cause="").put_off > 0
    assert rehearse("").put_off > 0
