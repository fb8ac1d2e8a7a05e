"""Which list creates a record, brings it back, and says that it is deleted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event

from atsbridge.model.fragment import Fragment
from atsbridge.model.query import All, Query
from atsbridge.model.record import Key
from atsbridge.ports.record_store import PageCounts, PageWrite, RowWrite, StreamState

HOUR = timedelta(hours=1)
APPLICATION = Key("acme", "application", "a1")
ADDS = frozenset[str]()  # what a list that only adds to records creates


def mention(feed, reason, read=True, ident="a1"):
    """A list of notes speaks of an application."""
    return feed.page(
        "application", {"id": ident, "reason": reason}, stream="notes", creates=ADDS, read=read
    )


def schedules(feed, rows, **more):
    """Schedules, each bringing several interviews under ids of their own."""
    return feed.store.records.write_page(
        PageWrite(
            account="acme",
            stream="schedules",
            at=feed.at,
            owns={"interview": ("application", "status"), "seat": ("interview",)},
            rows=[
                RowWrite(
                    raw,
                    digest,
                    [
                        *(
                            Fragment("interview", e, {"application": "a1", "status": "scheduled"})
                            for e in events
                        ),
                        *(Fragment("seat", f"{e}:u", {"interview": e}) for e in events),
                    ],
                )
                for raw, digest, events in rows
            ],
            state=StreamState(stream="schedules", read_at=feed.at),
            **more,
        )
    )


def live(store, kind):
    return [record.id for record in store.history.read_records("acme", kind)]


def test_a_deleted_record_stays_deleted_until_its_own_list_shows_it(feed, store):
    """However often other lists speak of it; what they said meanwhile is there when it is back."""
    feed.page("application", {"id": "a1", "status": "active"})
    mention(feed, "old")
    store.records.delete_rows("acme", "applications", ["a1"], feed.at)
    deleted_at = store.history.read_record(APPLICATION).deleted_at
    feed.at += HOUR
    feed.settle()
    assert mention(feed, "said of a deleted one") == PageCounts()
    assert store.history.read_record(APPLICATION).deleted_at == deleted_at
    assert live(store, "application") == []
    assert store.subjects.find_dirty("acme", "application", ()) == []
    assert feed.page("application", {"id": "a1", "status": "active"}) == PageCounts(changed=1)
    back = store.history.read_record(APPLICATION)
    assert (back.deleted_at, back.reason) == (None, "said of a deleted one")
    assert list(store.records.read_live_ids("acme", "applications")) == ["a1"]


@pytest.mark.parametrize("read", [True, False], ids=["later", "in the first reading"])
def test_a_record_that_is_mentioned_first_exists_once_its_own_list_shows_it(feed, store, read):
    """It is new then, first seen then, and holds what was said of it before."""
    if read:
        feed.page("application", {"id": "other", "status": "active"})
    mention(feed, "said early", read=read)
    assert live(store, "application") == (["other"] if read else [])
    assert list(store.subjects.select("acme", Query("application", All(), ()), ids=["a1"])) == []
    feed.at += HOUR
    counts = feed.page("application", {"id": "a1", "status": "active"}, read=read)
    assert counts == PageCounts(new=1)
    shown = store.history.read_record(APPLICATION)
    assert (shown.first_seen_at, shown.reason) == (feed.at, "said early")
    assert store.history.read_changes(APPLICATION) == []


def test_a_deletion_seen_before_the_past_was_read_creates_nothing(feed, store):
    """Neither the deletion nor what other lists say makes a record of it."""
    feed.page("application", {"id": "other", "status": "active"})
    assert store.records.delete_rows("acme", "applications", ["a1"], feed.at) == 0
    mention(feed, "of an application nobody has shown")
    assert live(store, "application") == ["other"]


def test_what_was_deleted_with_an_application_comes_back_with_it(feed, store):
    """Though its own rows did not change; what was deleted by itself does not."""
    feed.page("application", {"id": "a1", "status": "active"})
    feed.page("interview", {"id": "i1", "application": "a1"}, {"id": "i2", "application": "a1"})
    feed.page("seat", {"id": "s1", "interview": "i1"})
    feed.page("offer", {"id": "o1", "application": "a1"})
    store.records.delete_rows("acme", "interviews", ["i2"], feed.at)
    assert store.records.delete_rows("acme", "applications", ["a1"], feed.at) == 4
    assert list(store.records.read_live_ids("acme", "interviews")) == []
    feed.settle()
    counts = feed.page("application", {"id": "a1", "status": "active"})
    assert counts == PageCounts(changed=4)
    assert (live(store, "interview"), live(store, "seat"), live(store, "offer")) == (
        ["i1"],
        ["s1"],
        ["o1"],
    )
    assert list(store.records.read_live_ids("acme", "interviews")) == [
        "i1"
    ]  # and is found missing again
    assert "s1" in store.subjects.find_dirty("acme", "seat", ())
    assert store.records.delete_rows("acme", "interviews", ["i1"], feed.at) == 1


def test_what_is_deleted_twice_keeps_its_first_instant(feed, store):
    """With its application, then by itself: the second does not come back with the first."""
    feed.page("application", {"id": "a1", "status": "active"})
    feed.page("interview", {"id": "i1", "application": "a1"})
    first = feed.at
    store.records.delete_rows("acme", "applications", ["a1"], first)
    assert store.records.delete_rows("acme", "interviews", ["i1"], first + HOUR) == 0
    assert store.records.delete_rows("acme", "applications", ["a1"], first + HOUR) == 0
    gone = [
        one.deleted_at
        for one in store.history.read_records("acme", "interview", include_deleted=True)
    ]
    assert gone == [store.history.read_record(APPLICATION).deleted_at] == [first]
    feed.at += HOUR
    feed.page("application", {"id": "a1", "status": "active"})
    assert (live(store, "application"), live(store, "interview")) == (["a1"], [])


def test_events_of_a_schedule_come_back_with_their_application(feed, store):
    """The digest is the schedule's, and the schedule never changed."""
    feed.page("application", {"id": "a1", "status": "active"})
    schedules(feed, [("S1", b"1", ["e1", "e2"])])
    store.records.delete_rows("acme", "applications", ["a1"], feed.at)
    assert live(store, "interview") == []
    assert list(store.records.read_live_ids("acme", "schedules")) == []
    feed.page("application", {"id": "a1", "status": "active"})
    assert live(store, "interview") == ["e1", "e2"]
    assert live(store, "seat") == ["e1:u", "e2:u"]
    assert list(store.records.read_live_ids("acme", "schedules")) == ["S1"]
    assert store.records.delete_rows("acme", "schedules", ["S1"], feed.at) == 4


