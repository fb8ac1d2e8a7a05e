"""How children are read: the queue, its batches, what a kill or a budget leaves."""

from __future__ import annotations

from concurrent import futures
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.sync.conftest import jobs

from atsbridge.errors import DeniedError, FatalError, RetryableError
from atsbridge.model.query import All, Query
from atsbridge.ports.record_store import StreamStatus
from atsbridge.ports.stream import Parent

MINUTE = timedelta(minutes=1)


def _missing():
    error = FatalError("refused the request (404)")
    error.status = 404
    return error


def test_children_of_every_new_parent_are_read(family):
    """Declared before its parents, read after them; the queue is empty in the end."""
    reports = family.sync()
    assert list(reports) == ["jobs", "seats"]
    assert (reports["seats"].new, reports["seats"].status) == (5, StreamStatus.GOOD)
    assert dict(family.store.records.count_work("acme")) == {}


def test_batches_that_arrived_together_are_stored_together(family, monkeypatch):
    """One transaction, in place of one for each: most of what a batch costs is its transaction."""
    wait, write = futures.wait, family.store.records.write_page
    stored = []
    monkeypatch.setattr(futures, "wait", lambda flying, **_: wait(flying))  # for all of them
    monkeypatch.setattr(
        family.store.records, "write_page", lambda page: stored.append(page) or write(page)
    )
    assert family.sync()["seats"].new == 5
    pages = [page for page in stored if page.stream == "seats" and page.rows]
    assert [len(page.done) for page in pages] == [5]


def test_children_of_unchanged_parents_are_not_asked_for(family):
    """A second sync costs the parents' window and nothing else."""
    family.sync()
    asked = len(family.ats.asked)
    reports = family.sync(after=MINUTE)
    assert family.ats.asked[asked:] == [family.ats.asked[-1]]
    assert (reports["seats"].requests, reports["seats"].status) == (0, StreamStatus.GOOD)


def test_a_changed_parent_is_asked_again_and_lost_children_are_gone(family):
    """What the complete answer no longer holds is gone; other parents' children stay."""
    family.sync()
    family.ats.children["3"] = [{"id": "3b", "of": 3, "user": "open"}]
    family.edit("jobs", 3, name="renamed")
    report = family.sync(after=MINUTE)["seats"]
    assert (report.new, report.deleted) == (1, 1)
    assert report.requests == 2  # another parent's known children show that the answer is ours


def test_children_of_another_account_are_not_stored(family):
    """Nothing in any answer is known: the parents wait, and it heals by itself."""
    family.sync()
    ours = dict(family.ats.children)
    family.ats.children = {p: [{"id": f"x{p}", "of": 900 + int(p)}] for p in ours}
    family.edit("jobs", 3, name="renamed")
    report = family.sync(after=MINUTE)["seats"]
    assert (report.status, report.new, report.deleted) == (StreamStatus.LOST, 0, 0)
    assert family.store.records.count_work("acme")["seats"] == 1
    family.ats.children = ours
    report = family.sync(after=MINUTE)["seats"]
    assert (report.status, report.new, report.deleted) == (StreamStatus.GOOD, 0, 0)
    assert dict(family.store.records.count_work("acme")) == {}


def test_new_children_wait_where_no_other_parent_can_be_asked(family):
    """A budget that is spent is no reason to distrust the list."""
    family.sync()
    family.ats.children["3"] = [{"id": "3b", "of": 3, "user": "open"}]
    family.edit("jobs", 3, name="renamed")
    report = family.sync(after=MINUTE, budget=1)["seats"]
    assert (report.status, report.new) == (StreamStatus.GOOD, 0)
    assert family.store.records.count_work("acme")["seats"] == 1
    assert family.sync(after=MINUTE)["seats"].new == 1


def test_an_unchanged_child_of_a_complete_answer_is_not_gone(family):
    """Rows that are left alone count as listed."""
    family.sync()
    family.edit("jobs", 3, name="renamed")
    report = family.sync(after=MINUTE)["seats"]
    assert (report.unchanged, report.deleted) == (1, 0)


def test_a_bad_child_makes_nobody_gone(family):
    """It could not be read: that is no proof of absence."""
    family.sync()
    family.ats.children["3"] = [b'{"id": "3a", "of": "three"}']
    family.edit("jobs", 3, name="renamed")
    report = family.sync(after=MINUTE)["seats"]
    assert (report.bad, report.deleted) == (1, 0)
    assert dict(family.store.records.count_work("acme")) == {}, "all else was read"


def test_children_that_cannot_be_read_leave_their_parents_in_the_queue(family):
    """One bad child costs itself; where most are bad, nobody is known to have none."""
    good = dict(family.ats.children)
    family.ats.children = {p: [b'{"id": true, "of": 1}'] for p in good}
    report = family.sync()["seats"]
    assert (report.status, report.new) == (StreamStatus.FAILED, 0)
    assert "could not be read" in report.error
    waiting = family.store.records.count_work("acme")["seats"]
    assert waiting >= len(good) - 1
    family.ats.children = good
    report = family.sync(after=MINUTE)["seats"]
    assert (report.new, report.error) == (waiting, "")
    assert dict(family.store.records.count_work("acme")) == {}


