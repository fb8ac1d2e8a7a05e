"""How many requests a sync takes: as the plan says, at any size; and how fast they are sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from atsbridge.ports.connector import Tools
from atsbridge.ports.record_store import StreamState
from atsbridge.sandbox.company.fake_company import Company, CompanyProfile
from atsbridge.sandbox.http.fake_server import FakeServer
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.sync import request_cost
from atsbridge.sync.account_map import AccountMap
from atsbridge.sync.engine import sync
from atsbridge.sync.freshness import allowed_lag
from atsbridge.sync.request_estimate import Asked, estimate_requests
from atsbridge.sync.sync_context import SyncTarget
from atsbridge.sync.sync_report import SyncOptions
from atsbridge.timesource import ManualTime
from atsbridge_lever.fake import company_ids, serve
from atsbridge_lever.opportunities import ALLOWED, SCAN, scanned_every
from atsbridge_lever.spec import SPEC
from atsbridge_lever.typical import sizes

HISTORY = timedelta(days=180)
Requests = dict[str, int]


@dataclass
class Customer:
    """A customer all of whose candidates are active, and its account."""

    company: Company
    time: ManualTime
    server: FakeServer
    connector: Any
    store: SqlStore

    def sync(self, after: timedelta = timedelta(0)) -> Requests:
        """What each stream took, which is what the fake was asked; nothing was refused."""
        self.time.advance(after)
        before = len(self.server.log)
        with self.store.lock("acme"):
            how = SyncOptions(history=HISTORY, spare=0)
            report = sync(
                SyncTarget("acme", self.connector, self.store.records, AccountMap(), self.time), how
            )
        took = {s.stream: s.requests for s in report.streams}
        assert report.good
        assert sum(took.values()) == len(self.server.log) - before
        assert self.server.statuses[429] == 0
        return took

    def plan(self, after: timedelta = timedelta(0)) -> Requests:
        """What is announced of a sync then, without the past."""
        now = self.time.now() + after
        return {
            e.stream: e.requests or 0
            for e in estimate_requests(SPEC, self.store.records, "acme", now, Asked())
        }

    def by_hand(self, took: dict[str, int]) -> int:
        """Requests since it was last asked for what was written by hand, where feedback is owed."""
        asked = sum(path.endswith("/feedback") for _, path, _ in self.server.log)
        self.server.log.clear()
        return asked - took.get("feedback", 0)

    def move(self, ids: list[str]) -> None:
        """Somebody writes something on these candidacies."""
        with self.company.lock:
            for key in ids:
                row = self.company.ledger.get("application", key)
                self.company.add_note(row.candidate, "met", application=key, at=self.time.now())


@pytest.fixture
def customer(tmp_path: Path) -> Iterator[Callable[[int], Customer]]:
    """A customer with that many candidates: a fifth where interviews are, a fiftieth at offers."""
    with ExitStack() as stack:

        def make(active: int) -> Customer:
            company = Company(
                3,
                applications=active,
                requisitions=active // 20,
                profile=CompanyProfile(company_ids, "shared"),
            )
            time = ManualTime(company.now)
            _arrange(company)
            fake = stack.enter_context(serve(company, time, confidential=True))
            connector = SPEC.open(SPEC.settings(**fake.settings), Tools("acme", time))
            store = open_store(f"sqlite:///{tmp_path / 'acme.db'}", time)
            stack.callback(store.close)
            stack.callback(connector.close)
            return Customer(company, time, fake.server, connector, store)

        yield make


def _arrange(company: Company) -> None:
    """Everybody is active; met by somebody today, where interviews are, and nobody elsewhere."""
    kinds = {stage.kind: key for key, stage in company.records("stage").items()}
    applied: dict[str, Any] = {}
    for stay in company.records("stage_stay").values():
        row: Any = stay
        applied.setdefault(row.application, row.entered_at)
    early = {key for number, key in enumerate(applied) if number % 50 >= 10}
    for key, offer in company.records("offer").items():
        made: Any = offer
        if made.application in early:
            company.ledger.change("offer", key, company.now, deleted_at=company.now)
    for number, key in enumerate(company.records("application")):
        share = number % 50
        stage = "offer" if share == 0 else kinds["interview"] if share < 10 else "applicant-new"
        company.ledger.change(
            "application",
            key,
            company.now,
            status="active",
            stage=stage,
            rejected_at=None,
            reason=None,
            last_activity_at=applied[key] if stage == "applicant-new" else company.now,
        )


def _ticks(customer: Customer, active: int) -> None:
    """A first sync, one without changes, and one in which a hundredth changed."""
    first = customer.sync()
    first["interviews"] -= customer.by_hand(first)
    lists = request_cost.requests(SPEC, sizes(active))
    children = {name: lists[name] for name in ("interviews", "offers")}
    assert {name: first[name] for name in children} == children
    assert first["opportunities"] == active / 100
    assert sum(first.values()) <= 20 + 0.23 * active
    minutes = timedelta(minutes=2)
    announced = customer.plan(minutes)
    assert customer.sync(minutes) == announced
    assert announced["opportunities"] == 2
    assert announced["interviews"] == announced["offers"] == 0
    people: dict[str, Any] = dict(customer.company.records("application"))
    moved = [list(people)[103 * n % active] for n in range(active // 100)]
    announced = customer.plan(minutes)
    customer.time.advance(minutes)
    customer.move(moved)
    took = customer.sync()
    took["interviews"] -= customer.by_hand(took)
    more = took.pop("opportunities") - announced.pop("opportunities")
    assert more <= len(moved) // 100  # further pages
    rows: dict[str, Any] = dict(customer.company.records("application"))
    met = [
        r for key, r in rows.items() if r.last_activity_at != people.get(key, r).last_activity_at
    ]
    assert {row.id for row in met} >= set(moved)
    offers = sum(row.stage == "offer" for row in met)
    assert took == announced | {"interviews": len(met), "offers": offers}


def test_a_small_customer_costs_what_is_planned(customer: Callable[[int], Customer]) -> None:
    """1,000 active candidates: exact for a first sync's children, a quiet and a typical tick."""
    _ticks(customer(1_000), 1_000)