def test_a_schedule_that_is_listed_again_brings_its_events_back(feed, store):
    """A complete answer without it forgets the row it came in, whatever that row's id."""
    feed.page("application", {"id": "a1", "status": "active"})
    schedules(feed, [("S1", b"1", ["e1"]), ("S2", b"1", ["e2"])])
    complete = [("interview", "application", "a1")]
    assert schedules(feed, [], seen=["S2"], complete=complete).deleted == 2
    assert live(store, "interview") == ["e2"]
    assert store.records.read_digests("acme", "schedules", ["S1", "S2"]).keys() == {"S2"}
    assert schedules(feed, [("S1", b"1", ["e1"])]).changed == 2
    assert live(store, "interview") == ["e1", "e2"]


def test_the_only_record_of_a_row_is_deleted_when_the_row_brings_another(feed, store):
    """A schedule without a date is an interview of another id than its first event."""
    feed.page("application", {"id": "a1", "status": "active"})
    schedules(feed, [("s1", b"1", ["s1:unscheduled"])])
    counts = schedules(feed, [("s1", b"2", ["e1"])])
    assert counts.deleted == 2, "the interview and its seat"
    assert live(store, "interview") == ["e1"]


def test_a_part_of_another_list_does_not_keep_what_a_row_brought(feed, store):
    """Somebody's answer to an invitation is no proof that the interview is still there."""
    feed.page("application", {"id": "a1", "status": "active"})
    schedules(feed, [("S1", b"1", ["e1"])])
    answer = {"id": "e1:u", "response": "accepted"}
    feed.page("seat", answer, stream="answers", creates=ADDS)
    assert store.records.delete_rows("acme", "schedules", ["S1"], feed.at) == 2
    assert live(store, "seat") == []


