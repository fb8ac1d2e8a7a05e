"""Interviews, interviewers and scorecards.

A canceled interview is removed, and so are its seats and the scorecards that were not filled in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from atsbridge_greenhouse.fake.identity import derived
from atsbridge_greenhouse.fake.plans import kit, slot
from atsbridge_greenhouse.fake.truth import (
    Entry,
    Json,
    Resource,
    Truth,
    iso,
    members,
    number,
    of_kind,
    on,
    stamped,
)

_ATTRIBUTES = {-2: "definitely_not", -1: "no", 0: "mixed", 1: "yes", 2: "strong_yes"}
_RATINGS = {-2: "strong_no", -1: "no", 0: "no_decision", 1: "yes", 2: "strong_yes"}


def _held(_: Truth, interview: Any) -> bool:
    return bool(interview.status != "cancelled")


def _place(interview: Any) -> int:
    return int((interview.custom or {}).get("slot", 0))


def _interview(truth: Truth, entry: Entry) -> Json:
    one = entry.thing
    application = truth.get("application", one.application)
    return stamped(
        entry,
        application_id=number(one.application),
        job_id=number(application.requisition),
        job_interview_id=slot(one.stage, _place(one)),
        status=one.status,
        starts_at=iso(one.starts_at),
        ends_at=iso(one.ends_at),
        all_day_start_on=on(one.starts_on),
        all_day_end_on=on(one.ends_on),
        scheduled_at=iso(one.scheduled_at),
        availability_received_at=iso(one.availability_at),
        organizer_id=number(one.organizer),
        location=None,
        video_conferencing_url="https://meet.example/room",
        external_event_id=f"evt-{entry.id}",
    )


def _seated(truth: Truth, seat: Any) -> bool:
    interview = truth.get("interview", seat.interview)
    return interview is not None and _held(truth, interview)


def _owed(truth: Truth, seat: Any) -> bool:
    """Whether there is a scorecard: submitted, or a placeholder for feedback that is required."""
    card = truth.get("scorecard", seat.scorecard)
    return card is not None and bool(seat.feedback_required or card.submitted_at)


def _interviewer(truth: Truth, entry: Entry) -> Json:
    seat = entry.thing
    person = truth.get("user", seat.user)
    return stamped(
        entry,
        interview_id=number(seat.interview),
        user_id=number(seat.user),
        scorecard_id=number(seat.scorecard) if _owed(truth, seat) else None,
        email=person.email if person else "guest@elsewhere.example",
        response_status=seat.response,
    )


def _shown(truth: Truth, card: Any) -> bool:
    if card.submitted_at is not None:
        return True
    seats = truth.children("seat", "scorecard", card.id)
    return any(
        _seated(truth, seat) and _owed(truth, seat)
        for seat in (truth.get("seat", key) for key in seats)
    )


def _scorecard(truth: Truth, entry: Entry) -> Json:
    card = entry.thing
    interview = truth.get("interview", card.interview)
    given = card.submitted_at is not None
    # A draft may carry a date, and always has a rating: only its status tells.
    draft_date = iso(card.created_at) if int(card.id) % 3 == 0 else None
    return stamped(
        entry,
        application_id=number(card.application),
        interview_kit_id=kit(interview.stage, _place(interview)) if interview else None,
        interviewer_id=number(card.author),
        submitter_id=number(card.author),
        status="complete" if given else "draft",
        candidate_rating=_RATINGS[card.recommendation or 0],
        interviewed_at=iso(interview.starts_at) if interview else None,
        submitted_at=iso(card.submitted_at) if given else draft_date,
        notes="Not for a machine to read.",
        notes_with_tags=None,
        private_notes=None,
        private_notes_with_tags=None,
        public_notes=None,
        public_notes_with_tags=None,
    )


def _rated(truth: Truth, cards: Iterable[str]) -> Iterator[Entry]:
    """A row per criterion of every scorecard that was handed in, newest id first."""
    found: list[Entry] = []
    for key in cards:
        card = truth.get("scorecard", key)
        if card is not None and card.submitted_at is not None and _shown(truth, card):
            for place, rating in enumerate((card.ratings or {}).items()):
                at = derived("scorecard_candidate_attributes", key, place)
                found.append(Entry(at, card.submitted_at, card.updated_at, (key, *rating)))
    return iter(sorted(found, key=lambda entry: entry.id, reverse=True))


def _rating(_: Truth, entry: Entry) -> Json:
    card, criterion, rating = entry.thing
    return stamped(
        entry,
        scorecard_id=int(card),
        job_candidate_attribute_id=int(criterion),
        candidate_attribute_rating=_ATTRIBUTES[rating],
        note="Not for a machine to read.",
    )


RESOURCES = (
    Resource(
        name="scorecard_candidate_attributes",
        members=members("scorecard_id job_candidate_attribute_id candidate_attribute_rating note"),
        rows=lambda truth: _rated(truth, truth.newest("scorecard")),
        build=_rating,
        refs={
            "scorecard_ids": "scorecard_id",
            "job_candidate_attribute_ids": "job_candidate_attribute_id",
        },
        asks=_rated,
        asked_by="scorecard_ids",
    ),
    Resource(
        name="interviews",
        members=members(
            "application_id job_id job_interview_id status starts_at ends_at all_day_start_on "
            "all_day_end_on scheduled_at availability_received_at organizer_id location "
            "video_conferencing_url external_event_id"
        ),
        rows=of_kind("interview", _held),
        build=_interview,
        refs={
            "job_ids": "job_id",
            "application_ids": "application_id",
            "job_interview_ids": "job_interview_id",
            "organizer_ids": "organizer_id",
        },
        values={
            "status": (
                *("to_be_scheduled", "scheduled", "awaiting_feedback", "complete", "skipped"),
                *("collect_feedback", "to_be_sent", "sent", "received"),
            )
        },
        instants=("starts_at", "ends_at"),
        days=("all_day_start_on", "all_day_end_on"),
    ),
    Resource(
        name="interviewers",
        members=members("interview_id user_id scorecard_id email response_status"),
        rows=of_kind("seat", _seated),
        build=_interviewer,
        refs={
            "interview_ids": "interview_id",
            "user_ids": "user_id",
            "scorecard_ids": "scorecard_id",
        },
        values={"response_status": ("needs_action", "declined", "tentative", "accepted")},
    ),
    Resource(
        name="scorecards",
        members=members(
            "application_id interview_kit_id interviewer_id submitter_id status "
            "candidate_rating interviewed_at submitted_at notes notes_with_tags private_notes "
            "private_notes_with_tags public_notes public_notes_with_tags"
        ),
        rows=of_kind("scorecard", _shown),
        build=_scorecard,
        refs={
            "application_ids": "application_id",
            "interviewer_ids": "interviewer_id",
            "submitter_ids": "submitter_id",
            "interview_kit_ids": "interview_kit_id",
        },
        values={"status": ("draft", "complete")},
        instants=("interviewed_at", "submitted_at"),
    ),
)
