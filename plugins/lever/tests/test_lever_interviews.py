"""Interviews, seats, scorecards and panels: rows and the records they become."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from atsbridge.errors import SkipRecord
from atsbridge.model.fragment import Fragment
from atsbridge.ports.stream import Stream
from atsbridge_lever import interviews, panels

REA, LEE = "9e8d7c6b-4444-4d5e-8f60-000000000004", "a1b2c3d4-7777-4071-9293-000000000007"


OPPORTUNITY = "6b1d0c7e-1111-4a2b-9c3d-000000000001"


POSTING = "7d6e5f40-6666-4f70-8182-000000000006"


SCREEN = "2f6a9b10-3333-4c4d-9e5f-000000000003"


TEMPLATE = "0718293a-bbbb-44b5-86d7-00000000000b"


def at(ms: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)


def read(stream: Stream, row: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """kind, id -> values; the stream's columns are checked on the way."""
    fragments: list[Fragment] = list(
        stream.normalize(msgspec.convert(row, stream.row, strict=True))
    )
    for fragment in fragments:
        assert set(fragment.values) == set(stream.owns[fragment.kind])
    assert len({(f.kind, f.id) for f in fragments}) == len(fragments)
    return {(f.kind, f.id): dict(f.values) for f in fragments}


INTERVIEW = "e5f60718-9999-4293-a4b5-000000000009"


FORM = {
    "id": "18293a4b-cccc-45c6-97e8-00000000000c",
    "type": "interview",
    "fields": [
        {"type": "score-system", "text": "Rating", "value": "3 - Hire"},
        {
            "type": "scorecard",
            "text": "Skills",
            "scores": [{"text": "SQL", "description": ""}, {"text": "Care", "description": ""}],
            "value": [{"score": 4, "comment": "a secret"}, {"score": None, "comment": None}],
        },
        {"type": "textarea", "text": "Notes", "value": "a long secret"},
    ],
    "interview": INTERVIEW,
    "user": LEE,
    "createdAt": 1793540000000,
    "completedAt": 1793540600000,
    "updatedAt": None,
    "deletedAt": None,
}


INTERVIEW_ROW = {
    "id": INTERVIEW,
    "opportunityId": OPPORTUNITY,
    "interviewers": [
        {"id": LEE, "name": "Lee", "email": "lee@example.com", "feedbackTemplate": TEMPLATE},
        {"id": REA, "name": "Rae", "email": "r@example.com", "feedbackTemplate": "no-feedback"},
    ],
    "createdAt": 1793200000000,
    "date": 1793530800000,
    "duration": 45,
    "feedbackTemplate": TEMPLATE,
    "feedbackForms": [],
    "user": REA,
    "stage": SCREEN,
    "canceledAt": None,
    "postings": [POSTING],
}


def test_an_interview_has_a_seat_for_each_interviewer() -> None:
    """Who owes feedback and who does not; the end is the start and its minutes."""
    found = read(interviews.STREAM, INTERVIEW_ROW)
    assert found["interview", INTERVIEW] == {
        "application": OPPORTUNITY,
        "stage": SCREEN,
        "status": "scheduled",
        "starts_at": at(1793530800000),
        "ends_at": at(1793533500000),
        "scheduled_at": at(1793200000000),
        "organizer": REA,
        "created_at": at(1793200000000),
    }
    owing = found["seat", f"{INTERVIEW}:{LEE}"]
    assert (owing["user"], owing["feedback_required"], owing["scorecard"]) == (LEE, True, None)
    assert found["seat", f"{INTERVIEW}:{REA}"]["feedback_required"] is False


@pytest.mark.parametrize(
    ("duration", "minutes"),
    [(45, 45), ("45", 45), (45.0, 45), (22.5, 22.5), (1440, 1440)]
    + [(d, None) for d in (None, 0, -30, 2700, 2_700_000, "45 min", "0:45", "")],
)
def test_a_duration_is_minutes_or_unknown(duration: Any, minutes: float | None) -> None:
    """More than a day of them is something else: an interview without an end owes nothing yet."""
    found = read(interviews.STREAM, {**INTERVIEW_ROW, "duration": duration})
    ends = found["interview", INTERVIEW]["ends_at"]
    start = at(1793530800000)
    assert ends == (start + timedelta(minutes=minutes) if minutes else None)


@pytest.mark.parametrize("date", [None, "", 1793530800, 1793530800 * 10**6])
def test_an_interview_without_a_date_has_no_start_and_no_end(date: Any) -> None:
    """Absent, or no count of milliseconds: seconds, microseconds."""
    if date:
        with pytest.raises(SkipRecord, match="date is not an instant"):
            read(interviews.STREAM, {**INTERVIEW_ROW, "date": date})
        return
    found = read(interviews.STREAM, {**INTERVIEW_ROW, "date": date})
    assert found["interview", INTERVIEW]["starts_at"] is None
    assert found["interview", INTERVIEW]["ends_at"] is None
    assert len([kind for kind, _ in found if kind == "seat"]) == 2


