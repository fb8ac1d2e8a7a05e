"""Syncs with the real engine: tokens, openings of jobs, approvals, offers, single records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from atsbridge.errors import DeniedError
from atsbridge.model import Key
from atsbridge.sandbox.company.fake_company import Company
from atsbridge.sandbox.http.fake_server import Fake
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.sync import refresh
from atsbridge.sync.account_map import AccountMap
from atsbridge.sync.engine import sync
from atsbridge.sync.sync_context import SyncTarget
from atsbridge.sync.sync_report import SyncOptions, SyncReport
from atsbridge.timesource import ManualTime
from atsbridge_ashby.connector import Ashby
from atsbridge_ashby.fake.candidate_rows import schedule_id
from atsbridge_ashby.fake.listing import refusal
from atsbridge_ashby.fake.truth import Truth
from atsbridge_ashby.wire import seat_id, unscheduled

Sync = Callable[..., SyncReport]


@pytest.fixture
def store(tmp_path: Path, clock: ManualTime) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{tmp_path / 'acme.db'}", clock)
    yield opened
    opened.close()


@pytest.fixture
def run(store: SqlStore, clock: ManualTime) -> Sync:
    """One good sync of a connector."""

    def once(connector: Ashby, **options: Any) -> SyncReport:
        with store.lock("acme"):
            target = SyncTarget("acme", connector, store.records, AccountMap(), clock)
            report = sync(target, SyncOptions(**options))
        assert {s.stream: s.error for s in report.streams if s.error} == {}
        assert {s.stream: s.samples for s in report.streams if s.bad} == {}
        return report

    return once


def stored(store: SqlStore, kind: str, id_: str) -> Any:
    return store.history.read_record(Key("acme", kind, id_))


def requests_of(report: SyncReport) -> dict[str, int]:
    return {s.stream: s.requests for s in report.streams if s.requests}


def test_a_quiet_sync_asks_each_list_once(ashby: Ashby, run: Sync, clock: ManualTime) -> None:
    """And neither history nor stages again."""
    run(ashby)
    clock.advance(timedelta(seconds=5))
    took = requests_of(run(ashby))
    assert {name: number for name, number in took.items() if number != 1} == {}
    assert took.keys() == {
        *("users", "departments", "locations", "openings", "jobs", "interview_plans"),
        *("applications", "interview_schedules", "feedback", "offers", "approvals"),
    }


def test_an_expired_token_costs_one_whole_reading(
    served: Callable[..., Fake], connected: Callable[..., Ashby], run: Sync, clock: ManualTime
) -> None:
    """The run says so, once; what changed meanwhile is there."""
    ashby = connected(served(token_life=timedelta(hours=6)))
    run(ashby)
    clock.advance(timedelta(hours=7))
    report = run(ashby)
    assert {s.stream for s in report.streams if s.reread} >= {"jobs", "applications", "feedback"}
    clock.advance(timedelta(hours=1))
    assert not [s.stream for s in run(ashby).streams if s.reread]
    full = run(ashby, full=True)
    assert {s.stream: (s.new, s.changed) for s in full.streams if s.new or s.changed} == {}


def test_a_token_that_is_refused_on_a_further_page_costs_one_whole_reading_too(
    fake: Fake, ashby: Ashby, run: Sync, clock: ManualTime
) -> None:
    """No further sync with that token would come to its end."""
    run(ashby)
    half = {"success": True, "results": [], "moreDataAvailable": True, "nextCursor": "c2"}
    fake.server.faults.add("application.list", status=200, body=half)
    too_large = refusal("incremental_sync_too_large")
    fake.server.faults.add("application.list", status=200, body=too_large)
    clock.advance(timedelta(hours=1))
    assert "applications" in {s.stream for s in run(ashby).streams if s.reread}


def test_a_record_is_read_by_its_id_without_the_lists_that_are_forbidden(
    served: Callable[..., Fake], connected: Callable[..., Ashby], company: Company
) -> None:
    """The first refusal is one; then what the list supplies is unknown, and no more of it is."""
    ashby = connected(served(denied=frozenset({"offersRead"})))
    id_ = next(iter(Truth(company).live("application"))).id
    with pytest.raises(DeniedError):
        list(ashby.refresh("application", [id_]))
    read = {stream.name for stream, _ in ashby.refresh("application", [id_])}
    assert read == {"applications", "stage_history", "interview_schedules", "feedback"}


def test_a_changed_opening_brings_its_job(
    ashby: Ashby, run: Sync, store: SqlStore, company: Company, clock: ManualTime
) -> None:
    """Although the job itself does not count as changed: its headcount follows."""
    run(ashby)
    openings: Any = company.records("opening").values()
    jobs: Any = company.records("requisition")
    opening = next(o for o in openings if o.status == "open" and jobs[o.requisition])
    before = stored(store, "requisition", opening.requisition).headcount
    company.ledger.change("opening", opening.id, clock.now(), status="closed")
    report = run(ashby)
    assert requests_of(report)["jobs"] == 2
    assert stored(store, "requisition", opening.requisition).headcount == before - 1
    assert stored(store, "opening", f"{opening.id}:{opening.requisition}").status == "closed"


def test_a_plan_that_is_not_listed_is_known_from_the_jobs(
    fake: Fake, ashby: Ashby, run: Sync, store: SqlStore, company: Company
) -> None:
    """Its stages are read: whoever is in one of them is somewhere."""
    empty = {"success": True, "results": [], "moreDataAvailable": False, "syncToken": "s0"}
    fake.server.faults.add("interviewPlan.list", status=200, body=empty)
    run(ashby)
    stages = {stage.id for stage in store.history.read_records("acme", "stage")}
    truth = Truth(company)
    assert {truth.stage_now(row) for row in truth.live("application")} <= stages


def test_a_booked_interview_takes_the_place_of_the_one_without_a_date(
    ashby: Ashby, run: Sync, store: SqlStore, company: Company, clock: ManualTime
) -> None:
    """The schedule stays, its interview gets the id of the event."""
    while not (unbooked := [r for r in Truth(company).live("interview") if r.starts_at is None]):
        clock.advance(timedelta(hours=3))
        company.advance(clock.now())
    waiting: Any = unbooked[0]
    run(ashby)
    id_ = unscheduled(schedule_id(waiting.id))
    assert stored(store, "interview", id_).status == "to_be_scheduled"
    start = clock.now() + timedelta(days=2)
    company.ledger.change(
        "interview",
        waiting.id,
        clock.now(),
        status="scheduled",
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        scheduled_at=clock.now(),
    )
    run(ashby)
    assert stored(store, "interview", waiting.id).status == "scheduled"
    assert stored(store, "interview", id_).deleted_at is not None


def test_feedback_fills_the_seat_of_its_author(
    ashby: Ashby, run: Sync, store: SqlStore, company: Company, clock: ManualTime
) -> None:
    """A seat without feedback is known to have none; one that gets it has it after a sync."""
    truth = Truth(company)
    card: Any = next(
        row
        for row in truth.live("scorecard")
        if row.interview
        and row.submitted_at is None
        and truth.one("interview", row.interview).starts_at
    )
    run(ashby)
    seat = seat_id(card.interview, card.author)
    assert stored(store, "seat", seat).scorecard is None
    company.ledger.change("scorecard", card.id, clock.now(), submitted_at=clock.now())
    run(ashby)
    assert stored(store, "seat", seat).scorecard == card.id
    assert stored(store, "scorecard", card.id).submitted_at is not None


def test_a_new_version_takes_the_place_of_the_offer(
    ashby: Ashby, run: Sync, store: SqlStore, company: Company, clock: ManualTime
) -> None:
    """Approvals name the version, and lead to it."""
    old: Any = next(iter(Truth(company).live("offer")))
    run(ashby)
    assert stored(store, "offer", old.id) is not None
    values = {"application": old.application, "pay": old.pay, "drafted_at": clock.now()}
    new = company.ledger.add("offer", clock.now(), status="pending_approval", **values)
    user = next(iter(company.records("user")))
    company.ledger.add(
        "approval", clock.now(), offer=new, user=user, status="due", requested_at=clock.now()
    )
    run(ashby)
    assert stored(store, "offer", new).status == "pending_approval"
    assert stored(store, "offer", old.id).deleted_at is not None
    due = [a for a in store.history.read_records("acme", "approval") if a.offer == new]
    assert [(one.status, one.user) for one in due] == [("due", user)]


def test_an_approval_of_an_opening_leads_to_its_job(
    fake: Fake, ashby: Ashby, run: Sync, store: SqlStore, company: Company
) -> None:
    """The opening is looked up, once for a connector."""
    opening: Any = next(iter(company.records("opening").values()))
    approver = {"id": "p1", "userId": "u1", "decision": "pending", "requestedAt": None}
    row = {
        "id": "ap1",
        "entityType": "opening",
        "entityId": opening.id,
        "steps": [{"approvers": [approver]}],
    }
    body = {"success": True, "results": [row, {**row, "id": "ap2"}], "moreDataAvailable": False}
    fake.server.faults.add("approval.list", status=200, body=body)
    run(ashby)
    assert stored(store, "approval", "ap1:p1").requisition == opening.requisition
    assert stored(store, "approval", "ap2:p1").requisition == opening.requisition
    assert fake.server.count("/opening.info") == 1


def test_who_is_deactivated_stays_known(
    ashby: Ashby, run: Sync, store: SqlStore, company: Company, clock: ManualTime
) -> None:
    """As somebody who may not log in."""
    user = next(iter(company.records("user")))
    run(ashby)
    company.ledger.change("user", user, clock.now(), active=False)
    run(ashby)
    found = stored(store, "user", user)
    assert (found.active, found.deleted_at) == (False, None)


def test_a_single_application_is_read_with_all_that_belongs_to_it(
    fake: Fake, ashby: Ashby, run: Sync, store: SqlStore, company: Company, clock: ManualTime
) -> None:
    """In five requests; what a token would show later is there now."""
    run(ashby)
    clock.advance(timedelta(days=1))
    company.advance(clock.now())
    active: Any = next(row for row in Truth(company).live("application") if row.status == "active")
    target = SyncTarget("acme", ashby, store.records, AccountMap(), clock)
    before = len(fake.server.log)
    with store.lock("acme"):
        refresh(target, "application", [active.id])
    assert len(fake.server.log) - before == 5
    assert stored(store, "application", active.id).stage == Truth(company).stage_now(active)


def test_an_erased_candidate_is_found_out_by_the_application(
    ashby: Ashby, run: Sync, store: SqlStore, company: Company, clock: ManualTime
) -> None:
    """No list of changes shows it: the application is asked for, beside one that exists."""
    run(ashby)
    active: Any = next(row for row in Truth(company).live("application") if row.status == "active")
    company.erase(active.candidate, clock.now())
    target = SyncTarget("acme", ashby, store.records, AccountMap(), clock)
    with store.lock("acme"):
        refresh(target, "application", [active.id])
    assert stored(store, "application", active.id).deleted_at is not None


def test_a_job_is_read_with_its_approvals(
    ashby: Ashby, run: Sync, store: SqlStore, company: Company, clock: ManualTime
) -> None:
    """By its id."""
    run(ashby)
    approval: Any = next(row for row in Truth(company).live("approval") if row.requisition)
    job = approval.requisition
    company.ledger.change("requisition", job, clock.now(), title="Head of Looms")
    target = SyncTarget("acme", ashby, store.records, AccountMap(), clock)
    with store.lock("acme"):
        refresh(target, "requisition", [job])
    assert stored(store, "requisition", job).title == "Head of Looms"


def test_a_map_decides_whose_decision_an_archive_was(
    fake: Fake, connected: Callable[..., Ashby], run: Sync, store: SqlStore, company: Company
) -> None:
    """By the name of the reason."""
    truth = Truth(company)
    ended: Any = next(row for row in truth.live("application") if row.status == "rejected")
    name = truth.one("reason", ended.reason).name
    ashby = connected(fake, {"map": {"reason_kind": {name: "theirs"}}})
    run(ashby)
    assert stored(store, "application", ended.id).status == "withdrawn"
