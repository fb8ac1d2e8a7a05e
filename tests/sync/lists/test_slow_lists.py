"""Slow lists are read once a day, children of every parent at least as often as declared."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.sync.conftest import JOBS, SEATS, Ats, World, jobs

from atsbridge.errors import RetryableError
from atsbridge.model.catalog import KINDS
from atsbridge.ports.stream import Parent, Reconciliation, no_fragments
from atsbridge.store.sql_store import open_store
from atsbridge.sync.freshness import find_older, is_readable
from atsbridge.sync.request_estimate import Asked, estimate_requests

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SLOW = replace(JOBS, incremental=None, every=DAY)


@pytest.fixture
def world(store, time):
    return World(Ats(streams=(SLOW,), rows={"jobs": jobs(3)}), store, time)


def asked(world):
    return len(world.ats.asked)


def test_a_slow_list_rests_for_a_day(world):
    """No request is sent for it; then it is read again."""
    world.sync()
    world.ats.rows["jobs"][0]["name"] = "renamed"
    report = world.sync(after=23 * HOUR)["jobs"]
    assert (asked(world), report.requests, report.error) == (1, 0, "")
    assert world.sync(after=HOUR)["jobs"].changed == 1


@pytest.mark.parametrize(
    "options", [{"full": True}, {"nightly": True}, {"accept_deleted": frozenset({"jobs"})}]
)
def test_it_is_read_at_once_if_somebody_asks(world, options):
    """`--full`, the night, and a confirmation by the operator."""
    world.sync()
    world.sync(after=HOUR, **options)
    assert asked(world) == 2


def test_it_is_read_at_once_after_a_failure(world):
    """Until it was read to its end."""
    world.sync()
    world.ats.faults.append(("jobs", 0, RetryableError("down")))
    assert world.sync(after=DAY)["jobs"].error
    assert world.sync(after=HOUR)["jobs"].error == ""
    assert asked(world) == 3


def test_it_is_read_at_once_if_the_connector_changed(world):
    """A new version reads all rows again."""
    world.sync()
    world.ats.streams = (replace(SLOW, version=2),)
    world.ats.__post_init__()
    world.sync(after=HOUR)
    assert asked(world) == 2


def test_a_resting_list_is_as_fresh_as_it_can_be(world):
    """Its fields are neither stale nor older than the facts of a message."""
    world.sync()
    spec, states = world.ats.spec, {"jobs": world.state("jobs")}
    states = {"jobs": replace(states["jobs"], returned=True, doubt=None)}
    late = world.time.now() + 23 * HOUR
    assert is_readable(SLOW, states, spec, late, HOUR)
    assert not is_readable(SLOW, states, spec, late + 3 * HOUR, HOUR)
    assert find_older(states, spec, late - HOUR, world.map) == frozenset()
    assert find_older(states, spec, late + 2 * DAY, world.map)


def test_the_plan_says_that_it_rests(world):
    """Nothing is announced for it, but for a full sync all of it is."""
    world.sync()

    def announced(when, **how):
        (one,) = estimate_requests(world.ats.spec, world.store.records, "acme", when, Asked(**how))
        return one.requests, one.why

    now = world.time.now()
    assert announced(now + HOUR) == (0, "read every 24 hours, not now")
    assert announced(now + DAY)[0] == 1
    assert announced(now + HOUR, full=True)[0] == 1
    assert announced(now + HOUR, nightly=True)[0] == 1


def test_children_are_asked_again_although_their_parents_did_not_change(time, tmp_path):
    """Only those that were asked before, and whose parent is still there."""
    store = open_store(f"sqlite:///{tmp_path}/every.db", time)
    seats = replace(SEATS, parent=replace(SEATS.parent, every=6 * HOUR))
    children = {str(n): [{"id": f"{n}a", "of": n, "user": "open"}] for n in range(3)}
    ats = Ats(streams=(JOBS, seats), rows={"jobs": jobs(3)}, children=children)
    world = World(ats, store, time)
    world.sync()
    children["1"][0]["user"] = "closed"
    reports = [world.sync(after=HOUR)["seats"] for _ in range(6)]
    assert sum(one.requests for one in reports) == 3, "each in its own hour"
    assert sum(one.changed for one in reports) == 1
    ats.rows["jobs"].pop()
    world.sync(after=HOUR, full=True)
    assert sum(world.sync(after=HOUR)["seats"].requests for _ in range(6)) == 2
    store.close()


def test_a_list_that_is_only_a_parent(time, tmp_path):
    """It owns nothing, and its rows may have nothing but an id."""
    store = open_store(f"sqlite:///{tmp_path}/only.db", time)
    plans = replace(
        JOBS,
        name="plans",
        normalize=no_fragments,
        owns={},
        incremental=None,
        reconciliation=Reconciliation(complete=True),
    )
    assert "requisition" in KINDS["opening"].fields
    under = replace(SEATS, parent=Parent("plans"))
    children = {str(n): [{"id": f"{n}a", "of": n, "user": "open"}] for n in range(3)}
    ats = Ats(streams=(plans, under), rows={"plans": jobs(3)}, children=children)
    world = World(ats, store, time)
    reports = world.sync()
    assert [(r.error, r.requests, r.bad) for r in reports.values()] == [("", 2, 0), ("", 3, 0)]
    assert world.store.records.has_records("acme", "opening")
    ats.rows["plans"].pop()
    again = world.sync(after=HOUR)
    assert [r.error for r in again.values()] == ["", ""]
    assert again["seats"].requests == 0
    store.close()
