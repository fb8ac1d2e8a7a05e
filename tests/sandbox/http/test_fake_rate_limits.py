"""Rate limits of fakes."""

from __future__ import annotations

from datetime import timedelta

from atsbridge.sandbox.company.fake_company import START
from atsbridge.sandbox.http.fake_rate_limits import RateBucket, RateWindow
from atsbridge.timesource import ManualTime


def test_a_window_grants_its_limit_and_no_more(time: ManualTime) -> None:
    """The request after the limit is refused, with how long to wait."""
    window = RateWindow(3, 30, time)
    time.advance(timedelta(seconds=10.5))
    assert [window.take().granted for _ in range(4)] == [True, True, True, False]
    refused = window.take()
    assert refused.headers == {
        "X-RateLimit-Limit": "3",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": str(int(START.timestamp()) + 30),
        "Retry-After": "20",
    }


def test_waiting_as_told_is_enough_and_a_second_less_is_not(time: ManualTime) -> None:
    """Retry-After leads just into the next window."""
    window = RateWindow(1, 30, time)
    window.take()
    wait = int(window.take().headers["Retry-After"])
    time.sleep(wait - 1)
    assert not window.take().granted
    time.sleep(1)
    assert window.take().granted


def test_a_window_does_not_slide(time: ManualTime) -> None:
    """What was used just before the end of a window does not count in the next."""
    window = RateWindow(2, 30, time)
    time.sleep(29.9)
    assert [window.take().granted for _ in range(2)] == [True, True]
    time.sleep(0.2)
    assert [window.take().granted for _ in range(3)] == [True, True, False]


def test_a_bucket_takes_a_burst_and_then_its_rate(time: ManualTime) -> None:
    """Twenty at once, then ten a second: in ten seconds 120 pass, never more."""
    bucket = RateBucket(10, 20, time)
    granted = sum(bucket.take().granted for _ in range(50))
    for _ in range(100):
        time.sleep(0.1)
        granted += sum(bucket.take().granted for _ in range(3))
    assert granted == 120


def test_a_bucket_is_silent_unless_it_tells(time: ManualTime) -> None:
    """Lever's refusals carry no header; Slack's carry Retry-After."""
    silent, telling = RateBucket(1, 1, time), RateBucket(1, 1, time, retry_after=True)
    silent.take(), telling.take()
    assert silent.take().headers == {}
    assert telling.take().headers == {"Retry-After": "1"}
