"""Records that a list did not return: what the vendor says of them by id decides."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from atsbridge.errors import DeniedError, FatalError, RetryableError
from atsbridge.ports.record_store import StreamStatus
from atsbridge.ports.stream import Backfill, Page
from atsbridge.sync.freshness import find_unreadable

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Vendor:
    """What the vendor shows by id: the jobs in `shown`; `told`: reported as deleted."""

    def __init__(self, world) -> None:
        self.world, self.asked, self.fault = world, [], None
        self.shown = {str(row["id"]): row for row in world.ats.rows["jobs"]}
        self.told, self.nameless = set(), 0
        world.ats.refresh = self.answer

    def answer(self, kind, ids):
        """The rows of these jobs, oldest id first, as one page."""
        self.asked.append((kind, list(ids)))
        if self.fault is not None:
            raise self.fault
        rows = [
            {"id": self.shown[i]["id"], "name": self.shown[i]["name"]}
            for i in ids
            if i in self.shown
        ]
        raws = [msgspec.Raw(json.dumps(row).encode()) for row in rows]
        raws += [msgspec.Raw(b'{"name":"x"}')] * self.nameless
        jobs = next(s for s in self.world.ats.streams if s.name == "jobs")
        yield jobs, Page(raws, last=True, deleted=[i for i in ids if i in self.told])


@pytest.fixture
def vendor(world):
    """Five jobs, synced; each is shown by id."""
    made = Vendor(world)
    world.sync()
    return made


def _live(world):
    return {int(one) for one in world.store.records.read_live_ids("acme", "jobs")}


def _without(world, *ids):
    world.ats.rows["jobs"] = [row for row in world.ats.rows["jobs"] if row["id"] not in ids]


def _read_whole(world):
    return world.sync(after=HOUR, full=True)["jobs"]


def test_what_a_list_left_out_and_the_vendor_shows_stays(vendor):
    """It is as it is shown, although no list brought it; the others are believed as ever."""
    world = vendor.world
    _without(world, 2, 3)
    vendor.shown["2"] = {"id": 2, "name": "renamed"}
    report = _read_whole(world)
    assert (report.deleted, report.changed, report.status) == (0, 1, StreamStatus.GOOD)
    assert _live(world) == set(range(5))
    assert vendor.asked == [("requisition", ["2", "3"])]


def test_what_nobody_shows_is_deleted(vendor):
    """The second time it is asked for beside a record that must exist."""
    world = vendor.world
    _without(world, 2, 3)
    del vendor.shown["3"]
    assert _read_whole(world).deleted == 1
    assert _live(world) == {0, 1, 2, 4}
    assert vendor.asked == [("requisition", ["2", "3"]), ("requisition", ["0", "3"])]


def test_what_the_vendor_calls_deleted_costs_no_second_question(vendor):
    """A 404 of the record itself."""
    world = vendor.world
    _without(world, 3)
    del vendor.shown["3"]
    vendor.told.add("3")
    assert _read_whole(world).deleted == 1
    assert vendor.asked == [("requisition", ["3"])]


def test_silence_about_everybody_proves_nothing(vendor):
    """Not even the records that the list has just returned are shown: the next read decides."""
    world = vendor.world
    _without(world, 3)
    vendor.shown.clear()
    assert (_read_whole(world).deleted, _live(world)) == (0, set(range(5)))
    assert [len(ids) for _, ids in vendor.asked] == [1, 2, 2, 2]


def test_a_row_without_an_id_may_be_any_of_them(vendor):
    """Nothing is marked, and nothing is asked again."""
    world = vendor.world
    _without(world, 3)
    del vendor.shown["3"]
    vendor.nameless = 1
    assert _read_whole(world).deleted == 0
    assert len(vendor.asked) == 1


@pytest.mark.parametrize("error", [DeniedError("no"), FatalError("cannot be asked for one job")])
def test_a_vendor_that_cannot_be_asked_leaves_it_to_the_list(vendor, error):
    """A permission that lacks, or records that have no address of their own."""
    world = vendor.world
    _without(world, 3)
    vendor.fault = error
    report = _read_whole(world)
    assert (report.deleted, report.status) == (1, StreamStatus.GOOD)


def test_a_vendor_that_does_not_answer_leaves_all_as_it_was(vendor):
    """The list is read again; then it is decided."""
    world = vendor.world
    _without(world, 3)
    del vendor.shown["3"]
    vendor.fault = RetryableError("gave up")
    report = _read_whole(world)
    assert (report.deleted, report.status) == (0, StreamStatus.FAILED)
    vendor.fault = None
    assert _read_whole(world).deleted == 1


def test_what_the_operator_accepts_is_asked_of_nobody(vendor):
    """The word of a person counts."""
    world = vendor.world
    _without(world, 3)
    report = world.sync(after=HOUR, accept_deleted=frozenset({"jobs"}))["jobs"]
    assert (report.deleted, vendor.asked) == (1, [])


def test_of_very_many_five_hundred_are_asked_for(world):
    """If one of them exists, those beyond wait for the next read; else the list was right."""
    world.ats.page_size = 5_000
    world.ats.rows["jobs"] = [{"id": f"{n:05}", "name": "x"} for n in range(40_000)]
    vendor = Vendor(world)
    world.sync()
    missing = [f"{n:05}" for n in range(600)]
    _without(world, *missing)
    for one in missing[1:]:
        del vendor.shown[one]
    assert world.sync(after=HOUR, full=True)["jobs"].deleted == 499
    del vendor.shown[missing[0]]
    assert world.sync(after=HOUR, full=True)["jobs"].deleted == 101
    assert max(len(ids) for _, ids in vendor.asked) <= 501


@pytest.fixture
def seats(two_lists):
    """Jobs and the seats that refer to them, each with a filter; jobs are shown by id."""
    jobs, listed = two_lists.ats.streams
    streams = (jobs, replace(listed, incremental=jobs.incremental))
    two_lists.ats.streams, two_lists.ats.spec = (
        streams,
        replace(two_lists.ats.spec, streams=streams),
    )
    made = Vendor(two_lists)
    two_lists.sync()
    two_lists.sync(after=DAY)  # windows no longer return the rows of the first read
    return made


def _new_seats(world, of):
    at = world.time.now() + HOUR
    world.ats.rows["seats"] += [
        {"id": f"{of}-{n}", "of": of, "user": "open", "at": at} for n in (1, 2)
    ]


def test_a_window_of_another_account_is_not_stored(seats):
    """Its rows are new and belong to jobs that nobody knows; the next good answer is stored."""
    world = seats.world
    kept = list(world.ats.rows["seats"])
    _new_seats(world, of=977)
    report = world.sync(after=HOUR)["seats"]
    assert (report.status, report.new) == (StreamStatus.FAILED, 0)
    assert "another account's" in report.error
    assert "credential" in report.remedy
    assert seats.asked == [("requisition", ["977"])]
    world.ats.rows["seats"] = kept
    _new_seats(world, of=1)
    report = world.sync(after=HOUR)["seats"]
    assert (report.status, report.new) == (StreamStatus.GOOD, 2)


def test_a_window_of_what_was_made_a_moment_ago_is_stored(seats):
    """A job that its own list did not return yet is shown by its id."""
    world = seats.world
    seats.shown["977"] = {"id": 977, "name": "made a moment ago"}
    _new_seats(world, of=977)
    report = world.sync(after=HOUR)["seats"]
    assert (report.status, report.new) == (StreamStatus.GOOD, 2)


def test_a_window_is_stored_where_nobody_can_be_asked(seats):
    """Rows that refer to records without an address of their own may be new."""
    world = seats.world
    seats.fault = FatalError("cannot be asked for one job")
    _new_seats(world, of=977)
    assert world.sync(after=HOUR)["seats"].new == 2


def test_a_slice_of_the_past_of_another_account_is_not_stored(two_lists):
    """It is asked for again, as long as it holds nothing that is known; then it is read."""
    jobs, listed = two_lists.ats.streams
    first = Backfill(first=lambda now: ({"name": "first"},))
    streams = (jobs, replace(listed, incremental=jobs.incremental, backfill=first))
    world, rows = two_lists, two_lists.ats.rows
    world.ats.streams, world.ats.spec = streams, replace(world.ats.spec, streams=streams)
    Vendor(world)
    past = [{"id": f"p{n}", "of": 0, "name": "", "at": world.time.now() - DAY} for n in range(2)]
    now = [{**row, "name": "first"} for row in rows["seats"]]
    rows["seats"] = [*now, *past]
    world.sync(history=90 * DAY)
    rows["seats"] = [*now, *({**row, "id": f"x{row['id']}", "of": 977} for row in past)]
    report = world.sync(after=HOUR, history=90 * DAY)["seats"]
    assert "another account's" in report.error
    assert world.state("seats").since is not None
    rows["seats"] = [*now, *past]
    report = world.sync(after=HOUR, history=90 * DAY)["seats"]
    assert (report.error, report.new, world.state("seats").since) == ("", 2, None)
    seats = set(world.store.records.read_live_ids("acme", "seats"))
    assert seats == {row["id"] for row in rows["seats"]}


def _unknown(world):
    states = {s.name: world.state(s.name) for s in world.ats.streams}
    return find_unreadable(states, world.ats.spec, world.time.now(), timedelta(hours=2))


@pytest.fixture
def partial(two_lists):
    """A first answer that lacks a job which a seat refers to."""
    two_lists.ats.rows["seats"][1]["of"] = 1
    made = Vendor(two_lists)
    made.left_out = two_lists.ats.rows["jobs"].pop(0)
    return made


def test_a_first_answer_that_left_out_rows_is_not_believed(partial):
    """Until a later one returns them: the vendor shows by id that they exist."""
    world = partial.world
    report = world.sync()["jobs"]
    assert "left out rows" in report.doubt
    assert "requisition.title" in _unknown(world)
    assert world.sync(after=HOUR)["jobs"].doubt == report.doubt
    world.ats.rows["jobs"].append(partial.left_out)
    report = world.sync(after=HOUR)["jobs"]
    assert (report.doubt, report.new) == ("", 1)
    assert _unknown(world) == frozenset()
    before = len(partial.asked)
    world.sync(after=HOUR)
    assert len(partial.asked) == before, "it is believed now, and nobody is asked again"


def test_a_reference_to_what_was_deleted_is_no_evidence(partial):
    """The vendor does not show it."""
    del partial.shown["0"]
    assert partial.world.sync()["jobs"].doubt == ""


def test_the_operator_may_accept_what_a_first_answer_left_out(partial):
    """For good."""
    world = partial.world
    world.sync()
    accepted = frozenset({"jobs"})
    assert world.sync(after=HOUR, accept_empty=accepted)["jobs"].doubt == ""
    assert _unknown(world) == frozenset()
    assert world.sync(after=HOUR)["jobs"].doubt == ""
