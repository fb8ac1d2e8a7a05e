"""Derived fields: the formulas of the catalogue, and that only what needs it is computed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from atsbridge.model.record import Key
from atsbridge.ports.record_store import StreamState, StreamStatus

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def pipeline(feed):
    """A requisition with a team, four stages and one active application in the interview stage."""
    t = feed.at
    feed.page("requisition", {"id": "r1", "title": "Cook", "status": "open"})
    feed.page(
        "team_member",
        *(
            {"id": f"m{n}", "requisition": "r1", "user": user, "role": role, "responsible": first}
            for n, (user, role, first) in enumerate(
                [
                    ("10", "recruiter", False),
                    ("9", "recruiter", False),
                    ("mia", "hiring_manager", False),
                    ("max", "hiring_manager", True),
                    ("cat", "coordinator", False),
                ]
            )
        ),
    )
    kinds = ["lead", "review", "interview", "offer"]
    feed.page("stage", *({"id": k, "requisition": "r1", "kind": k} for k in kinds))
    feed.page("application", _application(stage="interview"))
    feed.page(
        "stage_stay",
        _stay("lead", t - 9 * DAY, t - 8 * DAY),
        _stay("review", t - 8 * DAY, t - 5 * DAY),
        _stay("interview", t - 5 * DAY, None),
    )
    return feed


def _application(**more):
    base = {
        "id": "a1",
        "requisition": "r1",
        "status": "active",
        "rejected_at": None,
        "last_activity_at": None,
        "recruiter": None,
    }
    return {**base, **more}


def _stay(stage, entered, left):
    return {
        "id": stage,
        "application": "a1",
        "stage": stage,
        "entered_at": entered,
        "left_at": left,
        "origin": "ats",
    }


def _interview(feed, number, ends_at, given, *, status="scheduled", user="ivy"):
    feed.page(
        "interview",
        {
            "id": f"i{number}",
            "application": "a1",
            "stage": "interview",
            "status": status,
            "starts_at": ends_at - HOUR,
            "ends_at": ends_at,
            "scheduled_at": ends_at - DAY,
        },
    )
    feed.page("scorecard", {"id": f"c{number}", "author": user, "submitted_at": given})
    feed.page(
        "seat",
        {
            "id": f"s{number}",
            "interview": f"i{number}",
            "user": user,
            "feedback_required": True,
            "scorecard": f"c{number}",
        },
    )


def _after(feed, at=None):
    feed.store.subjects.derive("acme", at or feed.at)
    return feed.store.history.read_record(Key("acme", "application", "a1"))


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


def _requisition(feed, store):
    feed.store.subjects.derive("acme", feed.at)
    return store.history.read_record(Key("acme", "requisition", "r1"))


def _turn(feed, store):
    found = _requisition(feed, store)
    return found.assignee, found.assignee_role, found.assignee_since


@pytest.fixture
def search(feed):
    """An open requisition with a recruiter, a manager and nobody on it yet."""
    opened = feed.at - 9 * DAY
    feed.page("requisition", {"id": "r1", "status": "open", "opened_at": opened})
    feed.page(
        "team_member",
        {"id": "m1", "requisition": "r1", "user": "rita", "role": "recruiter"},
        {"id": "m2", "requisition": "r1", "user": "max", "role": "hiring_manager"},
    )
    feed.page("stage", {"id": "review", "kind": "review"}, {"id": "screen", "kind": "screen"})
    return feed


def test_an_empty_search_is_the_recruiters_ball(search, store):
    """Since it opened."""
    assert _turn(search, store) == ("rita", "recruiter", search.at - 9 * DAY)


def test_a_search_waits_for_whoever_has_not_agreed_its_brief(search, store):
    """First who wrote it, then the other side since that agreement, then the search itself."""
    said = search.at - 2 * DAY
    brief = {"id": "b1", "requisition": "r1", "version": 1, "created_at": said - DAY}
    search.page("brief", {**brief, "agreed": None})
    assert _turn(search, store) == ("rita", "recruiter", said - DAY)
    search.page("brief", {**brief, "agreed": {"rita": said.isoformat()}})
    assert _turn(search, store) == ("max", "hiring_manager", said)
    both = {"rita": said.isoformat(), "max": said.replace(tzinfo=None).isoformat(), "eve": None}
    search.page("brief", {**brief, "agreed": both})
    assert _turn(search, store) == ("rita", "recruiter", search.at - 9 * DAY)


def test_a_search_waits_for_its_approver_first(search, store):
    """Whoever it sits with longest, brief or not."""
    asked = search.at - DAY
    search.page("brief", {"id": "b1", "requisition": "r1", "agreed": None})
    search.page(
        "approval",
        *(
            {"id": v, "requisition": "r1", "user": v, "requested_at": at, "status": status}
            for v, at, status in [
                ("ann", asked, "due"),
                ("abe", asked + HOUR, "due"),
                ("amy", asked - HOUR, "waiting"),
            ]
        ),
    )
    assert _turn(search, store) == ("ann", "approver", asked)


def test_a_search_waits_where_its_longest_waiting_candidate_does(search, store):
    """Somebody here before the candidate; nobody at all is the recruiter's; the end nobody's."""
    t = search.at
    stays = [("a1", "review", t - 3 * DAY), ("a2", "screen", t - 5 * DAY)]
    search.page(
        "application",
        *({"id": a, "requisition": "r1", "status": "active", "stage": s} for a, s, _ in stays),
    )
    search.page(
        "stage_stay",
        *(
            {"id": f"s{a}", "application": a, "stage": s, "entered_at": at, "left_at": None}
            for a, s, at in stays
        ),
    )
    assert _turn(search, store) == ("rita", "recruiter", t - 5 * DAY)
    closed = {"requisition": "r1", "status": "rejected"}
    search.page("application", {"id": "a2", **closed, "stage": "screen"})
    assert _turn(search, store) == ("max", "hiring_manager", t - 3 * DAY)
    search.page("application", {"id": "a1", **closed, "stage": "review"})
    assert _turn(search, store) == ("rita", "recruiter", t - 3 * DAY)
    search.page("requisition", {"id": "r1", "status": "filled", "opened_at": t})
    assert _turn(search, store) == (None, None, None)


def test_criteria_are_listed_by_name(search, store):
    """Each name once, sorted, whatever letters it has; none is none."""
    assert _requisition(search, store).criteria is None
    names = ["SQL", 'Says "no"', "Ärger", "SQL"]
    criteria = [{"id": f"k{n}", "requisition": "r1", "name": one} for n, one in enumerate(names)]
    search.page("criterion", *criteria)
    assert _requisition(search, store).criteria == ("SQL", 'Says "no"', "Ärger")


def test_a_changed_team_or_list_of_criteria_is_kept(search, store):
    """The first value is no change; later ones are, dated by our sight."""
    search.page("criterion", {"id": "k1", "requisition": "r1", "name": "SQL"})
    _requisition(search, store)
    search.settle()
    search.at += DAY
    search.page("criterion", {"id": "k2", "requisition": "r1", "name": "Writing"})
    search.page(
        "team_member", {"id": "m2", "requisition": "r1", "user": "eve", "role": "hiring_manager"}
    )
    _requisition(search, store)
    kept = store.history.read_changes(
        Key("acme", "requisition", "r1"), ("criteria", "hiring_manager")
    )
    assert [(c.field, c.old, c.new, c.observed_at, c.origin.value) for c in kept] == [
        ("hiring_manager", "max", "eve", search.at, "poll"),
        ("criteria", ("SQL",), ("SQL", "Writing"), search.at, "poll"),
    ]


def test_a_mapped_team_is_no_changed_team(search, store):
    """A role that only a mapping made another: the change is the mapping's."""
    _requisition(search, store)
    search.settle()
    search.at += DAY
    search.page(
        "team_member",
        {"id": "m1", "requisition": "r1", "user": "rita", "role": "sourcer"},
        {"id": "m2", "requisition": "r1", "user": "max", "role": "recruiter"},
        remapped=frozenset({"team_member.role"}),
    )
    _requisition(search, store)
    kept = store.history.read_changes(Key("acme", "requisition", "r1"), ("recruiter",))
    assert [(c.old, c.new, c.origin.value) for c in kept] == [("rita", "max", "mapping")]


