"""The queue of procrastinate: one kind of job, `tick(account)`, at most one queued per account."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.schema import SchemaManager

from atsbridge.ports import JobQueue, QueueDefinition

if TYPE_CHECKING:
    from psycopg import AsyncConnection

TASK, QUEUE = "tick", "accounts"
ROUND, HINTED = 0, 10  # priorities: what a webhook named goes first
_CONNECTIONS = 3  # of one process for the queue, besides the one that hears notifications


def define_queue() -> QueueDefinition:
    """The tables of the installed version of procrastinate."""
    folder = Path(SchemaManager.get_migrations_path())
    files = sorted(folder.glob("*.sql"))
    upgrades = [(one.stem, one.read_text("utf-8")) for one in files]
    return QueueDefinition(SchemaManager.get_schema(), upgrades)


class AccountJobs:
    """Queues accounts, and gives each job to `serve`. Use it within `app.open_async()`.

    `session`: the name of its sessions at PostgreSQL.
    """

    def __init__(
        self, queue: JobQueue, session: str, serve: Callable[[str], Awaitable[None]]
    ) -> None:
        self.app = App(connector=_connector(queue, session))

        # No retry: the next round is the retry.
        @self.app.task(name=TASK, queue=QUEUE, retry=False)
        async def tick(account: str) -> None:
            await serve(account)

    async def put(self, account: str, priority: int = ROUND) -> bool:
        """Queue the account, unless it is queued already. Whether it was queued now.

        Its lock lets one job of the account run at a time, over all workers.
        """
        job = self.app.configure_task(
            TASK, queue=QUEUE, lock=account, queueing_lock=account, priority=priority
        )
        try:
            await job.defer_async(account=account)
        except AlreadyEnqueued:
            return False
        return True


def _connector(queue: JobQueue, session: str) -> PsycopgConnector:
    schema = queue.schema

    async def configure(connection: AsyncConnection[Any]) -> None:
        await connection.execute(f"SET search_path TO {schema}".encode())
        if not connection.autocommit:
            await connection.commit()

    return PsycopgConnector(
        conninfo=queue.address,
        kwargs={"application_name": session},
        configure=configure,
        min_size=1,
        max_size=_CONNECTIONS,
    )
