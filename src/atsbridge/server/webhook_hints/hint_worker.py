"""Reads again what webhooks named, evaluates and delivers, within seconds of their arrival."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from atsbridge.context import Services
from atsbridge.errors import AtsbridgeError
from atsbridge.server.webhook_hints.account_webhooks import AccountWebhooks
from atsbridge.tick import refresh_hinted
from atsbridge.timesource import TimeSource, resume, stop

GRACE = 2.0  # seconds
SETTLE = 1.0  # seconds; one act in the ATS sends several webhooks
_BUSY = 1.0  # seconds until an account that a run holds is tried again
_LOOK = 10.0  # seconds; what an earlier process stored is found without a wake
_SLOWEST = 120.0  # seconds between tries while the ATS does not answer
_FORGET = 3600.0  # seconds between two clean-ups of old keys


@dataclass(slots=True)
class HintWorker:
    """A thread that serves one account after the other.

    It holds an account's lock as a run does, and waits where a run holds it. `time`: the machine's
    clock. `note`: writes a line of the log.
    """

    services: Services
    accounts: Mapping[str, AccountWebhooks]
    time: TimeSource
    note: Callable[[Mapping[str, Any]], None]
    _due: dict[str, float] = field(default_factory=dict)  # account -> when to serve it
    _failed: dict[str, int] = field(default_factory=dict)  # account -> tries without success
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _stopping: bool = False
    _looked: bool = False  # for what an earlier process left
    _cleaned: float = float("-inf")
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin with what waits already. Does nothing after `stop`, which may come first."""
        with self._changed:
            if self._stopping:
                return
            self._thread = threading.Thread(target=self._work, name="hints", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End after the account at work. One that takes longer than GRACE ends as after Ctrl-C."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread is None:
            return
        self._thread.join(GRACE)
        if self._thread.is_alive():
            stop()
            self._thread.join(GRACE)
            if not self._thread.is_alive():
                resume()

    def wake(self, account: str) -> None:
        """Something was stored for the account."""
        with self._changed:
            self._due.setdefault(account, self.time.monotonic() + SETTLE)
            self._changed.notify()

    def _work(self) -> None:
        while (account := self._next()) is not None:
            try:
                self._serve(account) if account else self._look()
            except KeyboardInterrupt:  # the server ends; what was not finished waits
                return
            except Exception as error:  # noqa: BLE001  a fault costs one try, not the thread
                with suppress(Exception):  # a full disk takes no line of the log
                    self._fail(account, error)

    def _next(self) -> str | None:
        """The account that is due; "" after _LOOK seconds without one, None to end."""
        with self._changed:
            end = self.time.monotonic() + (_LOOK if self._looked else 0.0)
            while not self._stopping:
                now = self.time.monotonic()
                account = min(self._due, key=self._due.__getitem__, default="")
                if account and self._due[account] <= now:
                    del self._due[account]
                    return account
                if now >= end:
                    return ""
                at = min(end, self._due.get(account, end))
                self._changed.wait(max(at - now, 0.01))
            return None

    def _serve(self, account: str) -> None:
        """Read, evaluate and deliver; what is left is due again later."""
        before = self._count(account)
        if not before:
            return
        done = refresh_hinted(self.services, account)
        if done.locked:
            self._again(account, _BUSY)
            return
        left = self._count(account)
        self.note(
            {
                "action": "hints",
                "account": account,
                "hints": before - left,
                "left": left,
                "requests": done.requests,
                "notices": dict(done.notices),
                "seconds": done.seconds,
            }
        )
        if left < before:
            self._failed.pop(account, None)
            if left:
                self._again(account, 0.0)
        elif left:
            self._postpone(account)

    def _count(self, account: str) -> int:
        return self.services.store.hints.count_pending().get(account, 0)

    def _again(self, account: str, seconds: float) -> None:
        with self._changed:
            self._due[account] = self.time.monotonic() + seconds

    def _fail(self, account: str, error: Exception) -> None:
        if account:
            self._postpone(account)
        what = error.what if isinstance(error, AtsbridgeError) else type(error).__name__
        self.note({"action": "hints_failed", "account": account or None, "what": what})

    def _postpone(self, account: str) -> None:
        """Wait twice as long after each try that read nothing."""
        failed = self._failed[account] = self._failed.get(account, 0) + 1
        self._again(account, min(_BUSY * 2**failed, _SLOWEST))

    def _look(self) -> None:
        """Find what an earlier process left, and forget keys that no delivery repeats any more."""
        self._looked = True
        for account in self.services.store.hints.count_pending():
            if account in self.accounts:
                with self._changed:
                    self._due.setdefault(account, self.time.monotonic())
        self._clean()

    def _clean(self) -> None:
        now = self.time.monotonic()
        if now - self._cleaned < _FORGET:
            return
        self._cleaned = now
        for name, one in self.accounts.items():
            window = max(one.spec.window, timedelta(hours=1))
            self.services.store.hints.forget_before(name, self.services.time.now() - window)
