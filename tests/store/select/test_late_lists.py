"""A company without offers or approvals is told of everything else."""

from __future__ import annotations

from dataclasses import replace

from atsbridge.model.query import All, Query
from atsbridge.ports.record_store import Doubt, StreamState, StreamStatus

from ..conftest import NOON

ASSIGNEE = "application.assignee_role"


def _emptied(store, feed, stream: str, doubt: Doubt | None, columns: dict) -> None:
    """The list was read to its end and returned nothing."""
    first = next(iter(columns))
    feed.page(first, stream=stream, owns=columns)
    good = StreamState(stream=stream, status=StreamStatus.GOOD, bookmark=NOON, read_at=NOON)
    state = replace(good, returned=doubt is None, doubt=doubt)
    store.records.save_state("acme", state)


def _pipeline(feed) -> None:
    feed.page("stage", {"id": "s1", "kind": "interview"}, {"id": "s2", "kind": "offer"})
    feed.page(
        "application",
        {"id": "a1", "stage": "s1", "status": "active"},
        {"id": "a2", "stage": "s2", "status": "active"},
        {"id": "a3", "stage": "unread", "status": "active"},
    )
    feed.settle()


def _unread(store) -> dict[str, bool]:
    found = store.subjects.select("acme", Query("application", All(), (ASSIGNEE,)))
    return {one.id: ASSIGNEE in one.unread for one in found}


def test_an_empty_list_of_offers_concerns_applications_where_there_should_be_one(store, feed):
    """In the offer stage, or in a stage nobody knows; once it is settled, none."""
    _pipeline(feed)
    columns = {"offer": ("application", "status")}
    doubt = Doubt(since=NOON)
    _emptied(store, feed, "offers", doubt, columns)
    assert _unread(store) == {"a1": False, "a2": True, "a3": True}
    _emptied(store, feed, "offers", replace(doubt, accepted=()), columns)
    assert _unread(store) == {"a1": False, "a2": False, "a3": False}
    _emptied(store, feed, "offers", None, columns)
    assert _unread(store) == {"a1": False, "a2": False, "a3": False}


def test_an_empty_list_of_interviews_is_no_such_list(store, feed):
    """Whether one is booked is asked of everybody: it is unknown for the account (`freshness`)."""
    _pipeline(feed)
    _emptied(store, feed, "interviews", Doubt(since=NOON), {"interview": ("application", "status")})
    assert _unread(store) == {"a1": False, "a2": False, "a3": False}
