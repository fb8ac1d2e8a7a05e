"""Derived fields: the formulas of the catalog, and that only what needs it is computed."""

from __future__ import annotations

import pytest

from atsbridge.model.record import Key
from atsbridge.ports.record_store import StreamState, StreamStatus

from .conftest import DAY, HOUR, _after, _application, _interview, _stay


def test_roles_go_to_the_responsible_else_the_lowest_id(pipeline, store):
    """Responsible first; of equals the lowest id, numbers as numbers."""
    _after(pipeline)
    requisition = store.history.read_record(Key("acme", "requisition", "r1"))
    assert requisition.hiring_manager == "max"
    assert requisition.recruiter == "9"
    assert requisition.coordinator == "cat"
    assert requisition.sourcer is None


def test_stays_date_entry_submission_and_decision(pipeline, store):
    """Submitted on entering review; decided on leaving it; in the stage since its stay began."""
    t, found = pipeline.at, _after(pipeline)
    assert found.stage_entered_at == t - 5 * DAY
    assert found.submitted_at == t - 8 * DAY
    assert found.decided_at == t - 5 * DAY
    requisition = store.history.read_record(Key("acme", "requisition", "r1"))
    assert requisition.first_submission_at == requisition.last_submission_at == t - 8 * DAY


def test_nothing_booked_is_the_coordinators_ball(pipeline):
    """In an interview stage with no interview ahead."""
    found = _after(pipeline)
    assert (found.assignee, found.assignee_role) == ("cat", "coordinator")
    assert found.assignee_since == found.stage_entered_at


def test_the_ball_moves_with_time_alone(pipeline, store):
    """With the candidate before the interview, with the interviewer from its end on."""
    end = pipeline.at + HOUR
    _interview(pipeline, 1, end, None)
    before = _after(pipeline)
    assert (before.assignee, before.assignee_role) == (None, "candidate")
    pipeline.settle()
    after = _after(pipeline, end)
    assert (after.assignee, after.assignee_role, after.assignee_since) == (
        "ivy",
        "interviewer",
        end,
    )
    assert store.subjects.find_dirty("acme", "application", ()) == ["a1"]


def test_complete_feedback_is_the_managers_ball(pipeline):
    """The last of the required scorecards; until it is there, the oldest that is missing owes."""
    t = pipeline.at
    _interview(pipeline, 1, t - 4 * HOUR, t - 3 * HOUR)
    _interview(pipeline, 2, t - 2 * HOUR, None, user="bob")
    half = _after(pipeline)
    assert half.feedback_complete_at is None
    assert half.assignee == "bob"
    _interview(pipeline, 2, t - 2 * HOUR, t - HOUR, user="bob")
    found = _after(pipeline)
    assert found.feedback_complete_at == t - HOUR
    assert found.decided_at is None
    assert (found.assignee, found.assignee_role) == ("max", "hiring_manager")
    assert found.assignee_since == t - HOUR


def test_cancelled_interviews_owe_nothing(pipeline, store):
    """They count neither as ahead nor as owed; cancelled_at is our sight of it."""
    _interview(pipeline, 1, pipeline.at - HOUR, None)
    _after(pipeline)
    pipeline.at += DAY
    _interview(pipeline, 1, pipeline.at - DAY - HOUR, None, status="cancelled")
    found = _after(pipeline)
    assert found.assignee_role == "coordinator"
    interview = store.history.read_record(Key("acme", "interview", "i1"))
    assert interview.cancelled_at == pipeline.at
    assert store.history.read_record(Key("acme", "requisition", "r1")).first_interview_at is None


def test_a_moved_interview_is_rescheduled_when_seen(pipeline, store):
    """No ATS dates it; our sight does."""
    _interview(pipeline, 1, pipeline.at + DAY, None)
    _after(pipeline)
    pipeline.at += HOUR
    _interview(pipeline, 1, pipeline.at + 2 * DAY, None)
    _after(pipeline)
    interview = store.history.read_record(Key("acme", "interview", "i1"))
    assert interview.rescheduled_at == pipeline.at
    requisition = store.history.read_record(Key("acme", "requisition", "r1"))
    assert requisition.first_interview_at == interview.starts_at


