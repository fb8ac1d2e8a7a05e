"""How lists are read: windows, marks, unchanged rows, restarts, faults, the gone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from atsbridge.errors import (
    AuthError,
    CursorError,
    DeniedError,
    FatalError,
    RetryableError,
    StoreError,
)
from atsbridge.ports.record_store import StreamStatus

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def test_the_first_sync_reads_the_whole_list(world):
    """No window is asked for, every row is new, and the mark is where reading began."""
    start = world.time.now()
    report = world.sync()["jobs"]
    assert world.ats.asked == [("jobs", None, ())]
    assert (report.new, report.unchanged, report.status) == (5, 0, StreamStatus.GOOD)
    assert (world.state("jobs").bookmark, world.state("jobs").read_at) == (start, start)


def test_a_later_sync_asks_from_the_mark_less_the_look_back(world):
    """The window begins an hour before the mark and ends ahead of now; one request in all."""
    start = world.time.now()
    world.sync()
    report = world.sync(after=10 * MINUTE)["jobs"]
    window = world.ats.asked[-1][1]
    assert window[0] == start - HOUR
    assert window[1] > world.time.now()
    assert (report.requests, report.new, report.changed) == (1, 0, 0)


def test_a_change_shown_late_is_seen_through_the_look_back(world):
    """A row that was changed before the mark, and shown only after, is not missed."""
    world.sync()
    world.edit("jobs", 3, name="renamed")
    world.ats.rows["jobs"][3]["at"] -= 30 * MINUTE
    assert world.sync(after=10 * MINUTE)["jobs"].changed == 1


def test_the_night_finds_what_an_empty_answer_held_back(world):
    """Two windows were empty by mistake: no later one would ask for that time again."""
    world.sync()
    world.edit("jobs", 3, name="renamed")
    rows, world.ats.rows["jobs"] = world.ats.rows["jobs"], []
    for _ in range(2):
        assert world.sync(after=3 * HOUR)["jobs"].error == ""
    world.ats.rows["jobs"] = rows
    assert world.sync(after=3 * HOUR)["jobs"].changed == 0
    report = world.sync(after=10 * HOUR, nightly=True)["jobs"]
    assert (report.changed, report.deleted) == (1, 0)


def test_unchanged_rows_are_neither_decoded_nor_written(memory, world):
    """A second full list of the same rows writes its state and nothing else."""
    world.store = memory
    world.sync()
    memory.written.clear()
    report = world.sync(full=True)["jobs"]
    assert (report.unchanged, report.new, report.changed) == (5, 0, 0)
    assert [len(page.rows) for page in memory.written] == [0]
    assert memory.written[0].state is not None


def test_only_what_changed_is_written(memory, world):
    """Of five listed rows one differs: one is written."""
    world.store = memory
    world.sync()
    world.edit("jobs", 1, name="renamed")
    memory.written.clear()
    assert world.sync(full=True)["jobs"].changed == 1
    assert [row.id for page in memory.written for row in page.rows] == ["1"]
    assert memory.log == [("title", "job 1", "renamed", "sweep")]


def test_the_mark_moves_only_with_the_last_page(world):
    """A fault on the second page leaves the first page stored and the mark where it was."""
    world.ats.faults = [("jobs", 1, RetryableError("gave up", remedy="wait"))]
    report = world.sync()["jobs"]
    assert (report.status, report.new) == (StreamStatus.FAILED, 2)
    assert (report.error, report.remedy) == ("gave up", "wait")
    assert world.state("jobs").bookmark is None
    again = world.sync()["jobs"]
    assert (again.status, again.new, again.unchanged) == (StreamStatus.GOOD, 3, 2)


def test_a_kill_between_pages_is_made_up_for(world):
    """Whatever ends the process, the next one reads the window from its start."""
    world.ats.faults = [("jobs", 2, KeyboardInterrupt())]
    with pytest.raises(KeyboardInterrupt):
        world.sync()
    report = world.sync()["jobs"]
    assert report.new + report.unchanged == 5
    assert sorted(world.store.records.read_live_ids("acme", "jobs")) == ["0", "1", "2", "3", "4"]


def test_a_refused_page_token_sends_the_window_back_once(world):
    """The second time through counts; nothing is doubled."""
    world.ats.faults = [("jobs", 1, CursorError("gave the same next page twice"))]
    report = world.sync()["jobs"]
    assert report.status is StreamStatus.GOOD
    assert [stream for stream, _, _ in world.ats.asked] == ["jobs", "jobs"]
    assert world.state("jobs").bookmark is not None


def test_a_page_token_refused_again_fails_the_stream(world):
    """Only once: a vendor that never lets us through is reported."""
    world.ats.faults = [("jobs", 1, CursorError("refused")), ("jobs", 1, CursorError("refused"))]
    report = world.sync()["jobs"]
    assert (report.status, report.error) == (StreamStatus.FAILED, "refused")
    assert len(world.ats.asked) == 2


def test_a_denied_stream_is_degraded_with_its_scope(world):
    """403 is no broken credential: the stream says which permission it lacks."""
    world.ats.faults = [("jobs", 0, DeniedError("does not allow this"))]
    report = world.sync()["jobs"]
    assert report.status is StreamStatus.DENIED
    assert "jobs:read" in report.remedy


@pytest.mark.parametrize(
    ("names_permission", "remedy"),
    [
        (False, "Give the credential of account acme the permission jobs:read"),
        (True, "Give it jobs:custom, under Settings"),
    ],
)
def test_a_remedy_that_names_the_permission_is_kept(world, names_permission, remedy):
    """It may name another list than its own; a general remedy gets the scope of the stream."""
    refused = DeniedError("does not allow this", remedy="Give it jobs:custom, under Settings")
    refused.names_permission = names_permission
    world.ats.faults = [("jobs", 0, refused)]
    assert world.sync()["jobs"].remedy == remedy


def test_a_refused_credential_ends_the_account(family):
    """Nothing further is asked with a credential that is no good."""
    family.ats.faults = [("jobs", 0, AuthError("refused", remedy="Check it"))]
    reports = family.sync()
    assert list(reports) == ["jobs"]
    assert reports["jobs"].remedy == "Check it"


def test_a_failed_stream_does_not_stop_the_next(family):
    """Each stream's fault stays its own."""
    family.sync()
    family.ats.faults = [("jobs", 0, FatalError("so it is"))]
    reports = family.sync(after=HOUR)
    assert [(r.stream, r.status) for r in reports.values()] == [
        ("jobs", StreamStatus.FAILED),
        ("seats", StreamStatus.GOOD),
    ]


