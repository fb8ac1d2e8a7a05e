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
    return [(f.kind, f.id, dict(f.values)) for f in STREAMS[stream].normalize(row)]


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


def test_of_a_users_custom_fields_only_colleagues_are_kept() -> None:
    """An account maps one of them to `user.manager`; the others may hold anything of a person."""
    raw = """{"id": 9051, "custom_fields": {
        "reports_to": {"name": "Reports to", "type": "user", "value": 9021},
        "born": {"name": "Born", "type": "date", "value": "1990-01-01"}, "odd": 3}}"""
    assert list(one("users", raw)["custom"]) == ["reports_to"]
    assert one("users", '{"id": 9051, "custom_fields": [1]}')["custom"] == {}


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
