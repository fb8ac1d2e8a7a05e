"""Applications, stages, rejections and offers: rows and the records they become."""

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


def test_an_application_stands_in_a_stage_of_the_plan() -> None:
    """`stage_id` is the id of an application_stages row and is not the stage."""
    raw = """{"id": 5601001, "candidate_id": 7702001, "job_id": 410233, "job_post_id": 730411,
        "prospect": false, "prospective_job_ids": [], "status": "in_process",
        "stage_id": 99140022, "stage_name": "Technical Interview",
        "job_interview_stage_id": 650012, "needs_decision": false, "recruiter_id": 9021,
        "coordinator_id": 9030, "source_id": 16, "referrer_id": null, "agency_note_id": null,
        "rejected_at": null, "last_activity_at": "2026-11-10T16:20:00.000Z",
        "location_address": null, "answers": [], "custom_fields": {},
        "created_at": "2026-10-12T07:45:00.000Z", "updated_at": "2026-11-10T16:20:00.000Z"}"""
    assert told("applications", raw) == [
        (
            "application",
            "5601001",
            {
                "candidate": "7702001",
                "requisition": "410233",
                "stage": "650012",
                "status": "active",
                "recruiter": "9021",
                "coordinator": "9030",
                "source": None,
                "applied_at": at("2026-10-12T07:45:00"),
                "last_activity_at": at("2026-11-10T16:20:00"),
                "rejected_at": None,
                "custom": {},
                "url": "https://app.greenhouse.io/people/7702001?application_id=5601001",
                "created_at": at("2026-10-12T07:45:00"),
                "updated_at": at("2026-11-10T16:20:00"),
            },
        )
    ]


@pytest.mark.parametrize("members", ['"prospect": true', '"status": "converted"'])
def test_a_prospect_is_no_application(members: str) -> None:
    """Nobody owes a prospect an answer."""
    assert told("applications", f'{{"id": 1, {members}}}') == []


def test_why_an_application_ended_is_its_own_list() -> None:
    """rejection_details own `reason` and nothing else of the application."""
    raw = """{"id": 31007, "application_id": 5600777, "rejected_by_id": 9021,
        "rejection_reason_id": 812, "rejection_note_id": null,
        "rejected_at": "2026-11-06T11:00:00.000Z", "question_custom_fields": {}}"""
    assert told("rejection_details", raw) == [("application", "5600777", {"reason": "812"})]


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("WE_REJECTED_THEM", "ours"),
        ("THEY_REJECTED_US", "theirs"),
        ("NONE_SPECIFIED", "other"),
        ("SECURITY_CONCERN", "other"),
        ("MOON_PHASE", "other:MOON_PHASE"),
    ],
)
def test_whose_decision_a_rejection_was(key: str, kind: str) -> None:
    """`theirs` is how a withdrawal is told from a rejection."""
    raw = f'{{"id": 812, "name": "Took another offer", "type": {{"id": 2, "key": "{key}"}}}}'
    assert one("rejection_reasons", raw)["kind"] == kind


def test_the_present_stay_is_dated() -> None:
    """Entry and leaving of a stage are the vendor's own."""
    raw = """{"id": 99140022, "application_id": 5601001, "job_interview_stage_id": 650012,
        "entered_at": "2026-11-03T14:05:00.000Z", "exited_at": null, "days_in_stage": 19,
        "current": true, "created_at": "2026-10-12T07:45:00.000Z",
        "updated_at": "2026-11-03T14:05:00.000Z"}"""
    values = one("application_stages", raw)
    assert values["entered_at"] == at("2026-11-03T14:05:00")
    assert (values["application"], values["stage"]) == ("5601001", "650012")
    assert (values["left_at"], values["origin"]) == (None, "ats")


def test_a_stage_without_dates_says_nothing() -> None:
    """Stages never entered, and those whose dates were dropped, leave what we know untouched."""
    raw = '{"id": 2, "application_id": 1, "entered_at": null, "exited_at": null, "current": false}'
    assert told("application_stages", raw) == []


@pytest.mark.parametrize(
    ("status", "sent", "becomes"),
    [
        ("Created", "null", "draft"),
        ("Created", '"2026-11-14"', "sent"),
        ("Accepted", '"2026-11-14"', "accepted"),
        ("Rejected", '"2026-11-14"', "rejected"),
        ("Deprecated", "null", "deprecated"),
        ("Withdrawn", "null", "other:Withdrawn"),
    ],
)
def test_how_an_offer_stands(status: str, sent: str, becomes: str) -> None:
    """The vendor's four capitalized words, and the day it was sent."""
    values = one("offers", f'{{"id": 3, "status": "{status}", "sent_on": {sent}}}')
    assert values["status"] == becomes


def test_pay_stands_apart_from_an_offer_s_other_fields() -> None:
    """Amounts of money go where their sensitivity is known, and nowhere else."""
    raw = """{"id": 302211, "application_id": 5600901, "version": 2, "status": "Created",
        "starts_on": "2027-01-11", "created_at": "2026-11-12T10:00:00.000Z", "custom_fields": {
          "base_salary": {"name": "Base salary", "type": "currency",
                          "value": {"amount": "98000.0", "unit": "EUR"}},
          "band": {"name": "Band", "type": "currency_range",
                   "value": {"min_amount": "90000.5", "max_amount": 99000, "currency_code": "EUR"}},
          "letter": {"name": "Letter", "type": "single_select", "value": "Standard"}}}"""
    values = one("offers", raw)
    assert values["pay"] == {
        "base_salary": {"amount": 98000, "currency": "EUR"},
        "band": {"min": 90000.5, "max": 99000, "currency": "EUR"},
    }
    assert values["custom"] == {"letter": "Standard"}
    assert values["version"] == 2
    assert values["starts_on"] == date(2027, 1, 11)
    assert values["drafted_at"] == at("2026-11-12T10:00:00")


@pytest.mark.parametrize(
    ("flow", "requisition", "offer"),
    [
        ('"job_id": 41, "offer_id": 30', None, "30"),
        ('"job_id": 41, "offer_id": null', "41", None),
    ],
)
def test_an_approval_is_of_an_offer_or_of_a_requisition(
    flow: str, requisition: str | None, offer: str | None
) -> None:
    """A flow for an offer names its job too; what is asked for is the offer."""
    raw = f"""{{"id": 40871, "approver_group_id": 30501, "user_id": 9044, "status": "due",
        "request_sent_at": "2026-11-12T10:05:00.000Z", "resolved_at": null, {flow}}}"""
    values = one("approvers", raw)
    assert (values["requisition"], values["offer"]) == (requisition, offer)
    assert (values["user"], values["status"]) == ("9044", "due")
    assert values["requested_at"] == at("2026-11-12T10:05:00")
