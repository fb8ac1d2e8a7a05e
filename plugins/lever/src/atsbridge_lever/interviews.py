"""Interviews, the seats in them and the scorecards given, per opportunity.

Which opportunities are asked for theirs is `opportunities.may_have_interviews`.

One request brings an opportunity's interviews with their forms inlined. A form counts as given
only when completed and not deleted: drafts stay in the list, and so do deleted forms. A seat that
owes nothing names the template `no-feedback`. A form that its author wrote by hand names no
interview and is not among the inlined ones: where somebody seems to owe feedback, the connector
asks for the opportunity's feedback too and lays such forms into the rows (`by_hand`). Lever does
not say that a feedback request was dismissed; how an interviewer answered stands in `panels`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import msgspec

from atsbridge.api import (
    ChildWatch,
    Fragment,
    Parent,
    RequestCost,
    SkipRecord,
    Stream,
    plain_number,
)
from atsbridge_lever.opportunities import may_have_interviews
from atsbridge_lever.wire import Ms, Ref, Row, instant, ref, strict_instant

NO_FEEDBACK = "no-feedback"
_DAY = 24 * 60  # minutes
_ABSENT = (None, "", 0, False)
# "1 - Strong No Hire" … "4 - Strong Hire": labels can be edited, the digit stays.
_GRADES = {1: -2, 2: -1, 3: 1, 4: 2}


class Interviewer(msgspec.Struct, rename="camel", frozen=True):
    """One seat. `feedback_template` is missing in old rows: the interview's own counts then."""

    id: str | None = None
    email: str | None = None
    feedback_template: str | None = None


class Field(msgspec.Struct, frozen=True):
    """An answer of a form. Only grades are understood; text is decoded and dropped."""

    type: str | None = None
    value: Any = None
    scores: Any = None


class Form(msgspec.Struct, rename="camel", frozen=True):
    """An expanded feedback form."""

    id: str
    user: Ref = None
    fields: list[Field] | None = None
    created_at: Ms = None
    updated_at: Ms = None
    completed_at: Ms = None
    deleted_at: Ms = None

    def is_given(self) -> bool:
        """Whether it was submitted and not deleted. SkipRecord where nobody can tell."""
        given = strict_instant(self.completed_at, "completedAt")
        return given is not None and self.deleted_at in _ABSENT


class _Booked(Row):
    date: Ms = None


class InterviewRow(Row):
    """A row of `/opportunities/{id}/interviews`; the connector adds `opportunity_id`, and to
    `by_hand` the opportunity's forms that name no interview."""

    opportunity_id: str
    interviewers: list[Interviewer] | None = None
    created_at: Ms = None
    date: Ms = None
    duration: int | float | str | None = None
    feedback_template: str | None = None
    feedback_forms: list[Form | str] | None = None
    user: Ref = None
    stage: Ref = None
    canceled_at: Ms = None
    by_hand: list[Form] | None = None


def normalize(row: InterviewRow) -> Iterator[Fragment]:
    """The interview, a seat for each interviewer, a scorecard for each form that was given."""
    if row.interviewers is None:  # not even an empty list: nobody said that there are none
        raise SkipRecord("interviewers were not told", where=f"interview/{row.id}")
    forms = sorted(_given(row), key=lambda f: (instant(f.completed_at), f.id))
    by_author = {author: form for form in reversed(forms) if (author := ref(form.user))}
    unlinked = {author: form for author, form in _by_hand(row) if author not in by_author}
    seats = list(_seats(row, {**unlinked, **by_author}))
    yield Fragment("interview", row.id, _interview(row, seats))
    yield from seats
    for form in forms:
        card = scorecard(row.opportunity_id, row.id, form)
        yield Fragment("scorecard", form.id, card)
    seated = {seat.values["scorecard"] for seat in seats}
    for form in unlinked.values():
        if form.id in seated:
            yield Fragment("scorecard", form.id, scorecard(row.opportunity_id, None, form))


def owes(raws: Iterable[bytes], now: datetime) -> bool:
    """Whether somebody seems to owe feedback for one of these interviews that is over.

    Those that cannot be read do not count.
    """
    for raw in raws:
        with suppress(msgspec.DecodeError, SkipRecord):
            row = msgspec.json.decode(raw, type=InterviewRow)
            interview, *others = [fragment.values for fragment in normalize(row)]
            ends = interview["ends_at"]
            if interview["status"] == "scheduled" and ends is not None and ends <= now:
                owing = (one for one in others if one.get("feedback_required") and one["user"])
                if any(seat["scorecard"] is None for seat in owing):
                    return True
    return False


def _by_hand(row: InterviewRow) -> Iterator[tuple[str, Form]]:
    """Author and form of what was written by hand after the interview began, the first last."""
    starts = strict_instant(row.date, "date")
    given = [form for form in row.by_hand or () if _is_given(row, form)]
    for form in sorted(given, key=lambda f: (instant(f.completed_at), f.id), reverse=True):
        author, completed = ref(form.user), instant(form.completed_at)
        if author and starts is not None and completed is not None and completed >= starts:
            yield author, form


def any_after(raws: Iterable[bytes], now: datetime) -> bool:
    """Whether one of these interviews lies ahead. Those that cannot be read do not count."""
    for raw in raws:
        with suppress(msgspec.DecodeError):
            starts = instant(msgspec.json.decode(raw, type=_Booked).date)
            if starts is not None and starts > now:
                return True
    return False


