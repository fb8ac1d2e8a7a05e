"""Interviews, seats, and the scorecards that are owed.

`links` adds what the slot of the plan requires. The text of scorecards is never requested.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from atsbridge.api import Backfill, Fragment
from atsbridge_greenhouse.listing import DATES, HELD, Completed, iso, lately, listed
from atsbridge_greenhouse.values import (
    Row,
    Scalar,
    canonical,
    dates,
    day,
    ident,
    instant,
    own_id,
    text,
)

# There is no status for a canceled interview: its row is deleted. The last four are those of
# take-home tests and of slots nobody schedules; their meaning is inferred from the words.
_STATUSES = {
    "to_be_scheduled": "to_be_scheduled",
    "scheduled": "scheduled",
    "awaiting_feedback": "awaiting_feedback",
    "complete": "complete",
    "skipped": "skipped",
    "to_be_sent": "to_be_scheduled",
    "sent": "scheduled",
    "received": "awaiting_feedback",
    "collect_feedback": "awaiting_feedback",
}
_RESPONSES = {w: w for w in ("needs_action", "declined", "tentative", "accepted")}
# v3's words for the whole person; those of single criteria differ (definitely_not, mixed).
_RATINGS = {"strong_no": -2, "no": -1, "no_decision": 0, "yes": 1, "strong_yes": 2}


class Interview(Row):
    """GET /v3/interviews, with the stage of its slot (job_interviews) put onto it."""

    application_id: Scalar = None
    job_interview_id: Scalar = None
    status: Scalar = None
    starts_at: Scalar = None
    ends_at: Scalar = None
    all_day_start_on: Scalar = None
    all_day_end_on: Scalar = None
    scheduled_at: Scalar = None
    availability_received_at: Scalar = None
    organizer_id: Scalar = None
    job_interview_stage_id: Scalar = None  # of job_interviews


class Interviewer(Row):
    """GET /v3/interviewers, with its slot's `require_scorecard` put onto it."""

    interview_id: Scalar = None
    user_id: Scalar = None
    scorecard_id: Scalar = None
    email: Scalar = None
    response_status: Scalar = None
    require_scorecard: Scalar = None  # of job_interviews


class Scorecard(Row):
    """GET /v3/scorecards; `interviewer_id` is a user's id."""

    application_id: Scalar = None
    interviewer_id: Scalar = None
    status: Scalar = None
    candidate_rating: Scalar = None
    submitted_at: Scalar = None


def interview(row: Interview) -> Iterable[Fragment]:
    """A conversation; an all-day one has days instead of instants."""
    values = {
        "application": ident(row.application_id),
        "stage": ident(row.job_interview_stage_id),
        "status": canonical(row.status, _STATUSES),
        "starts_at": instant(row, "starts_at"),
        "ends_at": instant(row, "ends_at"),
        "starts_on": day(row, "all_day_start_on"),
        "ends_on": day(row, "all_day_end_on"),
        "scheduled_at": instant(row, "scheduled_at"),
        "availability_at": instant(row, "availability_received_at"),
        "organizer": ident(row.organizer_id),
        **dates(row),
    }
    yield Fragment("interview", own_id(row), values)


def seat(row: Interviewer) -> Iterable[Fragment]:
    """A seat owes a scorecard if it has one to fill in, did not decline, and the slot asks for it.

    The vendor makes a placeholder scorecard for each assigned colleague, none for guests and
    organizers. A slot that does not say whether it asks for one does.
    """
    colleague, card = ident(row.user_id), ident(row.scorecard_id)
    response = canonical(row.response_status, _RESPONSES)
    values = {
        "interview": ident(row.interview_id),
        "user": colleague,
        "guest": None if colleague else _hashed(text(row.email)),
        "response": response,
        "feedback_required": (
            colleague is not None
            and card is not None
            and response != "declined"
            and row.require_scorecard is not False
        ),
        "scorecard": card,
        **dates(row),
    }
    yield Fragment("seat", own_id(row), values)


def scorecard(row: Scorecard) -> Iterable[Fragment]:
    """A judgment. Only `complete` counts: a draft may carry a date and a rating, and has neither.

    A complete one without a date was given when it last changed, at the latest.
    """
    given = (text(row.status) or "").lower() == "complete"
    submitted = instant(row, "submitted_at") or instant(row, "updated_at") if given else None
    values = {
        "application": ident(row.application_id),
        "author": ident(row.interviewer_id),
        "submitted_at": submitted,
        "recommendation": _RATINGS.get((text(row.candidate_rating) or "").lower())
        if given
        else None,
        **dates(row),
    }
    yield Fragment("scorecard", own_id(row), values)


def held_lately(now: datetime) -> Sequence[Mapping[str, str]]:
    """Interviews since HELD or still to come: timed ones, those of whole days, unplanned ones.

    A filter on one of the first two drops rows that have only the other.
    """
    since = now - HELD
    return (
        {"starts_at": f"gte|{iso(since)}"},
        {"all_day_start_on": f"gte|{since.date().isoformat()}"},
        {"status": "to_be_scheduled"},
    )


def _hashed(email: str | None) -> str | None:
    """A hash that distinguishes two guests and cannot be used as an address."""
    return hashlib.sha256(email.lower().encode()).hexdigest()[:16] if email else None


_INTERVIEW = (
    *("application", "stage", "status", "starts_at", "ends_at", "starts_on", "ends_on"),
    *("scheduled_at", "availability_at", "organizer", *DATES),
)
_SCORECARD = ("application", "author", "submitted_at", "recommendation", *DATES)
_SEAT = ("interview", "user", "guest", "response", "feedback_required", "scorecard", *DATES)

STREAMS = (
    replace(
        listed(
            "interviews",
            Interview,
            interview,
            {"interview": _INTERVIEW},
            completed=Completed(("job_interview_stage_id",), ("job_interviews",)),
        ),
        backfill=Backfill(
            first=held_lately, unknown_until_read=("requisition.first_interview_at",)
        ),
    ),
    replace(
        listed("scorecards", Scorecard, scorecard, {"scorecard": _SCORECARD}),
        backfill=Backfill(first=lately),
    ),
    replace(
        listed(
            "interviewers",
            Interviewer,
            seat,
            {"seat": _SEAT},
            completed=Completed(("require_scorecard",), ("interviews", "job_interviews")),
        ),
        backfill=Backfill(first=lately),
        required_by=("interview",),
    ),
)
