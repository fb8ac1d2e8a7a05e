"""How many requests are answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from atsbridge.server.safeguards import rate_limiter
from atsbridge.server.safeguards.rate_limiter import RequestLimiter
from atsbridge.timesource import ManualTime


def test_so_many_in_a_minute_and_each_reader_alone() -> None:
    time = ManualTime(datetime(2026, 3, 4, tzinfo=UTC))
    limiter = RequestLimiter(3, time.monotonic)
    assert [limiter.take("a") for _ in range(3)] == [0, 0, 0]
    assert limiter.take("a") == 20.0
    assert limiter.take("b") == 0
    time.advance(timedelta(seconds=20))
    assert limiter.take("a") == 0
    assert limiter.take("a") > 0
    time.advance(timedelta(days=1))
    assert [limiter.take("a") for _ in range(3)] == [0, 0, 0]
    assert limiter.take("a") > 0


def test_a_clock_that_goes_back_gives_nothing() -> None:
    seconds = [100.0]
    limiter = RequestLimiter(1, lambda: seconds[0])
    assert limiter.take("a") == 0
    seconds[0] = 0.0
    assert limiter.take("a") > 0


def test_memory_is_bounded() -> None:
    """The reader who has been quiet longest is forgotten first."""
    limiter = RequestLimiter(1, lambda: 0.0)
    for number in range(rate_limiter._KEYS + 5):
        limiter.take(str(number))
    assert len(limiter._buckets) == rate_limiter._KEYS
    assert "0" not in limiter._buckets
