"""What Ashby's rows mean, where the sandbox company has no such rows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from atsbridge.model import Fragment
from atsbridge.ports.stream import Stream
from atsbridge_ashby import jobs, organization, plans

NOW = datetime(2026, 3, 9, 8, tzinfo=UTC)


def read(stream: Stream, **row: Any) -> list[Fragment]:
    """The fragments of a row."""
    decoded = msgspec.json.decode(msgspec.json.encode({"id": "r1", **row}), type=stream.row)
    return list(stream.normalize(decoded))


def values(stream: Stream, **row: Any) -> dict[str, Any]:
    """The columns of the first fragment."""
    return dict(read(stream, **row)[0].values)


# --- jobs and openings ------------------------------------------------------------------------


def opening(state: str, *, archived: bool = False) -> dict[str, Any]:
    return {"openingState": state, "isArchived": archived}


def test_headcount_counts_approved_openings() -> None:
    """Neither drafts nor closed or archived ones; unknown for a job without any."""
    states = ["Draft", "Approved", "Open", "Filled", "Closed"]
    row = values(jobs.JOBS, openings=[*map(opening, states), opening("Open", archived=True)])
    assert (row["headcount"], row["filled"]) == (3, 1)
    row = values(jobs.JOBS, openings=[])
    assert (row["headcount"], row["filled"]) == (None, None)


@pytest.mark.parametrize(
    ("status", "state", "expected"),
    [
        ("Open", "Filled", "open"),
        ("Closed", "Filled", "filled"),
        ("Archived", "Closed", "closed"),
        ("Draft", "Draft", "draft"),
        ("Paused", "Open", "other:Paused"),
    ],
)
def test_a_closed_job_with_a_filled_opening_is_filled(
    status: str, state: str, expected: str
) -> None:
    """A status that is new stays what it is."""
    assert values(jobs.JOBS, status=status, openings=[opening(state)])["status"] == expected


def test_a_person_has_a_place_in_the_team_for_each_role() -> None:
    """Only who holds a role alone is responsible for it; names of other roles are kept."""
    team = [
        {"userId": "u1", "role": "Hiring Manager"},
        {"userId": "u2", "role": "Recruiter"},
        {"userId": "u3", "role": "recruiter"},
        {"userId": "u2", "role": "Recruiter"},
        {"userId": "u4", "role": "Executive Sponsor"},
        {"userId": None, "role": "Sourcer"},
    ]
    members = {f.id: f.values for f in read(jobs.JOBS, hiringTeam=team) if f.kind == "team_member"}
    assert {id_: row["responsible"] for id_, row in members.items()} == {
        "r1:hiring_manager:u1": True,
        "r1:recruiter:u2": None,
        "r1:recruiter:u3": None,
        "r1:other:Executive Sponsor:u4": True,
    }
    assert members["r1:other:Executive Sponsor:u4"]["role"] == "other:Executive Sponsor"


def salary(low: float | None, high: float | None, **more: Any) -> dict[str, Any]:
    plain = {"compensationType": "Salary", "interval": "1 YEAR", "currencyCode": "EUR"}
    return {**plain, "minValue": low, "maxValue": high, **more}


def test_pay_spans_all_tiers_in_one_currency_and_period() -> None:
    """Bonuses are no pay range; two currencies or periods make none."""
    bonus = {**salary(1, 2), "compensationType": "Bonus"}
    tiers = [{"components": [salary(50_000, 60_000), bonus]}, {"components": [salary(70_000, 1)]}]
    row = values(jobs.JOBS, compensation={"compensationTiers": tiers})
    assert [row[f"pay_{name}"] for name in ("min", "max", "currency", "period")] == [
        *(1, 70_000),
        *("EUR", "year"),
    ]
    other = {"components": [salary(5, 6, currencyCode="USD")]}
    row = values(jobs.JOBS, compensation={"compensationTiers": [*tiers, other]})
    assert {row[f"pay_{name}"] for name in ("min", "max", "currency", "period")} == {None}
    odd = [{"components": [salary(5, 6, interval="2 WEEK")]}]
    row = values(jobs.JOBS, compensation={"compensationTiers": odd})
    assert row["pay_period"] == "other:2 WEEK"


def test_custom_fields_go_by_their_titles() -> None:
    """Labels before codes; amounts and ranges in parts; empty ones left out."""
    fields = [
        {"title": "Priority", "value": "p-1", "valueLabel": "P1"},
        {"title": "Teams", "value": ["a", "b"], "valueLabel": ["Core", "Data"]},
        {"title": "Budget", "value": {"value": 90_000, "currencyCode": "EUR"}},
        {"title": "Band", "value": {"type": "number-range", "minValue": 3, "maxValue": 5}},
        {"title": "Remote", "value": False},
        {"title": "Empty", "value": ""},
        {"title": "Nothing", "value": None},
    ]
    assert values(jobs.JOBS, customFields=fields)["custom"] == {
        "Priority": "P1",
        "Teams": "Core, Data",
        "Budget.amount": 90_000,
        "Budget.currency": "EUR",
        "Band.min": 3,
        "Band.max": 5,
        "Remote": False,
    }


def test_an_opening_is_a_seat_of_each_of_its_jobs() -> None:
    """One that belongs to no job yet is nobody's seat; an archived one is closed."""
    version = {"jobIds": ["j1", "j2", "j1"], "targetStartDate": "2026-09-01"}
    seats = read(jobs.OPENINGS, openingState="Open", latestVersion=version)
    assert [(f.id, f.values["requisition"]) for f in seats] == [("r1:j1", "j1"), ("r1:j2", "j2")]
    assert seats[0].values["target_on"] == date(2026, 9, 1)
    assert read(jobs.OPENINGS, openingState="Draft", latestVersion={"jobIds": []}) == []
    archived = {
        "openingState": "Open",
        "isArchived": True,
        "archivedAt": "2026-03-01T09:00:00.000Z",
    }
    row = values(jobs.OPENINGS, latestVersion=version, **archived)
    assert (row["status"], row["closed_at"]) == ("closed", datetime(2026, 3, 1, 9, tzinfo=UTC))
    filled = {"openingState": "Filled", "isArchived": True}
    assert values(jobs.OPENINGS, latestVersion=version, **filled)["status"] == "filled"


