"""A run that is cut off at any write or request: the next one ends where an undisturbed one does.

A disk that is full at one commit, a process that dies at one (before or after it is stored), a
network that is cut in the middle of an answer and stays away. `make torture` plays many instants of
every connector; a normal run plays one of each kind.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from atsbridge.model.notice import NoticeState
from atsbridge.testing.configured_account import Outcome
from atsbridge.testing.connector_world import ConnectorWorld
from atsbridge.testing.list_checks import FIRST, LATER, office

from .trial_stage import (
    APPLICATIONS,
    REQUISITIONS,
    Ashby,
    Commits,
    Greenhouse,
    Lever,
    Stage,
    live_until_told,
    watch,
)

SAMPLE = 1  # instants of a normal run at which each kind of fault comes
MANY = 20  # and of `make torture`
WAITING = (NoticeState.QUEUED, NoticeState.HELD, NoticeState.RETRY)
RUNS = 4  # after the one that failed: a first sync reads the past in the runs after it


CONNECTORS = (Greenhouse, Lever, Ashby)


@pytest.fixture
def stage(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A stage for the connector, before its first run or after three runs."""
    connector, when = request.param
    with (
        connector.standing(APPLICATIONS, requisitions=REQUISITIONS) as world,
        office(world) as account,
    ):
        made = Stage(account)
        watch(made, monkeypatch)
        if when == LATER:
            live_until_told(made)
        account.keep("before")
        made.sent.clear()
        yield made


@contextmanager
def undisturbed(stage: Stage) -> Iterator[tuple[Outcome, Counter[str], int]]:
    """What undisturbed runs lead to, whom they reached, and the commits of the first one."""
    commits = Commits()
    stage.run(commits)
    plain = [stage.run() for _ in range(RUNS)][-1]
    assert plain is not None
    assert plain.open, "this company has no case, so that nothing could be compared"
    told = stage.told()
    assert told, "nobody was told anything, so that nothing could be lost"
    yield plain, told, commits.count


def recover(stage: Stage, plain: Outcome, told: Counter[str], what: str) -> None:
    """Run again, undisturbed: all is as it would have been, and at most one message came twice."""
    with stage.account.store.lock("acme"):
        pass  # given back, although its holder failed
    found = [stage.run() for _ in range(RUNS)][-1]
    assert found is not None
    assert (found.opened, found.open, found.ended) == (plain.opened, plain.open, plain.ended), what
    assert found.sent <= plain.sent, what  # a first look that comes later names more in its summary
    again, kept = stage.told(), stage.account.store.outbox.read_notices("acme")
    waiting = {one.key for one in kept if one.state in WAITING}
    if plain.sent == found.sent:
        assert (told - again).keys() <= waiting, what
    assert (again - told).total() <= 1, what


def _instants(count: int, most: int, seed: str) -> list[int]:
    return sorted(random.Random(seed).sample(range(count), min(count, most)))


def play_commits(stage: Stage, most: int) -> None:
    """Fail at commits of a run, in each way."""
    with undisturbed(stage) as (plain, told, count):
        for kill, after in ((False, False), (True, False), (True, True)):
            for at in _instants(count, most, f"{kill} {after}"):
                stage.account.back("before")
                stage.sent.clear()
                died = stage.run(Commits(at=at, kill=kill, after=after)) is None
                assert died is kill
                recover(stage, plain, told, f"commit {at} of {count}, kill {kill}, after {after}")


def play_cuts(stage: Stage, most: int) -> None:
    """Cut the network in the middle of an answer; it stays away for the rest of that run."""
    server = stage.account.world.fake.server
    before = len(server.log)
    with undisturbed(stage) as (plain, told, _):
        count = len(server.log) - before
        for at in _instants(count, most, "cut"):
            stage.account.back("before")
            stage.sent.clear()
            server.faults.add(times=1, skip=at, truncate=True)
            server.faults.add(times=None, skip=at, drop=True)
            assert stage.run() is not None
            server.faults.clear()
            recover(stage, plain, told, f"request {at} of {count}")


def _named(one: tuple[type[ConnectorWorld], str]) -> str:
    connector, when = one
    return f"{connector.__name__}-{when}"


EVERY = [(one, when) for one in CONNECTORS for when in (FIRST, LATER)]
SOME = [(Lever, LATER)]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("stage", SOME, indirect=True, ids=_named)
def test_a_run_that_dies_or_finds_no_room_at_a_commit_is_made_up_for(stage: Stage) -> None:
    """Nothing is lost, nothing is accused, the lock is free, and one message may come twice."""
    play_commits(stage, SAMPLE)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("stage", SOME, indirect=True, ids=_named)
def test_a_run_whose_network_is_cut_in_an_answer_is_made_up_for(stage: Stage) -> None:
    """The part that came is no evidence for anything."""
    play_cuts(stage, SAMPLE)


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("stage", EVERY, indirect=True, ids=_named)
def test_any_commit_and_any_request_may_fail(stage: Stage) -> None:
    """Twenty instants of each kind, in a first run and in a later one."""
    play_commits(stage, MANY)
    stage.account.back("before")
    stage.sent.clear()
    play_cuts(stage, MANY)
