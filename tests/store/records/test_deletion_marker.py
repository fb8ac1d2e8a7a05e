"""What is deleted with a row, a parent's list or an application, and what is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from atsbridge.model.fragment import Fragment
from atsbridge.ports.record_store import PageWrite, RowWrite, StreamState

HOUR = timedelta(hours=1)
BELOW = {"interview": "i", "seat": "s", "scorecard": "c", "offer": "o", "approval": "p"}


def family(feed, *numbers):
    """Applications with one of everything that hangs on them: a1, i1, s1, c1, o1, p1."""
    feed.page("application", *({"id": f"a{n}", "status": "active"} for n in numbers))
    for kind, ref, parent in [
        ("interview", "application", "a"),
        ("seat", "interview", "i"),
        ("scorecard", "application", "a"),
        ("offer", "application", "a"),
        ("approval", "offer", "o"),
    ]:
        rows = [{"id": f"{BELOW[kind]}{n}", ref: f"{parent}{n}"} for n in numbers]
        feed.page(kind, *rows)


def live(store, *kinds, account="acme"):
    return [record.id for kind in kinds for record in store.history.read_records(account, kind)]


def bring(feed, stream, *rows, **more):
    """Raw rows of a list: (id, records it brings), the first record being the main one."""
    owns = {"interview": ("application",), "seat": ("interview",)} | more.pop("owns", {})
    return feed.store.records.write_page(
        PageWrite(
            account=feed.account,
            stream=stream,
            at=feed.at,
            owns=owns,
            rows=[
                RowWrite(raw, repr(records).encode(), [Fragment(*one) for one in records])
                for raw, records in rows
            ],
            state=StreamState(stream=stream, read_at=feed.at),
            **more,
        )
    )


def event(ident, application="a1"):
    return ("interview", ident, {"application": application})


def seat(ident, interview):
    return ("seat", ident, {"interview": interview})


def test_all_that_hangs_on_an_application_goes_and_returns_with_it(feed, store):
    """Interviews, their seats, scorecards, offers and their approvals; of no other application."""
    family(feed, 1, 2)
    assert store.records.delete_rows("acme", "applications", ["a1"], feed.at) == 6
    assert live(store, "application", *BELOW) == ["a2", "i2", "s2", "c2", "o2", "p2"]
    deleted = {
        one.deleted_at
        for kind in BELOW
        for one in store.history.read_records("acme", kind, include_deleted=True)
    }
    assert deleted == {None, feed.at}
    assert feed.page("application", {"id": "a1", "status": "active"}).changed == 6
    assert len(live(store, "application", *BELOW)) == 12


def test_another_accounts_records_of_the_same_ids_stay(feed, store, new_feed):
    """Deleted, brought back and left out in one account, untouched in the other."""
    other = new_feed(store, "globex")
    for one in (feed, other):
        family(one, 1, 2)
    store.records.delete_rows("acme", "applications", ["a1"], feed.at)
    assert len(live(store, "application", *BELOW, account="globex")) == 12
    store.records.delete_rows("globex", "applications", ["a1", "a2"], feed.at)
    feed.page("application", {"id": "a1", "status": "active"})
    assert live(store, "application", *BELOW, account="globex") == []
    assert len(live(store, "application", *BELOW)) == 12
    other.page("application", {"id": "a1", "status": "x"}, {"id": "a2", "status": "x"})
    complete = [("interview", "application", "a1")]
    feed.page("interview", complete=complete, owns={"interview": ("application",)})
    assert live(store, "interview") == ["i2"]
    assert live(store, "interview", account="globex") == ["i1", "i2"]


def test_records_of_other_kinds_may_have_the_same_id(feed, store):
    """An interview takes nothing of the application along that happens to be numbered like it."""
    feed.page("application", {"id": "1", "status": "active"}, {"id": "2", "status": "active"})
    feed.page("interview", {"id": "1", "application": "2"})
    feed.page("offer", {"id": "1", "application": "1"}, {"id": "2", "application": "2"})
    assert store.records.delete_rows("acme", "interviews", ["1"], feed.at) == 1
    assert live(store, "application", "interview", "offer") == ["1", "2", "1", "2"]
    assert store.records.delete_rows("acme", "applications", ["2"], feed.at) == 2
    assert live(store, "application", "interview", "offer") == ["1", "1"]


def test_what_an_application_belongs_to_stays(feed, store):
    """One row may bring the candidate and the role as well: they are not deleted with it."""
    owns = {"application": ("requisition", "candidate"), "requisition": ("title",)}
    role = ("requisition", "r1", {"title": "Engineer"})
    applied = ("application", "a1", {"requisition": "r1", "candidate": "c1"})
    bring(feed, "applied", ("a1", [applied, role, event("e1")]), owns=owns)
    assert store.records.delete_rows("acme", "applied", ["a1"], feed.at) == 2
    assert live(store, "application", "interview", "requisition") == ["r1"]


def test_what_a_rewritten_row_brings_no_more_is_deleted(feed, store):
    """An event struck from its schedule, with its seat; one that moved to another stays."""
    family(feed, 1)
    first = [event("e1"), seat("y", "e1")]
    bring(feed, "plans", ("S1", [*first, event("e2"), event("e3"), seat("x", "e2")]))
    bring(feed, "plans", ("S2", [event("e4")]))
    counts = bring(feed, "plans", ("S1", first), ("S2", [event("e4"), event("e3")]))
    assert counts.deleted == 2
    assert live(store, "interview", "seat") == ["e1", "e3", "e4", "i1", "s1", "y"]


def test_a_part_that_moved_to_another_row_stays(feed, store):
    """Whichever of the two rows comes first, on a page of its own, and whichever is deleted."""
    family(feed, 1)
    bring(feed, "plans", ("S1", [event("e1"), event("e2"), event("e3")]), ("S2", [event("e4")]))
    bring(feed, "plans", ("S2", [event("e4"), event("e1")]))
    assert bring(feed, "plans", ("S1", [event("e2"), event("e3")])).deleted == 0
    bring(feed, "plans", ("S2", [event("e4"), event("e1"), event("e3")]))
    assert store.records.delete_rows("acme", "plans", ["S1"], feed.at) == 1
    assert live(store, "interview") == ["e1", "e3", "e4", "i1"]
    assert store.records.delete_rows("acme", "plans", ["S2"], feed.at) == 3


def test_a_list_deletes_what_it_creates_and_not_what_it_adds_to(feed, store):
    """One of attendees brings seats, and says more of interviews that are not its own."""
    family(feed, 1)
    bring(feed, "attendees", ("i1", [event("i1"), seat("x", "i1")]), creates=frozenset({"seat"}))
    assert live(store, "interview", "seat") == ["i1", "s1", "x"]
    assert store.records.delete_rows("acme", "attendees", ["i1"], feed.at) == 1
    assert live(store, "interview", "seat") == ["i1", "s1"]


def test_a_row_whose_own_record_is_no_more_in_it_keeps_that_record(feed, store):
    """Only its absence from the list says that the record of the row itself is deleted."""
    family(feed, 1)
    bring(feed, "plans", ("e1", [event("e1"), seat("x", "e1")]))
    assert bring(feed, "plans", ("e1", [event("e2")])).deleted == 1
    assert live(store, "interview", "seat") == ["e1", "e2", "i1", "s1"]


def test_a_complete_answer_deletes_what_it_leaves_out_of_that_parent_only(feed, store):
    """Not of other parents, not of other lists, not again what is deleted already."""
    family(feed, 1, 2)
    bring(feed, "plans", ("S1", [event("e1")]))
    feed.page("interview", {"id": "i3", "application": "a1"})
    complete = [("interview", "application", "a1")]
    kept = {"id": "i3", "application": "a1"}
    assert feed.page("interview", kept, complete=complete).deleted == 1
    assert live(store, "interview") == ["e1", "i2", "i3"]
    first = feed.at
    feed.at += HOUR
    assert feed.page("interview", kept, complete=complete).deleted == 0
    deleted = [
        one.deleted_at
        for one in store.history.read_records("acme", "interview", include_deleted=True)
        if one.deleted_at
    ]
    assert deleted == [first]
    assert store.records.read_digests("acme", "interviews", ["i1", "i2"]).keys() == {"i2"}


def test_a_record_another_list_shows_under_another_row_stays(feed, store):
    """Two lists of schedules: an event that left one of them is still in the other."""
    family(feed, 1)
    bring(feed, "plans", ("S1", [event("e1"), event("e2")]))
    bring(feed, "archive", ("T9", [event("e2")]))
    assert store.records.delete_rows("acme", "plans", ["S1"], feed.at) == 1
    assert live(store, "interview") == ["e2", "i1"]
    assert store.records.delete_rows("acme", "archive", ["T9"], feed.at) == 1
    assert live(store, "interview") == ["i1"]


def test_one_that_both_lists_lost_at_different_times_is_deleted_by_the_second(feed, store):
    """Whose rows are gone shows nothing any more, though a seat has the id of that interview."""
    family(feed, 1)
    bring(feed, "plans", ("S1", [event("e1")]), ("S2", [event("e2")]))
    bring(feed, "archive", ("T1", [event("e1"), seat("e2", "e1")]), ("T2", [event("e2")]))
    assert store.records.delete_rows("acme", "archive", ["T2"], feed.at) == 0
    assert store.records.delete_rows("acme", "plans", ["S1", "S2"], feed.at) == 1
    assert live(store, "interview", "seat") == ["e1", "i1", "e2", "s1"]


def test_what_any_of_several_lists_still_shows_stays(feed, store):
    """Each of the others keeps what it shows."""
    family(feed, 1)
    bring(feed, "plans", ("S1", [event("e1"), event("e2"), event("e3")]))
    bring(feed, "archive", ("T1", [event("e1")]))
    bring(feed, "calendar", ("U1", [event("e2")]))
    assert store.records.delete_rows("acme", "plans", ["S1"], feed.at) == 1
    assert live(store, "interview") == ["e1", "e2", "i1"]


@pytest.mark.parametrize("ids", [[], ["nobody"]])
def test_rows_nobody_knows_delete_nothing(feed, store, ids):
    """Nor is a count of them given."""
    family(feed, 1)
    assert store.records.delete_rows("acme", "applications", ids, feed.at) == 0
    assert store.records.delete_rows("acme", "a list nobody read", ["a1"], feed.at) == 0
    assert live(store, "application") == ["a1"]
