"""Feedback: of the whole account, or application by application where that is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from atsbridge.errors import FatalError
from atsbridge.model import Key
from atsbridge.ports import Page
from atsbridge.sandbox.company.fake_company import Company
from atsbridge.sandbox.http.fake_server import Fake
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.sync.account_map import AccountMap
from atsbridge.sync.engine import sync
from atsbridge.sync.sync_context import SyncTarget
from atsbridge.sync.sync_report import SyncOptions, SyncReport
from atsbridge.timesource import ManualTime
from atsbridge_ashby.connector import Ashby
from atsbridge_ashby.fake.truth import Truth

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


@pytest.fixture
def kept() -> dict[str, bytes]:
    """What a connector keeps between runs."""
    return {}


@pytest.fixture
def one_by_one(
    served: Callable[..., Fake], connected: Callable[..., Ashby], kept: dict[str, bytes]
) -> tuple[Fake, Ashby]:
    """A fake that lists feedback by application only, and the connector on it."""
    fake = served(all_feedback=False)
    tools = {"recall": kept.get, "keep": kept.__setitem__}
    return fake, connected(fake, tools)


def cards(store: SqlStore) -> set[str]:
    return {card.id for card in store.history.read_records("acme", "scorecard")}


def submitted(company: Company) -> set[str]:
    return {c.id for c in Truth(company).live("scorecard") if c.submitted_at and c.interview}


def test_feedback_is_read_by_application_where_the_list_is_refused(
    one_by_one: tuple[Fake, Ashby],
    run: Sync,
    store: SqlStore,
    company: Company,
    clock: ManualTime,
) -> None:
    """All of it at first, then that of applications that wait for some or changed."""
    _, ashby = one_by_one
    run(ashby)
    assert cards(store) >= submitted(company)
    clock.advance(timedelta(seconds=5))
    quiet = requests_of(run(ashby))["feedback"]
    rows: Any = company.records("interview").values()
    waiting = {r.application for r in rows if r.status in ("scheduled", "awaiting_feedback")}
    assert quiet == 1 + len(waiting)
    for _ in range(3):
        clock.advance(timedelta(hours=8))
        run(ashby)
    assert cards(store) >= submitted(company)


def test_what_was_answered_is_asked_for_no_more(
    one_by_one: tuple[Fake, Ashby],
    run: Sync,
    store: SqlStore,
    company: Company,
    clock: ManualTime,
) -> None:
    """Nor what was canceled. Of an application with two schedules each counts for itself."""
    _, ashby = one_by_one
    run(ashby)
    for _ in range(12):
        clock.advance(timedelta(hours=20))
        run(ashby)
    clock.advance(timedelta(seconds=5))
    quiet = requests_of(run(ashby))["feedback"]
    rows: Any = company.records("interview").values()
    young = [r for r in rows if r.ends_at and r.ends_at + timedelta(days=60) > clock.now()]
    waiting = {r.application for r in young if r.status in ("scheduled", "awaiting_feedback")}
    assert quiet == 1 + len(waiting)
    assert cards(store) >= submitted(company)


def test_what_nobody_will_answer_any_more_rests(
    one_by_one: tuple[Fake, Ashby],
    run: Sync,
    kept: dict[str, bytes],
    company: Company,
    clock: ManualTime,
) -> None:
    """Two months after its last day: each would cost a request in every run for ever."""
    _, ashby = one_by_one
    run(ashby)
    found = msgspec.json.decode(kept["feedback-waiting"])
    old, young = list(company.records("application"))[:2]
    found["schedules"] = {
        "old": [old, (clock.now() - timedelta(days=1)).isoformat()],
        "young": [young, (clock.now() + timedelta(days=1)).isoformat()],
    }
    kept["feedback-waiting"] = msgspec.json.encode(found)
    assert requests_of(run(ashby))["feedback"] == 2
    assert msgspec.json.decode(kept["feedback-waiting"])["schedules"].keys() == {"young"}


def test_an_application_that_is_gone_costs_its_own_feedback(
    one_by_one: tuple[Fake, Ashby],
    run: Sync,
    store: SqlStore,
    company: Company,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It was deleted, or merged into another. The others are read, and it is asked for no more."""
    _, ashby = one_by_one
    run(ashby)
    rows: Any = company.records("interview").values()
    gone = next(r.application for r in rows if r.status in ("scheduled", "awaiting_feedback"))
    asked: list[str] = []
    listed = ashby._one_by_one.listed

    def refusing(stream: Any) -> Iterator[Page]:
        if stream.params.get("applicationId") == gone:
            asked.append(gone)
            error = FatalError("acme does not know this")
            error.status = 404
            raise error
        return listed(stream)

    monkeypatch.setattr(ashby._one_by_one, "listed", refusing)
    run(ashby)
    assert cards(store) >= submitted(company)
    run(ashby)
    assert asked == [gone]


def test_what_waits_is_asked_for_anew_if_it_was_lost(
    one_by_one: tuple[Fake, Ashby],
    kept: dict[str, bytes],
    run: Sync,
    store: SqlStore,
    company: Company,
    clock: ManualTime,
) -> None:
    """What is kept between runs may vanish, or be anything."""
    _, ashby = one_by_one
    run(ashby)
    first = requests_of(run(ashby))["feedback"]
    for lost in (b"", b"[1]", b'{"token": "another", "waiting": []}'):
        kept["feedback-waiting"] = lost
        clock.advance(timedelta(hours=4))
        assert requests_of(run(ashby))["feedback"] > first
        assert cards(store) >= submitted(company)


def test_an_expired_token_of_the_schedules_is_healed(
    served: Callable[..., Fake],
    connected: Callable[..., Ashby],
    kept: dict[str, bytes],
    run: Sync,
    store: SqlStore,
    company: Company,
    clock: ManualTime,
) -> None:
    """The feedback is read whole again, as any list."""
    fake = served(all_feedback=False, token_life=timedelta(hours=6))
    ashby = connected(fake, {"recall": kept.get, "keep": kept.__setitem__})
    run(ashby)
    clock.advance(timedelta(hours=7))
    report = run(ashby)
    assert "feedback" in {s.stream for s in report.streams if s.reread}
    assert cards(store) >= submitted(company)


def test_the_token_of_one_way_is_not_taken_for_the_other(
    served: Callable[..., Fake],
    connected: Callable[..., Ashby],
    run: Sync,
    store: SqlStore,
    clock: ManualTime,
    kept: dict[str, bytes],
    company: Company,
) -> None:
    """The vendor may begin to allow the whole list, or end it."""
    tools = {"recall": kept.get, "keep": kept.__setitem__}
    run(connected(served(), tools))
    clock.advance(timedelta(hours=5))
    run(connected(served(all_feedback=False), tools))
    assert cards(store) >= submitted(company)
    state = store.records.read_state("acme", "feedback")
    assert state.token.startswith("by-application:")
