"""A store of the first release, a restored backup, two machines whose clocks differ: whole runs.

Nobody is told the same twice, nobody is forgotten, and no case ends that did not end.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from atsbridge.model.case import End
from atsbridge.model.notice import NoticeState
from atsbridge.model.record import Key
from atsbridge.store.sql_store import open_store
from atsbridge.testing.list_checks import office
from atsbridge.timesource import TimeSource

from .first_schema import make_first_schema
from .trial_stage import (
    LONGEST,
    REQUISITIONS,
    Greenhouse,
    Lever,
    Stage,
    watch,
)

APPLICATIONS = 200
STEP = timedelta(hours=6)  # between two runs
RUNS = 8  # two days
LATER = 6  # of them, until the disk is lost
APART = timedelta(minutes=10)


@pytest.fixture
def stage(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """An account in the middle of its life: open cases, and somebody was told of one."""
    connector = getattr(request, "param", Lever)
    with (
        connector.standing(APPLICATIONS, requisitions=REQUISITIONS) as world,
        office(world) as account,
    ):
        made = Stage(account)
        watch(made, monkeypatch)
        for _ in range(LONGEST):
            made.run()
            if sent_by_cases(made):
                break
            world.live(STEP)
        yield made


both = pytest.mark.parametrize(
    "stage",
    [Lever, pytest.param(Greenhouse, marks=pytest.mark.torture)],
    indirect=True,
    ids=["lever", "greenhouse"],
)


def go_on(stage: Stage, runs: int = RUNS) -> list[Any]:
    """Live on: the outcome of each run."""
    found = []
    for _ in range(runs):
        stage.account.world.live(STEP)
        found.append(stage.run())
    return found


def sent_by_cases(stage: Stage) -> dict[str, Any]:
    """Key of each notice about a case -> when it was sent, by itself or in a digest."""
    kept = stage.account.store.outbox.read_notices("acme")
    return {one.key: one.sent_at for one in kept if one.case and one.state is NoticeState.SENT}


def check_once(stage: Stage, told: dict[str, Any]) -> None:
    """No message to people went out twice, and what was sent before was sent then."""
    assert all(times == 1 for times in stage.told().values()), stage.told()
    assert told.items() <= sent_by_cases(stage).items()


@both
@pytest.mark.timeout(600)
def test_a_store_of_the_first_release_goes_on_where_it_was(stage: Stage) -> None:
    """Its cases stay open, what it sent is not sent again, and what comes next is sent."""
    account = stage.account
    before = stage.run()
    told = sent_by_cases(stage)
    assert before is not None
    assert told, "nothing was sent before, so that nothing could come twice"
    old = account.folder / "first.kept"
    make_first_schema(account.folder / "atsbridge.db", old)
    open_store(f"sqlite:///{old}", account.world.clock).close()  # migrates
    account.back("first")
    cases = account.store.cases.read_open_cases("acme")
    assert {(one.rule, str(one.subject)) for one in cases} == before.open
    stage.sent.clear()
    later = go_on(stage)
    check_once(stage, told)
    assert sent_by_cases(stage).keys() > told.keys(), "nothing was sent after it"
    check_ends(stage)
    assert before.opened <= later[-1].opened


@both
@pytest.mark.timeout(600)
def test_a_restored_backup_repeats_what_was_sent_since_at_most_once(stage: Stage) -> None:
    """It knows nothing of that; nothing of before comes again, and it ends where others end."""
    account = stage.account
    account.keep("backup")
    told = sent_by_cases(stage)
    stage.sent.clear()
    plain = go_on(stage, LATER)[-1]
    lost = sent_by_cases(stage)
    assert lost.keys() > told.keys(), "nothing was sent in what was lost"
    readers = find_readers(stage, told, NoticeState.SENT)
    account.back("backup")
    stage.sent.clear()
    found = stage.run()
    check_once(stage, told)
    check_ends(stage)
    assert found is not None
    assert plain.open == found.open
    states = (NoticeState.SENT, NoticeState.DROPPED, NoticeState.HELD)
    assert not readers - find_readers(stage, told, *states), "somebody is forgotten"


def find_readers(
    stage: Stage, told: Container[str], *states: NoticeState
) -> set[tuple[str, Key | None, str]]:
    """Who has a notice of which case in one of these states, besides those that were sent before.

    A reader whom several steps of a case reach at once gets only the latest of them.
    """
    kept = stage.account.store.outbox.read_notices("acme")
    return {
        (one.rule, one.subject, one.destination.address)
        for one in kept
        if one.case and one.key not in told and one.state in states
    }


@dataclass
class Shifted:
    """The clock of a machine that is ahead of the world's."""

    beneath: TimeSource
    ahead: timedelta

    def now(self) -> datetime:
        return self.beneath.now() + self.ahead

    def monotonic(self) -> float:
        return self.beneath.monotonic()

    def elapsed(self) -> float:
        return self.beneath.elapsed()

    def sleep(self, seconds: float) -> None:
        self.beneath.sleep(seconds)


@both
@pytest.mark.timeout(600)
def test_two_machines_ten_minutes_apart_say_everything_once(stage: Stage) -> None:
    """They take turns on one store; in the end all is as on one machine."""
    account = stage.account
    told = sent_by_cases(stage)
    stage.sent.clear()
    own = account._services
    ahead = own.on_clock(Shifted(account.world.clock, APART))
    for number in range(RUNS):
        account.world.live(STEP)
        for services in (ahead, own) if number % 2 else (own, ahead):
            account._services = services
            assert stage.run() is not None
    check_once(stage, told)
    assert sent_by_cases(stage).keys() > told.keys(), "nothing was sent meanwhile"
    check_ends(stage)


def check_ends(stage: Stage) -> None:
    """No case ended whose subject is still as late as it was: it would have opened again."""
    cases = account_cases(stage)
    for rule, subject in {(one.rule, one.subject) for one in cases}:
        mine = [one for one in cases if (one.rule, one.subject) == (rule, subject)]
        ended = [one for one in mine if one.end is End.RESOLVED]
        assert not (ended and any(one.end is None for one in mine)), (rule, subject)


def account_cases(stage: Stage) -> Any:
    return stage.account.store.cases.read_cases("acme")
