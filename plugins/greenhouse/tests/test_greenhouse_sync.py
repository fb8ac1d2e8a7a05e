"""The connector under the real engine and store: how much it asks, and what is left of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from atsbridge.model.record import Key
from atsbridge.sandbox.company.fake_company import Company
from atsbridge.sandbox.http.fake_server import Fake
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.sync.account_map import parse_map
from atsbridge.sync.engine import sync
from atsbridge.sync.freshness import find_unreadable
from atsbridge.sync.sync_context import SyncTarget
from atsbridge.sync.sync_report import SyncOptions, SyncReport
from atsbridge.timesource import ManualTime
from atsbridge_greenhouse.connector import Greenhouse
from atsbridge_greenhouse.fake.api import all_scopes
from atsbridge_greenhouse.spec import SPEC

MAP = {
    "requisition.priority": "custom.priority",
    "requisition.on_hold": {"field": "custom.hiring_status", "equals": "On hold"},
    "requisition.pay_min": "custom.salary_range.min",
    "requisition.target_on": "custom.target_start",
}
Tick = Callable[..., SyncReport]


@pytest.fixture
def store(tmp_path: Path, clock: ManualTime) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{tmp_path / 'atsbridge.db'}", clock)
    yield opened
    opened.close()


@pytest.fixture
def tick(store: SqlStore, clock: ManualTime) -> Tick:
    def run(connector: Greenhouse, options: SyncOptions | None = None) -> SyncReport:
        mapping = parse_map(MAP, "acme", connector.spec.streams)
        with store.lock("acme"):
            return sync(SyncTarget("acme", connector, store.records, mapping, clock), options)

    return run


def test_a_first_sync_is_cheap(greenhouse: Greenhouse, tick: Tick) -> None:
    """Pages of 500, fifty parents a request: some requests a list, none a record."""
    tick(greenhouse)
    assert greenhouse.requests <= 40


def test_what_the_account_maps_is_filled(
    greenhouse: Greenhouse, tick: Tick, store: SqlStore, company: Company
) -> None:
    """Priority, pay and target date come from the customer's own fields."""
    tick(greenhouse)
    for key, truth in company.records("requisition").items():
        found = store.history.read_record(Key("acme", "requisition", key))
        for name in ("priority", "pay_min", "target_on"):
            assert getattr(found, name) == getattr(truth, name)


def test_a_stay_keeps_its_dates_when_the_vendor_drops_them(
    greenhouse: Greenhouse, tick: Tick, store: SqlStore, company: Company, clock: ManualTime
) -> None:
    """What was seen while the stage was current is not lost when it is left."""
    tick(greenhouse)
    stays = {k: s for k, s in company.records("stage_stay").items() if not s.left_at}
    clock.advance(timedelta(days=3))
    tick(greenhouse)
    left = [k for k in stays if company.records("stage_stay")[k].left_at]
    running = [
        k for k in left if store.history.read_record(Key("acme", "stage_stay", k)) is not None
    ]
    assert running
    for key in running:
        found = store.history.read_record(Key("acme", "stage_stay", key))
        assert found is not None
        assert found.deleted_at is None
        assert found.entered_at == stays[key].entered_at


def test_a_forbidden_list_degrades_alone(
    served: Callable[..., Fake], connected: Callable[..., Greenhouse], tick: Tick
) -> None:
    """403 on offers: that stream says so, and names the scope; all others are read."""
    fake = served(scopes=all_scopes() - {"harvest:offers:list"})
    report = tick(connected(fake))
    bad = {s.stream: s.remedy for s in report.streams if s.error}
    assert bad.keys() == {"offers"}
    assert "harvest:offers:list" in bad["offers"]


def test_the_night_does_not_take_one_forbidden_list_for_another(
    served: Callable[..., Fake], connected: Callable[..., Greenhouse], tick: Tick
) -> None:
    """It reads records by id, with what depends on them: offers and notes of applications."""
    fake = served(scopes=all_scopes() - {"harvest:offers:list", "harvest:notes:list"})
    greenhouse, history = connected(fake), timedelta(days=180)
    tick(greenhouse, SyncOptions(history=history, spare=0))
    tick(greenhouse, SyncOptions(history=history, spare=0))
    report = tick(greenhouse, SyncOptions(history=history, spare=0, nightly=True))
    assert {s.stream for s in report.streams if s.error} == {"offers", "notes"}


