"""Lists whose facts land on other records: sources, close reasons, pay, e-mails, tags, options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from atsbridge.sandbox.company.fake_company import Company
from atsbridge.timesource import ManualTime
from atsbridge_greenhouse.fake.api import all_scopes
from atsbridge_greenhouse.pay import Posted, pay

from .mapped_account import MappedAccount, running

MINUTES = timedelta(minutes=10)


def test_a_source_is_told_by_its_name(
    account: Callable[..., MappedAccount], company: Company
) -> None:
    """Applications carry the id of a row of `sources`."""
    acme = account()
    acme.sync()
    for key, one in running(company).items():
        assert acme.record("application", key).source == one.source


def test_forbidden_sources_cost_the_source_alone(
    account: Callable[..., MappedAccount], company: Company
) -> None:
    """Applications are read; ops hear what is missing and where it is given; later it is known."""
    acme = account(scopes=all_scopes() - {"harvest:sources:list"})
    told = acme.sync()["applications"]
    assert told.error == ""
    (why,) = told.lost
    assert "harvest:sources:list" in why
    assert why.endswith("unknown until then: application.source")
    key = next(iter(running(company)))
    assert acme.record("application", key).source is None
    acme.fake.server.app.scopes.add("harvest:sources:list")  # type: ignore[attr-defined]
    acme = MappedAccount(acme.fake, acme.store, acme.clock, {})
    for _ in range(2):
        acme.clock.advance(MINUTES)
        with company.lock:
            company.ledger.change("application", key, acme.clock.now())
        assert acme.sync()["applications"].lost == ()
    acme.connector.close()
    assert acme.record("application", key).source == running(company)[key].source


def test_how_a_search_ended_is_told_by_why_its_openings_closed(
    account: Callable[..., MappedAccount], company: Company, clock: ManualTime
) -> None:
    """Filled where a hire closed one of them, cancelled where nobody was hired."""
    open_ = [k for k, r in company.records("requisition").items() if r.status == "open"]  # type: ignore[attr-defined]
    filled, given_up = open_[:2]
    hired = next(iter(running(company)))
    openings: Mapping[str, Any] = company.records("opening")
    for key, one in list(openings.items()):
        if one.requisition in (filled, given_up):
            status = "filled" if one.requisition == filled else "closed"
            end = {"status": status, "closed_at": clock.now(), "custom": {"application": hired}}
            company.ledger.change("opening", key, clock.now(), **end)
    for key in (filled, given_up):
        company.ledger.change(
            "requisition", key, clock.now(), status="closed", closed_at=clock.now()
        )
    acme = account()
    acme.sync()
    assert acme.record("requisition", filled).status == "filled"
    assert acme.record("requisition", given_up).status == "cancelled"
    told = {k: acme.record("opening", k).status for k, o in openings.items()}
    assert told == {k: o.status for k, o in openings.items()}


def test_a_customer_may_name_its_hires_otherwise(account: Callable[..., MappedAccount]) -> None:
    """The account's map of reasons speaks of close reasons, too; without them a job is closed."""
    acme = account({"reason_kind": {"Not filling this position": "hired"}})
    acme.sync()
    openings = list(acme.store.history.read_records("acme", "opening"))
    assert {o.status for o in openings} <= {"draft", "open", "filled"}  # type: ignore[attr-defined]


def test_posted_pay_spans_all_posts_of_a_job(
    account: Callable[..., MappedAccount], company: Company, clock: ManualTime
) -> None:
    """Read at first; and again when one of its posts changes, by some requests for those jobs."""
    acme = account()
    acme.sync()
    jobs: Mapping[str, Any] = company.records("requisition")
    job = next(key for key, one in jobs.items() if one.status == "open")
    clock.advance(MINUTES)
    company.ledger.change("requisition", job, clock.now(), pay_min=1000.0, pay_max=2000.0)
    before = acme.fake.server.count("/v3/job_posts") + acme.fake.server.count("/v3/pay_input")
    acme.sync()
    after = acme.fake.server.count("/v3/job_posts") + acme.fake.server.count("/v3/pay_input")
    found = acme.record("requisition", job)
    assert (found.pay_min, found.pay_max) == (1000.0, 2000.0)
    assert found.pay_currency == jobs[job].pay_currency
    assert after - before <= 4


