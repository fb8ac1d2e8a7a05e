"""Feedback on a profile, tied to no interview: how a manager answers a profile shared with them.

Forms of interviews come with these (`interviews`). This list is read for candidates in a stage
where somebody reviews profiles, when something happened there: giving feedback moves the row.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from atsbridge.model.fragment import Fragment
from atsbridge.ports import Parent, Stream
from atsbridge_lever.interviews import SCORECARD, Field, Form, scorecard
from atsbridge_lever.opportunities import may_have_reviews
from atsbridge_lever.wire import Ms, Ref, Row, ref

# `share`: on a profile that was shared; `interview`: by hand, where it names none. Feedback on an
# assignment answers another question, and what a new type answers nobody knows.
_TYPES = ("share", "interview")


class FeedbackRow(Row):
    """A row of `/opportunities/{id}/feedback`; the connector adds `opportunity_id`."""

    opportunity_id: str
    type: str | None = None
    interview: Ref = None
    user: Ref = None
    fields: list[Field] | None = None
    created_at: Ms = None
    updated_at: Ms = None
    completed_at: Ms = None
    deleted_at: Ms = None


def normalise(row: FeedbackRow) -> Iterator[Fragment]:
    """A scorecard without an interview; nothing of drafts, of deleted forms, of those of others."""
    form = Form(
        row.id,
        row.user,
        row.fields,
        row.created_at,
        row.updated_at,
        row.completed_at,
        row.deleted_at,
    )
    if (row.type or "").lower() in _TYPES and ref(row.interview) is None and form.is_given():
        yield Fragment("scorecard", row.id, scorecard(row.opportunity_id, None, form))


STREAM = Stream(
    name="feedback",
    path="/opportunities/{parent}/feedback",
    row=FeedbackRow,
    normalise=normalise,
    owns={"scorecard": SCORECARD},
    lag=timedelta(hours=1),
    parent=Parent(stream="opportunities", wanted=may_have_reviews, later=True),
    scope="Feedback: list",
)
