"""Scorecards that were submitted, and the seats that they fill.

The answers of a form are not read: they hold free text, and the scale of a grade is the customer's.
`applicationFeedback.list` takes an application, which its schema calls optional and its description
does not: the connector asks for the whole list, and for each application in question where that is
refused (`feedback_by_application`).
"""

from __future__ import annotations

from collections.abc import Iterator

from atsbridge.api import Fragment, Incremental, Instant, read_instant
from atsbridge_ashby.listing import TOKEN, synced
from atsbridge_ashby.wire import Named, Row, ref, seat_id


class FeedbackRow(Row):
    """A row of `applicationFeedback.list`. `interview_event_id`: missing where a profile was
    reviewed without an interview."""

    application_id: str | None = None
    interview_event_id: str | None = None
    submitted_by_user: Named | None = None
    submitted_at: Instant = None


def feedback(row: FeedbackRow) -> Iterator[Fragment]:
    """The scorecard, and its place at the seat of its author in the interview."""
    author, event = ref(row.submitted_by_user), row.interview_event_id or None
    yield Fragment(
        "scorecard",
        row.id,
        {
            "application": row.application_id or None,
            "interview": event,
            "author": author,
            "submitted_at": read_instant(row.submitted_at),
        },
    )
    if author and event:
        yield Fragment("seat", seat_id(event, author), {"scorecard": row.id})


STREAM = synced(
    "feedback",
    "applicationFeedback.list",
    FeedbackRow,
    feedback,
    {"scorecard": ("application", "interview", "author", "submitted_at"), "seat": ("scorecard",)},
    # Not whole in a night: where only single applications can be asked for it, that takes thousands
    # of requests. What an answer left out shows when a message about it is confirmed.
    incremental=Incremental(token=TOKEN, whole_every=None),
    absent_is_fact=("seat.scorecard",),
    scope="Candidates: read",
)
