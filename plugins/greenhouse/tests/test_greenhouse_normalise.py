"""Rows as the vendor documents them (ids invented), and the fragments they become."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from atsbridge.errors import SkipRecord
from atsbridge_greenhouse.spec import streams

STREAMS = {s.name: s for s in streams("https://app.greenhouse.io")}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def told(stream: str, raw: str) -> list[tuple[str, str, dict[str, Any]]]:
    """The fragments of one raw row."""
    row = msgspec.json.decode(raw, type=STREAMS[stream].row)
    return [(f.kind, f.id, dict(f.values)) for f in STREAMS[stream].normalise(row)]


def one(stream: str, raw: str) -> dict[str, Any]:
    """The values of the only fragment of one raw row."""
    ((_, _, values),) = told(stream, raw)
    return values


def test_a_job_is_a_requisition() -> None:
    """Code, title, status, place, dates, own fields and a link come from the job's row."""
    raw = """{"id": 410233, "name": "Staff Platform Engineer", "requisition_id": "ENG-0142",
        "status": "open", "opened_at": "2026-08-04T09:00:00.000Z", "closed_at": null,
        "confidential": false, "is_template": false, "copied_from_id": null,
        "department_id": 7710, "office_ids": [3301, 3302], "notes": "<p>Backfill.</p>",
        "custom_fields": {
          "priority": {"name": "Priority", "type": "single_select", "value": "P1"},
          "budget_approved": {"name": "Budget approved", "type": "boolean", "value": true}},
        "created_at": "2026-07-21T13:02:11.000Z", "updated_at": "2026-11-02T08:15:40.000Z"}"""
    assert told("jobs", raw) == [
        (
            "requisition",
            "410233",
            {
                "code": "ENG-0142",
                "title": "Staff Platform Engineer",
                "status": "open",
                "department": "7710",
                "office": "3301",
                "confidential": False,
                "opened_at": at("2026-08-04T09:00:00"),
                "closed_at": None,
                "custom": {"priority": "P1", "budget_approved": True},
                "url": "https://app.greenhouse.io/sdash/410233",
                "created_at": at("2026-07-21T13:02:11"),
                "updated_at": at("2026-11-02T08:15:40"),
            },
        )
    ]


def test_a_template_is_no_requisition() -> None:
    """Templates would inflate every count."""
    assert told("jobs", '{"id": 1, "is_template": true, "status": "draft"}') == []


@pytest.mark.parametrize(
    ("members", "status"),
    [
        ('"open": true, "opened_at": null', "draft"),
        ('"open": true, "opened_at": "2026-08-04T09:00:00.000Z"', "open"),
        ('"open": false, "closed_at": "2026-09-04T09:00:00Z", "application_id": 7', "filled"),
        ('"open": false, "closed_at": "2026-09-04T09:00:00Z", "application_id": null', "closed"),
    ],
)
def test_an_opening_is_filled_when_it_names_its_hire(members: str, status: str) -> None:
    """Greenhouse has no word for it: the row's dates and its application tell."""
    assert one("openings", f'{{"id": 880021, "job_id": 410233, {members}}}')["status"] == status


def test_owners_and_hiring_managers_never_share_an_id() -> None:
    """They are two lists that count separately, and one kind of record here."""
    dates = '"created_at": "2026-07-21T13:02:11.000Z", "updated_at": "2026-07-21T13:02:11.000Z"'
    role = '"type": "recruiter", "responsible": true'
    owner = f'{{"id": 5, "job_id": 41, "user_id": 9, {role}, {dates}}}'
    manager = f'{{"id": 5, "job_id": 41, "user_id": 8, {dates}}}'
    ((_, first, recruiter),) = told("job_owners", owner)
    ((_, second, boss),) = told("job_hiring_managers", manager)
    assert (first, recruiter["role"], recruiter["responsible"]) == ("5", "recruiter", True)
    assert (second, boss["role"], boss["responsible"]) == ("hm-5", "hiring_manager", None)


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
        "organiser": "9030",
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
    """The vendor's four capitalised words, and the day it was sent."""
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


