"""How many workers serve how many accounts in time: a simulation on a clock of its own.

    python -m benchmarks.scale [--accounts 300] [--applications 3000000] [--hours 8]

The schedule of rounds, the limiter and the intervals of the reaper are the program's own; the queue
is procrastinate's order (priority, then number; one job per account). What a request and a round
cost are the constants below, measured on the machine of docs/performance.md. Prints a table for
docs/scale.md, and exits with 1 if three workers do not serve every round in time.
"""

from __future__ import annotations

import argparse
import heapq
import math
import random
import statistics
import sys
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from atsbridge.net.rate_limits import FixedWindow
from atsbridge.timesource import ManualTime
from atsbridge.workers.round_planner import find_offset
from atsbridge.workers.worker_timings import WorkerTimings

LISTS = 20  # requests of a round in which nothing changed (Greenhouse)
PAGE = 500  # rows
RECORDS = 4  # rows of all lists for each application: interviews, scorecards, offers, changes
CHANGED = 0.02  # of the applications in a working day
CHILDREN = 2  # requests for each changed application: its scorecards, its activity
LATENCY = 0.15  # seconds until the vendor answers
LIMIT, WINDOW = 50, 30.0  # requests in so many seconds for each credential
CPU_ROUND, CPU_REQUEST, CPU_ROW = 0.2, 0.015, 0.00012  # seconds, on PostgreSQL
CONCURRENCY, EVERY = 4, 600.0
KILLED_AT = 2 * 3600.0  # when one worker dies; another one is started ten seconds later
GOAL = EVERY / 2  # seconds from due to served, for the slowest of all rounds


@dataclass
class Account:
    """One account: its size, and its rounds."""

    name: str
    applications: int
    limiter: FixedWindow
    due: float = -1.0
    queued: bool = False
    working: bool = False
    begun: float = -1.0
    tries: int = 0
    waits: list[float] = field(default_factory=list)  # from due to served
    missed: int = 0


@dataclass
class Process:
    """A worker: free places, and when its one core is free."""

    free: int = CONCURRENCY
    core_free: float = 0.0
    core_used: float = 0.0
    alive: bool = True


class Fleet:
    """Accounts, workers and a queue on one clock."""

    def __init__(self, accounts: int, applications: int, workers: int, *, first: bool) -> None:
        self.time = ManualTime(datetime(2026, 3, 2, tzinfo=UTC))
        self.timings = WorkerTimings()
        self.first = first
        sizes = _sizes(accounts, applications)
        self.accounts = [
            Account(f"account{number}", size, FixedWindow(LIMIT, WINDOW, self.time))
            for number, size in enumerate(sizes)
        ]
        self.workers = [Process() for _ in range(workers)]
        self.queue: deque[Account] = deque()
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._number = 0
        self.requests = 0
        self._random = random.Random(1)

    @property
    def now(self) -> float:
        return self.time.monotonic()

    def at(self, when: float, act: Callable[[], None]) -> None:
        """Do it at that second."""
        self._number += 1
        heapq.heappush(self._events, (when, self._number, act))

    def run(self, seconds: float, *, kill: bool) -> None:
        """Let that many seconds pass, or all work end if it is a first load."""
        for account in self.accounts:
            offset = 0.0 if self.first else find_offset(account.name, EVERY)
            self.at(offset, partial(self._plan, account))
        if kill:
            self.at(KILLED_AT, self._kill)
        while self._events and self._events[0][0] <= seconds:
            when, _, act = heapq.heappop(self._events)
            self.time.advance(timedelta(seconds=max(0.0, when - self.now)))
            act()

    def _plan(self, account: Account) -> None:
        """A round is due; what the planner sees within its interval is queued then."""
        if account.due >= 0:
            account.missed += 1
        account.due, account.tries = self.now, 0
        self.at(self.now + self.timings.plan, lambda: self._put(account))
        if not self.first:
            self.at(self.now + EVERY, lambda: self._plan(account))

    def _put(self, account: Account) -> None:
        if not account.queued:
            account.queued = True
            self.queue.append(account)
            self._give()

    def _give(self) -> None:
        """Give queued accounts to free places."""
        waiting = deque[Account]()
        while self.queue:
            free = [one for one in self.workers if one.alive and one.free]
            if not free:
                break
            account = self.queue.popleft()
            if account.working:  # its lock
                waiting.append(account)
                continue
            account.queued, account.working, account.begun = False, True, account.due
            account.tries += 1
            worker = self._random.choice(free)
            worker.free -= 1
            self._step(account, worker, self._round(account))
        self.queue.extendleft(reversed(waiting))

    def _round(self, account: Account) -> Iterator[float]:
        """The CPU seconds before each request of a round."""
        if self.first:
            rows = account.applications * RECORDS
            requests = LISTS + math.ceil(rows / PAGE)
        else:
            changed = account.applications * CHANGED * EVERY / (8 * 3600)
            found = int(changed) + (self._random.random() < changed % 1)
            rows, requests = found, LISTS + found * CHILDREN
        each = CPU_REQUEST + CPU_ROW * rows / requests
        yield CPU_ROUND + each
        for _ in range(requests - 1):
            yield each

    def _step(self, account: Account, worker: Process, left: Iterator[float]) -> None:
        """The next request of a round, or its end."""
        if not worker.alive:
            return
        cpu = next(left, None)
        if cpu is None:
            self._finish(account, worker)
            return
        worker.core_free = max(worker.core_free, self.now) + cpu
        worker.core_used += cpu
        self.at(worker.core_free, lambda: self._request(account, worker, left))

    def _request(self, account: Account, worker: Process, left: Iterator[float]) -> None:
        wait = account.limiter.take()
        if wait > 0:
            self.at(self.now + wait + 0.001, lambda: self._request(account, worker, left))
            return
        self.requests += 1

        def answered() -> None:
            account.limiter.learn(200, {})
            self._step(account, worker, left)

        self.at(self.now + LATENCY, answered)

    def _finish(self, account: Account, worker: Process) -> None:
        account.working = False
        worker.free += 1
        account.waits.append(self.now - account.begun)
        if account.due == account.begun:
            account.due = -1.0
        self._give()

    def _kill(self) -> None:
        """One worker dies; its accounts are found by the reaper, and a new worker begins."""
        victim = self.workers[0]
        victim.alive = False
        self.workers.append(Process(free=0))
        self.at(self.now + 10.0, self._begin)
        self.at(self.now + self.timings.dead_after + self.timings.reap, self._reap)

    def _begin(self) -> None:
        self.workers[-1].free = CONCURRENCY
        self._give()

    def _reap(self) -> None:
        for account in self.accounts:
            if account.working and account.begun <= KILLED_AT and self._is_lost(account):
                account.working = False
                self._put(account)

    def _is_lost(self, account: Account) -> bool:
        """Whether it has been at work since before the kill: no round takes that long."""
        return account.begun < self.now - self.timings.dead_after


