"""Postings and requisitions: rows and the requisitions they become."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from atsbridge.model.fragment import Fragment
from atsbridge.ports.stream import Page, Stream
from atsbridge_lever import postings

REA, LEE = "9e8d7c6b-4444-4d5e-8f60-000000000004", "a1b2c3d4-7777-4071-9293-000000000007"


POSTING = "7d6e5f40-6666-4f70-8182-000000000006"


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
        ("archived-by-aliens", (), "other:archived-by-aliens"),
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