def test_a_user_is_known_by_a_lower_case_address() -> None:
    """Chat services are asked for people by e-mail."""
    raw = """{"id": 9051, "name": "Kim Osei", "primary_email": "Kim@Acme.example",
        "deactivated": false, "office_ids": [3301]}"""
    values = one("users", raw)
    assert (values["email"], values["active"], values["office"]) == (
        "kim@acme.example",
        True,
        "3301",
    )


def test_a_candidate_is_a_name_and_nothing_else() -> None:
    """The preferred name goes before the first; no contact is asked for."""
    raw = '{"id": 7702001, "first_name": "Ada", "last_name": "Moreau", "preferred_name": "Addy"}'
    values = one("candidates", raw)
    assert (values["display_name"], values["initials"]) == ("Addy Moreau", "AM")
    assert "email" not in STREAMS["candidates"].params["fields"]


def test_a_criterion_names_the_stages_that_ask_for_it() -> None:
    """Each stage once, in the order of ids; None where no interview rates it."""
    raw = '{"id": 51022, "job_id": 41, "name": "Rust", "type_name": "Skills", "stage_ids": %s}'
    assert one("job_candidate_attributes", raw % "[650012, 9, 650012]")["stages"] == ("9", "650012")
    assert one("job_candidate_attributes", raw % "[]")["stages"] is None


@pytest.mark.parametrize(
    ("ranges", "pay"),
    [
        ([[14500000, 18500000, "EUR"]], (145000, 185000, "EUR")),
        ([[14500000, 18500000, "eur"], [13000000, None, "EUR"]], (130000, 185000, "EUR")),
        ([[18500000, 14500000, "EUR"]], (145000, 185000, "EUR")),
        ([[14500000, 18500000, "EUR"], [1, 2, "USD"]], (None, None, None)),
        ([[14500000, 18500000, None]], (None, None, None)),
        ([[6000000, 8000000, "JPY"]], (None, None, "JPY")),
        ([[0, 18500000, "EUR"]], (None, 185000, "EUR")),
        ([["145k", 18500000, "EUR"]], (None, 185000, "EUR")),
    ],
)
def test_posted_pay_is_cents_of_one_currency(ranges: Any, pay: tuple[Any, ...]) -> None:
    """In order, and unknown where nobody says what a cent of it is."""
    raw = msgspec.json.encode({"id": 410233, "ranges": ranges}).decode()
    found = one("pay_input_ranges", raw)
    assert (found["pay_min"], found["pay_max"], found["pay_currency"]) == pay


@pytest.mark.parametrize(
    ("frequency", "period"),
    [("annually", "year"), ("hourly", "hour"), ("per shift", "other:per shift"), (None, None)],
)
def test_the_frequency_that_stands_beside_an_amount_goes_with_it(
    frequency: str | None, period: str | None
) -> None:
    """A compensation field says for which time its amount is."""
    field = {"type": "currency", "value": {"amount": "45.5", "unit": "EUR"}, "frequency": frequency}
    fields = {"base": field}
    offer = msgspec.json.encode({"id": 1, "status": "Created", "custom_fields": fields}).decode()
    assert one("offers", offer)["pay"]["base"].get("period") == period
    job = msgspec.json.encode({"id": 1, "status": "open", "custom_fields": fields}).decode()
    assert one("jobs", job)["custom"].get("base.period") == period


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-11-14", date(2026, 11, 14)),
        ("2026-11-14T23:30:00-05:00", date(2026, 11, 15)),
        ("2026-11-14T23:30:00.000Z", date(2026, 11, 14)),
    ],
)
def test_a_day_is_that_of_its_instant_in_utc(written: str, day: date) -> None:
    """An offset is not cut off."""
    row = f'{{"id": 1, "status": "Created", "starts_on": "{written}"}}'
    assert one("offers", row)["starts_on"] == day


@pytest.mark.parametrize("written", ["2026-11-14 or later", "14.11.2026", "11/14/2026", "soon"])
def test_a_day_that_cannot_be_read_costs_its_row(written: str) -> None:
    """It is no "not said"."""
    with pytest.raises(SkipRecord):
        one("offers", f'{{"id": 1, "status": "Created", "starts_on": "{written}"}}')
