"""Pages: what writing one does to records, Changes, digests, work and marks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from atsbridge.errors import PluginError
from atsbridge.model.change import Origin
from atsbridge.model.fragment import Fragment
from atsbridge.model.record import Key
from atsbridge.ports.record_store import PageCounts, PageWrite, RowWrite, StreamState

HOUR = timedelta(hours=1)
LATE = datetime(2026, 3, 2, 12, 0, 1, 234567, tzinfo=UTC)


def test_values_come_back_as_they_went_in(feed, store):
    """Every type of the catalog survives, instants to the millisecond."""
    feed.page(
        "offer",
        {
            "id": "o1",
            "application": "a1",
            "version": 2,
            "sent_at": LATE,
            "sent_on": date(2026, 3, 1),
            "pay": {"base": 1.5, "words": ["é", "\U0001f600"]},
        },
    )
    feed.page("requisition", {"id": "r1", "confidential": False, "pay_min": 70_000.5})
    feed.page("application", {"id": "a1", "tags": ("x", 'y"z'), "status": "snoozing"})
    offer = store.history.read_record(Key("acme", "offer", "o1"))
    assert offer.version == 2
    assert offer.sent_at == LATE.replace(microsecond=234000)
    assert offer.sent_on == date(2026, 3, 1)
    assert offer.pay == {"base": 1.5, "words": ["é", "\U0001f600"]}
    requisition = store.history.read_record(Key("acme", "requisition", "r1"))
    assert requisition.confidential is False
    assert requisition.pay_min == 70_000.5
    application = store.history.read_record(Key("acme", "application", "a1"))
    assert application.tags == ("x", 'y"z')
    assert application.status == "other:snoozing"


def test_new_records_write_no_change(feed, store):
    """What was never seen has no history."""
    counts = feed.page("application", {"id": "1", "status": "active"})
    assert counts == PageCounts(new=1)
    assert store.history.read_changes(Key("acme", "application", "1")) == []
    assert store.history.read_record(Key("acme", "application", "1")).first_seen_at == feed.at


def test_a_changed_field_writes_one_change(feed, store):
    """Only the field that differs is in the log, with both values and the page's instant."""
    feed.page("application", {"id": "1", "status": "active", "stage": "s1", "applied_at": LATE})
    feed.at += HOUR
    counts = feed.page(
        "application", {"id": "1", "status": "active", "stage": None, "applied_at": LATE}
    )
    assert counts == PageCounts(changed=1)
    (change,) = store.history.read_changes(Key("acme", "application", "1"))
    assert (change.field, change.old, change.new) == ("stage", "s1", None)
    assert (change.observed_at, change.origin) == (feed.at, Origin.POLL)


def test_equal_rows_change_nothing(feed, store):
    """A row whose text differs and whose facts do not is unchanged and not dirty."""
    feed.page("application", {"id": "1", "status": "active"})
    feed.settle()
    assert feed.page("application", {"id": "1", "status": "active"}) == PageCounts(unchanged=1)
    assert store.subjects.find_dirty("acme", "application", ()) == []


def test_a_part_that_was_missing_writes_no_change(feed, store):
    """The first fragment of a second stream is news of a part, not a change of it."""
    feed.page("seat", {"id": "1", "user": "u1"}, stream="interviewers")
    feed.page("seat", {"id": "1", "scorecard": "c1"}, stream="scorecards")
    assert store.history.read_changes(Key("acme", "seat", "1")) == []
    assert store.history.read_record(Key("acme", "seat", "1")).scorecard == "c1"
    feed.page("seat", {"id": "1", "scorecard": "c2"}, stream="scorecards")
    (change,) = store.history.read_changes(Key("acme", "seat", "1"))
    assert (change.old, change.new) == ("c1", "c2")


def test_remapped_fields_carry_origin_mapping(feed, store):
    """Only the fields that are filled in another way do; others in that read are ordinary."""
    feed.page("requisition", {"id": "1", "priority": None, "title": "Cook"})
    feed.page(
        "requisition",
        {"id": "1", "priority": "high", "title": "Chef"},
        remapped=frozenset({"requisition.priority"}),
    )
    changes = {
        c.field: c.origin for c in store.history.read_changes(Key("acme", "requisition", "1"))
    }
    assert changes == {"priority": Origin.MAPPING, "title": Origin.POLL}


def test_a_first_load_read_again_changes_nothing(feed, store):
    """A stream killed before its end starts over: stored rows are compared, not doubled."""
    rows = [{"id": str(n), "status": "active"} for n in range(20)]
    assert feed.page("application", *rows, read=False).new == 20
    rows[3]["status"] = "hired"
    counts = feed.page("application", *rows, {"id": "20", "status": "active"}, read=False)
    assert counts == PageCounts(new=1, changed=1, unchanged=19)
    assert len(store.history.read_changes(Key("acme", "application", "3"))) == 1


