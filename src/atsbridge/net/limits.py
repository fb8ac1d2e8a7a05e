"""Keeping to a vendor's rate limit: a token bucket and a fixed window, shared by threads.

Nothing here waits on the system clock, and what to do after a 429 is `session`'s business.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

from atsbridge.timesource import TimeSource


class Limiter(Protocol):
    """Who may send when. One limiter per credential, whoever uses it."""

    def acquire(self) -> None:
        """Wait until one more request may go out. Every one is followed by one `learn`."""
        ...

    def learn(self, status: int, headers: Mapping[str, str]) -> None:
        """What the answer says of the limit; status 0 where there was no answer."""
        ...


class Unlimited:
    """No limit known: only what a 429 asks for."""

    def acquire(self) -> None:
        pass

    def learn(self, status: int, headers: Mapping[str, str]) -> None:
        del status, headers


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds an answer asks to wait: `Retry-After` as seconds or HTTP date. None if it does not.

    A date is measured from the answer's own `Date`, so that a wrong clock here does no harm.
    """
    text = headers.get("Retry-After", "").strip()
    if not text:
        return None
    try:
        return max(0.0, float(text))
    except ValueError:
        until = date_of(text)
    if until is None:
        return None
    return max(0.0, (until - (date_of(headers.get("Date", "")) or now)).total_seconds())


def date_of(text: str) -> datetime | None:
    """An HTTP date as an aware instant; None if it is none."""
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


class TokenBucket:
    """`rate` requests a second, up to `burst` at once (Lever: 10 and 20 per key)."""

    def __init__(self, rate: float, burst: int, time: TimeSource) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._time = time
        self._lock = threading.Lock()
        self._tokens = float(burst)
        self._at = time.monotonic()

    def acquire(self) -> None:
        with self._lock:
            now = self._time.monotonic()
            self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
            self._at = now
            self._tokens -= 1.0  # a place in the queue is taken by going below zero
            wait = -self._tokens / self._rate
        if wait > 0:
            self._time.sleep(wait)

    def learn(self, status: int, headers: Mapping[str, str]) -> None:
        if status != 429:
            return
        wait = retry_after(headers, self._time.now())
        with self._lock:
            self._tokens = min(self._tokens, -(1.0 if wait is None else wait) * self._rate)


class FixedWindow:
    """`limit` requests in each window of `seconds`, corrected by the vendor's X-RateLimit headers.

    Greenhouse: 30-second windows, the limit unpublished; `X-RateLimit-Limit`, `-Remaining` and
    `-Reset` (epoch seconds) on every answer.
    """

    def __init__(self, limit: int, seconds: float, time: TimeSource) -> None:
        self._limit = limit
        self._seconds = seconds
        self._time = time
        self._lock = threading.Lock()
        self._end = time.monotonic()  # of the present window, on the monotonic clock
        self._left = 0
        self._flying = 0
        self._learned = False  # whether the vendor told us of the present window

    def acquire(self) -> None:
        while (wait := self._take()) > 0:
            self._time.sleep(max(wait, 0.001))  # a rest too short for the clock would never end

    def _take(self) -> float:
        """Take a place (0) or say how many seconds to wait for the next window."""
        with self._lock:
            now = self._time.monotonic()
            if now >= self._end:
                self._end, self._left, self._learned = now + self._seconds, self._limit, False
            if self._left <= 0:
                return self._end - now
            self._left -= 1
            self._flying += 1
            return 0.0

    def learn(self, status: int, headers: Mapping[str, str]) -> None:
        with self._lock:
            self._flying = max(0, self._flying - 1)
            now = self._time.monotonic()
            if status == 429:
                wait = retry_after(headers, self._time.now())
                self._left, self._learned = 0, True
                self._end = max(self._end, now + (self._seconds if wait is None else wait))
                return
            limit, left = _count(headers, "Limit"), _count(headers, "Remaining")
            if limit:
                self._limit = limit
            if left is not None:
                self._correct(now + self._until_reset(headers), left - self._flying)

    def _correct(self, end: float, left: int) -> None:
        """The vendor's window ends at `end` with `left` requests to go."""
        if self._learned and end < self._end - 1.5:
            return  # an answer from the window before, come late
        if self._learned and end <= self._end + 1.5:
            self._end, self._left = max(self._end, end), min(self._left, left)
        else:
            self._end, self._left, self._learned = end, left, True

    def _until_reset(self, headers: Mapping[str, str]) -> float:
        """Seconds to the end of the vendor's window, by its own clock where it shows it."""
        reset = _count(headers, "Reset")
        if reset is not None:
            for now in (date_of(headers.get("Date", "")), self._time.now()):
                if now is not None and 0 <= (left := reset - now.timestamp()) <= self._seconds + 1:
                    return left
        return self._seconds


def _count(headers: Mapping[str, str], name: str) -> int | None:
    text = headers.get(f"X-RateLimit-{name}", "").strip()
    return int(text) if text.isdigit() else None
