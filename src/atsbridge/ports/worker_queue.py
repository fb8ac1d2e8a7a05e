"""What workers share in the store besides the records: rounds, workers, and the queue's tables.

The jobs themselves belong to procrastinate, whose tables are in a schema beside the store's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

DEAD_AFTER = 60.0  # seconds without a sign of life after which a worker counts as dead


@dataclass(frozen=True, slots=True)
class QueueDefinition:
    """The SQL of one version of the queue's tables.

    `create`: makes all of them. `upgrades`: (name, SQL), sorted by name; the last one leads to what
    `create` makes.
    """

    create: str
    upgrades: Sequence[tuple[str, str]]

    @property
    def version(self) -> str:
        """The name of the last upgrade."""
        return self.upgrades[-1][0]


@dataclass(frozen=True, slots=True)
class WorkerIdentity:
    """One worker process. `number`: what the queue calls it. `session`: the name of its sessions
    at PostgreSQL."""

    number: int
    host: str
    process: int
    version: str
    concurrency: int
    session: str


@dataclass(frozen=True, slots=True)
class WorkerState:
    """A worker as the others see it. `heard_at`: its last sign of life, in UTC."""

    identity: WorkerIdentity
    started_at: datetime
    heard_at: datetime


@dataclass(frozen=True, slots=True)
class QueueState:
    """The queue at one instant of the database server's clock, `at`, in UTC.

    `workers`: those that gave a sign of life within the last day, the oldest first. `waiting`:
    queued jobs; `waiting_since`: of the one queued first. `running`: jobs at work. `failed`: jobs
    of the last week whose worker died.
    """

    at: datetime
    workers: Sequence[WorkerState] = ()
    waiting: int = 0
    waiting_since: datetime | None = None
    running: int = 0
    failed: int = 0

    @property
    def alive(self) -> Sequence[WorkerState]:
        """The workers that gave a sign of life lately."""
        return [
            one for one in self.workers if (self.at - one.heard_at).total_seconds() <= DEAD_AFTER
        ]

    @property
    def longest_wait(self) -> float:
        """Seconds since the job queued first was queued; 0 where none waits."""
        since = self.waiting_since
        return max(0.0, (self.at - since).total_seconds()) if since else 0.0


class JobQueue(Protocol):
    """The state that workers share. Instants of rounds are seconds since 1970, on the server's
    clock, so that workers whose clocks differ agree on them.
    """

    @property
    def schema(self) -> str:
        """The name of the PostgreSQL schema with the queue's tables."""
        ...

    @property
    def address(self) -> str:
        """The database's address for libpq. It holds a secret."""
        ...

    def install(self, definition: QueueDefinition) -> None:
        """Make the tables, or bring them to this version; nothing to do costs one query.

        StoreError where they are newer, or may not be written.
        """
        ...

    def plan_rounds(self, every: Mapping[str, float], offsets: Mapping[str, float]) -> list[str]:
        """Note for each account the latest round that is due; the accounts for which it is new.

        `every`: account -> seconds between its rounds. `offsets`: account -> seconds by which its
        rounds are shifted.
        """
        ...

    def find_unserved(self, accounts: Sequence[str], tries: int) -> list[str]:
        """Accounts whose due round was begun less than `tries` times, and for which no job is
        queued or at work."""
        ...

    def begin_round(self, account: str) -> int | None:
        """The due round of the account, which counts as begun once more; None if it was served."""
        ...

    def finish_round(self, account: str, due: int) -> None:
        """Note that the round was served."""
        ...

    def prefer(self, account: str, priority: int) -> None:
        """Let the account's queued job go before those of a lower priority."""
        ...

    def register(self, worker: WorkerIdentity) -> None:
        """Add a worker to the list of workers."""
        ...

    def remove(self, number: int) -> None:
        """Take a worker off the list."""
        ...

    def keep_alive(self, number: int) -> bool:
        """Store a sign of life of the worker; False if the queue has forgotten it."""
        ...

    def end_sessions(self, number: int) -> int:
        """End the sessions of a worker that no longer answers; how many there were."""
        ...

    def read_state(self) -> QueueState | None:
        """The workers and the queue; None where no worker was ever started."""
        ...