def test_a_budget_leaves_the_rest_to_the_next_sync(family):
    """Two requests, two parents; the queue holds the others; later syncs drain it."""
    report = family.sync(budget=2)["seats"]
    assert (report.new, report.good, report.status) == (2, True, StreamStatus.NEVER)
    assert (report.error, family.state("seats").detail) == ("", "")
    assert family.store.records.count_work("acme")["seats"] == 3
    assert family.sync(after=MINUTE, budget=2)["seats"].new == 2
    last = family.sync(after=MINUTE, budget=2)["seats"]
    assert (last.new, last.status) == (1, StreamStatus.GOOD)


def test_the_queue_survives_a_kill(family):
    """Whatever was not stored is still waiting."""
    family.ats.faults = [("seats", "2", KeyboardInterrupt())]
    with pytest.raises(KeyboardInterrupt):
        family.sync()
    waiting = family.store.records.count_work("acme")["seats"]
    assert waiting >= 1
    assert family.sync(after=MINUTE)["seats"].new == waiting


def test_a_parent_that_is_no_more_leaves_the_queue(family):
    """404 for one parent, where others are found, fails nothing."""
    family.ats.faults = [("seats", "2", _missing())]
    report = family.sync()["seats"]
    assert (report.new, report.status) == (4, StreamStatus.GOOD)
    assert dict(family.store.records.count_work("acme")) == {}


def test_a_404_for_a_parent_makes_no_child_gone(family):
    """What became of a deleted parent's records is for the parent's own list to say."""
    family.sync()
    family.edit("jobs", 3, name="renamed")
    family.ats.faults = [("seats", "3", _missing())]
    report = family.sync(after=MINUTE)["seats"]
    assert (report.deleted, report.status) == (0, StreamStatus.GOOD)
    assert dict(family.store.records.count_work("acme")) == {}
    assert family.ats.asked[-1][0] == "seats"  # somebody else's children were seen


def test_where_no_parent_is_found_the_address_is_wrong(family):
    """All of them 404: the stream failed, and every parent still waits."""
    family.ats.faults = [("seats", str(n), _missing()) for n in range(5) for _ in range(4)]
    report = family.sync()["seats"]
    assert (report.status, report.deleted) == (StreamStatus.FAILED, 0)
    assert family.store.records.count_work("acme")["seats"] == 5
    family.ats.faults.clear()
    assert family.sync(after=MINUTE)["seats"].new == 5


@pytest.mark.parametrize("batch", [1, 3])
def test_a_404_for_a_list_of_parents_is_not_no_children(family, batch):
    """With a parameter the parents are not in the address: the list itself was not found."""
    jobs = family.ats.streams[1]
    parent = Parent("jobs", param="job_ids", batch=batch)
    seats = replace(family.ats.streams[0], parent=parent)
    family.ats.spec = replace(family.ats.spec, streams=(jobs, seats))
    family.ats.faults = [("seats", "0", _missing())]
    report = family.sync()["seats"]
    assert report.status is StreamStatus.FAILED
    assert len(family.store.records.read_work("acme", "seats", 9)) == batch
    assert family.sync(after=MINUTE)["seats"].new == batch


def test_children_of_everybody_are_not_gone_at_once(family):
    """Every parent that is asked has none now: sight was lost, until one shows some."""
    family.sync()
    shown, family.ats.children = family.ats.children, {}
    for one in (1, 2, 3):
        family.edit("jobs", one, name="renamed")
    report = family.sync(after=MINUTE)["seats"]
    assert (report.deleted, report.status) == (0, StreamStatus.LOST)
    assert "3 parents that had some have none now" in report.error
    assert "--accept-deleted seats" in report.remedy
    family.ats.children = shown
    again = family.sync(after=MINUTE)["seats"]
    assert (again.deleted, again.status, again.error) == (0, StreamStatus.GOOD, "")


def test_children_of_one_parent_may_be_gone(family):
    """Another parent's are shown, when asked for that alone."""
    family.sync()
    family.ats.children["3"] = []
    family.edit("jobs", 3, name="renamed")
    report = family.sync(after=MINUTE)["seats"]
    assert (report.deleted, report.status) == (1, StreamStatus.GOOD)


def test_what_the_operator_accepts_is_gone(family):
    """All of the children, by `--accept-deleted`."""
    family.sync()
    family.ats.children = {}
    for one in (1, 2, 3):
        family.edit("jobs", one, name="renamed")
    family.sync(after=MINUTE)
    report = family.sync(after=MINUTE, accept_deleted=frozenset({"seats"}))["seats"]
    assert (report.deleted, report.status) == (3, StreamStatus.GOOD)


