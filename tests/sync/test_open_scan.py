"""The night's scan of all that is open: what it does not bring has moved on, or was deleted."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from atsbridge.errors import CursorError, RetryableError
from atsbridge.ports.record_store import StreamStatus
from atsbridge.ports.stream import OpenRecords, Page, Reconciliation

DAY = timedelta(days=1)
HISTORY = {"history": 90 * DAY}
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LONG_AGO = NOW - 60 * DAY


@pytest.fixture
def world(of_streams, dated_jobs):
    """Eight open jobs and four that are shut, all read; nothing changed since.

    The vendor answers ids with what it holds, and `asked_by_id` keeps the questions.
    """
    stream = replace(
        dated_jobs,
        reconciliation=Reconciliation(
            complete=True, open_records=OpenRecords("requisition", "title", ("open",))
        ),
    )
    rows = [
        {"id": n, "name": "open" if n < 8 else "shut", "at": LONG_AGO - n * DAY} for n in range(12)
    ]
    made = of_streams((stream,), jobs=rows)
    made.asked_by_id = []

    def answer(kind, ids):
        made.asked_by_id.append((kind, list(ids)))
        found = [row for row in made.ats.rows["jobs"] if str(row["id"]) in ids]
        raws = [
            msgspec.Raw(json.dumps({**row, "at": row["at"].isoformat()}).encode()) for row in found
        ]
        yield stream, Page(raws, last=True)

    made.ats.refresh = answer
    made.sync(**HISTORY)
    while made.state("jobs").since is not None:
        made.sync(**HISTORY)
    return made


def drop(world, *ids):
    world.ats.rows["jobs"] = [row for row in world.ats.rows["jobs"] if row["id"] not in ids]


def live(world):
    return {int(one) for one in world.store.records.read_live_ids("acme", "jobs")}


def test_what_is_open_and_no_longer_listed_is_asked_for_and_found_deleted(world):
    """One of eight was deleted without a trace; the others, open and shut, stay."""
    drop(world, 3)
    report = world.sync(after=DAY, nightly=True, **HISTORY)["jobs"]
    assert (report.deleted, report.good) == (1, True)
    assert live(world) == {*range(12)} - {3}
    assert world.asked_by_id[0] == ("requisition", ["3"])


def test_what_moved_on_without_a_date_is_read_by_its_id(world):
    """Shut since, but the vendor did not date it: no window brings it, the scan's gap does."""
    world.ats.rows["jobs"][5]["name"] = "shut"
    world.time.advance(DAY)
    world.edit("jobs", 9, name="renamed")  # which the window brings
    report = world.sync(nightly=True, **HISTORY)["jobs"]
    assert (report.changed, report.deleted) == (2, 0)
    assert live(world) == {*range(12)}
    world.asked_by_id.clear()
    world.sync(after=DAY, nightly=True, **HISTORY)
    assert world.asked_by_id == [], "it is known to be shut now"


def test_a_scan_that_brings_nothing_is_not_believed(world):
    """All that was open is missing at once: nothing is marked, and the list is not believed,
    not by later runs either."""
    for row in world.ats.rows["jobs"]:
        row["name"] = "shut"
    report = world.sync(after=DAY, nightly=True, **HISTORY)["jobs"]
    assert "8 of 8 records are missing at once" in report.error
    assert world.state("jobs").status is StreamStatus.LOST
    assert "8 of 8 records" in world.state("jobs").detail
    assert live(world) == {*range(12)}
    assert world.asked_by_id == []


def test_a_row_without_an_id_may_be_any_of_them(world):
    """From such a scan nothing follows about what it did not bring."""
    drop(world, 3)
    pages = world.ats.pages

    def nameless(stream, **how):
        for page in pages(stream, **how):
            extra = [msgspec.Raw(b'{"name":"open"}')] if "name" in stream.params else []
            yield replace(page, rows=[*page.rows, *extra])

    world.ats.pages = nameless
    assert world.sync(after=DAY, nightly=True, max_bad=1.0, **HISTORY)["jobs"].deleted == 0
    assert live(world) == {*range(12)}
    assert world.asked_by_id == []


def test_a_scan_that_fails_leaves_the_mark_where_it_was(world):
    """The window was read to its end, the question was not: the next run asks both again."""
    mark = world.state("jobs").bookmark
    world.ats.faults = [("jobs", 1, RetryableError("gave up"))]
    report = world.sync(after=DAY, nightly=True, **HISTORY)["jobs"]
    assert report.status is StreamStatus.FAILED
    assert world.state("jobs").bookmark == mark
    world.ats.asked.clear()
    assert world.sync(nightly=True, **HISTORY)["jobs"].good
    assert world.ats.asked[0][1][0] < mark
    assert world.state("jobs").bookmark == world.time.now()


def test_a_run_that_is_killed_in_its_scan_leaves_the_mark_where_it_was(world):
    """Nobody is there any more to put it back."""
    mark = world.state("jobs").bookmark
    world.ats.faults = [("jobs", 1, KeyboardInterrupt())]
    with pytest.raises(KeyboardInterrupt):
        world.sync(after=DAY, nightly=True, **HISTORY)
    assert world.state("jobs").bookmark == mark


def test_a_day_scans_nothing(world):
    """By day the window is all that is asked for."""
    drop(world, 3)
    world.ats.asked.clear()
    world.sync(after=DAY, **HISTORY)
    assert [window is None for _, window, _ in world.ats.asked] == [False]
    assert world.asked_by_id == []


def test_the_night_scans_once_and_counts_what_is_open(world):
    """The window first, then the open ones; a page token refused midway counts nothing twice."""
    world.ats.faults = [("jobs", 3, CursorError("refused"))]
    world.ats.asked.clear()
    world.sync(after=DAY, nightly=True, **HISTORY)
    assert [window is None for _, window, _ in world.ats.asked] == [False, True] * 2
    assert world.state("jobs").open == 8
