"""Two applications in a pipeline, and what changes them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from atsbridge.model.record import Key

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
