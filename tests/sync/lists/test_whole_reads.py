"""A long list that is not believed is read whole less and less often."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from atsbridge.errors import DeniedError, RetryableError
from atsbridge.ports.record_store import CHEAP_ROWS, StreamStatus
from atsbridge.ports.stream import Backfill
from atsbridge.sync.freshness import find_unreadable
from atsbridge.sync.lists.children import PROBES

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
STORED, LEFT = 1_000, 300


def _whole_reads(world, stream="jobs"):
    """How many of the requests since the last call began a read of the whole list."""
    asked = list(world.ats.asked)
    world.ats.asked.clear()
    return sum(1 for name, window, _ in asked if name == stream and window is None)


@pytest.fixture
def lost(world):
    """A long list that has lost most of its rows at once."""
    world.ats.rows["jobs"] = [{"id": n, "name": "x"} for n in range(STORED)]
    world.ats.page_size = 500
    world.sync()
    world.complete, world.ats.rows["jobs"] = world.ats.rows["jobs"], world.ats.rows["jobs"][:LEFT]
    assert world.sync(after=HOUR, full=True)["jobs"].status is StreamStatus.LOST
    _whole_reads(world)
    return world


def _unknown(world):
    states = {s.name: world.state(s.name) for s in world.ats.streams}
    return find_unreadable(states, world.ats.spec, world.time.now(), timedelta(days=30))


def test_the_pause_between_whole_reads_doubles_to_a_day(lost):
    """Read every 20 minutes for five days: after 1, 2, 4, 8, 16 and then every 24 hours."""
    begun, reads = lost.time.now(), []
    for _ in range(5 * 72):
        assert lost.sync(after=20 * MINUTE)["jobs"].status is StreamStatus.LOST
        if _whole_reads(lost):
            reads.append((lost.time.now() - begun) // HOUR)
    assert reads == [1, 3, 7, 15, 31, 55, 79, 103]


def test_between_whole_reads_the_list_is_unknown_and_its_changes_are_stored(lost):
    """Its error stays the same, so that ops are told once."""
    first = lost.sync(after=2 * HOUR)["jobs"]
    lost.ats.rows["jobs"].append({"id": 5_000, "name": "new", "at": lost.time.now()})
    report = lost.sync(after=MINUTE)["jobs"]
    assert _whole_reads(lost) == 1, "the second sync reads a window"
    assert (report.status, report.error, report.new) == (StreamStatus.LOST, first.error, 1)
    assert report.kind == first.kind == "lost"
    assert "requisition.title" in _unknown(lost)


def test_a_list_that_is_complete_again_is_believed_at_the_next_whole_read(lost):
    """Nothing was deleted meanwhile, and the windows go on."""
    lost.sync(after=HOUR)
    lost.ats.rows["jobs"] = lost.complete
    assert lost.sync(after=MINUTE)["jobs"].status is StreamStatus.LOST
    report = lost.sync(after=2 * HOUR)["jobs"]
    assert (report.status, report.deleted) == (StreamStatus.GOOD, 0)
    assert lost.state("jobs").whole_read is None
    assert _unknown(lost) == frozenset()
    _whole_reads(lost)
    lost.sync(after=DAY)
    assert _whole_reads(lost) == 0


@pytest.mark.parametrize(
    "options", [{"nightly": True}, {"full": True}, {"accept_deleted": frozenset({"jobs"})}]
)
def test_the_night_and_the_operator_read_it_whole_at_once(lost, options):
    """Whatever the pause."""
    lost.sync(after=2 * HOUR)
    _whole_reads(lost)
    lost.ats.rows["jobs"] = lost.complete
    report = lost.sync(after=MINUTE, **options)["jobs"]
    assert report.status is StreamStatus.GOOD
    assert _whole_reads(lost) == 1


def test_a_failure_between_whole_reads_does_not_make_it_believed(lost):
    """Nor does it make the next sync read the list whole."""
    lost.sync(after=2 * HOUR)
    _whole_reads(lost)
    lost.ats.faults = [("jobs", 0, RetryableError("gave up"))]
    report = lost.sync(after=MINUTE)["jobs"]
    assert (report.status, report.error) == (StreamStatus.LOST, "gave up")
    assert "requisition.title" in _unknown(lost)
    report = lost.sync(after=MINUTE)["jobs"]
    assert (report.status, "missing at once" in report.error) == (StreamStatus.LOST, True)
    assert _whole_reads(lost) == 0


def test_a_permission_that_comes_back_reads_it_whole(lost):
    """What was missing may have been missing for lack of it."""
    lost.sync(after=2 * HOUR)
    lost.ats.faults = [("jobs", 0, DeniedError("no"))]
    assert lost.sync(after=MINUTE)["jobs"].status is StreamStatus.DENIED
    _whole_reads(lost)
    lost.ats.rows["jobs"] = lost.complete
    assert lost.sync(after=MINUTE)["jobs"].status is StreamStatus.GOOD
    assert _whole_reads(lost) == 1


def test_a_clock_that_went_backward_reads_it_whole(lost):
    """An instant in the future is no reason to wait."""
    lost.sync(after=2 * HOUR)
    _whole_reads(lost)
    lost.sync(after=-3 * HOUR)
    assert _whole_reads(lost) == 1


def test_a_short_list_is_read_whole_in_every_sync(world):
    """It costs one page, and is believed as soon as it is complete."""
    world.ats.rows["jobs"] = [{"id": n, "name": "x"} for n in range(CHEAP_ROWS)]
    world.ats.page_size = CHEAP_ROWS
    world.sync()
    kept, world.ats.rows["jobs"] = world.ats.rows["jobs"], world.ats.rows["jobs"][:50]
    world.sync(full=True)
    _whole_reads(world)
    for _ in range(3):
        assert world.sync(after=MINUTE)["jobs"].status is StreamStatus.LOST
    assert _whole_reads(world) == 3
    world.ats.rows["jobs"] = kept
    assert world.sync(after=MINUTE)["jobs"].status is StreamStatus.GOOD


def _seats(count, of):
    return [{"id": f"{n}a", "of": of, "user": "open", "at": NOW} for n in range(count)]


@pytest.fixture
def foreign(two_lists):
    """A long list of seats, none of which belongs to a job of this account."""
    jobs, seats = two_lists.ats.spec.streams
    filtered = replace(seats, incremental=jobs.incremental)
    two_lists.ats.spec = replace(two_lists.ats.spec, streams=(jobs, filtered))
    two_lists.ats.rows["seats"] = _seats(500, of=77)
    two_lists.ats.page_size = 500
    assert "another account's" in two_lists.sync()["seats"].doubt
    _whole_reads(two_lists, "seats")
    return two_lists


def test_a_list_of_another_account_is_read_whole_less_and_less_often(foreign):
    """It stays doubted, and the doubt is reported in the same words."""
    reads = []
    for hour in range(1, 73):
        assert "another account's" in foreign.sync(after=HOUR)["seats"].doubt
        if _whole_reads(foreign, "seats"):
            reads.append(hour)
    assert reads == [1, 3, 7, 15, 31, 55]


def test_a_doubt_ends_only_with_a_whole_read(foreign):
    """Once the rows fit, the next sync reads the list whole, and then it is believed."""
    foreign.sync(after=HOUR)
    foreign.ats.rows["jobs"].append({"id": 77, "name": "found", "at": foreign.time.now()})
    _whole_reads(foreign, "seats")
    assert foreign.sync(after=MINUTE)["seats"].doubt != ""
    assert _whole_reads(foreign, "seats") == 0
    del foreign.ats.rows["seats"][400:]
    report = foreign.sync(after=MINUTE)["seats"]
    assert (_whole_reads(foreign, "seats"), report.doubt, report.deleted) == (1, "", 100)
    assert foreign.state("seats").whole_read is None


def test_what_the_operator_accepts_is_read_whole_at_once(foreign):
    """So that nothing old is believed with it."""
    foreign.sync(after=HOUR)
    _whole_reads(foreign, "seats")
    report = foreign.sync(after=MINUTE, accept_empty=frozenset({"seats"}))["seats"]
    assert (report.doubt, _whole_reads(foreign, "seats")) == ("", 1)


def test_children_that_are_not_believed_cost_a_few_requests_per_sync(family):
    """The parents stay queued; when an answer shows evidence, all of them are read."""
    family.ats.rows["jobs"] = [{"id": n, "name": "j"} for n in range(200)]
    family.ats.page_size = 200
    ours = {str(n): [{"id": f"{n}a", "of": n, "user": "open"}] for n in range(200)}
    family.ats.children = ours
    family.sync()
    family.ats.children = {p: [{"id": f"x{p}", "of": 900 + int(p)}] for p in ours}
    for job in range(200):
        family.edit("jobs", job, name="renamed")
    first = family.sync(after=MINUTE)["seats"]
    assert first.status is StreamStatus.LOST
    assert "the answers for 200 parents" in first.error
    assert first.requests >= 200, "all are read before the stream is known to be lost"
    again = family.sync(after=MINUTE)["seats"]
    assert again.requests == PROBES + 3, "a few batches and the witnesses"
    assert (again.status, again.error) == (StreamStatus.LOST, first.error)
    assert family.store.records.count_work("acme")["seats"] == 200
    family.ats.children = ours
    report = family.sync(after=MINUTE)["seats"]
    assert (report.status, report.error) == (StreamStatus.GOOD, "")
    assert dict(family.store.records.count_work("acme")) == {}


def test_rows_of_another_account_replace_none_of_a_list_that_was_believed(world):
    """Nothing is stored or marked deleted in any of the syncs, and ops read the same words."""
    known, before = world.ats.rows["jobs"], None
    world.sync()
    world.ats.rows["jobs"] = [{**row, "id": row["id"] + 900} for row in known]
    for _ in range(3):
        report = world.sync(after=HOUR, full=True)["jobs"]
        assert (report.status, report.new, report.deleted) == (StreamStatus.LOST, 0, 0)
        assert "another account's" in report.error
        assert before in (None, report.error)
        before = report.error
    assert "requisition.title" in _unknown(world)
    world.ats.rows["jobs"] = known
    report = world.sync(after=HOUR)["jobs"]
    assert (report.status, report.new, report.changed) == (StreamStatus.GOOD, 0, 0)
    assert world.sync(after=HOUR, full=True)["jobs"].unchanged == len(known)


def test_a_long_list_of_another_account_is_not_read_whole_by_every_sync(world):
    """It may stay another's for days: after an hour it is tried again."""
    world.ats.rows["jobs"] = [{"id": n, "name": "x"} for n in range(STORED)]
    world.ats.page_size = 500
    world.sync()
    world.ats.rows["jobs"] = [{"id": 9_000 + n, "name": "x"} for n in range(STORED)]
    assert world.sync(after=HOUR, full=True)["jobs"].status is StreamStatus.LOST
    _whole_reads(world)
    world.ats.rows["jobs"] = []  # no window is refused
    for after, reads in ((MINUTE, 0), (MINUTE, 0), (HOUR, 1)):
        assert world.sync(after=after)["jobs"].status is StreamStatus.LOST
        assert _whole_reads(world) == reads


