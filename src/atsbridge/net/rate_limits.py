"""Keep to a vendor's rate limit: a token bucket and a fixed window, shared by threads."""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Protocol, runtime_checkable

from atsbridge.errors import RetryableError
from atsbridge.ports import WAIT
from atsbridge.timesource import TimeSource

LONGEST = 86_400.0  # seconds: no vendor's limit is counted over more than a day
_DIGITS = 40  # of a number in a header
_MOST = 100_000  # requests in a window, whatever a header says
# Seconds after which a request that was never answered counts as lost, with the process that sent
# it. No answer takes longer.
_LOST = 300.0
_COUNTS = ("limit", "left", "learned", "last_left", "others")  # of a window, as they are dumped
_APART = 1.5  # seconds between two vendors' resets beyond which they are of two windows


class Limiter(Protocol):
    """Decides when the next request may be sent. One limiter per credential, shared by all its
    users.
    """

    def acquire(self) -> None:
        """Wait until one more request may be sent; call `learn` with its answer.

        Raises RetryableError if the wait is longer than a run may wait; then `learn` is not called.
        """
        ...

    def learn(self, status: int, headers: Mapping[str, str]) -> None:
        """Read what the answer says about the limit. Status 0: there was no answer."""
        ...


@runtime_checkable
class SharableLimiter(Limiter, Protocol):
    """A limiter whose state can be kept elsewhere, so that several processes keep one limit."""

    def take(self) -> float:
        """Take a place and return 0, or return the seconds until one may be free, taking none.

        Raises RetryableError as `acquire` does.
        """
        ...

    def dump(self) -> dict[str, Any]:
        """The state as JSON values; instants are seconds from now."""
        ...

    def load(self, state: Mapping[str, Any], elapsed: float) -> None:
        """Replace the state by one that was dumped `elapsed` seconds ago.

        KeyError, TypeError or ValueError, and no change, for the state of another kind of limiter.
        """
        ...

    def learn(self, status: int, headers: Mapping[str, str], age: float = 0.0) -> None:
        """As `Limiter.learn`, from an answer that came `age` seconds ago."""
        ...


