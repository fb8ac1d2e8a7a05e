"""Interviews, interviewers and scorecards: rows and the records they become."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from atsbridge_greenhouse.spec import streams

STREAMS = {s.name: s for s in streams("https://app.greenhouse.io")}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def told(stream: str, raw: str) -> list[tuple[str, str, dict[str, Any]]]:
    """The fragments of one raw row."""
    row = msgspec.json.decode(raw, type=STREAMS[stream].row)
    return [(f.kind, f.id, dict(f.values)) for f in STREAMS[stream].normalize(row)]


def one(stream: str, raw: str) -> dict[str, Any]:
    """The values of the only fragment of one raw row."""
    ((_, _, values),) = told(stream, raw)
    return values


def test_an_interview_has_the_stage_of_its_slot() -> None:
    """The stage is put onto the row while it is fetched; the slot itself is no record."""
    raw = """{"id": 88120411, "application_id": 5601001, "job_id": 410233,
        "job_interview_id": 910034, "status": "awaiting_feedback",
        "starts_at": "2026-11-17T15:00:00.000Z", "ends_at": "2026-11-17T16:00:00.000Z",
        "all_day_start_on": null, "all_day_end_on": null,
        "scheduled_at": "2026-11-11T09:30:00.000Z",
        "availability_received_at": "2026-11-10T18:00:00.000Z", "organizer_id": 9030,
        "created_at": "2026-11-03T14:05:00.000Z", "updated_at": "2026-11-17T16:01:00.000Z",
        "job_interview_stage_id": 650012}"""
    values = one("interviews", raw)
    assert values == {
        "application": "5601001",
        "stage": "650012",
        "status": "awaiting_feedback",
        "starts_at": at("2026-11-17T15:00:00"),
        "ends_at": at("2026-11-17T16:00:00"),
        "starts_on": None,
        "ends_on": None,
        "scheduled_at": at("2026-11-11T09:30:00"),
        "availability_at": at("2026-11-10T18:00:00"),
        "organizer": "9030",
        "created_at": at("2026-11-03T14:05:00"),
        "updated_at": at("2026-11-17T16:01:00"),
    }


def test_an_all_day_interview_has_days() -> None:
    """No instant is made up for it."""
    raw = '{"id": 1, "all_day_start_on": "2026-11-17", "all_day_end_on": "2026-11-18"}'
    values = one("interviews", raw)
    assert (values["starts_on"], values["ends_on"]) == (date(2026, 11, 17), date(2026, 11, 18))
    assert (values["starts_at"], values["ends_at"]) == (None, None)


@pytest.mark.parametrize(
    ("members", "owes"),
    [
        ('"user_id": 9, "scorecard_id": 6', True),
        ('"user_id": 9, "scorecard_id": 6, "require_scorecard": true', True),
        ('"user_id": 9, "scorecard_id": 6, "require_scorecard": null', True),
        ('"user_id": 9, "scorecard_id": 6, "require_scorecard": false', False),
        ('"user_id": 9, "scorecard_id": 6, "response_status": "declined"', False),
        ('"user_id": 9, "scorecard_id": null', False),
        ('"user_id": null, "scorecard_id": null, "email": "guest@elsewhere.example"', False),
    ],
)
def test_who_owes_a_scorecard(members: str, owes: bool) -> None:
    """A colleague with a card, who did not decline, in a slot that does not say no."""
    values = one("interviewers", f'{{"id": 4, "interview_id": 8, {members}}}')
    assert values["feedback_required"] is owes


def test_a_guest_is_known_by_a_hash() -> None:
    """An address from outside is never stored; two spellings of it are one guest."""
    first = one("interviewers", '{"id": 1, "user_id": null, "email": "Guest@Elsewhere.example"}')
    second = one("interviewers", '{"id": 2, "user_id": null, "email": "guest@elsewhere.example"}')
    colleague = one("interviewers", '{"id": 3, "user_id": 9, "email": "kim@acme.example"}')
    assert first["guest"] == second["guest"]
    assert "guest" not in first["guest"]
    assert colleague["guest"] is None


def test_a_complete_scorecard_is_given() -> None:
    """Its day and its word; the author is the one it was assigned to."""
    raw = """{"id": 66210990, "application_id": 5601001, "interview_kit_id": 770034,
        "interviewer_id": 9051, "submitter_id": 9052, "status": "complete",
        "candidate_rating": "yes", "submitted_at": "2026-11-19T10:12:00.000Z",
        "created_at": "2026-11-11T09:30:00.000Z", "updated_at": "2026-11-19T10:12:00.000Z"}"""
    values = one("scorecards", raw)
    assert values["submitted_at"] == at("2026-11-19T10:12:00")
    assert (values["author"], values["recommendation"]) == ("9051", 1)


def test_a_draft_is_not_given() -> None:
    """A draft may carry a date and a rating; only `status` tells."""
    raw = """{"id": 1, "status": "draft", "candidate_rating": "strong_no",
        "submitted_at": "2026-11-19T10:12:00.000Z"}"""
    values = one("scorecards", raw)
    assert (values["submitted_at"], values["recommendation"]) == (None, None)


def test_a_complete_scorecard_without_a_date_was_given_by_its_last_change() -> None:
    """Else whoever gave it would be reminded for ever."""
    raw = '{"id": 1, "status": "complete", "updated_at": "2026-11-19T10:12:00.000Z"}'
    assert one("scorecards", raw)["submitted_at"] == at("2026-11-19T10:12:00")


@pytest.mark.parametrize(
    ("word", "number"),
    [("strong_no", -2), ("no", -1), ("no_decision", 0), ("yes", 1), ("strong_yes", 2), ("x", None)],
)
def test_what_a_rating_is_worth(word: str, number: int | None) -> None:
    """v3's five words for the whole person; another word is no number."""
    raw = f'{{"id": 1, "status": "complete", "candidate_rating": "{word}"}}'
    assert one("scorecards", raw)["recommendation"] == number
