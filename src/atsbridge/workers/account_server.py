"""Serve one account: its due round, or what webhooks named. Called in a thread of the worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from atsbridge.context import AccountSummary, FailureCode, Services
from atsbridge.errors import AtsbridgeError, StoreError
from atsbridge.ports import JobQueue
from atsbridge.tick import make_run_id, refresh_hinted, tick_account

# After these the round was not served: it is tried once more.
_NOT_SERVED = frozenset({FailureCode.STORE, FailureCode.LOCK_LOST})


@dataclass(slots=True)
class AccountServer:
    """Serves accounts for one worker process. `note`: writes a line of the log.

    `failed`: whether an account failed since this was last set to False.
    """

    services: Services
    queue: JobQueue
    note: Callable[[Mapping[str, Any]], None]
    failed: bool = False
    _working: set[str] = field(default_factory=set)
    _guard: Lock = field(default_factory=Lock)

    @property
    def working(self) -> list[str]:
        """The accounts at work, by name."""
        with self._guard:
            return sorted(self._working)

    def serve(self, account: str) -> None:
        """Serve the account. What fails is in the log.

        An account that this worker does not know is left alone.
        """
        if account not in self.services.settings.accounts:
            self.note({"action": "unknown_account", "level": "warning", "account": account})
            return
        with self._guard:
            self._working.add(account)
        try:
            self._serve(account)
        finally:
            with self._guard:
                self._working.discard(account)

    def _serve(self, account: str) -> None:
        due = self.queue.begin_round(account)
        if due is None:
            done = refresh_hinted(self.services, account)
            self._note_account("hints", account, "", done)
            return
        run_id = make_run_id(self.services.time.now())
        summary = tick_account(self.services, account, run_id)
        (done,) = summary.accounts
        self._note_account("round", account, run_id, done)
        self.failed = self.failed or bool(summary.exit_code in (1, 2))
        if not any(one.code in _NOT_SERVED for one in done.failures):
            self._finish(account, due)

    def _finish(self, account: str, due: int) -> None:
        try:
            self.queue.finish_round(account, due)
        except StoreError as error:  # it counts as not served, and is tried once more
            self.note({"action": "store", "level": "error", "what": error.what})

    def _note_account(self, action: str, account: str, run_id: str, done: AccountSummary) -> None:
        if done.locked:
            self.note({"action": "skip", "account": account, "why": "another run is at work"})
            return
        run = {"run": run_id} if run_id else {}
        counts = {"requests": done.requests, "open": done.open, "notices": dict(done.notices)}
        line = {"action": action, **run, "account": account, **counts, "seconds": done.seconds}
        self.note({**line, "failures": len(done.failures)})
        for one in done.failures:
            found = {"where": one.where, "what": one.what, "remedy": one.remedy}
            self.note({"action": "fail", "level": "error", **run, "account": account, **found})
        if done.rule_error:
            found = {"what": done.rule_error}
            self.note({"action": "fail", "level": "error", **run, "account": account, **found})


def describe(error: BaseException) -> str:
    """An error in one line; of one that is not ours only the class, for it may quote a secret."""
    return error.what if isinstance(error, AtsbridgeError) else type(error).__name__
