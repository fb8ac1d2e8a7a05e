"""What the night concludes from ids alone, and what a list says by what it leaves out."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from atsbridge.ports.record_store import StreamStatus
from atsbridge.ports.stream import Page, Reconciliation

DAY = timedelta(days=1)
LONG_AGO = datetime(2025, 3, 2, 9, tzinfo=UTC)


def rows_of(*ids):
    return [{"id": n, "name": f"job {n}", "at": LONG_AGO} for n in ids]


@pytest.fixture
def world(of_streams, dated_jobs):
    """A list that is held whole and gives ids at night; `by_id` keeps what is asked for by id."""
    stream = replace(dated_jobs, backfill=None)
    made = of_streams((stream,), jobs=rows_of(*range(5)))
    made.by_id = []

    def answer(kind, ids):
        made.by_id.append((kind, list(ids)))
        found = [row for row in made.ats.rows["jobs"] if str(row["id"]) in ids]
        raws = [
            msgspec.Raw(json.dumps({**row, "at": row["at"].isoformat()}).encode()) for row in found
        ]
        yield stream, Page(raws, last=True)

    made.ats.refresh = answer
    made.sync()
    return made


def live(world):
    return {int(one) for one in world.store.records.read_live_ids("acme", "jobs")}


def without_ids(world, count):
    """Each answer of the night holds so many rows more that have no id."""
    pages = world.ats.pages

    def nameless(stream, **how):
        for page in pages(stream, **how):
            extra = [msgspec.Raw(b'{"name":"x"}')] * count if "fields" in stream.params else []
            yield replace(page, rows=[*page.rows, *extra]) if page.last else page

    world.ats.pages = nameless


def test_a_night_with_rows_without_an_id_deletes_nothing(world):
    """Each may be any record; the report says how many there were, and the next night does it."""
    world.ats.rows["jobs"] = world.ats.rows["jobs"][1:]
    pages = world.ats.pages
    without_ids(world, 2)
    report = world.sync(after=DAY, nightly=True)["jobs"]
    assert (report.deleted, report.status) == (0, StreamStatus.GOOD)
    assert any("2 rows had no id; nothing was marked deleted" in one for one in report.samples)
    assert live(world) == set(range(5))
    world.ats.pages = pages
    assert world.sync(after=DAY, nightly=True)["jobs"].deleted == 1


def test_what_the_night_reads_by_id_is_stored_and_counted(world):
    """Rows that no window ever brought: in the store by the morning, and new in the report."""
    world.ats.rows["jobs"] += rows_of(7, 8)
    assert world.sync(after=DAY)["jobs"].new == 0
    report = world.sync(after=DAY, nightly=True)["jobs"]
    assert (report.new, report.changed, report.deleted) == (2, 0, 0)
    assert live(world) == {*range(5), 7, 8}
    assert world.by_id == [("requisition", ["7", "8"])]
    world.sync(after=DAY, nightly=True)
    assert len(world.by_id) == 1, "they are known now"


def test_a_night_counts_what_the_window_and_the_ids_brought_together(world):
    """New and changed rows of both ways; a deleted record that is listed again is back."""
    returned = world.ats.rows["jobs"].pop(2)
    assert world.sync(after=DAY, nightly=True)["jobs"].deleted == 1
    world.time.advance(DAY)
    world.ats.rows["jobs"] += [*rows_of(7, 8), returned, {**rows_of(9)[0], "at": world.time.now()}]
    world.edit("jobs", 1, name="renamed")
    report = world.sync(nightly=True)["jobs"]
    assert (report.new, report.changed, report.deleted) == (3, 2, 0)
    assert live(world) == {*range(5), 7, 8, 9}


def test_a_night_asks_by_id_for_five_hundred_rows_at_most(world):
    """The rest of a long gap waits for the next nights."""
    world.ats.page_size = 200
    world.ats.rows["jobs"] += rows_of(*range(100, 800))
    assert world.sync(after=DAY, nightly=True)["jobs"].new == 500
    assert world.sync(after=DAY, nightly=True)["jobs"].new == 200


def test_a_deletion_that_was_accepted_is_whole_however_large(world):
    """Over a thousand records, marked in several steps and counted once each."""
    world.ats.page_size = 500
    world.ats.rows["jobs"] += rows_of(*range(100, 1300))
    world.sync(full=True)
    assert len(live(world)) == 1205
    world.ats.rows["jobs"] = world.ats.rows["jobs"][:3]
    assert world.sync(full=True)["jobs"].status is StreamStatus.LOST
    report = world.sync(accept_deleted=frozenset({"jobs"}))["jobs"]
    assert (report.deleted, report.status) == (1202, StreamStatus.GOOD)
    assert live(world) == {0, 1, 2}


def test_accepting_another_lists_deletions_accepts_nothing_here(world):
    """The operator names each list."""
    world.ats.rows["jobs"] = []
    report = world.sync(full=True, accept_deleted=frozenset({"offers"}))["jobs"]
    assert (report.deleted, report.status) == (0, StreamStatus.LOST)


@pytest.mark.parametrize("broken", [False, True])
def test_a_night_takes_only_a_list_that_is_believed(world, broken):
    """One whose sight was lost is read whole instead, and not asked for ids besides."""
    kept = world.ats.rows["jobs"]
    if broken:
        world.ats.rows["jobs"] = []
        world.sync(full=True)
        assert world.state("jobs").status is StreamStatus.LOST
    world.ats.rows["jobs"] = kept
    world.ats.params.clear()
    assert world.sync(after=DAY, nightly=True)["jobs"].good
    assert [bool(params) for params in world.ats.params] == ([False] if broken else [False, True])


def test_what_changed_just_now_is_among_what_the_night_asks_for(of_streams, dated_jobs):
    """A list with a past is asked for what changed since; the last minute belongs to it."""
    world = of_streams((dated_jobs,), jobs=rows_of(*range(5)))
    now = world.time.now()
    for row in world.ats.rows["jobs"]:
        row.update(name="open", at=now)
    world.sync(history=90 * DAY)
    while world.state("jobs").since is not None:
        world.sync(history=90 * DAY)
    world.time.advance(DAY)
    world.edit("jobs", 4, name="other")
    report = world.sync(nightly=True, history=90 * DAY)["jobs"]
    assert (report.changed, report.deleted) == (1, 0)
    assert live(world) == set(range(5))


@pytest.fixture
def silent(of_streams, dated_jobs):
    """A list that leaves out rows for reasons of its own, as one of open jobs only."""
    made = of_streams(
        (replace(dated_jobs, reconciliation=Reconciliation(), backfill=None),),
        jobs=rows_of(*range(5)),
    )
    made.sync()
    return made


def test_a_list_that_does_not_tell_of_deletions_deletes_nothing(silent):
    """What it leaves out may be anything; neither by day nor at night is it counted as gone."""
    silent.ats.rows["jobs"] = silent.ats.rows["jobs"][:1]
    for options in ({"full": True}, {"nightly": True}):
        report = silent.sync(after=DAY, **options)["jobs"]
        assert (report.deleted, report.status) == (0, StreamStatus.GOOD)
    assert live(silent) == set(range(5))


def test_such_a_list_that_is_empty_at_once_is_not_believed(silent):
    """Five of five missing is no coincidence; unless the operator says that it is right."""
    silent.ats.rows["jobs"] = []
    report = silent.sync(after=DAY, full=True)["jobs"]
    assert (report.deleted, report.status) == (0, StreamStatus.LOST)
    assert "5 of 5 records are missing at once" in report.error
    report = silent.sync(after=DAY, accept_deleted=frozenset({"jobs"}))["jobs"]
    assert (report.deleted, report.status) == (0, StreamStatus.GOOD)
