"""The company: repeatable, without contradictions, and awake only when its people are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from atsbridge.model.catalog import KINDS
from atsbridge.model.fields import FieldType
from atsbridge.sandbox.company.fake_company import START, Company, CompanyProfile
from atsbridge.sandbox.company.office_locations import OfficeLocation
from atsbridge.sandbox.company.random_source import Dice

from .conftest import at_work, open_at, rows

DAY = timedelta(days=1)


def everything(company: Company) -> dict[str, list[Any]]:
    return {kind: list(company.records(kind).values()) for kind in KINDS}


def test_the_same_seed_lives_the_same_life_whatever_the_steps() -> None:
    """Nine days at once, or in hundreds of uneven steps: every record is the same."""
    at_once, by_steps = Company(5, applications=200), Company(5, applications=200)
    at_once.advance(START + 9 * DAY)
    dice, now = Dice(1), START
    while now < START + 9 * DAY:
        now = min(now + dice.hours(0.01, 2), START + 9 * DAY)
        by_steps.advance(now)
    assert everything(at_once) == everything(by_steps)


def test_another_seed_lives_another_life() -> None:
    """The seed is what makes the difference."""
    one, other = Company(5, applications=60), Company(6, applications=60)
    assert everything(one) != everything(other)


def test_the_past_changes_nothing(lived: Company) -> None:
    """Advancing to what is over leaves time and records alone."""
    now, versions = lived.now, dict(lived.versions)
    lived.advance(START)
    assert (lived.now, dict(lived.versions)) == (now, versions)


@pytest.mark.parametrize("applications", [60, 800, 2000])
def test_as_many_applied_as_were_asked_for(applications: int) -> None:
    """At its start the company has exactly that many applications behind it, in 90 days."""
    company = Company(2, applications=applications)
    found = [row.applied_at for row in rows(company, "application")]
    assert len(found) == applications
    assert START - 91 * DAY < min(found) <= max(found) <= START


def test_the_default_company_is_the_promised_one() -> None:
    """About 40 searches, 25 people in five countries, some of everything under way."""
    company = Company()
    assert 36 <= len(company.records("requisition")) <= 44
    assert len(company.people) == 25
    assert {p.country for p in company.people} == {"PT", "DE", "GB", "US", "IN"}
    active = Counter(row.status for row in rows(company, "application"))
    assert active["active"] > 20
    assert active["hired"] > 5
    assert active["withdrawn"] > 5
    assert {row.status for row in rows(company, "interview")} == {
        "to_be_scheduled",
        "scheduled",
        "awaiting_feedback",
        "complete",
        "cancelled",
    }


@pytest.mark.parametrize("days", [0, 2, 11])
@pytest.mark.parametrize("pipeline", ["per_requisition", "shared"])
def test_every_reference_leads_somewhere(days: int, pipeline: Any) -> None:
    """At any instant every ref of every record is a record of the right kind."""
    company = Company(8, applications=150, profile=CompanyProfile(pipeline=pipeline))
    company.advance(START + days * DAY)
    for kind, spec in KINDS.items():
        for row in rows(company, kind):
            assert row.created_at <= row.updated_at <= company.now
            for name, field in spec.fields.items():
                if field.type is FieldType.REF and (value := getattr(row, name)) is not None:
                    assert value in company.records(field.ref), (kind, row.id, name)
                if field.type is FieldType.ENUM and (word := getattr(row, name)) is not None:
                    assert word in field.values


@pytest.mark.parametrize("kind", list(KINDS))
def test_nothing_derived_is_told(lived: Company, kind: str) -> None:
    """Derived fields are atsbridge's to compute: the truth leaves them empty."""
    for row in rows(lived, kind):
        assert all(getattr(row, name) is None for name in KINDS[kind].derived)


def test_an_application_stands_in_one_stage(lived: Company) -> None:
    """Active: one open stay, in its stage. Ended: none; with reason, and a date unless hired."""
    stays: dict[str, list[Any]] = {}
    for stay in rows(lived, "stage_stay"):
        stays.setdefault(stay.application, []).append(stay)
    for row in rows(lived, "application"):
        going = [stay.stage for stay in stays[row.id] if stay.left_at is None]
        assert going == ([row.stage] if row.status == "active" else [])
        assert (row.reason is None) == (row.status == "active")
        assert (row.rejected_at is not None) == (row.status in ("rejected", "withdrawn"))
        moves = [(stay.entered_at, stay.left_at or lived.now) for stay in stays[row.id]]
        assert all(left == entered for (_, left), (entered, _) in pairwise(moves))


def test_hires_fill_openings(lived: Company) -> None:
    """Per requisition: filled openings, hires and accepted offers agree; full means filled."""
    hired = Counter(row.requisition for row in rows(lived, "application") if row.status == "hired")
    filled = Counter(row.requisition for row in rows(lived, "opening") if row.status == "filled")
    assert hired == filled
    accepted = {row.application for row in rows(lived, "offer") if row.status == "accepted"}
    assert accepted == {row.id for row in rows(lived, "application") if row.status == "hired"}
    for row in rows(lived, "requisition"):
        assert row.filled == hired[row.id]
        assert (row.status == "filled") == (row.filled >= row.headcount)
        assert row.custom["hiring_status"] == ("On hold" if row.status == "on_hold" else "Active")


def test_scorecards_come_after_the_interview(lived: Company) -> None:
    """Each seat has a scorecard by the same person; submitted ones carry a mark, drafts none."""
    cards = lived.records("scorecard")
    for seat in rows(lived, "seat"):
        card: Any = cards[seat.scorecard]
        interview: Any = lived.records("interview")[seat.interview]
        assert (card.author, card.interview) == (seat.user, seat.interview)
        assert (card.submitted_at is None) == (card.recommendation is None)
        if card.submitted_at is not None:
            assert card.submitted_at >= interview.ends_at
        if interview.status == "complete":
            assert card.submitted_at is not None or not seat.feedback_required


