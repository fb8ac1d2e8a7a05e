"""The workers and their queue, for `status`, `doctor` and whoever looks after them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from atsbridge.context import Services
from atsbridge.ports import DEAD_AFTER, QueueState
from atsbridge.queries.status import StatusProblem

_ROUNDS = 2  # an account that waits for longer than so many rounds shows that workers are missing


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """The workers that gave a sign of life within a day, and the queue.

    `accounts_at_once`: how many accounts the living workers can serve at once. `longest_wait`:
    seconds since the account that was queued first was queued; 0 where none waits.
    """

    alive: int
    silent: int
    versions: tuple[str, ...]
    accounts_at_once: int
    running: int
    waiting: int
    longest_wait: float
    failed: int
    last_heard: datetime | None
    problems: tuple[StatusProblem, ...] = ()


def read_worker_status(services: Services) -> WorkerStatus | None:
    """The status of the workers; None where none was at work within the last day."""
    queue = services.store.queue
    state = queue.read_state() if queue is not None else None
    if state is None or not state.workers:
        return None
    alive = [one.identity for one in state.alive]
    return WorkerStatus(
        len(alive),
        len(state.workers) - len(alive),
        tuple(sorted({one.version for one in alive})),
        sum(one.concurrency for one in alive),
        state.running,
        state.waiting,
        state.longest_wait,
        state.failed,
        max(one.heard_at for one in state.workers),
        tuple(_find_problems(services, state)),
    )


def _find_problems(services: Services, state: QueueState) -> Iterator[StatusProblem]:
    alive = [one.identity for one in state.alive]
    if not alive:
        heard = max(one.heard_at for one in state.workers)
        yield StatusProblem(
            "workers",
            f"no worker has given a sign of life since {heard:%a %d %b %H:%M} UTC",
            "Start `atsbridge worker` and see its log; or start `atsbridge run` from cron",
        )
        return
    versions = sorted({one.version for one in alive})
    if len(versions) > 1:
        yield StatusProblem(
            "workers",
            f"workers of several versions are at work: {', '.join(versions)}",
            "Start the older ones again with the newest version",
        )
    every = services.settings.worker.every.total_seconds()
    if state.longest_wait > max(_ROUNDS * every, DEAD_AFTER):
        yield StatusProblem(
            "workers",
            f"{state.waiting:,} accounts wait, the first for {state.longest_wait / 60:.0f} minutes",
            "Start more workers, or raise [worker] every; docs/scale.md has the arithmetic",
        )
