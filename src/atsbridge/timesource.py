"""Where time comes from: now(), monotonic(), elapsed() and sleep(), injected everywhere.

No calendar lives here (`worktime`), and nothing else in the package reads the system clock.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class TimeSource(Protocol):
    """The four things anything may ask of time."""

    def now(self) -> datetime:
        """The instant, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back; only differences mean anything."""
        ...

    def elapsed(self) -> float:
        """Seconds as `monotonic`, for what really takes time, such as an exchange over a network.

        Processes and threads may share a simulated clock: the sleep of one of them moves it for
        all, which makes nobody else's exchange longer.
        """
        ...

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass (nothing below zero)."""
        ...


_STOP = threading.Event()


def stop() -> None:
    """End every wait of this process at once, in all threads: somebody pressed Ctrl-C."""
    _STOP.set()


def resume() -> None:
    """Waits are waited for again: whoever had to stop has stopped."""
    _STOP.clear()


def stopping() -> bool:
    """Whether `stop` was called: whoever waits or reads on raises KeyboardInterrupt."""
    return _STOP.is_set()


class SystemTime:
    """The machine's own clocks. Its sleep ends with KeyboardInterrupt after `stop`."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def elapsed(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        if seconds > 0 and _STOP.wait(min(seconds, threading.TIMEOUT_MAX)):
            raise KeyboardInterrupt


class FixedNow:
    """`--now`: now() stands still, limits and time-outs run on the clock `beneath`."""

    def __init__(self, at: datetime, beneath: TimeSource) -> None:
        self._at = at
        self.beneath = beneath

    def now(self) -> datetime:
        return self._at

    def monotonic(self) -> float:
        return self.beneath.monotonic()

    def elapsed(self) -> float:
        return self.beneath.elapsed()

    def sleep(self, seconds: float) -> None:
        self.beneath.sleep(seconds)


class NeverBack:
    """A clock whose now() is never before `floor`, nor before what it has shown already.

    It stands still until the clock beneath has caught up. Threads may share one.
    """

    def __init__(self, floor: datetime, beneath: TimeSource) -> None:
        self._shown = floor
        self._beneath = beneath
        self._turn = threading.Lock()

    def now(self) -> datetime:
        with self._turn:
            self._shown = max(self._shown, self._beneath.now())
            return self._shown

    def monotonic(self) -> float:
        return self._beneath.monotonic()

    def elapsed(self) -> float:
        return self._beneath.elapsed()

    def sleep(self, seconds: float) -> None:
        self._beneath.sleep(seconds)


class ManualTime:
    """A clock that moves only when it is advanced, or when somebody sleeps on it."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._passed = 0.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._at

    def monotonic(self) -> float:
        return self._passed

    def elapsed(self) -> float:
        return self._passed

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            self.slept.append(seconds)
            self.advance(timedelta(seconds=seconds))

    def advance(self, by: timedelta) -> None:
        """Let `by` pass without anybody sleeping."""
        self._at += by
        self._passed += by.total_seconds()
