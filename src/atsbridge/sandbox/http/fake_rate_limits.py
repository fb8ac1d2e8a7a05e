"""The rate limits of fake servers, counted strictly on the injected time."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from atsbridge.timesource import TimeSource


@dataclass(frozen=True, slots=True)
class Allowance:
    """Whether one request is granted, and the headers of its response."""

    granted: bool
    headers: Mapping[str, str] = field(default_factory=dict)


class RateLimit(Protocol):
    """Called once per request, in order of arrival."""

    def take(self) -> Allowance: ...


class RateWindow:
    """`limit` requests in each fixed window of `seconds`, as Greenhouse counts.

    Every response has X-RateLimit-Limit, -Remaining and -Reset (epoch seconds); a refusal also
    Retry-After (whole seconds, rounded up). Refused requests do not count.
    """

    def __init__(self, limit: int, seconds: float, time: TimeSource) -> None:
        self.limit = limit
        self.seconds = seconds
        self._time = time
        self._guard = threading.Lock()
        self._window = -1
        self._used = 0

    def take(self) -> Allowance:
        with self._guard:
            passed = self._time.monotonic()
            window = int(passed // self.seconds)
            if window != self._window:
                self._window, self._used = window, 0
            granted = self._used < self.limit
            self._used += granted
            left = (window + 1) * self.seconds - passed
            headers = {
                "X-RateLimit-Limit": str(self.limit),
                "X-RateLimit-Remaining": str(self.limit - self._used),
                "X-RateLimit-Reset": str(math.ceil(self._time.now().timestamp() + left)),
            }
            if not granted:
                headers["Retry-After"] = str(math.ceil(left))
            return Allowance(granted, headers)


class RateBucket:
    """A token bucket: `rate` requests a second, `burst` at once, as Lever counts.

    Its responses have no rate limit header; with `retry_after` a refusal has Retry-After.
    """

    def __init__(
        self, rate: float, burst: int, time: TimeSource, *, retry_after: bool = False
    ) -> None:
        self.rate = rate
        self.burst = burst
        self.retry_after = retry_after
        self._time = time
        self._guard = threading.Lock()
        self._tokens = float(burst)
        self._at = time.monotonic()

    def take(self) -> Allowance:
        with self._guard:
            passed = self._time.monotonic()
            self._tokens = min(self.burst, self._tokens + (passed - self._at) * self.rate)
            self._at = passed
            if self._tokens >= 1 - 1e-9:
                self._tokens -= 1
                return Allowance(True)
            wait = max(1, math.ceil((1 - self._tokens) / self.rate))
            return Allowance(False, {"Retry-After": str(wait)} if self.retry_after else {})
