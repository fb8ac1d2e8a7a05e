"""Finish the jobs of dead workers, so that their accounts are served again.

procrastinate's documentation retries a stalled job within a job that holds a lock. That loses
accounts: a retried job cannot be queued where the next round is queued already (UniqueViolation),
and a reaper whose own worker died leaves its lock behind. So this one holds no lock, every worker
runs it, and a dead job is finished as failed. The round that it leaves is queued as a new job.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

from atsbridge.ports import JobQueue
from atsbridge.workers.worker_timings import WorkerTimings

_FORGET_HOURS = 7 * 24  # how long failed jobs stay in the queue's tables
_FORGET_WORKERS = 86_400.0  # seconds since their last sign of life


@dataclass(frozen=True, slots=True)
class JobReaper:
    """Looks for dead workers. `note`: writes a line of the log."""

    queue: JobQueue
    jobs: JobManager
    timings: WorkerTimings
    note: Callable[[Mapping[str, Any]], None]

    async def reap(self) -> int:
        """Finish the jobs of workers that gave no sign of life; how many there were."""
        stalled = await self.jobs.get_stalled_jobs(seconds_since_heartbeat=self.timings.dead_after)
        finished = 0
        for job in stalled:
            finished += await self._finish(job)
        return finished

    async def clean(self) -> None:
        """Forget old jobs, and workers that have been dead for a day."""
        await self.jobs.delete_old_jobs(
            _FORGET_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
        )
        for number in await self.jobs.prune_stalled_workers(_FORGET_WORKERS):
            await asyncio.to_thread(self.queue.remove, number)

    async def _finish(self, job: Job) -> bool:
        # A worker that stands still would keep its locks for as long as it does. What it does
        # afterwards is refused by the fencing number.
        ended = 0
        if job.worker_id is not None:
            ended = await asyncio.to_thread(self.queue.end_sessions, job.worker_id)
        try:
            await self.jobs.finish_job(job, Status.FAILED, delete_job=False)
        except ConnectorException:
            return False  # another worker was faster, or the worker came back and finished it
        self.note(
            {
                "action": "reap",
                "account": job.task_kwargs.get("account"),
                "worker": job.worker_id,
                "sessions_ended": ended,
            }
        )
        return True