# --- when people act --------------------------------------------------------------------------


def acts(company: Company) -> Iterator[tuple[str, datetime]]:
    """(who, when) of all that the records tell."""
    for card in rows(company, "scorecard"):
        if card.submitted_at:
            yield card.author, card.submitted_at
    for approval in rows(company, "approval"):
        if approval.decided_at:
            yield approval.user, approval.decided_at
    for interview in rows(company, "interview"):
        if interview.scheduled_at:
            yield interview.organizer, interview.scheduled_at
    for seat in rows(company, "seat"):
        interview = company.records("interview")[seat.interview]
        if interview.status != "cancelled":
            yield seat.user, interview.starts_at
            yield seat.user, interview.ends_at


def test_people_act_in_their_working_hours(lived: Company) -> None:
    """Scorecards, approvals, bookings, interviews: 09:00 to 18:00 local, no holiday, no leave."""
    seen = 0
    for user, at in acts(lived):
        person = lived.person(user)
        assert at_work(person, at), (person.office, person.place.local(at))
        seen += 1
    assert seen > 1000


def test_candidates_apply_and_answer_in_office_hours(lived: Company) -> None:
    """Applications and answers to offers come while the requisition's office is open."""
    places = {p.office: p.place for p in lived.people}
    offices = {row.id: places[row.name] for row in rows(lived, "office")}
    requisitions: Any = lived.records("requisition")
    place = {
        row.id: offices[requisitions[row.requisition].office] for row in rows(lived, "application")
    }
    for row in rows(lived, "application"):
        assert open_at(place[row.id], row.applied_at)
    for offer in rows(lived, "offer"):
        if offer.resolved_at:
            assert open_at(place[offer.application], offer.resolved_at)


def test_nothing_is_touched_at_night_or_on_sundays(lived: Company) -> None:
    """No record of the pipeline changed at an instant when all five offices were closed."""
    places = {p.place for p in lived.people}
    for kind in ("application", "requisition", "interview", "seat", "scorecard", "offer"):
        for row in rows(lived, kind):
            assert any(open_at(place, row.updated_at) for place in places), (kind, row)


def test_working_time_skips_holidays_nights_and_leave() -> None:
    """An hour from Thursday 17:30, with Good Friday between, ends on Monday or Tuesday."""
    berlin = OfficeLocation("Berlin", "Europe/Berlin", "DE", "EUR")
    thursday = datetime(2026, 4, 2, 15, 30, tzinfo=UTC)  # 17:30 in Berlin
    tuesday = datetime(2026, 4, 7, 7, 30, tzinfo=UTC)  # after Good Friday and Easter Monday
    assert berlin.after(thursday, timedelta(hours=1)) == tuesday
    away = ((tuesday.date(), tuesday.date(), "leave"),)
    assert berlin.after(thursday, timedelta(hours=1), away) == tuesday + DAY


# --- the world outside ------------------------------------------------------------------------


def test_a_note_stands_in_the_file_and_moves_the_activity() -> None:
    """add_note keeps who, what, where and when."""
    company = Company(1, applications=60)
    row: Any = next(rows(company, "application"))
    note = company.add_note(row.candidate, "hello", application=row.id, visibility="private")
    assert company.notes == [note]
    assert (note.candidate, note.body, note.visibility) == (row.candidate, "hello", "private")
    changed: Any = company.records("application")[row.id]
    assert changed.last_activity_at == changed.updated_at == company.now


def test_who_asks_to_be_forgotten_is_gone() -> None:
    """erase() marks all that hangs on the candidate, and the pipeline goes on without them."""
    company = Company(1, applications=200)
    row: Any = next(
        row
        for row in rows(company, "application")
        if row.status == "active"
        and any(i.application == row.id for i in rows(company, "interview"))
    )
    company.erase(row.candidate)
    company.advance(START + 10 * DAY)
    for kind in ("interview", "scorecard", "stage_stay"):
        gone = [r.deleted_at for r in rows(company, kind) if r.application == row.id]
        assert gone
        assert set(gone) == {START}
    after: Any = company.records("application")[row.id]
    assert (after.deleted_at, after.status) == (START, "active")


def test_a_colleague_leaves(lived: Company) -> None:
    """Within the weeks after the start somebody is deactivated, and takes no new seat."""
    left = [row for row in rows(lived, "user") if row.active is False]
    assert left
    for user in left:
        for seat in rows(lived, "seat"):
            if seat.user == user.id:
                assert seat.created_at <= user.updated_at


def test_ids_are_the_makers_to_choose() -> None:
    """new_id gets kind and number from 1; every record bears what it said."""
    profile = CompanyProfile(lambda kind, n: f"{kind[:3]}{n:04d}", account="a")
    company = Company(1, applications=60, profile=profile)
    found = list(company.records("application"))
    assert found == [f"app{n:04d}" for n in range(1, 61)]
    assert {row.account for row in rows(company, "seat")} == {"a"}


def test_names_are_invented_and_addresses_reach_nobody(lived: Company) -> None:
    """Every address ends in .example, in domains of their own for people and candidates."""
    candidate = next(iter(lived.records("candidate")))
    first, last = lived.candidate_name(candidate)
    assert first
    assert last
    assert lived.candidate_email(candidate).endswith("@mail.example")
    assert all(p.email.endswith(".example") for p in lived.people)
    other = Company(1, applications=60, profile=CompanyProfile(domain="globex.example"))
    assert not {p.email for p in other.people} & {p.email for p in lived.people}