def test_a_connector_that_breaks_is_named_and_its_text_kept_out(world):
    """An exception of the plugin's own may hold a value: its type is told, its text is not."""
    world.ats.faults = [("jobs", 1, ZeroDivisionError("ann@candidates.example"))]
    report = world.sync()["jobs"]
    assert report.status is StreamStatus.FAILED
    assert "connector tiny raised ZeroDivisionError" in report.error
    assert "ann@" not in f"{report!r}"


def test_a_fault_of_the_store_is_not_the_sources(memory, world):
    """StoreError goes up: it would hit every stream."""

    def full(page):
        raise StoreError("The disk is full")

    memory.write_page = full
    world.store = memory
    with pytest.raises(StoreError):
        world.sync()


def test_ids_as_numbers_and_as_text_are_one(world):
    """A vendor that quotes its ids overnight doubles nothing."""
    world.sync()
    for row in world.ats.rows["jobs"]:
        row["id"] = str(row["id"])
    report = world.sync(full=True)["jobs"]
    assert (report.new, report.changed, report.deleted) == (0, 0, 0)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b'{"id": 77, "name": ["ann@x.example"]}', "jobs/77: Expected `str | null`"),
        (b'{"id": null, "name": "ann@x.example"}', "no id"),
        (b'{"name": "ann@x.example"}', "no id"),
        (b'["ann@x.example"]', "no id"),
    ],
)
def test_a_bad_record_is_counted_and_sampled(world, raw, why):
    """One of many is not fatal; the sample shows its id, field and type, never a value."""
    world.ats.rows["jobs"].insert(2, raw)
    report = world.sync()["jobs"]
    assert (report.bad, report.new, report.status) == (1, 5, StreamStatus.GOOD)
    assert why in report.samples[0]
    assert "ann@" not in f"{report!r}"


