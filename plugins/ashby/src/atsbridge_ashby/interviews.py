"""Interviews and seats, from interview schedules.

A schedule belongs to an application and a stage and holds events, each of which is an interview
with its own panel. Events have no status: that of their schedule counts for each of them. A
schedule without an event is an interview that has no date yet. A seat has no id of its own, and
Ashby does not show how an interviewer answered the invitation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from atsbridge.api import Fragment, Instant, SkipRecord, read_enum, read_instant
from atsbridge_ashby.listing import WEEKLY, synced
from atsbridge_ashby.wire import Named, Row, ref, seat_id, unscheduled

_BOOKED = {
    "Scheduled": "scheduled",
    "WaitingOnFeedback": "awaiting_feedback",
    "Complete": "complete",
    "Cancelled": "cancelled",
}
_NOT_BOOKED = {
    **_BOOKED,
    "NeedsScheduling": "to_be_scheduled",
    "WaitingOnCandidateBooking": "to_be_scheduled",
    "WaitingOnCandidateAvailability": "to_be_scheduled",
    "CandidateAvailabilitySubmitted": "to_be_scheduled",
    "OnHold": "other",  # nobody is to schedule it now
}
# With an event on the calendar, these say that it is being moved, or is a leftover: nobody can tell
# whether it takes place. "Unknown" is the vendor's own word for it. A new one stays "other:…".
_UNCLEAR = (_NOT_BOOKED.keys() - _BOOKED.keys()) | {"Unknown"}


class Interviewer(Named):
    """A person of the panel. `is_feedback_required`: of this person for this event; it was added in
    2026 and may be missing, then the interview's own counts."""

    is_feedback_required: bool | None = None


class InterviewKind(Named):
    """The kind of interview that the event is of."""

    is_feedback_required: bool | None = None


class Event(Named):
    """One meeting."""

    start_time: Instant = None
    end_time: Instant = None
    created_at: Instant = None
    updated_at: Instant = None
    interviewers: list[Interviewer] | None = None
    interview: InterviewKind | None = None


class ScheduleRow(Row):
    """A row of `interviewSchedule.list`."""

    status: str | None = None
    application_id: str | None = None
    interview_stage_id: str | None = None
    scheduled_by: Named | None = None
    interview_events: list[Event] | None = None
    created_at: Instant = None
    updated_at: Instant = None


def schedule(row: ScheduleRow) -> Iterator[Fragment]:
    """An interview for each event with a seat for each interviewer; one without a date if there is
    no event. SkipRecord where the events were not told: then nobody knows of any."""
    if row.interview_events is None:
        raise SkipRecord("events were not told", where=f"schedule/{row.id}")
    events = [one for one in row.interview_events if one.id]
    if not events:
        yield _without_date(row)
    for one in events:
        yield _interview(row, one)
        yield from _seats(one)


def _without_date(row: ScheduleRow) -> Fragment:
    values = {
        **_common(row),
        "status": None if row.status == "Unknown" else read_enum(row.status, _NOT_BOOKED),
        "starts_at": None,
        "ends_at": None,
        "scheduled_at": None,
        "created_at": read_instant(row.created_at),
        "updated_at": read_instant(row.updated_at),
    }
    return Fragment("interview", unscheduled(row.id), values)


def _interview(row: ScheduleRow, event: Event) -> Fragment:
    values = {
        **_common(row),
        "status": None if row.status in _UNCLEAR else read_enum(row.status, _BOOKED),
        "starts_at": read_instant(event.start_time),
        "ends_at": read_instant(event.end_time),
        "scheduled_at": read_instant(event.created_at),
        "created_at": read_instant(event.created_at),
        "updated_at": read_instant(event.updated_at),
    }
    return Fragment("interview", event.id or "", values)


def _common(row: ScheduleRow) -> dict[str, Any]:
    return {
        "application": row.application_id or None,
        "stage": row.interview_stage_id or None,
        "organizer": ref(row.scheduled_by),
    }


def _seats(event: Event) -> Iterator[Fragment]:
    default = event.interview.is_feedback_required if event.interview else None
    for one in event.interviewers or ():
        if one.id and event.id:
            own = one.is_feedback_required
            values = {
                "interview": event.id,
                "user": one.id,
                "feedback_required": default if own is None else own,
            }
            yield Fragment("seat", seat_id(event.id, one.id), values)


STREAM = synced(
    "interview_schedules",
    "interviewSchedule.list",
    ScheduleRow,
    schedule,
    {
        "interview": (
            *("application", "stage", "status", "starts_at", "ends_at", "scheduled_at"),
            *("organizer", "created_at", "updated_at"),
        ),
        "seat": ("interview", "user", "feedback_required"),
    },
    incremental=WEEKLY,
    version=2,
    scope="Interviews: read",
)