def test_known_rows_vouch_for_the_new_ones_of_later_pages(world):
    """Thousands were created since the last sync: the list is the account's own all the same."""
    world.ats.page_size = 500
    world.sync()
    world.ats.rows["jobs"] += [{"id": 9_000 + n, "name": "x"} for n in range(2_500)]
    report = world.sync(after=HOUR, full=True)["jobs"]
    assert (report.status, report.new, report.unchanged) == (StreamStatus.GOOD, 2_500, 5)


def test_the_operator_accepts_that_all_rows_are_new(world):
    """The old ones are marked deleted."""
    world.sync()
    world.ats.rows["jobs"] = [{**row, "id": row["id"] + 900} for row in world.ats.rows["jobs"]]
    world.sync(after=HOUR, full=True)
    report = world.sync(after=HOUR, accept_deleted=frozenset({"jobs"}))["jobs"]
    assert (report.status, report.new, report.deleted) == (StreamStatus.GOOD, 5, 5)


@pytest.mark.parametrize(("of", "new"), [(0, 3), (77, 0)])
def test_new_rows_are_stored_if_they_refer_to_a_known_record(two_lists, of, new):
    """A list of which every row was replaced is the account's own if it fits another list."""
    two_lists.ats.rows["seats"] = _seats(3, of=0)
    two_lists.sync()
    two_lists.ats.rows["seats"] = [{**row, "id": f"new{row['id']}"} for row in _seats(3, of=of)]
    report = two_lists.sync(after=HOUR)["seats"]
    assert (report.status, report.new) == (StreamStatus.LOST, new)