def test_what_normalize_raises_is_a_bad_record(world, monkeypatch):
    """Its place in the code is told, its text is not."""
    world.ats.rows["jobs"][0]["custom"] = "ann@x.example"
    report = world.sync()["jobs"]
    assert (report.bad, report.new) == (1, 4)
    assert "ann@" not in report.samples[0]


def test_too_many_bad_records_fail_the_stream(world):
    """Past the share the mark stays; what was good is stored."""
    world.ats.rows["jobs"][0:0] = [b'{"name": "one"}', b'{"name": "two"}']
    report = world.sync(max_bad=0.2)["jobs"]
    assert report.status is StreamStatus.FAILED
    assert report.error == "2 of 7 records could not be read, more than 20%"
    assert world.state("jobs").bookmark is None
    assert world.sync(max_bad=0.5)["jobs"].status is StreamStatus.GOOD


def test_what_a_full_list_no_longer_holds_is_gone(world):
    """Two of five, found missing by a full read and not by a window."""
    world.sync()
    del world.ats.rows["jobs"][1:3]
    assert world.sync(after=MINUTE)["jobs"].deleted == 0
    report = world.sync(full=True)["jobs"]
    assert (report.deleted, report.status) == (2, StreamStatus.GOOD)
    assert sorted(world.store.records.read_live_ids("acme", "jobs")) == ["0", "3", "4"]


def test_a_gone_record_that_is_seen_again_is_back(world):
    """Its digest was cleared, so it is written anew."""
    world.sync()
    lost = world.ats.rows["jobs"].pop()
    world.sync(full=True)
    world.ats.rows["jobs"].append(lost)
    report = world.sync(full=True)["jobs"]
    assert report.changed == 1
    assert len(list(world.store.records.read_live_ids("acme", "jobs"))) == 5


@pytest.mark.parametrize(("stored", "left"), [(5, 0), (1000, 979)])
def test_too_much_gone_at_once_is_lost_sight(world, stored, left):
    """All, or more than 2% and 20: nothing is marked; the count and the way out are told."""
    world.ats.rows["jobs"] = [{"id": n, "name": "x"} for n in range(stored)]
    world.ats.page_size = 500
    world.sync()
    world.ats.rows["jobs"] = world.ats.rows["jobs"][:left]
    report = world.sync(full=True)["jobs"]
    assert (report.status, report.deleted) == (StreamStatus.LOST, 0)
    assert f"{stored - left} of {stored} records are missing" in report.error
    assert "atsbridge sync --account acme --accept-deleted jobs" in report.remedy
    assert "jobs:read" in report.remedy, "who may see less than before is told so, too"
    assert len(list(world.store.records.read_live_ids("acme", "jobs"))) == stored


def test_just_under_the_guard_is_deletion(world):
    """Twenty of a thousand are believed."""
    world.ats.rows["jobs"] = [{"id": n, "name": "x"} for n in range(1000)]
    world.ats.page_size = 500
    world.sync()
    del world.ats.rows["jobs"][:20]
    assert world.sync(full=True)["jobs"].deleted == 20


def test_a_lost_stream_is_lost_until_it_is_whole_again_or_accepted(world):
    """Windows in between do not make it good; the accepted deletion does."""
    world.sync()
    kept, world.ats.rows["jobs"] = world.ats.rows["jobs"], []
    assert world.sync(full=True)["jobs"].status is StreamStatus.LOST
    assert world.sync(after=MINUTE)["jobs"].status is StreamStatus.LOST
    world.ats.rows["jobs"] = kept
    assert world.sync(after=MINUTE)["jobs"].status is StreamStatus.GOOD
    world.ats.rows["jobs"] = []
    report = world.sync(accept_deleted=frozenset({"jobs"}))["jobs"]
    assert (report.status, report.deleted) == (StreamStatus.GOOD, 5)


def test_a_fault_does_not_hide_lost_sight(world):
    """A read that fails makes a lost list no more believable: its error is reported, and the list
    stays lost."""
    world.sync()
    world.ats.rows["jobs"] = []
    world.sync(full=True)
    world.ats.faults = [("jobs", 0, RetryableError("gave up"))]
    report = world.sync(after=MINUTE)["jobs"]
    assert (report.status, report.error) == (StreamStatus.LOST, "gave up")
    report = world.sync(after=MINUTE)["jobs"]
    assert report.status is StreamStatus.LOST
    assert "5 of 5 records are missing" in report.error
