"""Rows of each kind, as the vendor's documentation and recordings show them, to fragments."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from atsbridge.errors import SkipRecord
from atsbridge.model.fragment import Fragment
from atsbridge.ports.stream import Page, Stream
from atsbridge_lever import interviews, offers, opportunities, organisation, panels, postings
from atsbridge_lever.spec import SPEC

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
        stream.normalise(msgspec.convert(row, stream.row, strict=True))
    )
    for fragment in fragments:
        assert set(fragment.values) == set(stream.owns[fragment.kind])
    assert len({(f.kind, f.id) for f in fragments}) == len(fragments)
    return {(f.kind, f.id): dict(f.values) for f in fragments}


POSTING_ROW = {
    "id": POSTING,
    "text": "Data Engineer",
    "state": "published",
    "distributionChannels": ["public"],
    "user": None,
    "owner": REA,
    "hiringManager": LEE,
    "categories": {"commitment": "Full-time", "department": "R&D", "location": "Lyon"},
    "content": {"description": "…", "lists": []},
    "reqCode": None,
    "requisitionCodes": ["REQ-204"],
    "confidentiality": "non-confidential",
    "createdAt": 1790000000000,
    "updatedAt": 1792500000000,
}
REQUISITION_ROW = {
    "id": "b2c3d4e5-8888-4182-93a4-000000000008",
    "requisitionCode": "REQ-204",
    "status": "open",
    "headcountTotal": 3,
    "headcountHired": 1,
    "headcountInfinite": False,
    "backfill": False,
    "confidentiality": "non-confidential",
    "owner": REA,
    "hiringManager": LEE,
    "compensationBand": {
        "currency": "EUR",
        "interval": "per-year-salary",
        "min": 50000,
        "max": 65000,
    },
    "postings": [POSTING],
    "customFields": {"target_hire_date": 1798761600000, "cost_center": {"city": "Lyon"}},
    "timeToFillStartAt": None,
    "closedAt": None,
    "updatedAt": 1792600000000,
}


def search(posting: dict[str, Any], *requisitions: dict[str, Any]) -> dict[str, Any]:
    """The joined row, made the way the connector makes it."""
    fields = [postings.FieldRow(id="target_hire_date", type="date")]
    page = Page([msgspec.Raw(msgspec.json.encode(r)) for r in requisitions], last=True)
    needs = postings.Needs([page], fields)
    raw = msgspec.Raw(msgspec.json.encode(posting))
    row: dict[str, Any] = msgspec.json.decode(postings.joined(raw, needs))
    return row


def requisition(posting: dict[str, Any], *needs: dict[str, Any]) -> dict[str, Any]:
    return read(postings.STREAM, search(posting, *needs))["requisition", POSTING]


def test_a_posting_and_its_requisition_are_one_search_with_a_team() -> None:
    """Title and people come from the posting; seats, pay, code and own fields from the need."""
    found = read(postings.STREAM, search(POSTING_ROW, REQUISITION_ROW))
    assert found["requisition", POSTING] == {
        "code": "REQ-204",
        "title": "Data Engineer",
        "status": "open",
        "kind": "new",
        "department": "R&D",
        "office": "Lyon",
        "confidential": False,
        "opened_at": at(1790000000000),
        "closed_at": None,
        "headcount": 3,
        "filled": 1,
        "pay_min": 50000,
        "pay_max": 65000,
        "pay_currency": "EUR",
        "pay_period": "year",
        "custom": {"target_hire_date": "2027-01-01", "cost_center": {"city": "Lyon"}},
        "created_at": at(1790000000000),
        "updated_at": at(1792600000000),
    }
    assert found["team_member", f"{POSTING}:recruiter"] == {
        "requisition": POSTING,
        "user": REA,
        "role": "recruiter",
        "responsible": True,
    }
    assert found["team_member", f"{POSTING}:hiring_manager"]["user"] == LEE


@pytest.mark.parametrize(
    ("state", "statuses", "status"),
    [
        ("published", (), "open"),
        ("internal", ("open",), "open"),
        ("published", ("onHold",), "on_hold"),
        ("published", ("onHold", "open"), "open"),
        ("published", ("pending",), "pending_approval"),
        ("published", ("rejected",), "cancelled"),
        ("published", ("closed",), "closed"),
        ("draft", (), "draft"),
        ("draft", ("pending",), "pending_approval"),
        ("draft", ("open",), "draft"),
        ("pending", (), "pending_approval"),
        ("rejected", (), "cancelled"),
        ("closed", ("open",), "closed"),
        ("archived-by-aliens", (), "archived-by-aliens"),
    ],
)
def test_a_search_stands_where_its_posting_says_and_while_it_lives_its_requisitions(
    state: str, statuses: tuple[str, ...], status: str
) -> None:
    """Only a requisition can be on hold; a closed posting is over whatever the requisition says."""
    needs = [{**REQUISITION_ROW, "id": f"r{n}", "status": s} for n, s in enumerate(statuses)]
    assert requisition({**POSTING_ROW, "state": state}, *needs)["status"] == status


def test_a_closed_search_whose_seats_are_taken_is_filled() -> None:
    """Closing dates come from the requisition alone."""
    need = {**REQUISITION_ROW, "status": "closed", "headcountHired": 3, "closedAt": "1792700000000"}
    found = requisition({**POSTING_ROW, "state": "closed"}, need)
    assert (found["status"], found["closed_at"]) == ("filled", at(1792700000000))


def test_several_requisitions_of_a_posting_add_up() -> None:
    """Seats are summed, pay is the span of all, codes stand together, custom fields merge."""
    other = {
        **REQUISITION_ROW,
        "id": "c0",
        "requisitionCode": "REQ-9",
        "backfill": True,
        "headcountTotal": 2,
        "headcountHired": 0,
        "compensationBand": {**REQUISITION_ROW["compensationBand"], "min": 48000, "max": 60000},
        "customFields": {"priority": "P1"},
        "timeToFillStartAt": 1791000000000,
    }
    found = requisition(POSTING_ROW, REQUISITION_ROW, other)
    assert (found["headcount"], found["filled"]) == (5, 1)
    assert (found["pay_min"], found["pay_max"], found["pay_currency"]) == (48000, 65000, "EUR")
    assert (found["code"], found["kind"]) == ("REQ-204, REQ-9", None)
    assert found["opened_at"] == at(1791000000000)
    assert found["custom"]["priority"] == "P1"


@pytest.mark.parametrize("more", [{"headcountTotal": "unlimited"}, {"headcountInfinite": True}])
def test_unlimited_seats_are_unknown(more: dict[str, Any]) -> None:
    """No number is better than a wrong one."""
    found = requisition(POSTING_ROW, {**REQUISITION_ROW, **more})
    assert found["headcount"] is None


def test_ranges_in_different_currencies_give_no_range() -> None:
    """Nobody can say which is lower."""
    band = {"currency": "USD", "min": 1, "max": 2}
    other = {**REQUISITION_ROW, "id": "c0", "compensationBand": band}
    found = requisition(POSTING_ROW, REQUISITION_ROW, other)
    assert (found["pay_min"], found["pay_max"], found["pay_currency"]) == (None, None, None)


@pytest.mark.parametrize(
    ("band", "pay"),
    [
        ({}, (50000, 65000, "EUR", "year")),
        ({"interval": "per-hour-wage", "min": 40, "max": 55}, (40, 55, "EUR", "hour")),
        ({"interval": "bi-week-salary"}, (50000, 65000, "EUR", "other:bi-week-salary")),
        ({"interval": None}, (50000, 65000, "EUR", None)),
        ({"currency": "eur"}, (50000, 65000, "EUR", "year")),
        ({"currency": "€"}, (None, None, None, None)),
        ({"currency": None}, (None, None, None, None)),
        ({"min": 65000, "max": 50000}, (50000, 65000, "EUR", "year")),
        ({"min": "50000.00", "max": "65k"}, (50000, None, "EUR", "year")),
        ({"min": "50.000", "max": "1.234,56"}, (None, None, "EUR", "year")),
        ({"min": 0, "max": None}, (None, None, "EUR", "year")),
    ],
)
def test_pay_is_read_with_its_currency_and_the_time_it_is_for(
    band: dict[str, Any], pay: tuple[Any, ...]
) -> None:
    """What cannot be read is unknown, never another number."""
    row = {**REQUISITION_ROW, "compensationBand": {**REQUISITION_ROW["compensationBand"], **band}}
    found = requisition(POSTING_ROW, row)
    assert tuple(found[f"pay_{name}"] for name in ("min", "max", "currency", "period")) == pay


def test_ranges_for_different_times_give_no_range() -> None:
    """Pay of an hour is no lower end of pay of a year; nor is one for nobody knows what time."""
    for interval in ("per-hour-wage", None):
        band = {"currency": "EUR", "interval": interval, "min": 40, "max": 55}
        other = {**REQUISITION_ROW, "id": "c0", "compensationBand": band}
        found = requisition(POSTING_ROW, REQUISITION_ROW, other)
        assert (found["pay_min"], found["pay_max"], found["pay_period"]) == (None, None, None)


@pytest.mark.parametrize("count", [2.5, "2.5", "1.000", "two", -1])
def test_seats_that_are_no_whole_number_are_unknown(count: Any) -> None:
    """Nothing is cut off, and one unknown makes the sum unknown."""
    found = requisition(POSTING_ROW, {**REQUISITION_ROW, "headcountTotal": count})
    assert found["headcount"] is None


def test_a_posting_without_owner_takes_its_requisitions_people() -> None:
    """The role stays on the team with nobody in it where there is none at all."""
    bare = {**POSTING_ROW, "owner": None, "hiringManager": None}
    found = read(postings.STREAM, search(bare, REQUISITION_ROW))
    assert found["team_member", f"{POSTING}:hiring_manager"]["user"] == LEE
    alone = read(postings.STREAM, search(bare))
    assert alone["team_member", f"{POSTING}:recruiter"]["user"] is None


OPPORTUNITY_ROW = {
    "id": OPPORTUNITY,
    "name": "Ana Prado",
    "contact": "c0a8f1d2-2222-4b3c-8d4e-000000000002",
    "stage": SCREEN,
    "emails": ["ana@example.org"],
    "archived": None,
    "tags": ["Data Engineer", "Full-time"],
    "sources": ["LinkedIn"],
    "stageChanges": [
        {"toStageId": "applicant-new", "toStageIndex": 3, "updatedAt": 1793000000000},
        {"toStageId": SCREEN, "toStageIndex": 5, "userId": REA, "updatedAt": 1793180000000},
    ],
    "origin": "applied",
    "owner": REA,
    "applications": [
        {
            "id": "4c3b2a19-5555-4e6f-9071-000000000005",
            "type": "posting",
            "posting": POSTING,
            "createdAt": 1793000000001,
            "requisitionForHire": None,
        }
    ],
    "createdAt": 1793000000000,
    "updatedAt": 1793180000003,
    "lastInteractionAt": 1793180000001,
    "snoozedUntil": None,
    "urls": {"show": f"https://hire.lever.co/candidates/{OPPORTUNITY}"},
}


def test_an_opportunity_is_an_application_with_all_its_stays_and_no_name() -> None:
    """Each stage change is a stay that ends with the next; the last one goes on."""
    found = read(opportunities.STREAM, OPPORTUNITY_ROW)
    assert found["application", OPPORTUNITY] == {
        "candidate": "c0a8f1d2-2222-4b3c-8d4e-000000000002",
        "requisition": POSTING,
        "stage": SCREEN,
        "status": "active",
        "recruiter": REA,
        "source": "LinkedIn",
        "applied_at": at(1793000000001),
        "last_activity_at": at(1793180000001),
        "rejected_at": None,
        "reason": None,
        "tags": ("Data Engineer", "Full-time"),
        "url": f"https://hire.lever.co/candidates/{OPPORTUNITY}",
        "created_at": at(1793000000000),
        "updated_at": at(1793180000003),
    }
    first, second = (found["stage_stay", f"{OPPORTUNITY}:{n}"] for n in (0, 1))
    assert (first["stage"], first["left_at"]) == ("applicant-new", at(1793180000000))
    assert (second["stage"], second["left_at"]) == (SCREEN, None)
    assert {first["origin"], second["origin"]} == {"ats"}
    assert "Ana" not in repr(found)
    assert "ana@" not in repr(found)


@pytest.mark.parametrize(
    ("known", "archived", "status", "rejected"),
    [
        ({"ended": "rejected"}, True, "rejected", True),
        ({"ended": "withdrawn"}, True, "withdrawn", True),
        ({"ended": "hired"}, True, "hired", False),
        ({}, True, None, False),
        ({"asleep": True}, False, "on_hold", False),
    ],
)
def test_how_an_opportunity_ended_is_told_by_its_reason(
    known: dict[str, Any], archived: bool, status: str | None, rejected: bool
) -> None:
    """Nobody guesses where the reasons cannot be read; the last stay ends with the archive."""
    end = {"archivedAt": 1793200000000, "reason": "5c6d"} if archived else None
    found = read(opportunities.STREAM, {**OPPORTUNITY_ROW, "archived": end, "atsbridge": known})
    application = found["application", OPPORTUNITY]
    assert application["status"] == status
    assert application["rejected_at"] == (at(1793200000000) if rejected else None)
    assert application["reason"] == ("5c6d" if archived else None)
    left = found["stage_stay", f"{OPPORTUNITY}:1"]["left_at"]
    assert left == (at(1793200000000) if archived else None)


def test_an_opportunity_without_an_application_is_for_no_requisition() -> None:
    """33 of 1,004 recorded ones had none."""
    found = read(opportunities.STREAM, {**OPPORTUNITY_ROW, "applications": []})
    application = found["application", OPPORTUNITY]
    assert application["requisition"] is None
    assert application["applied_at"] == at(1793000000000)


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
        "organiser": REA,
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
    """Lever keeps the row and dates the cancelling."""
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


def test_an_offer_dates_its_signature_and_keeps_no_amount() -> None:
    """A start may be a number of milliseconds or a day."""
    row = {
        "id": "4b5c6d7e-dddd-46d7-a8f9-00000000000d",
        "opportunityId": OPPORTUNITY,
        "version": 2,
        "posting": POSTING,
        "createdAt": 1793700000000,
        "status": "signed",
        "fields": [
            {"text": "Salary", "identifier": "salary_amount", "value": 61000},
            {"text": "Start", "identifier": "anticipated_start_date", "value": 1798761600000},
        ],
        "signatures": {"candidate": {"role": "candidate", "signedAt": 1793900000000}},
        "approvedAt": 1793750000000,
        "sentAt": 1793800000000,
    }
    found = read(offers.STREAM, row)
    assert found["offer", row["id"]] == {
        "application": OPPORTUNITY,
        "version": 2,
        "status": "accepted",
        "drafted_at": at(1793700000000),
        "approved_at": at(1793750000000),
        "sent_at": at(1793800000000),
        "resolved_at": at(1793900000000),
        "starts_on": date(2027, 1, 1),
        "created_at": at(1793700000000),
    }
    assert "61000" not in repr(found)
    day = {"text": "Start", "identifier": "anticipated_start_date", "value": "2027-02-01"}
    found = read(offers.STREAM, {**row, "fields": [day]})
    assert found["offer", row["id"]]["starts_on"] == date(2027, 2, 1)


@pytest.mark.parametrize(
    ("status", "canonical"),
    [
        ("draft", "draft"),
        ("approval-sent", "pending_approval"),
        ("approved", "approved"),
        ("sent", "sent"),
        ("sent-manually", "sent"),
        ("opened", "sent"),
        ("denied", "rejected"),
        ("signed", "accepted"),
        ("teleported", "teleported"),
    ],
)
def test_offer_words(status: str, canonical: str) -> None:
    """Every documented status has its canonical word; an unknown one is passed on as it is."""
    row = {"id": "o1", "opportunityId": OPPORTUNITY, "status": status}
    assert read(offers.STREAM, row)["offer", "o1"]["status"] == canonical


def test_users_are_active_until_deactivated_and_addresses_are_lower_case() -> None:
    """Two users, one of whom has left."""
    row = {"id": REA, "name": "Rae Olsen", "email": "Rae@Example.com", "createdAt": 1700000000000}
    found = read(SPEC.stream("users"), row)["user", REA]
    assert (found["email"], found["active"]) == ("rae@example.com", True)
    left = read(SPEC.stream("users"), {**row, "deactivatedAt": 1790000000000})
    assert left["user", REA]["active"] is False


@pytest.mark.parametrize(
    ("pipeline", "name", "kind"),
    [
        ("lead", "Reached out", "lead"),
        ("applicant", "New applicant", "lead"),
        ("screen", "Phone screen", "screen"),
        ("screen", "Hiring manager review", "review"),
        ("onsite", "On-site", "interview"),
        ("onsite", "Take-home task", "assessment"),
        ("onsite", "Reference check", "reference"),
        ("offer", "Offer", "offer"),
        ("", "New lead", "lead"),
        ("", "Technical interview", "interview"),
        ("", "Zzz", "other"),
        ("hyperspace", "Zzz", "other"),
    ],
)
def test_what_is_done_in_a_stage(pipeline: str, name: str, kind: str) -> None:
    """Telling words of the name come first, then the pipeline's word, then any word at all."""
    assert organisation.stage_kind(pipeline, name).kind == kind


def test_reasons_are_ours_until_mapped() -> None:
    """Lever tells hires from the rest, no more."""
    stream = SPEC.stream("archive_reasons")
    hired = read(stream, {"id": "a", "text": "Hired", "type": "hired"})
    left = read(stream, {"id": "b", "text": "Withdrew", "type": "non-hired"})
    assert (hired["reason", "a"]["kind"], left["reason", "b"]["kind"]) == ("hired", "ours")


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
    }
    assert "@" not in repr(found)


def test_a_cancelled_panel_holds_nobody() -> None:
    """Its interviews are an empty list; were they not told at all, nothing is concluded."""
    assert read(panels.STREAM, {**PANEL, "interviews": []}) == {}
    with pytest.raises(SkipRecord):
        read(panels.STREAM, {"id": "f607"})
