"""A copied company is what `Company` makes, and nobody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from atsbridge.sandbox.company.company_copies import build_company
from atsbridge.sandbox.company.fake_company import Company, CompanyProfile

KINDS = ("requisition", "application", "interview", "seat", "scorecard", "offer", "stage_stay")


def contents(company: Company) -> list[object]:
    kept = [list(company.records(kind).values()) for kind in KINDS]
    people = [(one.id, one.name, one.email, one.place.name, one.title) for one in company.people]
    return [company.now, people, dict(company.versions), *kept]


@pytest.mark.parametrize("pipeline", ["per_requisition", "shared"])
def test_a_copy_is_the_company_and_lives_on_like_it(pipeline: str) -> None:
    """Its ids are made by the vendor's function, which may be one that cannot be saved."""
    profile = CompanyProfile(lambda kind, n: f"{kind}/{n}", pipeline, domain="globex.example")  # type: ignore[arg-type]
    wanted = Company(4, applications=40, people=12, profile=profile)
    copies = [build_company(4, applications=40, people=12, profile=profile) for _ in range(2)]
    for copy in copies:
        assert contents(copy) == contents(wanted)
    for one in (wanted, *copies):
        one.advance(one.now + timedelta(days=9))
        assert contents(one) == contents(wanted)


def test_what_happens_in_one_does_not_happen_in_another() -> None:
    """Each has records, events, dice and notes of its own."""
    one, other = (build_company(5, applications=30) for _ in range(2))
    before = contents(other)
    one.advance(one.now + timedelta(days=9))
    candidate = next(iter(one.records("candidate")))
    one.add_note(candidate, "called")
    one.erase(candidate)
    assert contents(other) == before
    assert not other.notes
    assert contents(one) != before
    assert contents(build_company(5, applications=30)) == before
