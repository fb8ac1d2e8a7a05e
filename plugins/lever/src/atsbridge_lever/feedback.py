"""Feedback on a profile, tied to no interview: how a manager answers a profile shared with them.

Forms of interviews come with these (`interviews`). This list is read for candidates in a stage
where somebody reviews profiles, when something happened there: giving feedback moves the row. No
seat needs it, so that only a manager's answer is unknown while it cannot be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec

from atsbridge.api import DeniedError, FatalError, Fragment, Page, Parent, Stream
from atsbridge_lever.interviews import SCORECARD, Field, Form, owes, scorecard
from atsbridge_lever.opportunities import may_have_reviews
from atsbridge_lever.row_enrichment import enrich_pages
from atsbridge_lever.wire import Ms, Ref, Row, ref, spliced

# `share`: on a profile that was shared; `interview`: by hand, where it names none. Feedback on an
# assignment answers another question, and what a new type answers nobody knows.
_TYPES = ("share", "interview")
_MISSING = (404, 410)
_UNREAD = (
    "feedback written by hand cannot be read (Feedback: list), so nobody can tell who owes any"
)


class _Named(Row):
    type: str | None = None
    interview: Ref = None


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


def normalize(row: FeedbackRow) -> Iterator[Fragment]:
    """A scorecard without an interview; nothing for drafts, deleted forms and other types."""
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


def joined(
    pages: Iterable[Page], forms: Iterable[Page], opportunity: str, now: datetime
) -> Iterator[Page]:
    """The opportunity's interviews with its id, and with the forms its feedback list has of those
    written by hand. `forms` is read only where somebody seems to owe feedback at `now`.

    Where it is not to be had, nobody can tell who owes any.
    """
    read = list(enrich_pages(pages, lambda raw: spliced(raw, {"opportunityId": opportunity})))
    unknown: dict[str, str] = {}
    if owes((raw for page in read for raw in page.rows), now):
        try:
            found = [raw for page in forms for raw in page.rows if _is_by_hand(raw)]
        except (DeniedError, FatalError) as error:
            if isinstance(error, FatalError) and error.status not in _MISSING:
                raise
            found, unknown = [], {"seat.scorecard": _UNREAD}
        if found:
            read = list(enrich_pages(read, lambda raw: spliced(raw, {"byHand": found})))
    for page in read:
        yield replace(page, unknown={**page.unknown, **unknown})


def _is_by_hand(raw: bytes) -> bool:
    """Whether a form is about an interview without naming it; False if it cannot be decoded."""
    with suppress(msgspec.DecodeError):
        row = msgspec.json.decode(raw, type=_Named)
        return (row.type or "").lower() == "interview" and ref(row.interview) is None
    return False


STREAM = Stream(
    name="feedback",
    path="/opportunities/{parent}/feedback",
    row=FeedbackRow,
    normalize=normalize,
    owns={"scorecard": SCORECARD},
    lag=timedelta(hours=1),
    parent=Parent(stream="opportunities", wanted=may_have_reviews, skip_first_sync=True),
    scope="Feedback: list",
    needed_for=("application.decided_at",),
)
