"""The connector under the real engine and store: how many requests, and what they bring when."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

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


def test_a_first_sync_reads_children_only_where_there_can_be_some(
    tick: Tick, fake: Fake, company: Company
) -> None:
    """One request a list, one for interviews per candidacy that something happened to since it
    came to a stage that usually has them, or was made if it never came to one; and one for what
    was written by hand for those of them where feedback is owed."""
    tick()
    live = [r for r in company.records("application").values() if r.status == "active"]
    early = {"lead-new", "lead-reached-out", "lead-responded", "applicant-new"}
    stays: Any = list(company.records("stage_stay").values())
    came = {s.application: s.entered_at for s in stays[::-1]}
    came |= {s.application: s.entered_at for s in stays[::-1] if s.stage not in early}
    touched = [r for r in live if r.last_activity_at > came[r.id] + timedelta(seconds=1)]
    assert len(touched) < len(live)
    assert asked(fake, "/interviews") == len(touched)
    assert asked(fake, "/offers") == sum(r.stage == "offer" for r in live)
    by_hand = asked(fake, "/feedback")
    assert by_hand < len(touched)
    lists = fake.server.count() - asked(fake, "/interviews") - asked(fake, "/offers") - by_hand
    assert lists == 6 + -(-len(live) // 100)


@pytest.mark.parametrize("stage", ["lead-new", "applicant-new", "interview"])
@pytest.mark.parametrize("moved", [False, True], ids=["stays", "is moved back at once"])
def test_an_interview_is_found_whatever_stage_it_was_booked_in(
    tick: Tick, store: SqlStore, company: Company, clock: ManualTime, stage: str, moved: bool
) -> None:
    """A talk with somebody whose stage has no interviews, at the first sync and in a later one:
    both ask for feedback."""
    kinds = {one.kind: key for key, one in company.records("stage").items()}
    people: Any = [r for r in company.records("application").values() if r.status == "active"]
    first, later = people[:2]
    seats = [_met(company, first, kinds.get(stage, stage), clock.now(), moved=moved)]
    tick()
    clock.advance(QUARTER)
    seats.append(_met(company, later, kinds.get(stage, stage), clock.now(), moved=moved))
    clock.advance(4 * QUARTER)
    tick()
    store.subjects.derive("acme", clock.now())
    found: Any = [store.history.read_record(Key("acme", "seat", seat)) for seat in seats]
    assert [one.feedback_owed for one in found] == [True, True]


def _met(company: Company, row: Any, stage: str, at: datetime, *, moved: bool) -> str:
    """Somebody met this candidate an hour ago: the id of the seat."""
    ledger, hour = company.ledger, timedelta(hours=1)
    ledger.change("application", row.id, at, stage=stage, last_activity_at=at)
    held = ledger.add(
        "interview",
        at,
        application=row.id,
        stage=stage,
        status="scheduled",
        starts_at=at - 2 * hour,
        ends_at=at - hour,
        scheduled_at=at - 3 * hour,
    )
    ledger.add("seat", at, interview=held, user=row.recruiter, feedback_required=True)
    if moved:
        ledger.change("application", row.id, at, stage="applicant-new")
    return f"{held}:{row.recruiter}"


def test_an_interview_booked_without_a_trace_is_found_within_the_hour(
    tick: Tick, store: SqlStore, company: Company, clock: ManualTime
) -> None:
    """Booking moves no `updatedAt`: the scan of the next full hour sees it, no tick before."""
    clock.advance(timedelta(minutes=5))
    tick()
    someone: Any = next(
        r
        for r in company.records("application").values()
        if r.status == "active" and company.records("stage")[r.stage].kind == "interview"
    )
    now, ledger = clock.now(), company.ledger
    booked = ledger.add(
        "interview",
        now,
        application=someone.id,
        stage=someone.stage,
        status="scheduled",
        starts_at=now + timedelta(days=3),
        ends_at=now + timedelta(days=3, hours=1),
        scheduled_at=now,
        organizer=someone.coordinator,
    )
    ledger.add("seat", now, interview=booked, user=someone.recruiter, feedback_required=True)
    ledger.change("application", someone.id, now, last_activity_at=now)
    key = Key("acme", "interview", booked)
    clock.advance(QUARTER)
    tick()
    assert store.history.read_record(key) is None
    clock.advance(3 * QUARTER)
    tick()
    stored: Any = store.history.read_record(key)
    assert abs(stored.starts_at - now - timedelta(days=3)) < timedelta(milliseconds=1)
    assert (
        store.history.read_record(Key("acme", "seat", f"{booked}:{someone.recruiter}")) is not None
    )


def _near(company: Company, store: SqlStore, now: datetime) -> Any:
    """A booked interview that is read, starts within the week, and has a seat."""
    return next(
        i
        for i in company.records("interview").values()
        if i.status == "scheduled" and i.starts_at and now < i.ends_at < now + timedelta(days=7)
        if store.history.read_record(Key("acme", "interview", i.id))
    )


def test_how_the_invited_answer_is_read_for_interviews_ahead(
    tick: Tick, store: SqlStore, company: Company, clock: ManualTime, fake: Fake
) -> None:
    """Not by the first sync; by the next for those of the week to come, and again each hour."""
    tick()
    assert asked(fake, "/panels") == 0
    near = _near(company, store, clock.now())
    seat: Any = next(s for s in company.records("seat").values() if s.interview == near.id)
    key = Key("acme", "seat", f"{near.id}:{seat.user}")
    company.ledger.change("seat", seat.id, clock.now(), response="needs_action")
    clock.advance(timedelta(minutes=1))
    tick()
    stored: Any = store.history.read_record(key)
    assert (stored.response, stored.user) == ("needs_action", seat.user)
    ahead: Any = [
        i
        for i in store.history.read_records("acme", "interview")
        if i.ends_at is not None and clock.now() <= i.ends_at <= clock.now() + timedelta(days=7)
    ]
    assert asked(fake, "/panels") == len({i.application for i in ahead})
    company.ledger.change("seat", seat.id, clock.now(), response="declined")
    clock.advance(timedelta(hours=1))
    tick()
    changes = store.history.read_changes(key, ["response"])
    assert [(c.old, c.new) for c in changes] == [("needs_action", "declined")]


def test_a_refreshed_candidate_brings_the_answers_with_them(
    tick: Tick, store: SqlStore, company: Company, clock: ManualTime, fake: Fake, lever: Lever
) -> None:
    """Where an interview lies ahead; a key that may not read panels costs only the answers."""
    tick()
    near = _near(company, store, clock.now())
    streams = [stream.name for stream, _ in lever.refresh("application", [near.application])]
    assert streams[:3] == ["opportunities", "interviews", "panels"]
    fake.server.faults.add(r"/panels$", status=403, body={"code": "Forbidden", "message": "no"})
    streams = [stream.name for stream, _ in lever.refresh("application", [near.application])]
    assert streams[:2] == ["opportunities", "interviews"]
    assert "panels" not in streams


def test_an_offer_that_moves_is_seen_within_the_hour(
    tick: Tick, store: SqlStore, company: Company, clock: ManualTime
) -> None:
    """Offers move nothing on their opportunity: those in the offer stage are read each hour."""
    offer: Any = None
    while offer is None:
        clock.advance(timedelta(hours=8))
        company.advance(clock.now())
        live = {r.id for r in company.records("application").values() if r.status == "active"}
        drafts = [o for o in company.records("offer").values() if o.status == "draft"]
        offer = next((o for o in drafts if o.application in live), None)
    tick()
    company.ledger.change("offer", offer.id, clock.now(), status="approved")
    clock.advance(timedelta(hours=1))
    tick()
    changes = store.history.read_changes(Key("acme", "offer", offer.id), ["status"])
    assert [(c.old, c.new) for c in changes] == [("draft", "approved")]


def test_a_hold_is_seen_at_the_next_sync(
    tick: Tick, store: SqlStore, company: Company, clock: ManualTime
) -> None:
    """It stands on the requisition, which nothing filters; the join shows it as a change."""
    tick()
    search = next(r for r in company.records("requisition").values() if r.status == "open")
    company.ledger.change("requisition", search.id, clock.now(), status="on_hold")
    clock.advance(QUARTER)
    tick()
    changes = store.history.read_changes(Key("acme", "requisition", search.id), ["status"])
    assert [(c.old, c.new) for c in changes] == [("open", "on_hold")]


def test_the_readmes_mapping_works(
    tick: Callable[..., SyncReport], store: SqlStore, company: Company
) -> None:
    """Priority, target day and whose decision a reason was."""
    raw = {
        "requisition.priority": "custom.priority",
        "requisition.target_on": "custom.target_hire_date",
        "reason_kind": {"Took another offer": "theirs"},
    }
    tick(parse_map(raw, "acme", SPEC.streams))
    for id_, row in company.records("requisition").items():
        stored: Any = store.history.read_record(Key("acme", "requisition", id_))
        assert (stored.priority, stored.target_on) == (row.priority, row.target_on)
    kinds = {
        row.name: store.history.read_record(Key("acme", "reason", id_)).kind
        for id_, row in company.records("reason").items()
    }
    assert kinds["Took another offer"] == "theirs"
    assert kinds["Skills do not match"] == "ours"


def test_an_interview_that_is_near_is_read_again_every_hour(
    tick: Tick, store: SqlStore, company: Company, clock: ManualTime
) -> None:
    """It was moved, and nothing on its opportunity says so."""
    tick()
    near: Any = next(
        i
        for i in company.records("interview").values()
        if i.starts_at and i.status == "scheduled" and i.starts_at > clock.now()
        if store.history.read_record(Key("acme", "interview", i.id))
    )
    moved = near.starts_at + timedelta(hours=2)
    company.ledger.change("interview", near.id, clock.now(), starts_at=moved)
    key = Key("acme", "interview", near.id)
    clock.advance(timedelta(minutes=59))
    tick()
    before: Any = store.history.read_record(key)
    clock.advance(timedelta(minutes=1))
    tick()
    after: Any = store.history.read_record(key)
    assert after.starts_at - before.starts_at == timedelta(hours=2)
