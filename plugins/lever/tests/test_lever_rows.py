"""Rows of each kind, as the vendor's documentation and recordings show them, to fragments."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from atsbridge.model.fragment import Fragment
from atsbridge.ports.stream import Page, Stream
from atsbridge_lever import offers, opportunities, organization, postings
from atsbridge_lever.spec import SPEC

REA, LEE = "9e8d7c6b-4444-4d5e-8f60-000000000004", "a1b2c3d4-7777-4071-9293-000000000007"


OPPORTUNITY = "6b1d0c7e-1111-4a2b-9c3d-000000000001"


POSTING = "7d6e5f40-6666-4f70-8182-000000000006"


SCREEN = "2f6a9b10-3333-4c4d-9e5f-000000000003"


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
        ("teleported", "other:teleported"),
    ],
)
def test_offer_words(status: str, canonical: str) -> None:
    """Every documented status has its canonical word; an unknown one says so."""
    row = {"id": "o1", "opportunityId": OPPORTUNITY, "status": status}
    assert read(offers.STREAM, row)["offer", "o1"]["status"] == canonical


def test_users_are_active_until_deactivated_and_addresses_are_lower_case() -> None:
    """Two users, one of whom has left."""
    row = {"id": REA, "name": "Rae Olsen", "email": "Rae@Example.com", "createdAt": 1700000000000}
    found = read(SPEC.stream("users"), row)["user", REA]
    assert (found["email"], found["active"]) == ("rae@example.com", True)
    left = read(SPEC.stream("users"), {**row, "deactivatedAt": 1790000000000})
    assert left["user", REA]["active"] is False


@pytest.mark.parametrize(("written", "manager"), [(LEE, LEE), ("", None), (None, None)])
def test_a_user_names_their_manager(written: str | None, manager: str | None) -> None:
    row = {"id": REA, "name": "Rae Olsen", "managerId": written}
    assert read(SPEC.stream("users"), row)["user", REA]["manager"] == manager


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
    assert organization.stage_kind(pipeline, name).kind == kind


def test_reasons_are_ours_until_mapped() -> None:
    """Lever tells hires from the rest, no more."""
    stream = SPEC.stream("archive_reasons")
    hired = read(stream, {"id": "a", "text": "Hired", "type": "hired"})
    left = read(stream, {"id": "b", "text": "Withdrew", "type": "non-hired"})
    assert (hired["reason", "a"]["kind"], left["reason", "b"]["kind"]) == ("hired", "ours")