@pytest.mark.torture
def test_a_large_customer_costs_what_is_planned(customer: Callable[[int], Customer]) -> None:
    """10,000 active candidates, over real HTTP."""
    _ticks(customer(10_000), 10_000)


@pytest.mark.parametrize(("active", "most"), [(1_000, 242), (10_000, 2_320), (200_000, 46_200)])
def test_a_first_load_is_a_sixteenth_of_the_naive_one(active: int, most: int) -> None:
    """One request per hundred candidates, and children only where there can be some: naively it
    would be four for each."""
    requests = request_cost.requests(SPEC, SPEC.typical(active) if SPEC.typical else {})
    assert sum(requests.values()) <= most < 4 * active / 16


@pytest.mark.parametrize(
    ("active", "hours"),
    [(0, 1), (10_000, 1), (54_000, 1), (54_100, 2), (200_000, 4), (400_000, 8)],
)
def test_looking_for_silent_changes_takes_a_set_share_of_the_rate(active: int, hours: int) -> None:
    """The more there are the rarer: all pages in that time are 1.5% of what Lever allows."""
    every = scanned_every(active)
    assert every == timedelta(hours=hours)
    assert active / 100 <= SCAN * ALLOWED * every.total_seconds()


def test_children_are_said_to_be_as_old_as_the_scan_may_be() -> None:
    """Interviews and offers show at the next scan: their lag follows the size."""
    for active, hours in ((10_000, 1), (200_000, 4)):
        states = {"opportunities": StreamState(stream="opportunities", open=active)}
        for name in ("interviews", "offers"):
            assert allowed_lag(SPEC.stream(name), states, SPEC) == timedelta(hours=hours)