def test_two_rows_may_both_have_been_replaced(two_lists):
    """So few prove nothing."""
    two_lists.sync()
    two_lists.ats.rows["seats"] = [{**row, "id": f"new{row['id']}"} for row in _seats(2, of=77)]
    assert two_lists.sync(after=HOUR)["seats"].new == 2


def _break_off(world):
    """A read of the list that fails on its second page."""
    world.ats.faults = [("jobs", 1, RetryableError("gave up"))]
    return world.sync(after=MINUTE)["jobs"]


def test_the_first_pages_of_a_read_that_failed_end_no_doubt(world):
    """They hold rows that fit, and the others are still missing, however often that happens."""
    rows, world.ats.rows["jobs"] = world.ats.rows["jobs"], []
    world.sync()
    world.ats.rows["jobs"] = rows
    for _ in range(2):
        report = _break_off(world)
        assert (report.status, report.new + report.unchanged) == (StreamStatus.FAILED, 2)
        assert "requisition.title" in _unknown(world)
    assert world.sync(after=MINUTE)["jobs"].doubt == ""
    assert _unknown(world) == frozenset()


def _in_parts(world):
    """The list has a first read, which asks for the open ones."""
    (listed,) = world.ats.streams
    first = Backfill(first=lambda now: ({"name": "open"},))
    world.ats.streams = (replace(listed, backfill=first),)
    world.ats.rows["jobs"] = [{**row, "name": "open"} for row in world.ats.rows["jobs"]]
    world.ats.__post_init__()
    return {"history": 90 * DAY}


@pytest.mark.parametrize("in_parts", [False, True])
@pytest.mark.parametrize("times", [1, 2])
def test_an_empty_answer_after_a_first_read_that_failed_is_not_believed(world, times, in_parts):
    """What the failed read had stored is not all there is, and the empty answer shows nothing."""
    options = _in_parts(world) if in_parts else {}
    world.ats.faults = [("jobs", 1, RetryableError("gave up"))]
    world.sync(after=MINUTE, **options)
    rows, world.ats.rows["jobs"] = world.ats.rows["jobs"], []
    for _ in range(times):
        world.sync(after=MINUTE, **options)
        assert "requisition.title" in _unknown(world)
    world.ats.rows["jobs"] = rows
    for _ in range(2):
        report = world.sync(after=MINUTE, **options)["jobs"]
    assert (report.status, report.doubt) == (StreamStatus.GOOD, "")
    assert _unknown(world) == frozenset()
    assert len(list(world.store.records.read_live_ids("acme", "jobs"))) == 5
