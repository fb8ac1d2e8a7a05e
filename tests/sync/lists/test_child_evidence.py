"""Which answers about children are believed: what their rows name, and what other parents show."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from atsbridge.errors import FatalError
from atsbridge.ports.record_store import StreamStatus
from atsbridge.ports.stream import Parent

MINUTE = timedelta(minutes=1)


@pytest.fixture
def listed(family):
    """The seats are a list with a parameter, whose rows name their job; all are read once."""
    parent = Parent("jobs", param="job_id", complete=(("opening", "requisition"),))
    seats, jobs = family.ats.streams
    family.ats.spec = replace(family.ats.spec, streams=(replace(seats, parent=parent), jobs))
    family.sync()
    return family


def test_a_new_row_that_names_the_parent_is_proof_enough(listed):
    """Nobody else's children are asked for."""
    listed.ats.children["3"] = [{"id": "3b", "of": 3}]
    listed.edit("jobs", 3, name="renamed")
    report = listed.sync(after=MINUTE)["seats"]
    assert (report.new, report.deleted, report.requests) == (1, 1, 1)


def test_rows_that_name_others_than_the_parent_are_none(listed):
    """All of them name jobs that there are, and never the one that was asked for."""
    listed.ats.children = {str(n): [{"id": f"x{n}", "of": (n + 1) % 5}] for n in range(5)}
    listed.edit("jobs", 3, name="renamed")
    report = listed.sync(after=MINUTE)["seats"]
    assert (report.status, report.new, report.deleted) == (StreamStatus.LOST, 0, 0)
    assert listed.store.records.count_work("acme")["seats"] == 1


@pytest.mark.parametrize(("of", "status"), [(900, StreamStatus.LOST), (0, StreamStatus.GOOD)])
def test_the_only_parent_s_new_rows_must_name_a_job_of_the_account(family, of, status):
    """There is no other parent whose children could be asked for."""
    family.ats.rows["jobs"] = family.ats.rows["jobs"][:1]
    parent = Parent("jobs", param="job_id", complete=(("opening", "requisition"),))
    seats, jobs = family.ats.streams
    family.ats.spec = replace(family.ats.spec, streams=(replace(seats, parent=parent), jobs))
    family.sync()
    family.ats.children = {"0": [{"id": "new", "of": of}]}
    family.edit("jobs", 0, name="renamed")
    assert family.sync(after=MINUTE)["seats"].status is status


@pytest.fixture
def only(family):
    """The only job with a seat has none any more, as an empty answer says."""
    family.ats.children = {"0": [{"id": "0a", "of": 0, "user": "open"}]}
    family.sync()
    family.seats = family.ats.children.pop("0")
    family.edit("jobs", 0, name="renamed")
    return family


def test_an_empty_answer_for_the_only_parent_with_children_deletes_nothing(only):
    """Nobody else shows whether the answer is right; it is asked again until it is well."""
    report = only.sync(after=MINUTE)["seats"]
    assert (report.status, report.deleted) == (StreamStatus.LOST, 0)
    assert only.sync(after=MINUTE)["seats"].deleted == 0
    only.ats.children["0"] = only.seats
    report = only.sync(after=MINUTE)["seats"]
    assert (report.status, report.deleted) == (StreamStatus.GOOD, 0)
    assert dict(only.store.records.count_work("acme")) == {}


def test_an_empty_answer_for_the_only_parent_is_believed_at_night_if_it_stays(only):
    """Its children were deleted: the night after the first such answer says the same."""
    assert only.sync(after=MINUTE, nightly=True)["seats"].deleted == 0
    report = only.sync(after=timedelta(days=1), nightly=True)["seats"]
    assert (report.status, report.deleted) == (StreamStatus.GOOD, 1)


def test_a_parent_that_stays_missing_leaves_the_queue_where_another_one_is_found(family):
    """Another live parent is asked whether the address is right, not the missing one again."""
    family.sync()
    family.edit("jobs", 3, name="renamed")
    error = FatalError("refused the request (404)")
    error.status = 404
    family.ats.faults = [("seats", "3", error)] * 5
    report = family.sync(after=MINUTE)["seats"]
    assert (report.deleted, report.status) == (0, StreamStatus.GOOD)
    assert dict(family.store.records.count_work("acme")) == {}


def test_a_parent_that_never_had_children_may_have_none_again(family):
    """Nothing is lost by that answer: it needs no proof, and so no further request."""
    family.ats.children["3"] = []
    family.sync()
    family.edit("jobs", 3, name="renamed")
    report = family.sync(after=MINUTE)["seats"]
    assert (report.requests, report.status) == (1, StreamStatus.GOOD)