@pytest.mark.parametrize("canceled", ["2026-11-03T14:05:00Z", "yesterday", 1793300000, -1])
def test_a_canceling_that_cannot_be_read_is_no_interview_that_stands(canceled: Any) -> None:
    """The row is left out and said so: to read it as not canceled would be a lie."""
    with pytest.raises(SkipRecord, match="canceledAt"):
        read(interviews.STREAM, {**INTERVIEW_ROW, "canceledAt": canceled})


def test_a_given_form_is_a_scorecard_without_its_words() -> None:
    """Grades 1 to 4 become -2, -1, 1, 2; text is not kept."""
    found = read(interviews.STREAM, {**INTERVIEW_ROW, "feedbackForms": [FORM]})
    card = found["scorecard", FORM["id"]]
    assert (card["recommendation"], card["ratings"]) == (1, {"SQL": 2})
    assert (card["author"], card["interview"]) == (LEE, INTERVIEW)
    assert card["submitted_at"] == at(1793540600000)
    assert found["seat", f"{INTERVIEW}:{LEE}"]["scorecard"] == FORM["id"]
    assert found["interview", INTERVIEW]["status"] == "complete"
    assert "secret" not in repr(found)


@pytest.mark.parametrize("more", [{"completedAt": None}, {"deletedAt": 1793540700000}])
def test_drafts_and_deleted_forms_do_not_count_as_given(more: dict[str, Any]) -> None:
    """The seat still owes, and no scorecard is told of."""
    found = read(interviews.STREAM, {**INTERVIEW_ROW, "feedbackForms": [{**FORM, **more}]})
    assert found["seat", f"{INTERVIEW}:{LEE}"]["scorecard"] is None
    assert not [kind for kind, _ in found if kind == "scorecard"]
    assert found["interview", INTERVIEW]["status"] == "scheduled"


def test_of_two_forms_by_one_person_the_first_given_fills_the_seat() -> None:
    """Both are scorecards all the same."""
    later = {**FORM, "id": "00000000-0000-4000-8000-000000000001", "completedAt": 1793540900000}
    found = read(interviews.STREAM, {**INTERVIEW_ROW, "feedbackForms": [later, FORM]})
    assert found["seat", f"{INTERVIEW}:{LEE}"]["scorecard"] == FORM["id"]
    assert len([kind for kind, _ in found if kind == "scorecard"]) == 2


def test_a_cancelled_interview_stays_and_says_so() -> None:
    """Lever keeps the row and dates the cancellation."""
    found = read(interviews.STREAM, {**INTERVIEW_ROW, "canceledAt": 1793300000000})
    assert found["interview", INTERVIEW]["status"] == "cancelled"


def test_where_a_seat_names_no_template_the_interviews_own_counts() -> None:
    """The key is missing in rows of some years."""
    people = [{"id": LEE, "name": "Lee", "email": "lee@example.com"}]
    row = {**INTERVIEW_ROW, "interviewers": people, "feedbackTemplate": "no-feedback"}
    assert read(interviews.STREAM, row)["seat", f"{INTERVIEW}:{LEE}"]["feedback_required"] is False


def test_a_guest_is_known_by_a_hash() -> None:
    """Somebody from outside has no user, and no address of theirs is kept."""
    people = [{"id": None, "name": "Kim", "email": "Kim@Client.example"}]
    found = read(interviews.STREAM, {**INTERVIEW_ROW, "interviewers": people})
    ((_, values),) = [(k, v) for (k, _), v in found.items() if k == "seat"]
    assert values["user"] is None
    assert values["guest"]
    assert "client" not in repr(found).lower()


PANEL = {
    "id": "f607",
    "applications": ["4c3b"],
    "canceledAt": None,
    "interviews": [
        {
            "id": "e5f6",
            "interviewers": [
                {"id": "a1b2", "email": "lee@example.com", "responseStatus": "needsAction"},
                {"id": "c3d4", "email": "rae@example.com", "responseStatus": "accepted"},
                {"id": None, "email": "guest@example.org", "responseStatus": "declined"},
                {"id": "d4e5", "email": "kim@example.com"},
                {"id": "e5a6", "email": "max@example.com", "responseStatus": "delegated"},
            ],
        }
    ],
}


def test_a_panel_says_how_the_invited_answered() -> None:
    """By seat, as the interviews name it; a missing word is unknown, and no address is kept."""
    found = read(panels.STREAM, PANEL)
    assert {id_: values["response"] for (_, id_), values in found.items()} == {
        "e5f6:a1b2": "needs_action",
        "e5f6:c3d4": "accepted",
        interviews.seat_of("e5f6", None, "guest@example.org"): "declined",
        "e5f6:d4e5": None,
        "e5f6:e5a6": "other:delegated",
    }
    assert "@" not in repr(found)


def test_a_cancelled_panel_holds_nobody() -> None:
    """Its interviews are an empty list; were they not told at all, nothing is concluded."""
    assert read(panels.STREAM, {**PANEL, "interviews": []}) == {}
    with pytest.raises(SkipRecord):
        read(panels.STREAM, {"id": "f607"})
