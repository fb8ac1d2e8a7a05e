"""Queue the accounts whose round is due, and first those that webhooks named."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field

from atsbridge.context import Services
from atsbridge.ports import JobQueue
from atsbridge.timesource import TimeSource
from atsbridge.workers.account_jobs import HINTED, ROUND, AccountJobs

TRIES = 2  # of a round whose worker died, or lost the store
_WAIT, _LONGEST = 5.0, 120.0  # seconds between two tries of hints that cannot be read


@dataclass(slots=True)
class _Waiting:
    """Hints of an account that wait: how many there were, and when they are due again."""

    count: int = 0
    wait: float = 0.0
    at: float = float("-inf")


@dataclass(slots=True)
class RoundPlanner:
    """Every worker has one. What two of them find at once is queued once.

    `time`: the machine's clock, for waits only; rounds are due by the database server's.
    """

    services: Services
    queue: JobQueue
    jobs: AccountJobs
    time: TimeSource
    _hints: dict[str, _Waiting] = field(default_factory=dict)

    async def plan(self) -> int:
        """Queue what is due now; how many accounts."""
        every = {
            name: self.services.interval(name).total_seconds()
            for name in self.services.settings.accounts
        }
        offsets = {name: find_offset(name, span) for name, span in every.items()}
        due = await asyncio.to_thread(self.queue.plan_rounds, every, offsets)
        for account in due:
            await self.jobs.put(account, ROUND)
        return len(due) + await self._plan_hints()

    async def catch_up(self) -> int:
        """Queue again what was left: by a worker that died between two steps, or at work."""
        accounts = sorted(self.services.settings.accounts)
        left = await asyncio.to_thread(self.queue.find_unserved, accounts, TRIES)
        for account in left:
            await self.jobs.put(account, ROUND)
        return len(left)

    async def _plan_hints(self) -> int:
        pending = await asyncio.to_thread(self.services.store.hints.count_pending)
        queued = 0
        for account, count in pending.items():
            if account in self.services.settings.accounts and self._is_due(account, count):
                queued += 1
                if not await self.jobs.put(account, HINTED):
                    await asyncio.to_thread(self.queue.prefer, account, HINTED)
        for account in self._hints.keys() - pending.keys():
            del self._hints[account]
        return queued

    def _is_due(self, account: str, count: int) -> bool:
        """Whether to queue it. While nothing of it can be read, each wait is twice as long."""
        known, now = self._hints.setdefault(account, _Waiting()), self.time.monotonic()
        fewer = count < known.count
        known.count = count
        if now < known.at:
            return False
        known.wait = _WAIT if fewer or not known.wait else min(_LONGEST, known.wait * 2)
        known.at = now + known.wait
        return True


def find_offset(account: str, every: float) -> float:
    """Seconds by which the account's rounds are shifted: all accounts are spread over `every`."""
    digest = hashlib.sha256(account.encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 * every
