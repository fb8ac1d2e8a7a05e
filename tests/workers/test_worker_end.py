"""How a worker ends: once for a reason of its own, at once only for people.

And how it stays on the list of workers until then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from atsbridge.errors import StoreError
from atsbridge.timesource import resume, stopping
from atsbridge.workers.worker_process import WorkerEnd, WorkerProcess
from atsbridge.workers.worker_timings import WorkerTimings


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


def test_a_queue_that_fails_now_and_then_is_sent_signs_of_life_again(worker: WorkerProcess) -> None:
    """It is put on the list at the next try; it begins again where the queue has forgotten it."""
    lost = StoreError("The database server stopped the statement")
    played: list[str] = []

    def answer(name: str, *results: object) -> Callable[[object], object]:
        left = iter(results)

        def play(_: object) -> object:
            played.append(name)
            result = next(left)
            if isinstance(result, Exception):
                raise result
            return result

        return play

    queue: Any = SimpleNamespace(
        register=answer("register", lost, None),
        keep_alive=answer("alive", True, lost, lost, True, False),
    )
    worker._queue, worker._timings = queue, WorkerTimings(heartbeat=0.0)
    worker._concurrency, worker._session = 2, "session"
    running: Any = SimpleNamespace(worker_id=7, stop=lambda: played.append("stop"))
    asyncio.run(worker._stay_registered(running))
    assert played == ["register"] * 2 + ["alive"] * 5 + ["stop"]