def test_a_pending_approval_comes_first(pipeline):
    """The approver of an offer holds the ball before anybody else."""
    t = pipeline.at
    pipeline.page("offer", {"id": "o1", "application": "a1", "status": "pending_approval"})
    pipeline.page(
        "approval",
        {"id": "v1", "offer": "o1", "user": "ann", "requested_at": t - DAY, "status": "due"},
    )
    found = _after(pipeline)
    assert (found.assignee, found.assignee_role) == ("ann", "approver")
    assert found.assignee_since == t - DAY
    pipeline.page("offer", {"id": "o1", "application": "a1", "status": "sent"})
    pipeline.page(
        "approval",
        {"id": "v1", "offer": "o1", "user": "ann", "requested_at": t - DAY, "status": "approved"},
    )
    assert _after(pipeline).assignee_role == "candidate"


def test_closed_at_is_the_atss_instant_else_our_sight(pipeline):
    """Unset when the application is opened again."""
    _after(pipeline)
    pipeline.at += HOUR
    pipeline.page("application", _application(stage="interview", status="hired"))
    hired = _after(pipeline)
    assert hired.closed_at == pipeline.at
    assert (hired.assignee, hired.assignee_role) == (None, None)
    pipeline.page("application", _application(stage="interview"))
    assert _after(pipeline).closed_at is None
    said = pipeline.at - 3 * HOUR
    pipeline.page(
        "application", _application(stage="interview", status="rejected", rejected_at=said)
    )
    assert _after(pipeline).closed_at == said


def test_criteria_are_agreed_when_both_sides_said_so(pipeline, store):
    """The later of the two; one side alone is no agreement."""
    early, late = pipeline.at - 2 * DAY, pipeline.at - DAY
    brief = {"id": "b1", "requisition": "r1", "version": 1, "agreed": {"9": early.isoformat()}}
    pipeline.page("brief", brief)
    _after(pipeline)
    assert store.history.read_record(Key("acme", "requisition", "r1")).criteria_agreed_at is None
    agreed = {"9": early.isoformat(), "mia": late.isoformat()}
    pipeline.page("brief", {**brief, "agreed": agreed})
    _after(pipeline)
    assert store.history.read_record(Key("acme", "requisition", "r1")).criteria_agreed_at == late


def test_a_new_manager_makes_the_application_unjudged(pipeline, store):
    """Who has the ball follows the team, and what follows from it is judged again."""
    pipeline.page("application", _application(stage="review"))
    assert _after(pipeline).assignee == "max"
    pipeline.settle()
    pipeline.page(
        "team_member",
        {
            "id": "m3",
            "requisition": "r1",
            "user": "zoe",
            "role": "hiring_manager",
            "responsible": True,
        },
    )
    assert _after(pipeline).assignee == "zoe"
    assert store.subjects.find_dirty("acme", "application", ()) == ["a1"]


def test_stays_are_our_own_where_the_ats_dates_none(feed, store):
    """From first sight, then from each observed move; the open one dates the present stage."""
    first = feed.at
    feed.page("stage", {"id": "lead", "kind": "lead"}, {"id": "review", "kind": "review"})
    feed.page("application", _application(stage="lead"))
    assert _after(feed).stage_entered_at == first
    feed.at += DAY
    feed.page("application", _application(stage="review"))
    feed.at += DAY
    feed.page("application", _application(stage="lead"))
    assert _after(feed).stage_entered_at == feed.at
    stays = [
        (s.stage, s.entered_at, s.left_at, s.origin)
        for s in store.history.read_records("acme", "stage_stay")
    ]
    assert stays == [
        ("lead", first, first + DAY, "observed"),
        ("review", first + DAY, first + 2 * DAY, "observed"),
        ("lead", first + 2 * DAY, None, "observed"),
    ]


