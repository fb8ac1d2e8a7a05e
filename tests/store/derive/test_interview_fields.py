"""Derived fields of interviews and seats."""

from __future__ import annotations

import pytest

from atsbridge.model.record import Key

from .conftest import DAY, HOUR, _after, _interview


@pytest.mark.parametrize(
    ("status", "ends", "submitted", "held", "owed"),
    [
        ("scheduled", -HOUR, False, "held", True),
        ("scheduled", -90 * DAY, False, "held", True),
        ("scheduled", HOUR, False, "ahead", True),
        ("scheduled", None, False, None, None),
        ("awaiting_feedback", -HOUR, False, "held", True),
        ("awaiting_feedback", HOUR, False, "ahead", True),
        ("awaiting_feedback", None, False, None, None),
        ("complete", -HOUR, True, "held", True),
        ("complete", None, False, "held", True),
        ("complete", DAY, False, "ahead", True),
        ("skipped", -HOUR, False, "not_held", False),
        ("skipped", None, False, "not_held", False),
        ("skipped", -HOUR, True, None, None),
        ("cancelled", -HOUR, False, "not_held", False),
        ("cancelled", HOUR, False, "not_held", False),
        ("cancelled", -HOUR, True, None, None),
        ("to_be_scheduled", -HOUR, False, "not_held", False),
        ("to_be_scheduled", None, False, "not_held", False),
        ("other:no_show", -HOUR, False, None, None),
        ("other:Rescheduled", HOUR, False, None, None),
        (None, -HOUR, False, None, None),
        (None, None, True, None, None),
    ],
)
def test_an_interview_was_held_by_its_status_then_by_the_clock(
    pipeline, store, status, ends, submitted, held, owed
):
    """A scorecard is owed where it was or will be held, not where not, unknown where unknown."""
    t = pipeline.at
    given = t if submitted else None
    _interview(pipeline, 1, t if ends is None else t + ends, given, status=status)
    if ends is None:
        where = {"id": "i1", "application": "a1", "stage": "interview", "status": status}
        pipeline.page("interview", {**where, "starts_at": None, "ends_at": None})
    found = _after(pipeline)
    assert store.history.read_record(Key("acme", "interview", "i1")).held == held
    assert store.history.read_record(Key("acme", "seat", "s1")).feedback_owed is owed
    assert (found.assignee_role == "interviewer") is (held == "held" and not submitted)


def test_a_seat_that_is_asked_for_nothing_owes_nothing(pipeline, store):
    """Whatever becomes of the interview, known or not; and one that says nothing is unknown."""
    t = pipeline.at
    for number, status in enumerate(("scheduled", "skipped", "other:no_show")):
        _interview(pipeline, number, t - HOUR, None, status=status)
        for required, owed in ((False, False), (None, False if status == "skipped" else None)):
            seat = {"id": f"s{number}", "interview": f"i{number}", "user": "ivy"}
            pipeline.page("seat", {**seat, "feedback_required": required, "scorecard": None})
            _after(pipeline)
            assert (
                store.history.read_record(Key("acme", "seat", f"s{number}")).feedback_owed is owed
            )


def test_an_interview_that_is_skipped_or_taken_up_again_changes_what_its_seats_owe(pipeline, store):
    """The seat's own row does not move: only the interview's does, or a scorecard's, or time."""
    t = pipeline.at
    _interview(pipeline, 1, t + HOUR, None)
    interview = {"id": "i1", "application": "a1", "stage": "interview", "ends_at": t + HOUR}

    def owed(status, at):
        pipeline.page("interview", {**interview, "status": status})
        _after(pipeline, at)
        return (
            store.history.read_record(Key("acme", "interview", "i1")).held,
            store.history.read_record(Key("acme", "seat", "s1")).feedback_owed,
        )

    assert owed("scheduled", t) == ("ahead", True)
    assert owed("scheduled", t + DAY) == ("held", True)
    assert owed("skipped", t + DAY) == ("not_held", False)
    assert owed("scheduled", t + DAY) == ("held", True)
    assert owed("other:no_show", t + DAY) == (None, None)
    assert owed("skipped", t + DAY) == ("not_held", False)
    pipeline.page("scorecard", {"id": "c1", "author": "ivy", "submitted_at": t + DAY})
    _after(pipeline, t + DAY)
    assert store.history.read_record(Key("acme", "seat", "s1")).feedback_owed is None


def test_nobody_has_the_ball_while_nobody_can_tell_whether_an_interview_was_held(pipeline, store):
    """Not the coordinator ("nothing is booked"), not the interviewer; and nothing is complete."""
    t = pipeline.at
    _interview(pipeline, 1, t - DAY, t - HOUR)
    assert _after(pipeline).feedback_complete_at == t - HOUR
    _interview(pipeline, 2, t - DAY, None, status="other:no_show")
    found = _after(pipeline)
    assert (found.assignee, found.assignee_role) == (None, "unclear")
    assert found.feedback_complete_at is None


def test_the_clock_alone_decides_where_an_ats_has_no_status(feed, store):
    """Nothing there says that an interview was called off; it may only vanish."""
    t = feed.at
    feed.page("interview", {"id": "i1", "application": "a1", "ends_at": t - HOUR})
    feed.page("interview", {"id": "i2", "application": "a1", "ends_at": t + HOUR})
    feed.page("seat", {"id": "s1", "interview": "i1", "feedback_required": True})
    feed.store.subjects.derive("acme", t)
    assert store.history.read_record(Key("acme", "interview", "i1")).held == "held"
    assert store.history.read_record(Key("acme", "interview", "i2")).held == "ahead"
    assert store.history.read_record(Key("acme", "seat", "s1")).feedback_owed is True
