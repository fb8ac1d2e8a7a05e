"""Figures of an account: weeks, minimum, only live rules, no confidential requisition, opt-in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from atsbridge.model import Key, Promise, PromiseOutcome
from atsbridge.ports import FigureRow
from atsbridge.queries import Figure, FigureQuery, FigureWindow
from atsbridge.rules import RuleStatus
from atsbridge.store import SqlStore, open_store
from atsbridge.timesource import ManualTime

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday
WINDOW = FigureWindow.ending(NOW, 12)


def test_the_window_is_whole_weeks_from_monday_on() -> None:
    assert WINDOW.start == datetime(2025, 12, 15, tzinfo=UTC)
    assert WINDOW.mondays[-1] == datetime(2026, 3, 2, tzinfo=UTC)
    assert len(WINDOW.mondays) == 12
    late = datetime(2026, 3, 9, tzinfo=UTC)
    assert FigureWindow.ending(late, 1).start == late


def test_few_promises_make_no_share() -> None:
    few = Figure(FigureRow(keys=(), on_time=3, late=1, answered=4, median=timedelta(hours=1)))
    assert (few.due, few.rate, few.median, few.ninetieth) == (4, None, None, None)
    enough = Figure(FigureRow(keys=(), on_time=4, late=1, cancelled=9, unknown=2))
    assert (enough.rate, enough.total) == (0.8, 16)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{tmp_path / 'store.db'}", ManualTime(NOW))
    yield opened
    opened.close()


def _save(store: SqlStore, **given: Any) -> None:
    """Six promises, one a day, of one group."""
    count = len(store.promises.count_promises("acme", WINDOW.span, [()])[0])
    prefix = f"{given} {count}"
    promises = [
        Promise(
            **{
                "rule": "feedback",
                "side": "manager",
                "subject": Key("acme", "seat", f"{prefix}{day}"),
                "started_at": NOW - timedelta(days=day + 1),
                "ended_at": NOW - timedelta(days=day),
                "counted_at": NOW - timedelta(days=day),
                "outcome": PromiseOutcome.ON_TIME,
                "worked": timedelta(hours=day + 1),
                "recruiter": "u1",
                "manager": "u2",
                **given,
            }
        )
        for day in range(6)
    ]
    store.promises.save_promises("acme", promises)


def _query(store: SqlStore, **given: Any) -> FigureQuery:
    def rule(status: RuleStatus) -> Any:
        return SimpleNamespace(status=status, clock=object(), news=False, personal=False)

    rules = {"feedback": rule(RuleStatus.LIVE), "draft": rule(RuleStatus.SHADOW)}
    state = SimpleNamespace(read_promises_since=lambda: {"feedback": WINDOW.start.isoformat()})
    context: Any = SimpleNamespace(account="acme", store=store, rules=rules, run_state=state)
    return FigureQuery(context, WINDOW, **given)


def test_only_live_rules_count(store: SqlStore) -> None:
    """Nobody was told of the promises of a shadow rule."""
    _save(store)
    _save(store, rule="draft", outcome=PromiseOutcome.LATE)
    found = _query(store).read()
    assert (found.total.due, found.total.rate) == (6, 1.0)
    assert set(found.by_rule) == {"feedback"}
    assert found.since_all == WINDOW.start


def test_requisitions_can_be_left_out_and_picked(store: SqlStore) -> None:
    _save(store, requisition="open")
    _save(store, requisition="secret", outcome=PromiseOutcome.LATE)
    found = _query(store, without=["secret"]).read()
    assert (found.total.due, set(found.by_requisition)) == (6, {"open"})
    assert _query(store, requisitions=["secret"]).read().total.rate == 0.0


def test_the_trend_has_every_week(store: SqlStore) -> None:
    _save(store)
    _save(store, side="recruiter")
    trend = _query(store).read().trend
    assert list(trend) == ["recruiter", "manager"]
    assert [one.due for one in trend["manager"]] == [0] * 10 + [3, 3]


def test_a_pair_has_figures_only_after_both_opted_in(store: SqlStore) -> None:
    _save(store)
    assert _query(store).read(["u1"]).pairs == ()
    assert _query(store).read(["u1", "u9"]).pairs == []
    (pair,) = _query(store).read(["u2", "u1"]).pairs
    assert (pair.recruiter, pair.manager) == ("u1", "u2")
    assert pair.sides["manager"].rate == 1.0
    assert [one.due for one in pair.trend["manager"]][-2:] == [3, 3]
