"""Opportunities, interviews and seats that were deleted or closed, found by later syncs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from atsbridge.model.change import Origin
from atsbridge.model.record import Key
from atsbridge.sandbox.company.fake_company import Company
from atsbridge.sandbox.http.fake_server import Fake
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.sync.account_map import AccountMap, parse_map
from atsbridge.sync.engine import sync
from atsbridge.sync.sync_context import SyncTarget
from atsbridge.sync.sync_report import SyncOptions, SyncReport
from atsbridge.timesource import ManualTime
from atsbridge_lever.connector import Lever
from atsbridge_lever.spec import SPEC

Tick = Callable[..., SyncReport]


QUARTER = timedelta(minutes=15)


@pytest.fixture
def store(tmp_path: Path, clock: ManualTime) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{tmp_path / 'acme.db'}", clock)
    yield opened
    opened.close()


@pytest.fixture
def tick(store: SqlStore, lever: Lever, clock: ManualTime) -> Tick:
    """One sync of the account; every stream must be good."""

    def once(
        mapped: AccountMap | None = None, spare: int = 0, reader: Lever = lever, **how: Any
    ) -> SyncReport:
        with store.lock("acme"):
            options = SyncOptions(history=timedelta(days=60), spare=spare, **how)
            report = sync(
                SyncTarget("acme", reader, store.records, mapped or AccountMap(), clock), options
            )
        assert [(s.stream, s.error) for s in report.streams if s.status != "good"] == []
        assert [s.samples for s in report.streams if s.bad] == []
        return report

    return once


def asked(fake: Fake, suffix: str) -> int:
    return sum(path.endswith(suffix) for _, path, _ in fake.server.log)


def test_a_seat_taken_by_another_is_gone(
    tick: Tick, store: SqlStore, company: Company, clock: ManualTime
) -> None:
    """Who was replaced owes nothing any more."""
    tick()
    seat: Any = next(
        s
        for s in company.records("seat").values()
        if store.history.read_record(Key("acme", "seat", f"{s.interview}:{s.user}"))
    )
    people = {s.user for s in company.records("seat").values() if s.interview == seat.interview}
    other = next(u for u in company.records("user") if u not in people)
    company.ledger.change("seat", seat.id, clock.now(), user=other)
    interview: Any = company.records("interview")[seat.interview]
    company.ledger.change(
        "application", interview.application, clock.now(), last_activity_at=clock.now()
    )
    clock.advance(timedelta(hours=1))
    tick()
    left: Any = store.history.read_record(Key("acme", "seat", f"{seat.interview}:{seat.user}"))
    came: Any = store.history.read_record(Key("acme", "seat", f"{seat.interview}:{other}"))
    assert left.deleted_at is not None
    assert came.deleted_at is None


def _near(company: Company, store: SqlStore, now: datetime) -> Any:
    """A booked interview that is read, starts within the week, and has a seat."""
    return next(
        i
        for i in company.records("interview").values()
        if i.status == "scheduled" and i.starts_at and now < i.ends_at < now + timedelta(days=7)
        if store.history.read_record(Key("acme", "interview", i.id))
    )


def test_a_seat_whose_answer_was_read_goes_with_its_interview_row(
    tick: Tick, store: SqlStore, company: Company, clock: ManualTime
) -> None:
    """Panels say something of a seat; whether there is one, interviews say."""
    tick()
    clock.advance(timedelta(minutes=1))
    tick()
    near = _near(company, store, clock.now())
    seat: Any = next(s for s in company.records("seat").values() if s.interview == near.id)
    people = {s.user for s in company.records("seat").values() if s.interview == near.id}
    other = next(u for u in company.records("user") if u not in people)
    company.ledger.change("seat", seat.id, clock.now(), user=other)
    clock.advance(timedelta(hours=1))
    tick()
    left: Any = store.history.read_record(Key("acme", "seat", f"{near.id}:{seat.user}"))
    came: Any = store.history.read_record(Key("acme", "seat", f"{near.id}:{other}"))
    assert left.deleted_at is not None
    assert came.deleted_at is None


def test_a_candidate_who_left_by_a_reason_mapped_as_theirs_is_withdrawn(
    tick: Callable[..., SyncReport],
    connected: Callable[..., Lever],
    fake: Fake,
    store: SqlStore,
    company: Company,
) -> None:
    """Mapped after the first reading: the list is read whole once, and that is no event."""
    tick()
    tick(spare=10_000)
    reasons = company.records("reason")
    ended: Any = [
        r
        for r in company.records("application").values()
        if r.status in ("rejected", "withdrawn")
        and store.history.read_record(Key("acme", "application", r.id))
    ]
    name = reasons[ended[0].reason].name
    raw = {"reason_kind": {name: "theirs"}}
    lever = connected(fake, map=raw)
    tick(parse_map(raw, "acme", SPEC.streams), reader=lever)
    for row in ended:
        key = Key("acme", "application", row.id)
        stored: Any = store.history.read_record(key)
        left = reasons[row.reason].name == name
        assert stored.status == ("withdrawn" if left else "rejected")
        assert stored.rejected_at is not None
        changes = store.history.read_changes(key, ["status"])
        assert [c.origin for c in changes] == ([Origin.MAPPING] if left else [])


def test_an_opportunity_deleted_without_a_trace_is_gone_in_the_night(
    tick: Callable[..., SyncReport],
    store: SqlStore,
    company: Company,
    clock: ManualTime,
    fake: Fake,
) -> None:
    """No list tells of it: the night's scan misses it, and asked for by its id it is not there."""
    tick()
    live = [r for r in company.records("application").values() if r.status == "active"]
    someone, other = live[0], live[1]
    fake.server.faults.add(r"/deleted$", status=403, body={"code": "Forbidden", "message": "no"})
    company.ledger.change("application", someone.id, clock.now(), deleted_at=clock.now())
    clock.advance(QUARTER)
    tick()
    stored: Any = store.history.read_record(Key("acme", "application", someone.id))
    assert stored.deleted_at is None
    clock.advance(QUARTER)
    tick(nightly=True)
    stored = store.history.read_record(Key("acme", "application", someone.id))
    assert stored.deleted_at is not None
    left: Any = store.history.read_record(Key("acme", "application", other.id))
    assert left.deleted_at is None
    below: Any = [
        i
        for i in store.history.read_records("acme", "interview", include_deleted=True)
        if i.application == someone.id
    ]
    assert all(i.deleted_at is not None for i in below)