def test_accounts_do_not_touch(feed, store):
    """The same id in two accounts is two records."""
    feed.page("application", {"id": "1", "status": "active"})
    feed.account = "globex"
    feed.page("application", {"id": "1", "status": "hired"})
    assert store.history.read_record(Key("acme", "application", "1")).status == "active"
    assert store.history.read_record(Key("globex", "application", "1")).status == "hired"
    assert [r.account for r in store.history.read_records("acme", "application")] == ["acme"]


def test_a_complete_page_makes_the_other_children_gone(feed, store):
    """Of the parent it names, and only of that one."""
    feed.page(
        "interview",
        {"id": "1", "application": "a"},
        {"id": "2", "application": "a"},
        {"id": "3", "application": "b"},
    )
    feed.at += HOUR
    counts = feed.page(
        "interview",
        {"id": "1", "application": "a"},
        complete=[("interview", "application", "a")],
    )
    assert counts == PageCounts(unchanged=1, deleted=1)
    gone = {
        r.id: r.deleted_at
        for r in store.history.read_records("acme", "interview", include_deleted=True)
    }
    assert gone == {"1": None, "2": feed.at, "3": None}
    assert store.records.read_digests("acme", "interviews", ["1", "2", "3"]).keys() == {"1", "3"}


def test_gone_rows_lose_their_digest_and_come_back(feed, store):
    """A record that is seen again loses deleted_at; its Changes are only of what differs."""
    feed.page("application", {"id": "1", "status": "active"}, {"id": "2", "status": "active"})
    assert store.records.delete_rows("acme", "applications", ["1"], feed.at) == 1
    assert store.history.read_record(Key("acme", "application", "1")).deleted_at == feed.at
    assert list(store.records.read_live_ids("acme", "applications")) == ["2"]
    assert store.records.read_digests("acme", "applications", ["1"]) == {}
    assert store.records.delete_rows("acme", "applications", ["1"], feed.at + HOUR) == 0
    assert feed.page("application", {"id": "1", "status": "active"}).changed == 1
    assert store.history.read_record(Key("acme", "application", "1")).deleted_at is None
    assert store.history.read_changes(Key("acme", "application", "1")) == []


def test_rows_that_changed_since_an_instant(feed, store):
    """Only raw rows whose own record changed at or after it, whatever else the stream brought."""
    old, new = feed.at - HOUR, feed.at
    feed.page("application", {"id": "1", "updated_at": old}, {"id": "2", "updated_at": new})
    assert list(
        store.records.read_live_ids("acme", "applications", kind="application", since=new)
    ) == ["2"]
    assert list(
        store.records.read_live_ids("acme", "applications", kind="application", since=old)
    ) == ["1", "2"]


def test_how_far_back_a_stream_reaches_is_kept(store):
    """A stream read in part says since when it is complete; one read whole says nothing."""
    since = datetime(2026, 1, 1, tzinfo=UTC)
    store.records.save_state("acme", StreamState(stream="applications", since=since))
    assert store.records.read_state("acme", "applications").since == since
    store.records.save_state("acme", StreamState(stream="applications"))
    assert store.records.read_state("acme", "applications").since is None


def _nested(at, seats, digest, read=True):
    owns = {"interview": ("application",), "seat": ("interview", "user")}
    fragments = [Fragment("interview", "i1", {"application": "a1"})] + [
        Fragment("seat", f"i1:{user}", {"interview": "i1", "user": user}) for user in seats
    ]
    state = StreamState(stream="interviews", read_at=at) if read else None
    return PageWrite(
        account="acme",
        stream="interviews",
        at=at,
        owns=owns,
        rows=[RowWrite("i1", digest, fragments)],
        state=state,
    )


def test_a_seat_left_out_of_its_interview_is_gone(feed, store):
    """What a row brought before and brings no more is gone, though the row is there."""
    store.records.write_page(_nested(feed.at, ["u1", "u2"], b"1"))
    assert store.records.write_page(_nested(feed.at, ["u2"], b"2")).deleted == 1
    assert [s.id for s in store.history.read_records("acme", "seat")] == ["i1:u2"]


def test_a_seat_that_was_left_out_before_the_first_read_ended_is_gone(feed, store):
    """A first read that failed or was killed begins again, and its rows may have changed."""
    store.records.write_page(_nested(feed.at, ["u1", "u2"], b"1", read=False))
    assert store.records.write_page(_nested(feed.at, ["u2"], b"2")).deleted == 1
    assert [s.id for s in store.history.read_records("acme", "seat")] == ["i1:u2"]


def test_what_hangs_on_a_gone_application_is_gone_until_it_is_shown_again(feed, store):
    """Interviews, seats, scorecards, offers and their approvals; the requisition's own stay."""
    feed.page("application", {"id": "a1", "status": "active"}, {"id": "a2", "status": "active"})
    feed.page("interview", {"id": "i1", "application": "a1"}, {"id": "i2", "application": "a2"})
    feed.page("seat", {"id": "s1", "interview": "i1"}, {"id": "s2", "interview": "i2"})
    feed.page("scorecard", {"id": "c1", "application": "a1"})
    feed.page("offer", {"id": "o1", "application": "a1"})
    feed.page("approval", {"id": "p1", "offer": "o1"}, {"id": "p2", "offer": None})
    assert store.records.delete_rows("acme", "applications", ["a1"], feed.at) == 6
    below = ("interview", "seat", "scorecard", "offer", "approval")
    live = {kind: [r.id for r in store.history.read_records("acme", kind)] for kind in below}
    assert live == {
        "interview": ["i2"],
        "seat": ["s2"],
        "scorecard": [],
        "offer": [],
        "approval": ["p2"],
    }
    assert list(store.records.read_live_ids("acme", "interviews")) == ["i2"]
    feed.page("interview", {"id": "i1", "application": "a1"})
    assert [r.id for r in store.history.read_records("acme", "interview")] == ["i1", "i2"]