def _sizes(accounts: int, applications: int) -> list[int]:
    """Few large accounts and many small ones, as customers are."""
    weights = [1 / (place + 3) ** 0.9 for place in range(accounts)]
    return [max(50, round(applications * one / sum(weights))) for one in weights]


def show(fleet: Fleet, seconds: float, label: str) -> float:
    """Print a line of the table; the longest wait."""
    waits = [wait for one in fleet.accounts for wait in one.waits]
    missed = sum(one.missed for one in fleet.accounts)
    cores = sum(one.core_used for one in fleet.workers) / seconds
    ordered = sorted(waits)
    p95 = ordered[int(0.95 * (len(ordered) - 1))]
    cells = (
        label,
        f"{len(waits):,}",
        f"{missed:,}",
        f"{statistics.median(waits):.0f}",
        f"{p95:.0f}",
        f"{ordered[-1]:.0f}",
        f"{cores:.2f}",
        f"{fleet.requests / seconds:.0f}",
    )
    print("| " + " | ".join(cells) + " |", flush=True)
    return ordered[-1]


def main() -> None:
    """Play each number of workers."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--accounts", type=int, default=300)
    options.add_argument("--applications", type=int, default=3_000_000)
    options.add_argument("--hours", type=float, default=8.0)
    given = options.parse_args()
    seconds = given.hours * 3600
    print(f"{given.accounts} accounts, {given.applications:,} applications, {given.hours:g} h")
    print("| workers | rounds | missed | median s | 95% s | longest s | cores | requests/s |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    good = False
    for workers in (1, 2, 3, 6):
        fleet = Fleet(given.accounts, given.applications, workers, first=False)
        fleet.run(seconds, kill=workers > 1)
        label = f"{workers}, one of them killed" if workers > 1 else "1"
        longest = show(fleet, seconds, label)
        missed = sum(one.missed for one in fleet.accounts)
        if workers == 3:
            good = not missed and longest <= GOAL
    for workers in (1, 3, 6):
        fleet = Fleet(given.accounts, given.applications, workers, first=True)
        fleet.run(7 * 86_400.0, kill=False)
        show(fleet, max(fleet.now, 1.0), f"{workers}, first load")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
