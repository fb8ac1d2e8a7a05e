"""The workers as `status`, `doctor` and the metrics show them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from atsbridge.cli.documents.report_formats import STORE_METRICS
from atsbridge.ports import QueueState, WorkerIdentity, WorkerState
from atsbridge.queries.store_metrics import StoreMetrics
from atsbridge.queries.worker_status import read_worker_status

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)


def worker(number: int, *, version: str = "1.0", silent: int = 5) -> WorkerState:
    identity = WorkerIdentity(number, "host", number, version, 4, f"session {number}")
    heard = NOW - timedelta(seconds=silent)
    return WorkerState(identity, NOW - timedelta(hours=1), heard)


def services(state: QueueState | None, **store: Any) -> Any:
    every = SimpleNamespace(every=timedelta(minutes=10))
    return SimpleNamespace(
        store=SimpleNamespace(queue=SimpleNamespace(read_state=lambda: state), **store),
        settings=SimpleNamespace(worker=every, accounts={"acme": None}),
    )


def test_without_a_queue_there_is_nothing_to_say() -> None:
    """SQLite, a store without workers, and one whose workers were stopped in order."""
    none: Any = SimpleNamespace(store=SimpleNamespace(queue=None))
    assert read_worker_status(none) is None
    assert read_worker_status(services(None)) is None
    assert read_worker_status(services(QueueState(NOW))) is None


def test_workers_that_are_alive_are_counted() -> None:
    """A silent one is no place for an account."""
    state = QueueState(NOW, [worker(1), worker(2), worker(3, silent=61)], running=3)
    found = read_worker_status(services(state))
    assert found is not None
    assert (found.alive, found.silent, found.accounts_at_once) == (2, 1, 8)
    assert (found.versions, found.running, found.problems) == (("1.0",), 3, ())


@pytest.mark.parametrize(
    ("state", "part"),
    [
        (QueueState(NOW, [worker(1, silent=600)]), "Start `atsbridge worker`"),
        (QueueState(NOW, [worker(1), worker(2, version="2.0")]), "newest version"),
        (
            QueueState(NOW, [worker(1)], 40, NOW - timedelta(minutes=21)),
            "Start more workers",
        ),
    ],
    ids=["all dead", "two versions", "too few"],
)
def test_a_problem_says_what_to_do(state: QueueState, part: str) -> None:
    """One at a time."""
    found = read_worker_status(services(state))
    assert found is not None
    (problem,) = found.problems
    assert part in problem.remedy


def test_the_metrics_are_the_described_ones() -> None:
    """Each name, with its labels; those of the queue only where there is one."""
    store = {
        "run_state": SimpleNamespace(get=lambda _: NOW.isoformat().encode()),
        "cases": SimpleNamespace(count_open_cases=lambda _: {("late", "breached"): 2}),
        "outbox": SimpleNamespace(count_notices=lambda _: {"dead": 1}),
    }
    state = QueueState(NOW, [worker(1)], 2, NOW - timedelta(seconds=30), 1)
    families = list(StoreMetrics(services(state, **store)).collect())
    described = {one.name: set(one.members) for one in STORE_METRICS}
    assert {one.name: set(one.samples[0].labels) for one in families} == described
    values = {one.name: one.samples[0].value for one in families}
    assert values["atsbridge_workers"] == 1
    assert values["atsbridge_queue_wait_seconds"] == 30
    without = list(StoreMetrics(services(None, **store)).collect())
    assert {one.name for one in families} - {one.name for one in without} == {
        "atsbridge_workers",
        "atsbridge_queue_jobs",
        "atsbridge_queue_wait_seconds",
    }