@pytest.mark.parametrize(
    ("ranges", "told"),
    [
        ([[100, 300, "EUR"], [200, 400, "eur"]], (1.0, 4.0, "EUR")),
        ([[100, 300, "EUR"], [200, 400, "GBP"]], (None, None, None)),
        ([[None, 300, "EUR"]], (None, 3.0, "EUR")),
        ([["odd", True, None]], (None, None, None)),
        ("odd", (None, None, None)),
    ],
)
def test_ranges_that_cannot_be_one_are_none(ranges: Any, told: Any) -> None:
    """Two currencies are no range; an end that nobody tells is left open."""
    (fragment,) = pay(Posted(7, ranges=ranges))
    assert tuple(fragment.values.values()) == told


def test_the_last_message_to_a_candidate_is_told(
    account: Callable[..., MappedAccount], company: Company
) -> None:
    """The newest e-mail a colleague sent, once the first day is over; none is a fact."""
    acme = account()
    first = acme.sync()
    assert "notes" not in first
    acme.sync()
    told = {k: acme.record("application", k).contacted_at for k in running(company)}
    assert told == {k: one.contacted_at for k, one in running(company).items()}
    assert any(told.values())
    assert not all(told.values())
    asked = [query for _, path, query in acme.fake.server.log if path.endswith("/notes")]
    assert all("body" not in str(query) and query["type"] == ["EMAIL"] for query in asked)


def test_a_message_is_seen_before_anybody_is_told_that_there_was_none(
    account: Callable[..., MappedAccount], company: Company, clock: ManualTime
) -> None:
    """A refresh of the application asks for it, although nothing shows on the application."""
    acme = account()
    acme.sync()
    acme.sync()
    key, one = next((k, a) for k, a in running(company).items() if a.contacted_at is None)
    clock.advance(MINUTES)
    company.ledger.change("application", key, one.updated_at, contacted_at=clock.now())
    acme.refresh("application", key)
    assert acme.record("application", key).contacted_at == clock.now()


def test_an_application_that_was_deleted_is_found_so_by_a_refresh(
    account: Callable[..., MappedAccount], company: Company, clock: ManualTime
) -> None:
    """With its interviews and offers, in time for a message about it not to go out."""
    acme = account()
    acme.sync()
    meetings: Mapping[str, Any] = company.records("interview")
    told = {m.application for m in acme.store.history.read_records("acme", "interview")}  # type: ignore[attr-defined]
    key = next(k for k in running(company) if k in told)
    company.erase(running(company)[key].candidate, clock.now())
    assert acme.refresh("application", key).deleted >= 2
    assert acme.record("application", key).deleted_at is not None
    mine = [k for k, m in meetings.items() if m.application == key]
    held = [found for k in mine if (found := acme.record("interview", k)) is not None]
    assert held
    assert all(found.deleted_at is not None for found in held)


def test_who_was_over_before_we_came_has_a_last_stay(
    account: Callable[..., MappedAccount], company: Company
) -> None:
    """Read with the past, fifty applications a request, with the dates of coming and of leaving."""
    acme = account()
    acme.sync()
    acme.sync(spare=10_000)
    acme.sync()
    stays: Mapping[str, Any] = company.records("stage_stay")
    held: Mapping[str, Any] = company.records("application")
    over = {s.application: s for s in stays.values() if held[s.application].status == "rejected"}
    assert over
    for last in over.values():
        found = acme.record("stage_stay", last.id)
        assert (found.entered_at, found.left_at) == (last.entered_at, last.left_at)
