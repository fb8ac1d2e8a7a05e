"""How many requests a sync takes: as the plan says, at any size; counted at the fake, too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from math import ceil
from typing import Any

import pytest

from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.sync import AccountMap, SyncOptions, SyncTarget, request_cost, sync
from atsbridge.timesource import ManualTime
from atsbridge_ashby import plans
from atsbridge_ashby.connector import Ashby
from atsbridge_ashby.spec import SPEC
from atsbridge_ashby.typical import sizes

_WHOLE = (
    *("users", "departments", "locations", "jobs", "openings", "interview_plans"),
    *("offers", "approvals"),
)
MINUTE = 900  # requests that the connector sends in one
RUNS = 144  # in a day
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("active", "lists", "children"),
    [(1_000, 140, 2_010), (10_000, 1_300, 20_100), (200_000, 26_000, 402_000)],
)
def test_a_first_load_at_three_sizes(active: int, lists: int, children: int) -> None:
    """Each list by the hundred, and the history of what is open or ended not long ago."""
    took = request_cost.requests(SPEC, sizes(active))
    below = sum(took[name] for name in ("stages", "stage_history"))
    assert 0.9 * lists <= sum(took.values()) - below <= lists
    assert 0.9 * children <= below <= children


@pytest.mark.parametrize(("active", "usual", "worst"), [(1_000, 15, 40), (10_000, 15, 150)])
def test_a_quiet_run_costs_little(active: int, usual: int, worst: int) -> None:
    """One request for each list with a token, two users' pauses, and a plan or two whose stages
    have their turn. In the worst run of a usual day the night's whole lists come on top."""
    token = sum(s.incremental is not None and not s.only_if_mapped for s in SPEC.streams)
    took = request_cost.requests(SPEC, sizes(active))
    turns = 2 * ceil(took["stages"] / RUNS)
    assert token + 2 + turns <= usual
    night = sum(took[name] - 1 for name in _WHOLE) + took["archive_reasons"]
    assert token + 2 + turns + night <= worst


def test_only_short_lists_are_read_whole_at_night() -> None:
    """A night at 200,000 active applications takes five minutes."""
    often = {s.name: s.incremental.whole_every for s in SPEC.streams if s.incremental}
    assert {name for name, every in often.items() if every == DAY} == set(_WHOLE)
    took = request_cost.requests(SPEC, sizes(200_000))
    assert sum(took[name] for name in _WHOLE) <= 5 * MINUTE


@pytest.mark.parametrize(("active", "minutes"), [(10_000, 1), (200_000, 14)])
def test_long_lists_are_read_whole_in_one_night_of_the_week(active: int, minutes: int) -> None:
    """Each in a night of its own, unless two happen to fall together."""
    took = request_cost.requests(SPEC, sizes(active))
    weekly = [s for s in SPEC.streams if s.incremental and s.incremental.whole_every == 7 * DAY]
    assert {s.name for s in weekly} == {"applications", "interview_schedules", "candidates"}
    assert max(took[s.name] for s in weekly) <= minutes * MINUTE


@pytest.fixture
def store(tmp_path: Any, clock: ManualTime) -> Any:
    opened = open_store(f"sqlite:///{tmp_path / 'ashby.db'}", clock)
    yield opened
    opened.close()


@pytest.fixture
def run(ashby: Ashby, store: SqlStore, clock: ManualTime, fake: Any) -> Callable[..., list[str]]:
    """Sync once, after some time; returns the paths that the fake was asked for."""

    def once(after: timedelta = timedelta(0), **options: Any) -> list[str]:
        clock.advance(after)
        before = len(fake.server.log)
        with store.lock("acme"):
            target = SyncTarget("acme", ashby, store.records, AccountMap(), clock)
            report = sync(target, SyncOptions(**options))
        assert {one.stream: one.error for one in report.streams if one.error} == {}
        return [path for _, path, _ in fake.server.log[before:]]

    return once


def test_the_stages_of_all_plans_are_not_asked_for_at_once(
    run: Callable[..., list[str]], store: SqlStore, clock: ManualTime
) -> None:
    """Every plan once a day, each in its turn."""
    path = f"/{plans.STAGES.path.strip('/')}"
    first = run().count(path)
    assert first > 1, "one plan cannot be spread"
    due = [
        len(store.records.find_watched("acme", plans.STAGES, clock.now() + n * HOUR))
        for n in range(25)
    ]
    steps = [later - sooner for sooner, later in pairwise(due)]
    assert (due[0], sum(steps), max(steps)) == (0, first, 1)
    assert path in run((1 + steps.index(1)) * HOUR), "its turn has come"


def test_what_a_token_never_showed_is_found_in_one_night_of_the_week(
    run: Callable[..., list[str]], store: SqlStore
) -> None:
    """In seven nights the list is read whole once, and an application that was lost is back."""
    run()
    lost = next(iter(store.records.read_live_ids("acme", "applications")))
    whole = store.records.read_state("acme", "applications").whole_at
    store.records.delete_rows("acme", "applications", [lost], whole)
    nights = []
    for _ in range(7):
        run(DAY, nightly=True)
        live = lost in store.records.read_live_ids("acme", "applications")
        nights.append((live, store.records.read_state("acme", "applications").whole_at))
    assert nights[-1][0], "never read whole"
    assert len({at for _, at in nights}) == 2