def test_deriving_everything_and_only_what_changed_agree(pipeline, store):
    """The same facts in one step or in many: the same derived fields."""
    t = pipeline.at
    _interview(pipeline, 1, t - 4 * HOUR, t - 3 * HOUR)
    _after(pipeline)
    pipeline.settle()
    _interview(pipeline, 2, t - 2 * HOUR, t - HOUR, user="bob")
    pipeline.page("application", _application(stage="interview", recruiter="10"))
    step = _after(pipeline)
    requisition = store.history.read_record(Key("acme", "requisition", "r1"))
    pipeline.page("office", {"id": "x", "name": "Lisbon"}, read=False)  # a first load marks all
    assert store.subjects.find_dirty("acme", "application", ()) is None
    assert _after(pipeline) == step
    assert store.history.read_record(Key("acme", "requisition", "r1")) == requisition


def test_nothing_unjudged_derives_nothing(pipeline, store):
    """A tick without news writes nothing."""
    _after(pipeline)
    pipeline.settle()
    before = store.history.read_record(Key("acme", "application", "a1"))
    store.subjects.derive("acme", pipeline.at)
    assert store.subjects.find_dirty("acme", "application", ()) == []
    assert store.history.read_record(Key("acme", "application", "a1")) == before


def test_intervals_open_at_first_sight_have_no_start(feed, store):
    """On hold when first seen, released, held again, and released by a mapping alone."""
    start = feed.at
    for status in ("on_hold", "open", "on_hold"):
        feed.page("requisition", {"id": "r1", "status": status})
        feed.at += DAY
    held = store.history.read_intervals("acme", "requisition", "r1", "status", "on_hold")
    assert held == [(None, start + DAY), (start + 2 * DAY, None)]
    assert store.history.read_intervals("acme", "requisition", "r9", "status", "on_hold") == []
    assert store.history.find_changed("acme", "requisition", "status") == {"r1"}


def test_an_interval_that_a_mapping_opened_has_no_start(feed, store):
    """The ATS did not move: nobody knows since when it was so."""
    feed.page("requisition", {"id": "r1", "status": "open"})
    feed.at += DAY
    remapped = frozenset({"requisition.status"})
    feed.page("requisition", {"id": "r1", "status": "on_hold"}, remapped=remapped)
    assert store.history.read_intervals("acme", "requisition", "r1", "status", "on_hold") == [
        (None, None)
    ]


def test_calendars_are_written_where_they_differ(feed, store):
    """Unknown users are left out; nothing is written twice."""
    feed.page("user", {"id": "u1", "name": "Ann"}, {"id": "u2", "name": "Bob"})
    keys = {"u1": "lisbon", "u2": None, "u9": "paris"}
    assert store.subjects.save_calendars("acme", keys) == 1
    assert store.subjects.save_calendars("acme", keys) == 0
    assert store.history.read_record(Key("acme", "user", "u1")).calendar == "lisbon"
    state = StreamState(stream="x", status=StreamStatus.DENIED)
    store.records.save_state("acme", state)
    assert store.records.read_states("acme")["x"] == state


def test_contact_is_the_latest_of_what_reaches_the_candidate(pipeline):
    """A message, an interview booked, an offer sent; before all of them their own application."""
    t = pipeline.at
    applied = {"applied_at": t - 9 * DAY}
    pipeline.page("application", {**_application(stage="interview"), **applied})
    assert _after(pipeline).last_candidate_contact_at is None, "no list shows messages"
    messages = {"stream": "messages"}
    pipeline.page("application", {"id": "a1", "contacted_at": None}, **messages)
    assert _after(pipeline).last_candidate_contact_at == t - 9 * DAY
    pipeline.page("application", {"id": "a1", "contacted_at": t - 3 * DAY}, **messages)
    assert _after(pipeline).last_candidate_contact_at == t - 3 * DAY
    _interview(pipeline, 1, t - HOUR, None)
    assert _after(pipeline).last_candidate_contact_at == t - HOUR - DAY
    pipeline.page("offer", {"id": "o1", "application": "a1", "sent_at": t, "status": "sent"})
    assert _after(pipeline).last_candidate_contact_at == t