def test_a_gone_row_takes_its_parts_along(feed, store):
    """The interview and its seats go; the application it belongs to stays."""
    feed.page("application", {"id": "a1", "status": "active"})
    store.records.write_page(_nested(feed.at, ["u1", "u2"], b"1"))
    assert store.records.delete_rows("acme", "interviews", ["i1"], feed.at) == 3
    assert list(store.history.read_records("acme", "seat")) == []
    assert len(list(store.history.read_records("acme", "application"))) == 1


def test_a_part_of_another_stream_keeps_a_record(feed, store):
    """A vanished scorecard is gone; the seat it was linked to is another stream's."""
    feed.page("seat", {"id": "s1", "user": "u1"}, stream="interviewers")
    owns = {"scorecard": ("author",), "seat": ("scorecard",)}
    row = RowWrite(
        "c1",
        b"1",
        [
            Fragment("scorecard", "c1", {"author": "u1"}),
            Fragment("seat", "s1", {"scorecard": "c1"}),
        ],
    )
    store.records.write_page(
        PageWrite(account="acme", stream="scorecards", at=feed.at, owns=owns, rows=[row])
    )
    assert store.records.delete_rows("acme", "scorecards", ["c1"], feed.at) == 1
    assert store.history.read_record(Key("acme", "seat", "s1")).deleted_at is None


def test_a_candidate_outlives_one_application(feed, store):
    """What a record belongs to is not gone with it."""
    owns = {"application": ("candidate",), "candidate": ("initials",)}
    row = RowWrite(
        "a1",
        b"1",
        [
            Fragment("application", "a1", {"candidate": "p1"}),
            Fragment("candidate", "p1", {"initials": "P. O."}),
        ],
    )
    store.records.write_page(
        PageWrite(account="acme", stream="applications", at=feed.at, owns=owns, rows=[row])
    )
    assert store.records.delete_rows("acme", "applications", ["a1"], feed.at) == 1
    assert store.history.read_record(Key("acme", "candidate", "p1")).deleted_at is None


def test_our_own_writes_are_no_activity(feed, store):
    """An activity instant within 5 s of our own write leaves the stored one as it is."""
    row = {"id": "1", "status": "active", "last_activity_at": feed.at}
    feed.page("application", row)
    wrote = feed.at + HOUR
    store.own_writes.remember_write("acme", Key("acme", "application", "1"), "note7", wrote)
    assert store.own_writes.read_own_writes("acme", Key("acme", "application", "1")) == [
        ("note7", wrote)
    ]
    feed.page("application", {**row, "last_activity_at": wrote + timedelta(seconds=5)})
    assert store.history.read_record(Key("acme", "application", "1")).last_activity_at == feed.at
    feed.page("application", {**row, "last_activity_at": wrote + timedelta(seconds=6)})
    assert store.history.read_record(Key("acme", "application", "1")).last_activity_at != feed.at


def test_a_kind_the_stream_does_not_own_is_refused_whole(feed, store):
    """The error names the stream; nothing of the page is stored."""
    rows = [RowWrite("1", b"1", [Fragment("application", "1", {"status": "active"})])]
    page = PageWrite(
        account="acme", stream="users", at=feed.at, owns={"user": ("name",)}, rows=rows
    )
    with pytest.raises(PluginError, match=r"acme/users.*'application'"):
        store.records.write_page(page)
    assert store.records.read_digests("acme", "users", ["1"]) == {}


def test_marks_say_what_is_unjudged(feed, store):
    """A first load marks all; later pages mark what they change, and what leads there."""
    feed.page("requisition", {"id": "r1", "title": "Cook"})
    feed.page("application", {"id": "1", "requisition": "r1"}, {"id": "2", "requisition": None})
    assert store.subjects.find_dirty("acme", "application", ()) is None
    feed.settle()
    assert store.subjects.find_dirty("acme", "application", ()) == []
    feed.page("requisition", {"id": "r1", "title": "Chef"})
    refs = ["application.requisition"]
    assert store.subjects.find_dirty("acme", "application", refs) == ["1"]
    assert store.subjects.find_dirty("acme", "application", ()) == []
    assert store.subjects.find_dirty("globex", "application", refs) == []
    feed.settle()
    store.records.delete_rows("acme", "applications", ["2"], feed.at)
    assert store.subjects.find_dirty("acme", "application", refs) == [
        "2"
    ]  # gone: its cases are to end
