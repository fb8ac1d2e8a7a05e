"""One worker process: its jobs, its side tasks, and how it ends."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from enum import Enum, auto
from threading import current_thread, main_thread
from typing import Any, TextIO

from procrastinate.jobs import DeleteJobCondition
from procrastinate.worker import Worker

from atsbridge import __version__
from atsbridge.context import Services
from atsbridge.errors import ConfigError
from atsbridge.ports import JobQueue, WorkerIdentity
from atsbridge.timesource import SystemTime, TimeSource, resume
from atsbridge.timesource import stop as end_waits
from atsbridge.workers.account_jobs import QUEUE, AccountJobs, define_queue
from atsbridge.workers.account_server import AccountServer, describe
from atsbridge.workers.job_reaper import JobReaper
from atsbridge.workers.round_planner import RoundPlanner
from atsbridge.workers.worker_log import WorkerLog, silence_libraries
from atsbridge.workers.worker_reports import WorkerReports
from atsbridge.workers.worker_timings import WorkerTimings

_LAST_GRACE = 5.0  # seconds that accounts have to end once their waits were ended
_CLEAN = 3600.0  # seconds between two clean-ups of the queue's tables
_NEVER = 365 * 86_400.0  # procrastinate itself forgets no worker: the reaper needs to know them


class WorkerEnd(Enum):
    """Why a worker process ended."""

    STOPPED = auto()  # it was asked to
    CHANGED = auto()  # the settings or packs were changed
    OUTDATED = auto()  # another version of atsbridge has changed the store's tables


def make_session_name() -> str:
    """A name for the sessions of this process, at most 63 characters long."""
    return f"atsbridge worker {socket.gethostname()[:24]}:{os.getpid()}:{secrets.token_hex(4)}"


class WorkerProcess:
    """Serves the accounts of one configuration, together with all other workers."""

    def __init__(
        self,
        services: Services,
        session: str,
        *,
        timings: WorkerTimings | None = None,
        is_changed: Callable[[], bool] = lambda: False,
        out: TextIO | None = sys.stderr,
        time: TimeSource | None = None,
    ) -> None:
        """`session`: the name of the store's sessions. `is_changed`: whether the settings were
        changed since the worker began. `out`: for the log. `time`: the machine's clock.

        ConfigError where the store keeps no queue. StoreError where it cannot be used.
        """
        self.services, self._session, self._is_changed = services, session, is_changed
        self._timings = timings or WorkerTimings()
        self._time = time or SystemTime()
        self._log = WorkerLog(out, self._time, f"{socket.gethostname()}:{os.getpid()}")
        self._queue = _require_queue(services)
        self._server = AccountServer(services, self._queue, self._log.write)
        self._reports = WorkerReports(services, self._server, self._time, self._log.write)
        self._jobs = AccountJobs(self._queue, session, self._serve)
        self._planner = RoundPlanner(services, self._queue, self._jobs, self._time)
        manager = self._jobs.app.job_manager
        self._reaper = JobReaper(self._queue, manager, self._timings, self._log.write)
        concurrency = services.settings.worker.concurrency
        self._concurrency = min(concurrency, services.store.at_once or concurrency)
        self._threads = ThreadPoolExecutor(self._concurrency, "account")
        self._worker: Worker | None = None
        self._end: WorkerEnd | None = None
        self._last: asyncio.TimerHandle | None = None  # ends the waits of the accounts at work
        self._failed = 0  # connections in a row that failed

    def run(self) -> WorkerEnd:
        """Work until asked to stop: by SIGINT or SIGTERM, or because something has changed.

        Accounts at work have `[worker] grace` to end; then their waits end, and what is left of
        them is done by the next run.
        """
        silence_libraries()
        self.services.store.check_locks()
        self._queue.install(define_queue())
        _ = self.services.packs.rule_set  # read before threads share it
        try:
            return asyncio.run(self._main())
        finally:
            self._threads.shutdown(wait=False, cancel_futures=True)

    async def _main(self) -> WorkerEnd:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(
            lambda _, found: self._note_error("task", found.get("exception") or Exception())
        )
        if current_thread() is main_thread():
            for one in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(one, self.stop)
        start = {"version": __version__, "concurrency": self._concurrency}
        self._log.write({"action": "start", **start})
        while self._end is None:
            try:
                await self._work()
            except Exception as error:  # noqa: BLE001  whatever it is: the worker begins again
                self._note_error("queue", error)
            if self._end is None:
                self._failed += 1
                await self._wait_for_end(min(2.0**self._failed, self._timings.reconnect))
        self._log.write({"action": "stop", "why": self._end.name.lower()})
        return self._end

    def stop(self) -> None:
        """Take no more jobs, and end when those at work have ended. The second time: at once."""
        if self._end is WorkerEnd.STOPPED:
            end_waits()
        self._begin_end(WorkerEnd.STOPPED)
        self._end = WorkerEnd.STOPPED  # it was about to begin again with changed settings

    def _begin_end(self, why: WorkerEnd) -> None:
        """Take no more jobs. A further reason shortens nothing: only people end waits at once."""
        if self._end is not None:
            return
        self._end = why
        loop = asyncio.get_running_loop()
        grace = self.services.settings.worker.grace.total_seconds()
        self._last = loop.call_later(grace, end_waits)
        if self._worker is not None:
            self._worker.stop()  # type: ignore[no-untyped-call]

    async def _wait_for_end(self, seconds: float) -> None:
        waited = 0.0
        while self._end is None and waited < seconds:
            await asyncio.sleep(0.2)
            waited += 0.2

    async def _work(self) -> None:
        """Work until the worker is stopped or loses its connection to the queue."""
        async with self._jobs.app.open_async():
            settings = self.services.settings.worker
            self._worker = Worker(
                self._jobs.app,
                queues=[QUEUE],
                name=self._session,
                concurrency=self._concurrency,
                fetch_job_polling_interval=self._timings.poll,
                shutdown_graceful_timeout=settings.grace.total_seconds() + _LAST_GRACE,
                delete_jobs=DeleteJobCondition.SUCCESSFUL,
                install_signal_handlers=False,
                update_heartbeat_interval=self._timings.heartbeat,
                stalled_worker_timeout=_NEVER,
            )
            beside = [asyncio.create_task(one) for one in self._side_tasks(self._worker)]
            try:
                await self._worker.run()  # type: ignore[no-untyped-call]
            finally:
                self._worker = None
                for one in beside:
                    one.cancel()
                await asyncio.gather(*beside, return_exceptions=True)
                if self._last is not None:
                    self._last.cancel()
                    resume()

    def _side_tasks(self, worker: Worker) -> list[Coroutine[Any, Any, None]]:
        timings = self._timings
        return [
            self._stay_registered(worker),
            self._repeat("plan", timings.plan, self._planner.plan),
            self._repeat("catch_up", timings.catch_up, self._planner.catch_up),
            self._repeat("reap", timings.reap, self._reap),
            self._repeat("clean", _CLEAN, self._reaper.clean),
            self._repeat("look", timings.catch_up, self._look_for_changes),
            self._repeat("report", timings.report, self._report),
        ]

    async def _repeat(
        self, name: str, seconds: float, act: Callable[[], Awaitable[object]]
    ) -> None:
        while True:
            try:
                await act()
                self._failed = 0
            except Exception as error:  # noqa: BLE001  a fault costs one try
                self._note_error(name, error)
            await asyncio.sleep(seconds)

    async def _reap(self) -> None:
        if await self._reaper.reap():
            await self._planner.catch_up()

    async def _report(self) -> None:
        await asyncio.to_thread(self._reports.publish)

    async def _look_for_changes(self) -> None:
        if await asyncio.to_thread(self._is_changed):
            self._begin_end(WorkerEnd.CHANGED)

    async def _stay_registered(self, worker: Worker) -> None:
        """Be on the list of workers, with signs of life; begin again if the queue forgot this one.

        procrastinate 3.10 sends signs of life too, but for good no more after one that failed: it
        stops watching its side tasks when the first has ended, and that for periodic jobs ends at
        once. Without them this worker would count as dead, and its jobs and sessions be ended.
        """
        while worker.worker_id is None:
            await asyncio.sleep(0.05)
        number = worker.worker_id
        identity = WorkerIdentity(
            number,
            socket.gethostname(),
            os.getpid(),
            __version__,
            self._concurrency,
            self._session,
        )
        registered = False
        try:
            while True:
                with suppress(Exception):  # the queue does not answer; others note that
                    if not registered:
                        await asyncio.to_thread(self._queue.register, identity)
                        registered = True
                    if not await asyncio.to_thread(self._queue.keep_alive, number):
                        worker.stop()  # type: ignore[no-untyped-call]
                        return
                await asyncio.sleep(self._timings.heartbeat)
        finally:
            if self._end is not None:
                with suppress(Exception):
                    await asyncio.to_thread(self._queue.remove, number)

    async def _serve(self, account: str) -> None:
        """A job: one account, in a thread."""
        if not await asyncio.to_thread(self.services.store.is_current):
            self._begin_end(WorkerEnd.OUTDATED)
            return
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._threads, self._serve_here, account)

    def _serve_here(self, account: str) -> None:
        try:
            self._server.serve(account)
        except KeyboardInterrupt:  # its waits were ended; the next run does what is left
            self._log.write({"action": "interrupt", "level": "warning", "account": account})
        except Exception as error:  # noqa: BLE001  costs this account its round
            self._note_error("round", error, account)

    def _note_error(self, where: str, error: BaseException, account: str = "") -> None:
        found = {"account": account} if account else {}
        what = describe(error)
        self._log.write({"action": "error", "level": "error", "in": where, **found, "what": what})


def _require_queue(services: Services) -> JobQueue:
    if services.store.queue is None:
        raise ConfigError(
            "workers need a store on PostgreSQL, which keeps their queue",
            where=services.settings.place("store", "url"),
            remedy="Copy the store with `atsbridge store copy` and give [store] url the new"
            " address, or start `atsbridge run` from cron",
        )
    return services.store.queue
