"""A long list in two legs, and the night's search for what vanished."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from atsbridge.errors import RetryableError
from atsbridge.ports.record_store import StreamStatus
from atsbridge.sync.freshness import find_unreadable

DAY = timedelta(days=1)
HISTORY = {"history": 90 * DAY}
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def long(world, dated_jobs):
    """Forty jobs, one changed every third day; every tenth is open."""
    world.ats.streams = (dated_jobs,)
    world.ats.rows["jobs"] = [
        {"id": n, "name": "open" if n % 10 == 0 else "shut", "at": world.time.now() - 3 * n * DAY}
        for n in range(40)
    ]
    world.ats.__post_init__()
    return world


def stored(world):
    return {int(i) for i in world.store.records.read_live_ids("acme", "jobs")}


def jobs_of(count):
    return [{"id": n, "name": "open", "at": NOW - 300 * DAY} for n in range(count)]


def test_a_first_sync_reads_the_first_leg_only(long):
    """Four open ones of forty, and the rest is known to be missing."""
    report = long.sync(**HISTORY)["jobs"]
    assert report.good
    assert stored(long) == {0, 10, 20, 30}
    assert long.state("jobs").since == long.time.now()


def test_a_first_leg_asks_as_of_the_instant_at_which_reading_began(long):
    """As for the interviews of the last thirty days."""
    ask = lambda now: ({"name": "open", "after": (now - DAY).isoformat()},)  # noqa: E731
    long.ats.streams = (
        replace(long.ats.streams[0], backfill=replace(long.ats.streams[0].backfill, first=ask)),
    )
    long.ats.__post_init__()
    began = long.time.now()
    long.sync(**HISTORY)
    assert [one["after"] for one in long.ats.params] == [(began - DAY).isoformat()]


def test_later_syncs_read_the_past_back_to_the_history(long):
    """Month by month, newest first; what is older than the history is left alone."""
    long.sync(**HISTORY)
    long.sync(**HISTORY, spare=1)
    assert stored(long) == {*range(11), 20, 30}
    long.sync(**HISTORY)
    assert long.state("jobs").since is None
    assert stored(long) == set(range(31))


def test_without_a_history_all_is_read_at_once(long):
    """An account that sets none gets everything in its first sync."""
    long.sync()
    assert stored(long) == set(range(40))
    assert long.state("jobs").since is None


def test_a_list_may_have_an_empty_first_leg(long):
    """Nothing of it is asked for at first, and the past comes all the same."""
    long.ats.streams = (
        replace(
            long.ats.streams[0],
            backfill=replace(long.ats.streams[0].backfill, first=lambda now: ()),
        ),
    )
    long.ats.__post_init__()
    assert long.sync(**HISTORY)["jobs"].requests == 0
    assert long.state("jobs").status is StreamStatus.GOOD
    long.sync(**HISTORY)
    assert stored(long) == set(range(31))


def test_a_fault_in_the_past_leaves_the_present_good(long):
    """It is told, the slice is read again by the next sync, and the mark has moved."""
    long.sync(**HISTORY)
    long.ats.faults = [("jobs", 1, RetryableError("the vendor is asleep"))]
    report = long.sync(after=timedelta(minutes=5), **HISTORY)["jobs"]
    assert report.error == "the vendor is asleep"
    assert long.state("jobs").status is StreamStatus.GOOD
    assert long.state("jobs").bookmark == long.time.now()
    assert long.state("jobs").since is not None
    assert long.sync(**HISTORY)["jobs"].good
    assert stored(long) == set(range(31))


def test_a_full_sync_reads_everything(long):
    """Nothing is missing after it."""
    long.sync(**HISTORY)
    long.sync(full=True, **HISTORY)
    assert stored(long) == set(range(40))
    assert long.state("jobs").since is None


def test_what_needs_the_past_is_not_believed_before_it_is_there(long):
    """The fields a stream calls partial are unreadable until its history is read."""
    long.sync(**HISTORY)
    spec, now = long.ats.spec, long.time.now()
    states = {"jobs": long.state("jobs")}
    assert "requisition.first_submission_at" in find_unreadable(states, spec, now, 2 * DAY)
    long.sync(**HISTORY)
    states = {"jobs": long.state("jobs")}
    assert "requisition.first_submission_at" not in find_unreadable(states, spec, now, 2 * DAY)


def test_the_night_finds_what_vanished(long):
    """A row that is listed no more is gone; one only changed since is not, nor what is old."""
    long.sync(**HISTORY)
    long.sync(**HISTORY)
    long.ats.rows["jobs"] = [r for r in long.ats.rows["jobs"] if r["id"] not in (3, 30)]
    long.edit("jobs", 4, name="other")
    assert long.sync(after=DAY, **HISTORY)["jobs"].deleted == 0
    assert long.sync(nightly=True, **HISTORY)["jobs"].deleted == 1
    assert 3 not in stored(long)
    assert 30 in stored(long)  # changed last before the history: not asked for


def test_a_night_in_which_half_vanished_loses_sight(long):
    """Nothing is marked, the stream is not believed, and the next sync reads it whole."""
    long.sync(**HISTORY)
    long.sync(**HISTORY)
    kept = long.ats.rows["jobs"]
    long.ats.rows["jobs"] = kept[:5]
    assert "missing at once" in long.sync(nightly=True, **HISTORY)["jobs"].error
    assert long.state("jobs").status is StreamStatus.LOST
    long.ats.rows["jobs"] = kept
    assert long.sync(**HISTORY)["jobs"].good
    assert long.state("jobs").status is StreamStatus.GOOD


def test_the_night_costs_ids_only(long):
    """The list is asked for by its parameters for ids, once."""
    long.sync(**HISTORY)
    long.sync(**HISTORY)
    long.ats.params.clear()
    long.sync(nightly=True, **HISTORY)
    assert [p.get("fields") for p in long.ats.params] == [None, "id"]


def test_the_night_asks_a_list_of_one_leg_without_a_window(of_streams, dated_jobs):
    """All of it is held: a record deleted longer ago than the history reaches is found as well."""
    world = of_streams((replace(dated_jobs, backfill=None),), jobs=jobs_of(5))
    world.sync(**HISTORY)
    world.ats.rows["jobs"] = world.ats.rows["jobs"][1:]
    assert world.sync(after=DAY, nightly=True, **HISTORY)["jobs"].deleted == 1
    assert world.ats.asked[-1][1] is None


def test_the_night_reads_what_an_answer_had_left_out(of_streams, dated_jobs):
    """A row that no window would ever bring is asked for by its id."""
    world = of_streams((replace(dated_jobs, backfill=None),), jobs=jobs_of(5))
    hidden = world.ats.rows["jobs"].pop()
    world.sync(**HISTORY)
    world.ats.rows["jobs"].append(hidden)
    asked = []
    world.ats.refresh = lambda kind, ids: asked.append((kind, list(ids))) or iter(())
    world.sync(after=DAY, nightly=True, **HISTORY)
    assert asked == [("requisition", ["4"])]


def test_a_slice_of_which_too_much_cannot_be_read_is_asked_for_again(long):
    """It would count as read for ever: `since` stays, and the error says which record is bad."""
    long.sync(**HISTORY)
    rows = long.ats.rows["jobs"]
    long.ats.rows["jobs"] = [{**row, "id": None} for row in rows]
    since = long.state("jobs").since
    report = long.sync(after=timedelta(hours=3), **HISTORY)["jobs"]
    assert "could not be read" in report.error
    assert "no id" in report.remedy
    assert long.state("jobs").since == since
    long.ats.rows["jobs"] = rows
    report = long.sync(after=timedelta(hours=3), **HISTORY)["jobs"]
    assert report.error == ""
    assert long.state("jobs").since is None