def test_a_record_of_two_lists_is_deleted_when_neither_shows_it(feed, store):
    """One that moved from the open to the closed ones is not deleted; later it may be."""
    feed.page("requisition", {"id": "1", "status": "open"}, stream="open")
    feed.page("requisition", {"id": "1", "status": "closed"}, stream="closed")
    assert store.records.delete_rows("acme", "open", ["1"], feed.at) == 0
    assert live(store, "requisition") == ["1"]
    assert store.records.delete_rows("acme", "closed", ["1"], feed.at) == 1
    assert live(store, "requisition") == []
    feed.page("requisition", {"id": "1", "status": "open"}, stream="open")
    assert live(store, "requisition") == ["1"]


def test_a_list_that_only_adds_deletes_nothing(feed, store):
    """The end of a note is not the end of the application it spoke of."""
    feed.page("application", {"id": "a1", "status": "active"})
    mention(feed, "x")
    assert store.records.delete_rows("acme", "notes", ["a1"], feed.at) == 0
    assert live(store, "application") == ["a1"]


def test_who_is_forgotten_does_not_come_back_with_an_application(feed, store):
    """What hangs on a forgotten candidate's application stays as it is, whoever shows it."""
    feed.page("application", {"id": "a1", "status": "active", "candidate": "c1"})
    feed.page("interview", {"id": "i1", "application": "a1"})
    store.records.delete_rows("acme", "applications", ["a1"], feed.at)
    store.privacy.forget("acme", "c1", feed.at)
    feed.page("application", {"id": "a1", "status": "active", "candidate": "c1"})
    assert (live(store, "application"), live(store, "interview")) == ([], [])


def test_a_store_that_never_heard_of_creation_takes_the_widest_list_as_owner(feed, store):
    """One written by an earlier version, before its lists are read again."""
    feed.page("application", {"id": "a1", "status": "active", "candidate": "c1"})
    mention(feed, "x")
    with store._database.write() as connection:
        connection.exec_driver_sql("UPDATE streams SET creates = ''")
    assert store.records.delete_rows("acme", "notes", ["a1"], feed.at) == 0
    assert store.records.delete_rows("acme", "applications", ["a1"], feed.at) == 1


def test_a_page_asks_the_database_no_more_for_it(feed, store):
    """As many statements for a list that only adds as for one that creates, deleted or not."""

    def statements(write):
        seen = []
        note = lambda *call: seen.append(call[2])  # noqa: E731
        event.listen(store._database.engine, "before_cursor_execute", note)
        write()
        event.remove(store._database.engine, "before_cursor_execute", note)
        return len(seen)

    feed.page("application", {"id": "a1", "status": "active"}, {"id": "a2", "status": "active"})
    mention(feed, "x")
    feed.settle()
    changed = statements(lambda: feed.page("application", {"id": "a2", "status": "hired"}))
    added = statements(lambda: mention(feed, "y", ident="a2"))
    store.records.delete_rows("acme", "applications", ["a1"], feed.at)
    aside = statements(lambda: mention(feed, "z"))
    begin = 1 if store._database.sqlite else 0  # the BEGIN of its own
    assert (changed, added, aside) == (10 + begin, 9 + begin, 8 + begin)