# --- organization and plans -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "code"), [("pt", "PT"), ("Portugal", None), ("", None), ("P1", None), (None, None)]
)
def test_a_country_counts_where_it_is_a_code(country: str | None, code: str | None) -> None:
    """The vendor's field is free text."""
    address = {"postalAddress": {"addressCountry": country}}
    locations = next(s for s in organization.STREAMS if s.name == "locations")
    assert values(locations, name="Lisbon", address=address)["country"] == code
    assert values(locations, name="Lisbon", address=None)["country"] is None


def test_a_reason_of_neither_side_is_nobodys_decision() -> None:
    """Until the account maps it."""
    reasons = next(s for s in organization.STREAMS if s.name == "archive_reasons")
    kinds = [
        values(reasons, text="x", reasonType=kind)["kind"]
        for kind in ("RejectedByCandidate", "RejectedByOrg", "Other")
    ]
    assert kinds == ["theirs", "ours", "other:Other"]


@pytest.mark.parametrize(
    ("kind", "title", "expected"),
    [
        ("Lead", "Interested", "lead"),
        ("PreInterviewScreen", "Application Review", "lead"),
        ("PreInterviewScreen", "Recruiter Screen", "screen"),
        ("PreInterviewScreen", "Hiring Manager Review", "review"),
        ("PreInterviewScreen", "Sorting", "lead"),
        ("Active", "Onsite", "interview"),
        ("Active", "Sorting", "other"),
        ("Offer", "Closing", "offer"),
        ("Hired", "Welcome", "hired"),
        ("Archived", "Interview archive", "other"),
    ],
)
def test_a_stage_is_what_its_type_says_else_its_name(kind: str, title: str, expected: str) -> None:
    """The types of Ashby say how far a stage is, not what is done in it."""
    assert values(plans.STAGES, title=title, type=kind)["kind"] == expected
