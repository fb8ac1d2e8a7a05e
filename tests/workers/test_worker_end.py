"""How a worker ends: once for a reason of its own, at once only for people."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from atsbridge.timesource import resume, stopping
from atsbridge.workers.worker_process import WorkerEnd, WorkerProcess


@pytest.fixture
def worker() -> Iterator[WorkerProcess]:
    made: Any = object.__new__(WorkerProcess)  # without a queue, which needs PostgreSQL
    settings = SimpleNamespace(worker=SimpleNamespace(grace=timedelta(minutes=5)))
    store = SimpleNamespace(is_current=lambda: False)
    made.services = SimpleNamespace(settings=settings, store=store)
    made._end = made._worker = made._last = None
    made._is_changed = lambda: True
    yield made
    resume()


def test_further_jobs_of_an_outdated_worker_shorten_nothing(worker: WorkerProcess) -> None:
    """Accounts at work have their grace also if the next jobs, or a change, give a reason too."""

    async def serve() -> None:
        for account in ("acme", "globex", "initech"):
            await worker._serve(account)
        await worker._look_for_changes()
        assert worker._last is not None
        worker._last.cancel()

    asyncio.run(serve())
    assert worker._end is WorkerEnd.OUTDATED
    assert not stopping()


def test_the_second_signal_ends_the_waits(worker: WorkerProcess) -> None:
    """The first one also stops a worker that was about to begin again with changed settings."""

    async def signal() -> None:
        await worker._look_for_changes()
        worker.stop()
        assert (worker._end, stopping()) == (WorkerEnd.STOPPED, False)
        worker.stop()
        assert stopping()
        assert worker._last is not None
        worker._last.cancel()

    asyncio.run(signal())