def test_three_failed_batches_end_the_stream(family):
    """The rest of a long queue is left to the next sync: nobody hammers a vendor that is down."""
    family.ats.rows["jobs"] = [{"id": n, "name": "j"} for n in range(60)]
    down = [("seats", str(n), RetryableError("gave up")) for n in range(60)]
    family.ats.faults = list(down)
    report = family.sync()["seats"]
    assert (report.status, report.error) == (StreamStatus.FAILED, "gave up")
    asked = sum(1 for stream, *_ in family.ats.asked if stream == "seats")
    assert 3 <= asked <= 3 + 2 * 4  # what was under way when the third one failed
    assert family.store.records.count_work("acme")["seats"] == 60


def test_one_parent_that_fails_does_not_hold_up_the_others(family):
    """The rest of the queue is read; the failed one waits, and the stream says why."""
    family.ats.faults = [("seats", "0", RetryableError("gave up"))]
    report = family.sync()["seats"]
    assert (report.new, report.status, report.error) == (4, StreamStatus.FAILED, "gave up")
    assert [w.parent for w in family.store.records.read_work("acme", "seats", 9)] == ["0"]
    again = family.sync(after=MINUTE)["seats"]
    assert (again.new, again.status, again.error) == (1, StreamStatus.GOOD, "")


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_who_waits_is_known_to_the_store_before_any_answer(family):
    """The one parent there is fails: what it would have told is unknown of it, nothing else is."""
    family.ats.rows["jobs"] = family.ats.rows["jobs"][:1]
    family.ats.faults = [("seats", "0", RetryableError("gave up"))]
    family.sync()
    (found,) = family.store.subjects.select(
        "acme", Query("requisition", All(), ("requisition.title",))
    )
    assert "opening.status" in found.unread
    assert "requisition.title" not in found.unread
    family.sync(after=MINUTE)
    (found,) = family.store.subjects.select("acme", Query("requisition", All(), ()))
    assert found.unread == frozenset()


def test_a_missing_permission_stops_at_once(family):
    """Every further parent would be refused in the same way."""
    family.ats.rows["jobs"] = jobs(40)
    family.ats.faults = [("seats", str(n), DeniedError("not allowed")) for n in range(40)]
    report = family.sync()["seats"]
    assert report.status is StreamStatus.DENIED
    assert family.store.records.count_work("acme")["seats"] == 40
    assert report.requests < 20


def test_a_parent_that_may_not_be_seen_costs_nobody_else(family):
    """A candidate became confidential: others are answered, so that no permission is missing."""
    family.sync()
    for number in range(5):
        family.edit("jobs", number, name="renamed")
    family.ats.faults = [("seats", "2", DeniedError("this one is confidential"))]
    family.ats.children["4"] = [{"id": "4a", "of": 4, "user": "closed"}]
    report = family.sync(after=MINUTE)["seats"]
    assert (report.status, report.changed, report.error) == (StreamStatus.GOOD, 1, "")
    assert dict(family.store.records.count_work("acme")) == {}


def test_the_only_parent_may_be_confidential_where_another_one_is_shown(family):
    """One request more tells it from a missing permission."""
    family.sync()
    family.edit("jobs", 3, name="renamed")
    family.ats.faults = [("seats", "3", DeniedError("this one is confidential"))]
    report = family.sync(after=MINUTE)["seats"]
    assert (report.status, report.requests) == (StreamStatus.GOOD, 2)
    assert dict(family.store.records.count_work("acme")) == {}


def test_parents_are_asked_for_in_batches(family):
    """With a parameter for several parents, one request takes `batch` of them."""
    jobs = family.ats.streams[1]
    seats = replace(family.ats.streams[0], parent=Parent("jobs", param="job_ids", batch=3))
    family.ats.spec = replace(family.ats.spec, streams=(jobs, seats))
    family.sync()
    batches = sorted(parents for stream, _, parents in family.ats.asked if stream == "seats")
    assert batches == [("0", "1", "2"), ("3", "4")]


def test_only_wanted_parents_are_queued(family):
    """`wanted` says from the parent's row whether its children are worth a request."""
    jobs = family.ats.streams[1]
    parent = Parent("jobs", wanted=lambda row: row.id == 4)
    seats = replace(family.ats.streams[0], parent=parent)
    family.ats.spec = replace(family.ats.spec, streams=(jobs, seats))
    assert family.sync()["seats"].requests == 1


def test_a_full_sync_asks_for_all_children_again(family):
    """`--full` is full: unchanged parents are decoded so that `wanted` can be asked."""
    family.sync()
    report = family.sync(after=MINUTE, full=True)["seats"]
    assert (report.requests, report.unchanged) == (5, 5)


def test_a_new_meaning_of_children_reads_all_of_them_once(family):
    """A raised version of the child stream queues every parent again, one time."""
    family.sync()
    jobs, seats = family.ats.streams[1], replace(family.ats.streams[0], version=2)
    family.ats.spec = replace(family.ats.spec, streams=(jobs, seats))
    assert family.sync(after=MINUTE, budget=2)["seats"].requests == 2
    assert family.sync(after=MINUTE)["seats"].requests == 3
    assert family.sync(after=MINUTE)["seats"].requests == 0
