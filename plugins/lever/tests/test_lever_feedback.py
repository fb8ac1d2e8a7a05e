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
from atsbridge.sandbox.company import Company
from atsbridge.sandbox.http import Fake
from atsbridge.store import Store, open_store
from atsbridge.sync.engine import sync
from atsbridge.sync.mapping import AccountMap
from atsbridge.sync.outcome import Options
from atsbridge.timesource import ManualTime
from atsbridge_lever import feedback
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
    return [dict(fragment.values) for fragment in feedback.STREAM.normalise(found)]


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
def store(tmp_path: Path, clock: ManualTime) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'acme.db'}", clock)
    yield opened
    opened.close()


def _sync(store: Store, lever: Lever, clock: ManualTime) -> dict[str, int]:
    """Requests by stream; then what is computed is computed."""
    with store.lock("acme"):
        how = Options(history=timedelta(days=60), spare=0)
        report = sync("acme", lever, store, AccountMap(), clock, how)
    assert [(s.stream, s.error) for s in report.streams if s.error] == []
    store.derive("acme", clock.now())
    return {s.stream: s.requests for s in report.streams}


def test_a_manager_who_answers_a_shared_profile_has_answered(
    store: Store, lever: Lever, fake: Fake, company: Company, clock: ManualTime
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
    before: Any = store.record(key)
    assert (before.decided_at, before.holder_role) == (None, "hiring_manager")
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
    after: Any = store.record(key)
    assert after.decided_at is not None
    assert after.holder_role == "recruiter"
    assert abs(after.decided_at - now) < timedelta(milliseconds=1)