def _criterion(ident, name, updated):
    dates = {"created_at": updated - DAY, "updated_at": updated}
    return {"id": ident, "requisition": "r1", "name": name, **dates}


def test_criteria_that_an_earlier_answer_left_out_are_no_changed_criteria(search, store):
    """They had not changed for days when they were first seen; what changed since then is news."""
    search.page("criterion", _criterion("k1", "SQL", search.at - DAY))
    _requisition(search, store)
    for names, updated in (("Tact", -3 * DAY), ("Writing", DAY)):
        search.settle()
        search.at += DAY
        search.page("criterion", _criterion(names, names, search.at - DAY + updated))
        _requisition(search, store)
    kept = store.history.read_changes(Key("acme", "requisition", "r1"), ("criteria",))
    assert [(c.new, c.origin.value) for c in kept] == [
        (("SQL", "Tact"), "mapping"),
        (("SQL", "Tact", "Writing"), "poll"),
    ]


def test_criteria_of_which_one_went_have_changed(search, store):
    """Whatever was found late beside it."""
    search.page("criterion", *(_criterion(k, k, search.at - DAY) for k in ("SQL", "Tact")))
    _requisition(search, store)
    search.settle()
    search.at += DAY
    search.page("criterion", _criterion("Writing", "Writing", search.at - 3 * DAY))
    store.records.delete_rows("acme", "criterions", ["Tact"], search.at)
    _requisition(search, store)
    kept = store.history.read_changes(Key("acme", "requisition", "r1"), ("criteria",))
    assert [(c.new, c.origin.value) for c in kept] == [(("SQL", "Writing"), "poll")]


