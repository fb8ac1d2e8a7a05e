"""Every list of every built-in connector goes wrong in every way: nobody is accused by it.

`make torture` plays the whole matrix until every list is well again. A normal run plays lists empty
at the first sync, every list of Lever and some of the others, and two of Lever in another way until
they are well again. The runs themselves are those of `atsbridge.testing.list_checks`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import ClassVar

import pytest

from atsbridge.testing.configured_account import ConfiguredAccount
from atsbridge.testing.disturbances import DISTURBANCES, Disturbance
from atsbridge.testing.list_checks import FIRST, LATER, ListChecks, Trial, office, play
from atsbridge_ashby.spec import SPEC as ASHBY
from atsbridge_greenhouse.spec import SPEC as GREENHOUSE
from atsbridge_lever.spec import SPEC as LEVER

SAMPLE = 2  # trials of a normal run that are played until their list is well again
SOME = 6  # lists of a large connector that are empty in a normal run
SEED = 20261129
EMPTY = next(one for one in DISTURBANCES if one.empty)


class Greenhouse(ListChecks):
    spec = GREENHOUSE
    # Seats name interviews, and nothing names a seat; an interview's application only itself.
    unknowable: ClassVar = {
        "applications": "one without an interview is named by no other list",
        "interviews": "its application is named by nobody else",
        "interviewers": "nobody names a seat",
        "application_stages": "nobody names a stay in a stage",
        "scorecard_candidate_attributes": "nobody names an answer on a scorecard",
        "approvers": "nobody names what one person is asked to approve",
    }
    unhealed: ClassVar = dict.fromkeys(
        ("application_stages", "scorecard_candidate_attributes"),
        "what belongs to a parent is asked for again when the parent changes",
    )
    hidden: ClassVar = {"approvers": "somebody approves in the hours in which the list is empty"}


class Lever(ListChecks):
    spec = LEVER
    fake: ClassVar = {"confidential": True}
    unknowable: ClassVar = {
        "opportunities": "no list that is read for the account names one",
        "interviews": "nobody else names an interview",
    }
    fallbacks: ClassVar = {"stages": "/stages"}
    # Lever has no list of ids, and what was archived long ago is read once.
    unhealed: ClassVar = {"opportunities": "the past is read once, a month at a time"}


class Ashby(ListChecks):
    spec = ASHBY
    fallbacks: ClassVar = {"feedback": "/interviewSchedule.list"}
    unknowable: ClassVar = {
        "feedback": "an event says that there is feedback, and not whose",
        "approvals": "nobody names what one person is asked to approve",
    }
    # A message about it is confirmed by the application's own list before it is sent.
    unhealed: ClassVar = {"feedback": "a sync token does not show again what an answer left out"}
    hidden: ClassVar = {"approvals": "somebody approves in the hours in which the list is empty"}


CONNECTORS = (Greenhouse, Lever, Ashby)


@pytest.fixture
def connector(request: pytest.FixtureRequest) -> ListChecks:
    """The connector whose lists go wrong."""
    checks: ListChecks = request.param()
    return checks


@pytest.fixture
def small(connector: ListChecks) -> Iterator[ConfiguredAccount]:
    """A small company that it reads."""
    how = {"requisitions": connector.list_requisitions}
    with connector.standing(connector.list_applications, **how) as world, office(world) as made:
        yield made


def _sampled(connector: ListChecks, small: ConfiguredAccount, when: str) -> list[Trial]:
    """A few lists and disturbances, others for each connector and sync."""
    every = [(s, how) for how in DISTURBANCES for s in small.world.asked]
    chance = random.Random(f"{SEED} {connector.spec.name} {when}")
    return [connector.trial(*one) for one in chance.sample(every, SAMPLE)]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("connector", CONNECTORS, indirect=True)
@pytest.mark.parametrize("when", [FIRST, pytest.param(LATER, marks=pytest.mark.torture)])
def test_an_empty_list_accuses_nobody(
    connector: ListChecks, small: ConfiguredAccount, when: str
) -> None:
    """No notice, ended case or opened case that the undisturbed run does not have."""
    lists = small.world.asked
    if connector.spec is not LEVER:
        lists = random.Random(f"{SEED} {connector.spec.name}").sample(lists, SOME)
    trials = [connector.trial(stream, EMPTY) for stream in lists]
    assert play(small, when, trials, heal=False) == {}


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "connector",
    [
        pytest.param(Greenhouse, marks=pytest.mark.torture),
        Lever,
        pytest.param(Ashby, marks=pytest.mark.torture),
    ],
    indirect=True,
)
@pytest.mark.parametrize("when", [FIRST, LATER])
def test_a_list_that_went_wrong_is_told_once_and_heals(
    connector: ListChecks, small: ConfiguredAccount, when: str
) -> None:
    """Ops hear of it once in two disturbed runs; once it is well, the open cases are the same."""
    assert play(small, when, _sampled(connector, small, when), heal=True) == {}


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("connector", CONNECTORS, indirect=True)
@pytest.mark.parametrize("when", [FIRST, LATER])
@pytest.mark.parametrize("how", DISTURBANCES, ids=lambda how: how.name)
def test_no_list_accuses_anybody_however_it_goes_wrong(
    connector: ListChecks, small: ConfiguredAccount, when: str, how: Disturbance
) -> None:
    """The whole matrix."""
    trials = [connector.trial(stream, how) for stream in small.world.asked]
    assert play(small, when, trials, heal=True) == {}