def test_an_offer_is_drafted_when_the_first_one_is(pipeline):
    """Later versions do not move it; one that is gone was none."""
    t = pipeline.at
    assert _after(pipeline).offer_drafted_at is None
    pipeline.page(
        "offer",
        {"id": "o1", "application": "a1", "drafted_at": t - DAY, "created_at": t},
        {"id": "o2", "application": "a1", "drafted_at": None, "created_at": t - 2 * DAY},
    )
    assert _after(pipeline).offer_drafted_at == t - 2 * DAY
    pipeline.store.records.delete_rows("acme", "offers", ("o2",), t)
    assert _after(pipeline).offer_drafted_at == t - DAY


@pytest.mark.parametrize(
    ("more", "answered"),
    [
        ({"author": "max"}, True),  # the hiring manager
        ({"author": "ivy"}, True),  # somebody the manager asked
        ({"author": "9"}, False),  # the recruiter
        ({"author": "cat"}, False),  # the coordinator
        ({"author": None}, False),
        ({"author": "max", "submitted_at": None}, False),
        ({"author": "max", "interview": "i1"}, False),
        ({"author": "max", "before": True}, False),
    ],
)
def test_feedback_on_a_profile_is_the_managers_answer(pipeline, store, more, answered):
    """While it lies with them; the recruiter is next. Of an interview it is something else."""
    t, more = pipeline.at, dict(more)
    pipeline.page("application", _application(stage="review"))
    pipeline.page("stage_stay", _stay("review", t - 8 * DAY, None), _stay("interview", None, None))
    given = t - (9 * DAY if more.pop("before", False) else 2 * DAY)
    card = {"id": "c9", "application": "a1", "interview": None, "submitted_at": given}
    pipeline.page("scorecard", {**card, **more})
    found = _after(pipeline)
    assert found.submitted_at == t - 8 * DAY
    assert found.decided_at == (given if answered else None)
    assert found.assignee_role == ("recruiter" if answered else "hiring_manager")
    assert found.assignee_since == (given if answered else t - 8 * DAY)


def test_a_scorecard_of_a_seat_is_no_answer_to_a_profile(pipeline, store):
    """Greenhouse's scorecards name no interview: their seats do."""
    t = pipeline.at
    pipeline.page("application", _application(stage="review"))
    pipeline.page("stage_stay", _stay("review", t - 8 * DAY, None), _stay("interview", None, None))
    _interview(pipeline, 1, t - 3 * DAY, t - 2 * DAY, user="max")
    card = {"application": "a1", "interview": None, "author": "max"}
    pipeline.page("scorecard", {"id": "c1", **card, "submitted_at": t - 2 * DAY})
    assert _after(pipeline).decided_at is None


def test_a_stage_that_is_found_late_dates_who_passed_through_it(pipeline, store):
    """Also candidates who are in another stage by now, or whose application is over."""
    t = pipeline.at
    pipeline.page("application", _application(stage="interview"))
    pipeline.page("stage", {"id": "review", "requisition": "r1", "kind": None})
    assert _after(pipeline).submitted_at == t - 5 * DAY
    pipeline.settle()
    pipeline.page("stage", {"id": "review", "requisition": "r1", "kind": "review"})
    assert _after(pipeline).submitted_at == t - 8 * DAY
    requisition = store.history.read_record(Key("acme", "requisition", "r1"))
    assert requisition.first_submission_at == t - 8 * DAY