def test_a_cancelled_interview_is_seen_to_be_gone(
    greenhouse: Greenhouse, tick: Tick, store: SqlStore, company: Company, clock: ManualTime
) -> None:
    """It vanishes from the list without a word; a full read notices, and nothing else is gone."""
    tick(greenhouse)
    meetings = company.records("interview")
    live = [k for k, m in meetings.items() if m.status == "scheduled"]
    with company.lock:
        company.ledger.change("interview", live[0], clock.now(), status="cancelled")
    tick(greenhouse, SyncOptions(full=True))
    gone = {
        k
        for k in live
        if getattr(store.history.read_record(Key("acme", "interview", k)), "deleted_at", None)
    }
    assert gone == {live[0]}


def test_the_night_finds_what_vanished(
    greenhouse: Greenhouse, tick: Tick, store: SqlStore, company: Company, clock: ManualTime
) -> None:
    """A cancelled interview with its seats, and somebody who left the team, by ids alone."""
    history = timedelta(days=180)
    tick(greenhouse, SyncOptions(history=history))
    tick(greenhouse, SyncOptions(history=history, spare=10_000))
    records: Callable[[str], Mapping[str, Any]] = company.records
    booked = [k for k, m in records("interview").items() if m.status == "scheduled"]
    seats = [k for k, s in records("seat").items() if s.interview == booked[0]]
    team = records("team_member")
    owner = next(k for k, m in team.items() if m.role == "recruiter")
    with company.lock:
        company.ledger.change("interview", booked[0], clock.now(), status="cancelled")
        company.ledger.change("team_member", owner, clock.now(), deleted_at=clock.now())

    def gone(kind: str, keys: list[str]) -> list[bool]:
        found = (store.history.read_record(Key("acme", kind, key)) for key in keys)
        return [one is not None and one.deleted_at is not None for one in found]

    assert tick(greenhouse, SyncOptions(history=history)).good
    assert not any(gone("interview", booked[:1]) + gone("team_member", [owner]))
    report = tick(greenhouse, SyncOptions(history=history, nightly=True))
    assert report.good
    assert all(gone("interview", booked[:1]) + gone("team_member", [owner]) + gone("seat", seats))
    by_stream = {s.stream: s.deleted for s in report.streams if s.deleted}
    assert by_stream.keys() <= {"interviews", "interviewers", "scorecards", "job_owners"}
    assert by_stream["interviews"] == by_stream["job_owners"] == 1


def test_an_empty_list_of_users_is_a_missing_permission(
    served: Callable[..., Fake], connected: Callable[..., Greenhouse], tick: Tick
) -> None:
    """Nobody at all cannot be, as other lists name them: the permission to look for is named."""
    fake = served()
    fake.server.faults.add(r"/v3/users$", 1, status=200, body=[])
    report = tick(connected(fake))
    (bad,) = [s for s in report.streams if s.doubt]
    assert bad.stream == "users"
    assert "may not see" in bad.doubt
    assert "team_member.user" in bad.doubt
    assert "harvest:users:list" in bad.doubt


def test_an_application_that_is_taken_up_again_loses_its_reason(
    greenhouse: Greenhouse, tick: Tick, store: SqlStore, company: Company, clock: ManualTime
) -> None:
    """The row that said why vanishes without a word; rejected once more, it has the new reason."""
    records: Callable[[str], Mapping[str, Any]] = company.records
    held = records("application").items()
    over = next(k for k, a in held if a.status == "rejected" and a.reason)
    reason = records("application")[over].reason
    other = next(k for k, r in records("reason").items() if r.kind == "ours" and k != reason)

    def change(**values: Any) -> Any:
        clock.advance(timedelta(minutes=10))
        with company.lock:
            company.ledger.change("application", over, clock.now(), **values)
        assert tick(greenhouse).good
        return store.history.read_record(Key("acme", "application", over))

    tick(greenhouse)
    for _ in range(2):
        assert change(status="active", rejected_at=None, reason=None).reason is None
        again = change(status="rejected", rejected_at=clock.now(), reason=other)
        assert (again.status, again.reason) == ("rejected", other)


def test_first_submissions_are_not_believed_before_the_past_is_read(
    greenhouse: Greenhouse, tick: Tick, store: SqlStore, clock: ManualTime
) -> None:
    """On the first day only active applications are known: nobody is told that none was sent."""
    path, history = "requisition.first_submission_at", timedelta(days=180)

    def dark() -> frozenset[str]:
        return find_unreadable(
            store.records.read_states("acme"), SPEC, clock.now(), timedelta(hours=2)
        )

    tick(greenhouse, SyncOptions(history=history))
    assert path in dark()
    for _ in range(4):
        tick(greenhouse, SyncOptions(history=history))
    assert path not in dark()
