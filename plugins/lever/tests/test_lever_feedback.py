"""Feedback on a shared profile: a manager's answer that hangs on no interview."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from atsbridge.errors import SkipRecord
from atsbridge.model.record import Key
from atsbridge.ports.record_store import StreamState, StreamStatus
from atsbridge.sandbox.company.fake_company import Company
from atsbridge.sandbox.http.fake_server import Fake
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.sync.account_map import AccountMap
from atsbridge.sync.engine import sync
from atsbridge.sync.freshness import find_unreadable
from atsbridge.sync.sync_context import SyncTarget
from atsbridge.sync.sync_report import SyncOptions
from atsbridge.testing.disturbances import DISTURBANCES, disturbed
from atsbridge.timesource import ManualTime
from atsbridge_lever import feedback, interviews
from atsbridge_lever.connector import Lever

ROW = {
    "id": "f1",
    "opportunityId": "o1",
    "type": "share",
    "interview": None,
    "user": "lee",
    "fields": [{"type": "score-system", "value": "3 - Hire"}],
    "createdAt": 1793540000000,
    "completedAt": 1793540600000,
    "updatedAt": None,
    "deletedAt": None,
}


def cards(row: dict[str, Any]) -> list[dict[str, Any]]:
    """The scorecards of a row as the vendor sends it."""
    found = msgspec.json.decode(msgspec.json.encode(row), type=feedback.STREAM.row)
    return [dict(fragment.values) for fragment in feedback.STREAM.normalize(found)]


def test_feedback_on_a_shared_profile_is_a_scorecard_of_no_interview() -> None:
    """By whom and when; its grade is one like any other."""
    (card,) = cards(ROW)
    assert (card["application"], card["interview"], card["author"]) == ("o1", None, "lee")
    assert card["submitted_at"].isoformat() == "2026-11-01T13:43:20+00:00"
    assert card["recommendation"] == 1


@pytest.mark.parametrize(
    "more",
    [
        {"type": "assignment"},
        {"type": "brand-new"},
        {"type": None},
        {"interview": "i1"},
        {"interview": {"id": "i1"}},
        {"completedAt": None},
        {"deletedAt": 1793540700000},
        {"deletedAt": "yesterday"},
    ],
)
def test_what_is_no_answer_to_a_profile_is_left_out(more: dict[str, Any]) -> None:
    """A new type is no known one; drafts and deleted forms are none; interviews have theirs."""
    assert cards({**ROW, **more}) == []


def test_feedback_of_an_unreadable_date_costs_its_row() -> None:
    """It is no draft."""
    with pytest.raises(SkipRecord, match="completedAt"):
        cards({**ROW, "completedAt": "yesterday"})


@pytest.fixture
def store(tmp_path: Path, clock: ManualTime) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{tmp_path / 'acme.db'}", clock)
    yield opened
    opened.close()


def _sync(store: SqlStore, lever: Lever, clock: ManualTime) -> dict[str, int]:
    """Requests by stream; then what is computed is computed."""
    with store.lock("acme"):
        how = SyncOptions(history=timedelta(days=60), spare=0)
        report = sync(SyncTarget("acme", lever, store.records, AccountMap(), clock), how)
    assert [(s.stream, s.error) for s in report.streams if s.error] == []
    store.subjects.derive("acme", clock.now())
    return {s.stream: s.requests for s in report.streams}


def test_a_manager_who_answers_a_shared_profile_has_answered(
    store: SqlStore, lever: Lever, fake: Fake, company: Company, clock: ManualTime
) -> None:
    """The ball is the recruiter's then; nobody else's feedback is asked for."""
    kinds = {row.id: row.kind for row in company.records("stage").values()}  # type: ignore[attr-defined]
    people: Any = company.records("application").values()
    someone = next(r for r in people if r.status == "active" and kinds[r.stage] == "review")
    search: Any = company.records("requisition")[someone.requisition]
    team: Any = company.records("team_member").values()
    manager = next(
        m.user for m in team if m.requisition == search.id and m.role == "hiring_manager"
    )
    _sync(store, lever, clock)
    _sync(store, lever, clock)
    key = Key("acme", "application", someone.id)
    before: Any = store.history.read_record(key)
    assert (before.decided_at, before.assignee_role) == (None, "hiring_manager")
    clock.advance(timedelta(minutes=10))
    now, asked = clock.now(), len(fake.server.log)
    with company.lock:
        company.ledger.add(
            "scorecard", now, application=someone.id, author=manager, submitted_at=now
        )
        company.ledger.change("application", someone.id, now, last_activity_at=now)
    clock.advance(timedelta(minutes=10))
    _sync(store, lever, clock)
    paths = [path for _, path, _ in fake.server.log[asked:] if path.endswith("/feedback")]
    assert f"/v1/opportunities/{someone.id}/feedback" in paths
    after: Any = store.history.read_record(key)
    assert after.decided_at is not None
    assert after.assignee_role == "recruiter"
    assert abs(after.decided_at - now) < timedelta(milliseconds=1)


def _owing(company: Company) -> Iterator[Any]:
    """Seats in interviews that are over, without feedback."""
    interviews: Any = company.records("interview")
    given: Any = company.records("scorecard")
    seats: Any = company.records("seat").values()
    return (
        seat
        for seat in seats
        if seat.feedback_required
        and seat.user
        and interviews[seat.interview].ends_at is not None
        and interviews[seat.interview].ends_at < company.now
        and interviews[seat.interview].status not in ("cancelled", "to_be_scheduled", "skipped")
        and (seat.scorecard is None or given[seat.scorecard].submitted_at is None)
    )


def _write_by_hand(company: Company, seat: Any, now: Any) -> str:
    """The seat's interviewer gives feedback without naming the interview; the form's id."""
    interviews: Any = company.records("interview")
    application = interviews[seat.interview].application
    with company.lock:
        card = company.ledger.add(
            "scorecard",
            now,
            application=application,
            author=seat.user,
            submitted_at=now,
            custom={"by_hand": True},
        )
        company.ledger.change("application", application, now, last_activity_at=now)
    return str(card)


def _seat(store: SqlStore, seat: Any) -> Any:
    return store.history.read_record(Key("acme", "seat", f"{seat.interview}:{seat.user}"))


def test_feedback_written_by_hand_fills_the_seats_of_its_author(
    store: SqlStore, lever: Lever, company: Company, clock: ManualTime
) -> None:
    """It names no interview, and whoever gave it is not to be reminded of it."""
    _sync(store, lever, clock)
    _sync(store, lever, clock)
    seat = next(one for one in _owing(company) if _seat(store, one) is not None)
    assert _seat(store, seat).scorecard is None
    clock.advance(timedelta(minutes=10))
    card = _write_by_hand(company, seat, clock.now())
    clock.advance(timedelta(hours=1))
    _sync(store, lever, clock)
    assert _seat(store, seat).scorecard == card
    written: Any = store.history.read_record(Key("acme", "scorecard", card))
    assert written.submitted_at is not None
    assert written.interview is None


def test_nobody_owes_feedback_where_what_is_written_by_hand_cannot_be_read(
    store: SqlStore, lever: Lever, fake: Fake, clock: ManualTime
) -> None:
    """The list of interviews alone does not tell."""
    stream = lever.spec.stream("feedback")
    with disturbed(fake, [stream.path], next(d for d in DISTURBANCES if d.status == 403)) as played:
        how = SyncOptions(history=timedelta(days=60), spare=0)
        with store.lock("acme"):
            sync(SyncTarget("acme", lever, store.records, AccountMap(), clock), how)
    assert played
    dark = find_unreadable(
        store.records.read_states("acme"), lever.spec, clock.now(), timedelta(hours=2)
    )
    assert "seat.scorecard" in dark


def test_without_feedback_on_profiles_only_the_answer_to_a_profile_is_unknown(
    lever: Lever, clock: ManualTime
) -> None:
    """Scorecards come with their interviews."""
    states = {
        s.name: StreamState(
            stream=s.name,
            status=StreamStatus.DENIED if s.name == "feedback" else StreamStatus.GOOD,
            bookmark=clock.now(),
            read_at=clock.now(),
            returned=True,
        )
        for s in lever.spec.streams
    }
    dark = find_unreadable(states, lever.spec, clock.now(), timedelta(hours=2))
    assert "application.decided_at" in dark
    assert not {"scorecard.submitted_at", "seat.scorecard", "seat.feedback_owed"} & dark


@pytest.mark.parametrize(
    ("form", "fills"),
    [
        ({}, True),
        ({"completedAt": 1793530000000}, False),  # before the interview began
        ({"user": "kim"}, False),
        ({"deletedAt": 1793540700000}, False),
        ({"completedAt": None}, False),
    ],
)
def test_a_form_written_by_hand_counts_for_interviews_its_author_had_before(
    form: dict[str, Any], fills: bool
) -> None:
    """Not a draft, a deleted one, somebody else's, or one of another time."""
    row = {
        "id": "i1",
        "opportunityId": "o1",
        "interviewers": [{"id": "lee"}],
        "date": 1793536800000,
        "duration": 45,
        "feedbackForms": [],
        "byHand": [{**ROW, "type": "interview", **form}],
    }
    found = msgspec.json.decode(msgspec.json.encode(row), type=interviews.STREAM.row)
    seats = [f.values for f in interviews.STREAM.normalize(found) if f.kind == "seat"]
    assert [seat["scorecard"] for seat in seats] == ["f1" if fills else None]
