"""Derived fields of scorecards: what a scorecard leaves open."""

from __future__ import annotations

import pytest

from atsbridge.model.record import Key

from .conftest import DAY, HOUR, _after, _interview


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