class Unlimited:
    """No known limit: waits only as long as a 429 asks for."""

    def acquire(self) -> None:
        pass

    def learn(self, status: int, headers: Mapping[str, str]) -> None:
        del status, headers


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds an answer asks to wait, from 0 to LONGEST: `Retry-After` as seconds or HTTP date.

    None if it does not ask, or not in a way that means anything. A date, or a number that is an
    instant (epoch, in seconds or milliseconds), is measured from the answer's own `Date`, so that
    a wrong clock here does no harm.
    """
    text = headers.get("Retry-After", "").strip()
    now = parse_http_date(headers.get("Date", "")) or now
    number = _number(text)
    if number is not None:
        left = _until(number, now)
        return min(LONGEST, max(0.0, number if left is None else left))
    until = parse_http_date(text)
    return None if until is None else min(LONGEST, max(0.0, (until - now).total_seconds()))


def _number(text: str) -> float | None:
    """A number of a header; None for text, NaN and what is too long to be one."""
    try:
        found = float(text) if 0 < len(text) <= _DIGITS else math.nan
    except ValueError:
        return None
    return None if math.isnan(found) else found


def _until(number: float, now: datetime) -> float | None:
    """Seconds from now to a number that is an instant within a day; None for other numbers."""
    for unit in (1.0, 1000.0):
        if abs(left := number / unit - now.timestamp()) <= LONGEST:
            return left
    return None


def parse_http_date(text: str) -> datetime | None:
    """An HTTP date as an aware instant; None if it is not a date."""
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # no date, or a year, hour or zone that there is not
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _patient(wait: float, most: float) -> float:
    """The wait, if it is one that a run may wait for."""
    if wait <= most:
        return wait
    raise RetryableError(
        f"asks to wait {duration(wait)} (rate limit); a run waits {duration(most)} at most",
        remedy="The next run tries again",
        retry_after=wait,
    )


def duration(seconds: float) -> str:
    """A span for people, in the largest unit of which it has at least two."""
    for unit, size in (("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


class TokenBucket:
    """`rate` requests a second, up to `burst` at once (Lever: 10 and 20 per key).

    `most`: seconds that one request waits, after which it is refused instead.
    """

    def __init__(self, rate: float, burst: int, time: TimeSource, most: float = WAIT) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._time = time
        self._longest = most
        self._lock = threading.Lock()
        self._tokens = float(burst)
        self._at = time.monotonic()

    def acquire(self) -> None:
        with self._lock:
            wait = self._refill()
            self._tokens -= 1.0  # a place in the queue is taken by going below zero
        if wait > 0:
            self._time.sleep(wait)

    def take(self) -> float:
        """See `SharableLimiter`. Nobody queues: who comes first after the wait gets the place."""
        with self._lock:
            wait = self._refill()
            if wait > 0:
                return wait
            self._tokens -= 1.0
            return 0.0

    def _refill(self) -> float:
        """Add what has flowed in; the seconds until there is a whole token."""
        self._flow_in()
        return _patient((1.0 - self._tokens) / self._rate, self._longest)

    def _flow_in(self) -> None:
        now = self._time.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now

    def dump(self) -> dict[str, Any]:
        """See `SharableLimiter`."""
        with self._lock:
            since = self._time.monotonic() - self._at
            return {"tokens": min(self._burst, self._tokens + since * self._rate)}

    def load(self, state: Mapping[str, Any], elapsed: float) -> None:
        """See `SharableLimiter`."""
        tokens = float(state["tokens"])
        with self._lock:
            self._at = self._time.monotonic()
            self._tokens = min(self._burst, tokens + elapsed * self._rate)

    def learn(self, status: int, headers: Mapping[str, str], age: float = 0.0) -> None:
        if status != 429:
            return
        asked = retry_after(headers, self._time.now())
        wait = (1.0 if asked is None else asked) - age
        with self._lock:
            self._flow_in()  # what flowed in before the answer is no part of the wait
            self._tokens = min(self._tokens, -max(0.0, wait) * self._rate)


class FixedWindow:
    """`limit` requests in each window of `seconds`, corrected by the vendor's X-RateLimit headers.

    Greenhouse: 30-second windows, the limit unpublished; `X-RateLimit-Limit`, `-Remaining` and
    `-Reset` (epoch seconds) on every answer. Others may use the same credential: what they took
    between two of our answers is left to them before the window's end. `most`: seconds that one
    request waits, after which it is refused instead.
    """

    def __init__(self, limit: int, seconds: float, time: TimeSource, most: float = WAIT) -> None:
        self._limit = limit
        self._seconds = seconds
        self._time = time
        self._longest = most
        self._lock = threading.Lock()
        self._end = time.monotonic()  # of the present window, on the monotonic clock
        self._before = -math.inf  # the end of the previous window, if the vendor sent it
        self._left = 0
        self._flying: deque[float] = deque()  # since when each unanswered request is on its way
        self._learned = False  # whether the vendor sent the values of the present window
        self._last_left = 0  # the remaining requests it sent last
        self._others = 0  # the most that others took between two answers of this window

    def acquire(self) -> None:
        while (wait := self.take()) > 0:
            # A wait shorter than the clock's resolution would never end.
            self._time.sleep(max(wait, 0.001))

    def take(self) -> float:
        """Take a place (0) or say how many seconds to wait for the next window."""
        with self._lock:
            now = self._time.monotonic()
            while self._flying and now - self._flying[0] > _LOST:
                self._flying.popleft()
            if now >= self._end:
                if self._learned:
                    self._before = self._end
                self._end, self._left, self._learned = now + self._seconds, self._limit, False
                self._others = 0
            if self._left <= self._others:
                return _patient(self._end - now, self._longest)
            self._left -= 1
            self._flying.append(now)
            return 0.0

    def dump(self) -> dict[str, Any]:
        """See `SharableLimiter`."""
        with self._lock:
            now = self._time.monotonic()
            return {
                "end": self._end - now,
                "before": None if math.isinf(self._before) else self._before - now,
                "flying": [began - now for began in self._flying],
                **{name: getattr(self, f"_{name}") for name in _COUNTS},
            }

    def load(self, state: Mapping[str, Any], elapsed: float) -> None:
        """See `SharableLimiter`."""
        with self._lock:
            then = self._time.monotonic() - elapsed
            before = -math.inf if state["before"] is None else then + state["before"]
            flying = deque(then + began for began in state["flying"])
            counts = {f"_{name}": state[name] for name in _COUNTS}
            self._end, self._before, self._flying = then + state["end"], before, flying
            for name, value in counts.items():
                setattr(self, name, value)

    def learn(self, status: int, headers: Mapping[str, str], age: float = 0.0) -> None:
        with self._lock:
            if self._flying:
                self._flying.popleft()
            now = self._time.monotonic() - age
            if status == 429:
                wait = retry_after(headers, self._time.now())
                self._left, self._learned = 0, True
                self._end = max(self._end, now + (self._seconds if wait is None else wait))
                return
            limit, left = _count(headers, "Limit"), _count(headers, "Remaining")
            if limit:
                self._limit = limit
            if left is not None:
                self._correct(now + self._until_reset(headers, age), left)

    def _correct(self, end: float, left: int) -> None:
        """Adopt the vendor's window: it ends at `end` and has `left` requests, some of them on the
        way.
        """
        known = self._end - _APART if self._learned else self._before + _APART
        if end < known:
            return  # an answer from the window before, come late
        if self._learned and end <= self._end + _APART:
            taken = self._last_left - left - 1  # beside the one that was answered
            self._others = min(max(self._others, taken), self._limit // 2)
            self._end, self._left = max(self._end, end), min(self._left, left - len(self._flying))
        else:
            self._end, self._left, self._learned = end, left - len(self._flying), True
        self._last_left = left

    def _until_reset(self, headers: Mapping[str, str], age: float) -> float:
        """Seconds to the end of the vendor's window, by the vendor's own clock if the answer shows
        it.

        A reset that is further away than a window is long is believed only if both clocks agree.
        """
        reset = _number(headers.get("X-RateLimit-Reset", "").strip())
        clocks = (
            parse_http_date(headers.get("Date", "")),
            self._time.now() - timedelta(seconds=age),
        )
        found = [_until(reset, now) for now in clocks if now is not None and reset is not None]
        spans = [left for left in found if left is not None and left >= 0]
        near = [left for left in spans if left <= self._seconds + 1]
        if near:
            return near[0]
        return min(spans) if len(spans) == len(clocks) else self._seconds


def _count(headers: Mapping[str, str], name: str) -> int | None:
    """A number of requests; None if the header has no usable number."""
    number = _number(headers.get(f"X-RateLimit-{name}", "").strip())
    return None if number is None or number < 0 else int(min(number, _MOST))
