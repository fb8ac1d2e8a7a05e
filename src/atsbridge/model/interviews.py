"""Interviews, the seats in them, and the scorecards owed.

Free text of scorecards is never read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from atsbridge.model.fields import (
    Null,
    Sensitivity,
    day,
    enum,
    flag,
    instant,
    integer,
    mapping,
    names,
    ref,
    text,
)
from atsbridge.model.record import Record

_OBSERVED = "our own observation of a change; no ATS supplies it"
NOT_HELD = ("to_be_scheduled", "cancelled", "skipped")
"""Statuses of interviews that did not take place, or have no date (yet)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interview(Record):
    """A conversation between the candidate and one or more colleagues."""

    application: str | None = ref("application", "the application", parent=True)
    stage: str | None = ref("stage", "its stage", null=Null.NONE)
    status: str | None = enum(
        "status",
        "to_be_scheduled",
        "scheduled",
        "awaiting_feedback",
        "complete",
        "cancelled",
        "skipped",
        decisive=True,
    )
    starts_at: datetime | None = instant("start", planned=True)
    ends_at: datetime | None = instant("end", planned=True)
    starts_on: date | None = day("first day of an all-day interview", null=Null.NONE, planned=True)
    ends_on: date | None = day("last day of an all-day interview", null=Null.NONE, planned=True)
    scheduled_at: datetime | None = instant("when it was put on a calendar")
    availability_at: datetime | None = instant("when the candidate named possible times")
    organizer: str | None = ref("user", "who booked it", null=Null.NONE)
    cancelled_at: datetime | None = instant(
        "when it was canceled", derived=_OBSERVED, sources=("interview.status",)
    )
    rescheduled_at: datetime | None = instant(
        "when its start last moved", derived=_OBSERVED, sources=("interview.starts_at",)
    )
    held: str | None = enum(
        "whether it took place",
        "ahead",
        "held",
        "not_held",
        derived="not_held if the status is cancelled, skipped or to_be_scheduled; else ahead before"
        " its end and held after it; held if it is complete without an end; unknown if the status"
        " is absent or other, if there is no end, or if a scorecard was submitted for an interview"
        " that was not held",
        sources=(
            *("interview.status", "interview.ends_at", "interview.ends_on"),
            "scorecard.submitted_at",
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard(Record):
    """One interviewer's evaluation. An unsubmitted draft has no `submitted_at`."""

    application: str | None = ref("application", "the application")
    interview: str | None = ref("interview", "the interview, if the ATS names it", null=Null.NONE)
    author: str | None = ref("user", "the interviewer", null=Null.NONE)
    submitted_at: datetime | None = instant("when it was submitted")
    recommendation: int | None = integer(
        "-2 strong no, -1 no, 0 undecided, 1 yes, 2 strong yes",
        null=Null.NONE,
        sensitivity=Sensitivity.EVALUATION,
        unit="-2..2",
    )
    ratings: Mapping[str, Any] | None = mapping(
        "criterion id -> -2..2", null=Null.NONE, sensitivity=Sensitivity.EVALUATION
    )
    unrated: tuple[str, ...] | None = names(
        "criteria of its stage that it does not rate; unknown if it rates nothing, if several"
        " interviews share the stage, or if it was three days old when atsbridge first saw it",
        derived="names of the stage's criteria, older than it, that have no rating in it, sorted",
        sources=("criterion.stages", "scorecard.ratings", "seat.scorecard", "interview.stage"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat(Record):
    """One interviewer in one interview, and the scorecard owed for it."""

    interview: str | None = ref("interview", "the interview", parent=True)
    user: str | None = ref("user", "the interviewer; none for a guest", null=Null.NONE)
    guest: str | None = text("hash of a guest's address", null=Null.NONE)
    response: str | None = enum(
        "answer to the calendar invitation",
        "needs_action",
        "declined",
        "tentative",
        "accepted",
        decisive=True,
    )
    feedback_required: bool | None = flag(
        "whether the ATS asks this interviewer for a scorecard, if the interview takes place"
    )
    scorecard: str | None = ref("scorecard", "the scorecard owed or submitted", null=Null.NONE)
    feedback_owed: bool | None = flag(
        "whether a scorecard is owed: the ATS asks for it, and the interview is ahead or was held",
        derived="feedback_required; false if interview.held is not_held, unknown if it is unknown",
        sources=("seat.feedback_required", "interview.held"),
    )
