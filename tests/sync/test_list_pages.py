"""Pages of one list: what they say is deleted, what is counted of them, and how much may be bad."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from atsbridge.errors import CursorError, FatalError, RetryableError
from atsbridge.ports.record_store import StreamStatus
from atsbridge.sync.rows import schema_drift

MINUTE = timedelta(minutes=1)
NAMELESS = b'{"name": "no id"}'


def deleting(world, *, page, ids):
    """From now on that page (from 0) says that these are deleted."""
    pages = world.ats.pages

    def answer(stream, **how):
        for number, one in enumerate(pages(stream, **how)):
            yield replace(one, deleted=ids) if number == page else one

    world.ats.pages = answer


def live(world):
    return sorted(world.store.records.read_live_ids("acme", "jobs"))


def test_what_a_page_says_is_deleted_is_deleted(world):
    """At once, counted, and whatever the window is."""
    world.sync()
    deleting(world, page=0, ids=["2", "4"])
    report = world.sync(after=MINUTE)["jobs"]
    assert (report.deleted, report.status) == (2, StreamStatus.GOOD)
    assert live(world) == ["0", "1", "3"]


def test_a_row_that_a_later_page_says_is_deleted_is_not_stored(world):
    """It was listed first and deleted while the list was read."""
    deleting(world, page=1, ids=["0"])
    report = world.sync()["jobs"]
    assert report.new == 4
    assert live(world) == ["1", "2", "3", "4"]


def test_a_row_that_is_listed_after_its_deletion_is_there(world):
    """The later page is the newer word."""
    deleting(world, page=0, ids=["4"])
    assert world.sync()["jobs"].new == 5
    assert live(world) == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("before", [0, 1])
def test_what_a_page_before_a_fault_could_not_tell_is_unknown(world, before):
    """The rows of that page are stored: what is missing in them is no fact. Also at first."""
    for _ in range(before):
        world.sync()
    pages = world.ats.pages
    why = {"requisition.custom": "fields are forbidden (403)"}
    world.ats.pages = lambda stream, **how: (
        replace(page, unknown=why) for page in pages(stream, **how)
    )
    world.ats.faults = [("jobs", 1, RetryableError("gave up"))]
    assert world.sync(full=True)["jobs"].status is StreamStatus.FAILED
    assert world.state("jobs").fingerprints["requisition.custom"] == schema_drift.LOST
    world.ats.pages = pages
    world.edit("jobs", 0, name="renamed")
    for _ in range(2):
        assert world.sync(full=True)["jobs"].error == ""
    assert schema_drift.LOST not in world.state("jobs").fingerprints.values()


@pytest.mark.parametrize("error", [RetryableError("gave up"), FatalError("no")])
def test_what_came_before_a_fault_is_kept_deletions_included(world, error):
    """The pages that arrived are stored; the rest is read by the next run."""
    world.sync()
    world.edit("jobs", 0, name="renamed")
    deleting(world, page=0, ids=["4"])
    world.ats.faults = [("jobs", 2, error)]
    report = world.sync(full=True)["jobs"]
    assert (report.status, report.changed, report.deleted) == (StreamStatus.FAILED, 1, 1)
    assert live(world) == ["0", "1", "2", "3"]


def test_a_list_sent_back_to_its_first_page_counts_each_row_once(world):
    """Bad rows and their samples of the broken attempt are forgotten."""
    world.ats.rows["jobs"].insert(0, NAMELESS)
    world.ats.faults = [("jobs", 2, CursorError("refused"))]
    report = world.sync(max_bad=0.5)["jobs"]
    assert (report.new, report.bad, len(report.samples)) == (5, 1, 1)
    assert (report.status, live(world)) == (StreamStatus.GOOD, ["0", "1", "2", "3", "4"])


def test_one_bad_record_is_never_too_many(world):
    """Though it is all there is."""
    world.ats.rows["jobs"] = [NAMELESS]
    assert world.sync(max_bad=0.0)["jobs"].bad == 1
    assert world.state("jobs").read_at is not None


@pytest.mark.parametrize(("bad", "status"), [(2, StreamStatus.GOOD), (3, StreamStatus.FAILED)])
def test_bad_records_up_to_the_share_are_left_out(world, bad, status):
    """Of ten a fifth may be; one more fails the list, with its place, the first and the way on."""
    world.ats.rows["jobs"] = world.ats.rows["jobs"] + [
        {"id": n, "name": "x"} for n in range(10, 15 - bad)
    ]
    world.ats.rows["jobs"] += [NAMELESS] * bad
    report = world.sync(max_bad=0.2)["jobs"]
    assert (report.bad, report.status) == (bad, status)
    if status is StreamStatus.FAILED:
        assert report.error == "3 of 10 records could not be read, more than 20%"
        assert "no id" in report.remedy
        assert "max_bad_records" in report.remedy


def test_a_long_list_is_stored_on_the_way(remembered):
    """Some two thousand rows at a time: a kill costs no more, and memory stays small."""
    remembered.ats.rows["jobs"] = [{"id": n, "name": "x"} for n in range(4_500)]
    remembered.ats.page_size = 500
    report = remembered.sync()["jobs"]
    assert report.new == 4_500
    assert [len(page.rows) for page in remembered.store.written] == [2_000, 2_000, 500]
    assert [page.state is not None for page in remembered.store.written] == [False, False, True]


@pytest.fixture
def long_list(remembered):
    """A stored list of nine pages, of which three rows far from each other have changed."""
    remembered.ats.rows["jobs"] = [{"id": n, "name": "x"} for n in range(4_500)]
    remembered.ats.page_size = 500
    remembered.sync()
    for ident in (1, 2_001, 4_001):
        remembered.edit("jobs", ident, name="renamed")
    remembered.store.written.clear()
    return remembered


def test_few_changes_of_many_pages_are_stored_together(long_list):
    """What ends the list is stored by itself, with the state."""
    report = long_list.sync(full=True)["jobs"]
    assert (report.changed, report.unchanged) == (3, 4_497)
    written = [[row.id for row in page.rows] for page in long_list.store.written]
    assert written == [["1", "2001"], ["4001"]]


def test_changes_that_were_held_are_stored_if_a_later_page_fails(long_list):
    """As each page before the failure."""
    long_list.ats.faults = [("jobs", 8, RetryableError("gave up"))]
    report = long_list.sync(full=True)["jobs"]
    assert (report.changed, report.status) == (2, StreamStatus.FAILED)
    assert long_list.sync(full=True)["jobs"].changed == 1


def test_a_row_that_a_far_page_repeats_counts_as_it_came_last(long_list):
    """Its first version waited to be stored, and its last one equals what was stored before."""
    long_list.ats.rows["jobs"].insert(3_000, {"id": 1, "name": "x"})
    report = long_list.sync(full=True)["jobs"]
    assert (report.changed, report.status) == (4, StreamStatus.GOOD)
    written = [[row.id for row in page.rows] for page in long_list.store.written]
    assert written == [["1"], ["2001", "1"], ["4001"]]


def test_deletions_of_a_long_list_are_counted_together(remembered):
    """Whichever page tells of them."""
    remembered.ats.rows["jobs"] = [{"id": n, "name": "x"} for n in range(4_500)]
    remembered.ats.page_size = 500
    remembered.sync()
    deleting(remembered, page=0, ids=["3000", "3001"])
    deleting(remembered, page=6, ids=["7"])
    del remembered.ats.rows["jobs"][3000:3002], remembered.ats.rows["jobs"][7]
    report = remembered.sync(full=True)["jobs"]
    assert (report.deleted, report.status) == (3, StreamStatus.GOOD)


def test_a_list_that_was_lost_says_so_until_it_is_whole(world):
    """What was missing stays in its state while windows are read."""
    world.sync()
    rows, world.ats.rows["jobs"] = world.ats.rows["jobs"], []
    world.sync(full=True)
    detail = world.state("jobs").detail
    assert "5 of 5 records are missing at once" in detail
    world.ats.rows["jobs"] = rows
    assert world.sync(after=MINUTE)["jobs"].good
    assert (world.state("jobs").status, world.state("jobs").detail) == (StreamStatus.GOOD, "")
    assert world.sync(after=MINUTE)["jobs"].good
    assert world.state("jobs").detail == ""


def test_a_window_that_shows_known_rows_again_writes_none_of_them(remembered):
    """What was changed within the last hour is listed by each run, and stored by the first."""
    remembered.sync()
    remembered.edit("jobs", 1, name="renamed")
    for changed in (1, 0):
        remembered.store.written.clear()
        assert remembered.sync(after=MINUTE)["jobs"].changed == changed
        assert sum(len(page.rows) for page in remembered.store.written) == changed
