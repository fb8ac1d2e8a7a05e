"""What is believed, and for how long; what a sync is said to cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from atsbridge.errors import PluginError, RetryableError
from atsbridge.model.fragment import Fragment
from atsbridge.ports.record_store import StreamStatus
from atsbridge.sync.engine import in_order
from atsbridge.sync.freshness import find_unreadable
from atsbridge.sync.record_refresh import refresh
from atsbridge.sync.request_estimate import Asked, estimate_requests
from atsbridge.sync.sync_context import SyncTarget

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def _dark(world, max_age=2 * HOUR):
    states = {s.name: world.state(s.name) for s in world.ats.streams}
    return find_unreadable(states, world.ats.spec, world.time.now(), max_age)


def test_nothing_is_believed_before_it_was_read(world):
    """Every column of the stream, and what is computed from them."""
    assert {"requisition.title", "requisition.custom"} <= _dark(world)


def test_what_was_read_is_believed_for_max_age_and_lag(world):
    """Two hours and the stream's five minutes; then no longer."""
    world.sync()
    assert _dark(world) == frozenset()
    world.time.advance(2 * HOUR + 5 * MINUTE)
    assert _dark(world) == frozenset()
    world.time.advance(MINUTE)
    assert "requisition.title" in _dark(world)


def test_a_failed_read_ages_what_is_stored(world):
    """A fault does not make old facts wrong at once."""
    world.sync()
    world.ats.faults = [("jobs", 0, RetryableError("gave up"))]
    world.sync(after=HOUR)
    assert _dark(world) == frozenset()
    world.time.advance(2 * HOUR)
    assert "requisition.title" in _dark(world)


@pytest.mark.parametrize("status", [StreamStatus.DENIED, StreamStatus.LOST, StreamStatus.NEVER])
def test_a_stream_out_of_sight_is_not_believed(world, status):
    """However recently it was read."""
    world.sync()
    world.store.records.save_state("acme", replace(world.state("jobs"), status=status))
    assert "requisition.title" in _dark(world)


def test_what_is_computed_from_the_unreadable_is_unreadable(family):
    """Openings bring requisition's status nowhere, but a requisition's own fields go dark."""
    status = replace(family.ats.streams[1], owns={"requisition": ("status",)})
    spec = replace(family.ats.spec, streams=(status,))
    dark = find_unreadable({}, spec, family.time.now(), HOUR)
    assert {"requisition.status", "requisition.on_hold"} <= dark


def test_children_are_as_old_as_their_parents_list(family):
    """Nothing changed, so nothing was asked: they are still fresh."""
    family.sync()
    family.sync(after=3 * HOUR)
    assert _dark(family) == frozenset()
    family.time.advance(3 * HOUR)
    assert "opening.status" in _dark(family)


def test_an_estimate_asks_nothing(family):
    """Unknown before the first time, one page after it, pages and batches when full."""
    first = {
        e.stream: e.requests
        for e in estimate_requests(family.ats.spec, family.store.records, "acme")
    }
    assert first == {"jobs": None, "seats": None}
    family.sync(budget=2)
    asked = len(family.ats.asked)
    later = {
        e.stream: e.requests
        for e in estimate_requests(family.ats.spec, family.store.records, "acme")
    }
    assert later == {"jobs": 1, "seats": 3}
    whole = estimate_requests(family.ats.spec, family.store.records, "acme", asked=Asked(full=True))
    full = {e.stream: e.requests for e in whole}
    assert full["jobs"] == 1
    assert len(family.ats.asked) == asked


def test_a_stream_without_a_way_to_its_parents_is_named(family):
    """A circle or a misspelled parent would never be read."""
    with pytest.raises(PluginError, match="seats"):
        in_order(family.ats.streams[:1])


def test_a_refresh_stores_what_differs_and_moves_no_mark(world):
    """The newest facts of one record, stored as any page."""
    from atsbridge.ports.stream import Page

    world.sync()
    before = world.state("jobs")
    world.time.advance(MINUTE)
    world.edit("jobs", 2, name="renamed")

    def asked(kind, ids):
        for page in type(world.ats).pages(world.ats, world.ats.streams[0]):
            yield world.ats.streams[0], Page(page.rows, last=False)

    world.ats.refresh = asked
    counts = refresh(
        SyncTarget("acme", world.ats, world.store.records, world.map, world.time),
        "requisition",
        ["2"],
    )
    assert (counts.changed, counts.unchanged) == (1, 4)
    assert world.state("jobs") == before


def test_a_refresh_that_breaks_is_the_plugins(world):
    """Its exception is named by type."""

    def asked(kind, ids):
        raise KeyError("ann@x.example")

    world.ats.refresh = asked
    with pytest.raises(PluginError, match="raised KeyError") as caught:
        refresh(
            SyncTarget("acme", world.ats, world.store.records, world.map, world.time),
            "requisition",
            ["2"],
        )
    assert "ann@" not in str(caught.value)


def test_a_fragment_with_other_columns_than_declared_fails_the_stream(world):
    """The connector is wrong, not the record: named with the columns that differ."""

    def partly(row):
        yield Fragment("requisition", str(row.id), {"title": row.name, "code": "x"})

    jobs = replace(world.ats.streams[0], normalize=partly)
    world.ats.spec = replace(world.ats.spec, streams=(jobs,))
    report = world.sync()["jobs"]
    assert report.status is StreamStatus.FAILED
    assert "missing: custom; not declared: code" in report.error
