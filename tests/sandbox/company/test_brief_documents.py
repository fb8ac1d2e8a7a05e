"""What the company keeps beside its ATS, and the changes a demo's week is sure to hold."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from atsbridge.intake.brief_files import parse_brief
from atsbridge.intake.market_csv import parse_table
from atsbridge.model.requisitions import SECTIONS, Requisition
from atsbridge.sandbox.company import brief_documents, scripted_events
from atsbridge.sandbox.company.fake_company import Company, CompanyProfile


@pytest.fixture(scope="module")
def company() -> Company:
    """A small company of its own: what happens here happens to no other test."""
    return Company(
        seed=1, applications=300, requisitions=12, profile=CompanyProfile(account="acme")
    )


def test_briefs_are_good_and_three_have_something_to_ask_for(company: Company) -> None:
    """The newest search has none; one has gaps; at most one waits for its manager's word."""
    found = brief_documents.briefs(company, "acme")
    open_ = [
        r for r in company.records("requisition").values() if getattr(r, "status", "") == "open"
    ]
    assert len(found) == len(open_) - 1
    briefs = [parse_brief(name, text) for name, text in found.items()]
    assert [brief.errors for brief in briefs] == [()] * len(briefs)
    assert sum(set(brief.sections) != set(SECTIONS) for brief in briefs) == 1
    assert {len(brief.agreed) for brief in briefs} <= {1, 2}
    assert sum(len(brief.agreed) == 1 for brief in briefs) <= 1


def test_an_account_that_hides_a_confidential_role_has_no_brief_of_it(company: Company) -> None:
    """Its file would name a role that nobody can find."""
    every = brief_documents.briefs(company, "acme")
    shown = brief_documents.briefs(company, "acme", confidential=False)
    secret = {
        f"acme-{row.code}.yaml".lower()
        for row in company.records("requisition").values()
        if isinstance(row, Requisition) and row.confidential and row.status == "open"
    }
    assert not secret & shown.keys()
    assert len(every) - len(shown) <= len(secret)


def test_the_market_table_is_good(company: Company) -> None:
    """A row for each country with an office."""
    found = parse_table("market.csv", brief_documents.market({"acme": company}))
    assert found.errors == ()
    assert {row.country for row in found.rows} == {p.country for p in company.world.places}


def test_the_week_brings_its_changes_to_searches_of_their_own(company: Company) -> None:
    """A budget is cut on one of them, and something else is measured on another."""
    scripted_events.plan(company.world)
    before: dict[str, Any] = dict(company.records("requisition"))
    asked = {c.id for c in company.records("criterion").values()}
    company.advance(company.now + timedelta(days=5))
    now: dict[str, Any] = dict(company.records("requisition"))
    cut = [one for one, old in before.items() if now[one].pay_max < old.pay_max]
    assert len(cut) == 1
    assert any(c.id not in asked for c in company.records("criterion").values())