def _given(row: InterviewRow) -> Iterator[Form]:
    for form in row.feedback_forms or ():
        if isinstance(form, str):
            raise SkipRecord(
                "feedback forms came as bare ids, so nobody can tell who gave theirs",
                where=f"interview/{row.id}",
                remedy="Tell the authors of atsbridge-lever: expand=feedbackForms was not heeded",
            )
        if _is_given(row, form):
            yield form


def _is_given(row: InterviewRow, form: Form) -> bool:
    try:
        return form.is_given()
    except SkipRecord as error:
        raise SkipRecord(error.what, where=f"interview/{row.id}", field="feedbackForms") from None


def _interview(row: InterviewRow, seats: Sequence[Fragment]) -> Mapping[str, Any]:
    starts, length = strict_instant(row.date, "date"), _length(row.duration)
    owed = [s.values["scorecard"] for s in seats if s.values["feedback_required"]]
    status = "complete" if owed and all(owed) else "scheduled"
    return {
        "application": row.opportunity_id or None,
        "stage": ref(row.stage),
        "status": "cancelled" if strict_instant(row.canceled_at, "canceledAt") else status,
        "starts_at": starts,
        "ends_at": starts + length if starts and length else None,
        "scheduled_at": instant(row.created_at),
        "organizer": ref(row.user),
        "created_at": instant(row.created_at),
    }


def _length(value: float | str | None) -> timedelta | None:
    """How long it takes, sent in minutes. None for what is no number of them, or more than a day:
    then it is something else, seconds perhaps, and nobody can tell the end."""
    minutes = plain_number(value)
    return timedelta(minutes=minutes) if minutes is not None and 0 < minutes <= _DAY else None


def _seats(row: InterviewRow, given: Mapping[str, Form]) -> Iterator[Fragment]:
    for one in row.interviewers or ():
        seat = seat_of(row.id, one.id, one.email)
        if seat is None:
            continue
        form = given.get(one.id or "")
        template = one.feedback_template or row.feedback_template
        yield Fragment(
            "seat",
            seat,
            {
                "interview": row.id,
                "user": one.id or None,
                "guest": None if one.id else _guest(one.email),
                "feedback_required": template != NO_FEEDBACK,
                "scorecard": form.id if form else None,
            },
        )


def seat_of(interview: str, user: str | None, email: str | None) -> str | None:
    """The id of somebody's seat in an interview; None where nobody can tell whose it is."""
    who = user or _guest(email)
    return f"{interview}:{who}" if who else None


def _guest(email: str | None) -> str | None:
    """A stable mark of somebody from outside, from which the address cannot be read."""
    if not email:
        return None
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()[:16]


def scorecard(opportunity: str, interview: str | None, form: Form) -> Mapping[str, Any]:
    """The columns of a scorecard, from a form that was given."""
    return {
        "application": opportunity or None,
        "interview": interview,
        "author": ref(form.user),
        "submitted_at": instant(form.completed_at),
        "recommendation": _recommendation(form),
        "ratings": _ratings(form),
        "created_at": instant(form.created_at),
        "updated_at": instant(form.updated_at) or instant(form.completed_at),
    }


def _recommendation(form: Form) -> int | None:
    """The form's one `score-system` answer, by its leading digit."""
    for field in form.fields or ():
        if field.type == "score-system" and isinstance(field.value, str):
            return _grade(field.value.strip()[:1])
    return None


def _ratings(form: Form) -> Mapping[str, int] | None:
    """Criterion's text -> grade, from `scorecard` fields, whose two lists run side by side."""
    found: dict[str, int] = {}
    for field in form.fields or ():
        if field.type != "scorecard" or not (
            isinstance(field.scores, list) and isinstance(field.value, list)
        ):
            continue
        for asked, answer in zip(field.scores, field.value, strict=False):
            if isinstance(asked, dict) and isinstance(answer, dict):
                grade = _grade(answer.get("score"))
                if grade is not None and isinstance(asked.get("text"), str):
                    found[asked["text"]] = grade
    return found or None


def _grade(value: Any) -> int | None:
    return _GRADES.get(int(value)) if str(value).isdecimal() else None


SCORECARD = (
    *("application", "interview", "author", "submitted_at", "recommendation", "ratings"),
    *("created_at", "updated_at"),
)
STREAM = Stream(
    name="interviews",
    path="/opportunities/{parent}/interviews",
    row=InterviewRow,
    normalize=normalize,
    owns={
        "interview": (
            "application",
            "stage",
            "status",
            "starts_at",
            "ends_at",
            "scheduled_at",
            "organizer",
            "created_at",
        ),
        "seat": ("interview", "user", "guest", "feedback_required", "scorecard"),
        "scorecard": SCORECARD,
    },
    params={"expand": "feedbackForms"},
    cost=RequestCost(lookups=("feedback",)),  # where somebody owes some
    lag=timedelta(hours=1),  # a newly booked interview shows at the next scan: see `connector`
    parent=Parent(
        stream="opportunities",
        wanted=may_have_interviews,
        complete=(("interview", "application"),),
        watch=ChildWatch(  # near ones, and those with feedback still owed
            kind="interview",
            field="ends_at",
            every=timedelta(hours=1),
            back=timedelta(days=3),
            ahead=timedelta(days=7),
            unfinished=("status", "scheduled"),
            unfinished_for=timedelta(days=30),
        ),
    ),
    scope="Interviews: list, and Feedback: list",
)
