"""Jobs of accounts, dead workers and hints, on a real queue without worker processes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from procrastinate.jobs import Status
from sqlalchemy import text

from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.timesource import ManualTime, SystemTime
from atsbridge.workers.account_jobs import HINTED, ROUND, AccountJobs, define_queue
from atsbridge.workers.job_reaper import JobReaper
from atsbridge.workers.round_planner import TRIES, RoundPlanner, find_offset
from atsbridge.workers.worker_timings import WorkerTimings

from ..store.conftest import NOON
from ..store.conftest import new_database as new_database
from ..store.conftest import server as server

OLD = "now() - interval '5 minutes'"


@pytest.fixture
def store(new_database: Callable[..., str]) -> Iterator[SqlStore]:
    opened = open_store(new_database(), SystemTime())
    assert opened.queue is not None
    opened.queue.install(define_queue())
    yield opened
    opened.close()


def play(store: SqlStore, act: Callable[[AccountJobs], Awaitable[Any]]) -> Any:
    """Do it with an open queue."""

    async def nothing(_: str) -> None: ...

    async def opened() -> Any:
        jobs = AccountJobs(store.queue, "test", nothing)
        async with jobs.app.open_async():
            return await act(jobs)

    return asyncio.run(opened())


def rows(store: SqlStore, statement: str) -> list[Any]:
    with store._database.write() as connection:
        connection.execute(text("SET LOCAL search_path TO atsbridge_queue"))
        found = connection.execute(text(statement))
        return list(found) if found.returns_rows else []


def planner(store: SqlStore, jobs: AccountJobs, time: Any, *accounts: str) -> RoundPlanner:
    settings = SimpleNamespace(accounts=dict.fromkeys(accounts))
    services: Any = SimpleNamespace(
        settings=settings, store=store, interval=lambda _: timedelta(hours=1)
    )
    return RoundPlanner(services, store.queue, jobs, time)


def test_an_account_is_queued_once(store: SqlStore) -> None:
    """Its lock and its queueing lock are the account; a job has no other argument."""

    async def act(jobs: AccountJobs) -> list[bool]:
        return [await jobs.put("acme"), await jobs.put("acme"), await jobs.put("globex")]

    assert play(store, act) == [True, False, True]
    assert rows(store, "SELECT lock, queueing_lock, args FROM procrastinate_jobs ORDER BY id") == [
        ("acme", "acme", {"account": "acme"}),
        ("globex", "globex", {"account": "globex"}),
    ]


async def die(jobs: AccountJobs, store: SqlStore, account: str) -> None:
    """A worker takes the account's job and is never heard of again."""
    await jobs.put(account)
    number = await jobs.app.job_manager.register_worker()
    job = await jobs.app.job_manager.fetch_job(None, number)
    assert job is not None
    rows(store, f"UPDATE procrastinate_workers SET last_heartbeat = {OLD} WHERE id = {number}")


def test_a_dead_job_ends_although_the_next_one_is_queued(store: SqlStore) -> None:
    """The documented reaper would retry it: UniqueViolation, and the account is lost."""
    lines: list[Any] = []

    async def act(jobs: AccountJobs) -> tuple[int, int]:
        await die(jobs, store, "acme")
        await jobs.put("acme")
        reaper = JobReaper(store.queue, jobs.app.job_manager, WorkerTimings(), lines.append)
        return await reaper.reap(), await reaper.reap()

    assert play(store, act) == (1, 0)
    states = rows(store, "SELECT status::text FROM procrastinate_jobs ORDER BY id")
    assert states == [("failed",), ("todo",)]
    assert [(one["action"], one["account"]) for one in lines] == [("reap", "acme")]


def test_two_reapers_at_once_do_no_harm(store: SqlStore) -> None:
    """The slower one finds the job finished."""

    async def act(jobs: AccountJobs) -> list[int]:
        await die(jobs, store, "acme")
        timings = WorkerTimings()
        two = [JobReaper(store.queue, jobs.app.job_manager, timings, print) for _ in range(2)]
        stalled = list(await jobs.app.job_manager.get_stalled_jobs(seconds_since_heartbeat=60))
        await jobs.app.job_manager.finish_job(stalled[0], Status.FAILED, delete_job=False)
        return [await one._finish(stalled[0]) for one in two]

    assert play(store, act) == [False, False]


def test_a_round_of_a_dead_worker_is_queued_again_and_then_left(store: SqlStore) -> None:
    """An account that kills its worker waits for the next round the third time."""

    async def act(jobs: AccountJobs) -> list[int]:
        plan = planner(store, jobs, SystemTime(), "acme")
        reaper = JobReaper(store.queue, jobs.app.job_manager, WorkerTimings(), lambda _: None)
        found = [await plan.plan()]
        for _ in range(TRIES):
            await die(jobs, store, "acme")
            store.queue.begin_round("acme")
            found.append(await plan.catch_up())  # it is at work
            await reaper.reap()
            found.append(await plan.catch_up())
        return found

    assert play(store, act) == [1, 0, 1, 0, 0]


def test_hints_go_first_and_wait_longer_each_time_they_fail(store: SqlStore) -> None:
    """An account that is queued already is preferred; one that is not configured is left alone."""
    time, pending = ManualTime(NOON), {"acme": 3, "unknown": 1}
    hints = SimpleNamespace(count_pending=lambda: pending)

    async def act(jobs: AccountJobs) -> list[int]:
        plan = planner(store, jobs, time, "acme")
        await plan.plan()
        plan.services.store = SimpleNamespace(hints=hints)
        found = []
        for seconds in (0, 1, 5, 5, 5, 10):
            time.sleep(seconds)
            found.append(await plan.plan())
        pending["acme"] = 1
        time.sleep(20)
        return [*found, await plan.plan()]

    assert play(store, act) == [1, 0, 1, 0, 1, 0, 1]
    assert rows(store, "SELECT lock, priority FROM procrastinate_jobs") == [("acme", HINTED)]
    assert HINTED > ROUND


def test_rounds_are_spread_over_the_interval() -> None:
    """Three hundred accounts: no minute of ten has twice its share."""
    offsets = [find_offset(f"acme{number}", 600.0) for number in range(300)]
    assert all(0 <= one < 600 for one in offsets)
    minutes = [sum(int(one // 60) == minute for one in offsets) for minute in range(10)]
    assert max(minutes) < 60


def test_old_jobs_and_workers_are_forgotten(store: SqlStore) -> None:
    """A job that failed stays for a week."""

    async def act(jobs: AccountJobs) -> None:
        await die(jobs, store, "acme")
        reaper = JobReaper(store.queue, jobs.app.job_manager, WorkerTimings(), lambda _: None)
        await reaper.reap()
        await reaper.clean()
        assert rows(store, "SELECT count(*) FROM procrastinate_jobs") == [(1,)]
        rows(store, "UPDATE procrastinate_events SET at = now() - interval '8 days'")
        rows(store, "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '2 days'")
        await reaper.clean()

    play(store, act)
    assert rows(store, "SELECT count(*) FROM procrastinate_jobs") == [(0,)]
    assert rows(store, "SELECT count(*) FROM procrastinate_workers") == [(0,)]