def test_a_stage_that_is_found_late_dates_who_passed_through_it(pipeline, store):
    """Also candidates who are in another stage by now, or whose application is over."""
    t = pipeline.at
    pipeline.page("application", _application(stage="interview"))
    pipeline.page("stage", {"id": "review", "requisition": "r1", "kind": None})
    assert _after(pipeline).submitted_at == t - 5 * DAY
    pipeline.settle()
    pipeline.page("stage", {"id": "review", "requisition": "r1", "kind": "review"})
    assert _after(pipeline).submitted_at == t - 8 * DAY
    assert _requisition(pipeline, store).first_submission_at == t - 8 * DAY


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


@pytest.fixture
def rated(pipeline):
    """A scorecard handed in an hour ago, and two criteria of its stage, of which it rates one."""
    t = pipeline.at
    _interview(pipeline, 1, t - 2 * HOUR, t - HOUR)
    pipeline.page(
        "criterion",
        *(
            {"id": key, "requisition": "r1", "name": name, "stages": [stage], "created_at": at}
            for key, name, stage, at in (
                ("1", "SQL", "interview", t - 9 * DAY),
                ("11", 'Says "why"', "interview", t - 9 * DAY),
                ("2", "Ärger", "interview", t - 9 * DAY),
                ("3", "Writing", "review", t - 9 * DAY),
                ("4", "Tact", "interview", t),
            )
        ),
    )
    pipeline.page("scorecard", {"id": "c1", "ratings": {"1": 2}}, stream="ratings")
    return pipeline


def _unrated(feed, number=1):
    _after(feed)
    return feed.store.history.read_record(Key("acme", "scorecard", f"c{number}")).unrated


def test_a_scorecard_leaves_open_what_its_stage_asks_for(rated):
    """Sorted, whatever letters it has; not another stage's, and not what was asked for later."""
    assert _unrated(rated) == ('Says "why"', "Ärger")


def test_what_is_rated_later_is_open_no_more(rated, store):
    """Nothing left is an empty list; the scorecard is judged again, with its seat."""
    _unrated(rated)
    rated.settle()
    rated.page("scorecard", {"id": "c1", "ratings": {"1": 2, "11": 0, "2": -1}}, stream="ratings")
    assert _unrated(rated) == ()
    assert store.subjects.find_dirty("acme", "scorecard", ()) == ["c1"]


def test_open_questions_are_unknown_without_a_rating(rated):
    """A scorecard that rates nothing may be one whose ratings were not read."""
    rated.page("scorecard", {"id": "c1", "ratings": None}, stream="ratings")
    assert _unrated(rated) is None


def test_open_questions_are_unknown_without_criteria(pipeline):
    """As on an ATS that keeps none."""
    t = pipeline.at
    _interview(pipeline, 1, t - 2 * HOUR, t - HOUR)
    pipeline.page("scorecard", {"id": "c1", "ratings": {"SQL": 2}}, stream="ratings")
    assert _unrated(pipeline) is None


def test_open_questions_are_unknown_where_interviews_share_a_stage(rated):
    """Which of them was to ask what, nobody says; one that was called off asked nothing."""
    t = rated.at
    _interview(rated, 2, t + DAY, None, user="bob", status="cancelled")
    assert _unrated(rated) == ('Says "why"', "Ärger")
    _interview(rated, 2, t + DAY, None, user="bob")
    rated.page("scorecard", {"id": "c1", "ratings": {"1": 1}}, stream="ratings")
    assert _unrated(rated) is None


def test_open_questions_of_long_ago_are_let_be(rated):
    """A scorecard that was days old when we first saw it: nobody remembers the conversation."""
    t = rated.at
    old = t - 4 * DAY
    rated.page("scorecard", {"id": "c2", "author": "bob", "submitted_at": old, "ratings": {"1": 1}})
    rated.page("interview", {"id": "i1", "application": "a1", "stage": "interview"})
    seat = {"interview": "i1", "user": "bob", "feedback_required": True, "scorecard": "c2"}
    rated.page("seat", {"id": "s2", **seat})
    assert _unrated(rated, 2) is None
    assert _unrated(rated) == ('Says "why"', "Ärger")


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