def test_who_merely_moved_on_during_the_night_is_not_gone(
    tick: Callable[..., SyncReport],
    store: SqlStore,
    company: Company,
    clock: ManualTime,
    fake: Fake,
) -> None:
    """Archived without a new `updatedAt`: asked for by id, the row says what became of it."""
    tick()
    someone = next(r for r in company.records("application").values() if r.status == "active")
    reason = next(i for i, r in company.records("reason").items() if r.kind != "hired")
    now = clock.now()
    company.ledger.change(
        "application", someone.id, now, status="rejected", rejected_at=now, reason=reason
    )
    fake.server.faults.add(r"/opportunities$", status=200, body={"data": [], "hasNext": False})
    clock.advance(QUARTER)
    tick(nightly=True)
    stored: Any = store.history.read_record(Key("acme", "application", someone.id))
    assert (stored.status, stored.deleted_at) == ("rejected", None)


def test_a_deleted_opportunity_is_deleted_at_the_next_sync(
    tick: Tick, store: SqlStore, company: Company, clock: ManualTime
) -> None:
    """From the list of deletions; no list is read whole for it."""
    tick()
    someone = next(r for r in company.records("application").values() if r.status == "active")
    clock.advance(timedelta(minutes=1))
    company.ledger.change("application", someone.id, clock.now(), deleted_at=clock.now())
    report = {s.stream: s for s in tick().streams}
    stored: Any = store.history.read_record(Key("acme", "application", someone.id))
    assert stored.deleted_at is not None
    assert report["opportunities"].requests == 2


def test_a_key_that_may_not_read_deletions_reads_the_rest(
    tick: Tick, fake: Fake, clock: ManualTime
) -> None:
    """The list of opportunities is good without them."""
    tick()
    fake.server.faults.add(r"/deleted$", status=403, body={"code": "Forbidden", "message": "no"})
    clock.advance(timedelta(minutes=1))
    tick()
    assert asked(fake, "/deleted") == 1


def test_the_past_is_read_by_when_it_ended(
    tick: Tick, store: SqlStore, company: Company, clock: ManualTime
) -> None:
    """Two months back, a month a slice, also rows that have no `updatedAt`; nothing older."""
    begun = clock.now()
    tick()
    tick(spare=10_000)
    tick(spare=10_000)
    stored = {r.id for r in store.history.read_records("acme", "application")}
    for row in company.records("application").values():
        if row.status == "active":
            assert row.id in stored
        elif row.rejected_at is not None:
            recent = row.rejected_at > begun - timedelta(days=60)
            assert (row.id in stored) == recent
    assert store.records.read_state("acme", "opportunities").since is None


def test_a_candidate_who_became_confidential_hides_nobody_else(
    tick: Tick,
    store: SqlStore,
    served: Callable[..., Fake],
    connected: Callable[..., Lever],
    company: Company,
    clock: ManualTime,
) -> None:
    """Moved to a search that the key may not see: 403 for this one, whose row is not listed any
    more. All others are read, and in the night the candidate counts as deleted."""
    lever = connected(served(confidential=False))
    secret = next(iter(company.records("requisition")))
    company.ledger.change("requisition", secret, clock.now(), confidential=True)
    tick(reader=lever)
    near = _near(company, store, clock.now())
    company.ledger.change("application", near.application, clock.now(), requisition=secret)
    clock.advance(timedelta(hours=1))
    tick(reader=lever)
    assert store.records.count_work("acme") == {}
    clock.advance(timedelta(hours=1))
    tick(reader=lever, nightly=True)
    gone: Any = store.history.read_record(Key("acme", "application", near.application))
    assert gone.deleted_at is not None
