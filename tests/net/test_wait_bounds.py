"""Bounds on the time that a host may ask to wait."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from email.utils import format_datetime

import pytest

from atsbridge.errors import RetryableError
from atsbridge.net.http_session import HttpSession, SessionOptions
from atsbridge.net.rate_limits import LONGEST, FixedWindow, TokenBucket, retry_after
from atsbridge.ports.http_bounds import HttpBounds

from .conftest import BASE, LIST, NOW

_EPOCH = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30", 30.0),
        ("7200", 7200.0),
        ("1e9", LONGEST),
        ("inf", LONGEST),
        ("Infinity", LONGEST),
        ("9" * 30, LONGEST),
        ("9" * 5000, None),
        ("-5", 0.0),
        ("-inf", 0.0),
        ("nan", None),
        ("soon", None),
        ("", None),
        ("30 seconds", None),
        (str(_EPOCH + 45), 45.0),
        (str((_EPOCH + 45) * 1000), 45.0),
        (str(_EPOCH - 45), 0.0),
        (format_datetime(NOW + timedelta(seconds=45), usegmt=True), 45.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST),
        ("Fri, 31 Dec 99999 23:59:59 GMT", None),
        ("Mon, 02 Mar 2026 09:00:07 +9999", None),
    ],
)
def test_what_a_host_asks_to_wait_is_a_span_or_nothing(text, seconds):
    """From 0 to a day, whatever it writes: never infinite, never negative, never an exception."""
    found = retry_after({"Retry-After": text}, NOW)
    assert found == (None if seconds is None else pytest.approx(seconds)) or (
        seconds is None and found == 0.0 and "9999" in text
    )


@pytest.mark.parametrize("wait", ["7200", "1e9", "inf", "Fri, 31 Dec 9999 23:59:59 GMT"])
@pytest.mark.parametrize("make", [FixedWindow, TokenBucket])
def test_a_wait_beyond_the_bound_ends_the_list_at_once(vendor, time, wait, make):
    """Nobody sleeps, then or before the next request, and the error says what was asked."""
    limiter = make(50, 30, time)
    vendor.get(LIST, status=429, headers={"Retry-After": wait})
    with closing(HttpSession("acme", BASE, time=time, limiter=limiter)) as session:
        for sent in (1, 1):
            with pytest.raises(RetryableError, match="asks to wait") as caught:
                session.get("/jobs")
            assert "2 min at most" in caught.value.what
            assert caught.value.status == 429
            assert caught.value.where == "acme: GET https://ats.example/v3/jobs"
            assert (session.requests, time.slept) == (sent, [])


def test_the_bound_of_waiting_is_the_accounts_own(vendor, time):
    """`max_wait` of ten minutes waits for seven."""
    vendor.get(LIST, status=429, headers={"Retry-After": "420"})
    vendor.get(LIST, json=[])
    bounds = HttpBounds(wait=600.0, request=1200.0)
    with closing(
        HttpSession("acme", BASE, time=time, options=SessionOptions(bounds=bounds))
    ) as session:
        assert session.get("/jobs").json() == []
    assert time.slept == [420.0]


@pytest.mark.parametrize("make", [FixedWindow, TokenBucket])
def test_a_wait_that_was_refused_is_over_when_it_has_passed(time, make):
    """What nobody waited for leaves nothing behind: later requests go out."""
    limiter = make(50, 30, time)
    limiter.acquire()
    limiter.learn(429, {"Retry-After": "7200"})
    with pytest.raises(RetryableError):
        limiter.acquire()
    time.advance(timedelta(hours=2, seconds=1))
    limiter.acquire()
    assert time.slept == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Limit": "²", "Remaining": "²", "Reset": "²"},
        {"Limit": "9" * 5000, "Remaining": "9" * 5000, "Reset": "9" * 5000},
        {"Limit": "-1", "Remaining": "-1", "Reset": "-1"},
        {"Limit": "nan", "Remaining": "inf", "Reset": "nan"},
        {"Limit": "0", "Remaining": "0", "Reset": "0"},
        {"Limit": "1e300", "Remaining": "5", "Reset": "1e300"},
        {"Limit": "50", "Remaining": "0", "Reset": "soon"},
    ],
)
def test_absurd_limits_neither_stop_nor_hold_up(time, headers):
    """Twenty requests go out in twenty windows at most, whatever the headers say."""
    limiter = FixedWindow(50, 30, time)
    for _ in range(20):
        limiter.acquire()
        limiter.learn(200, {f"X-RateLimit-{name}": value for name, value in headers.items()})
    assert time.monotonic() <= 20 * 31


@pytest.mark.parametrize("unit", [1, 1000])
def test_a_reset_hours_away_ends_the_list(time, unit):
    """Used up for the day: said at once, in seconds as in milliseconds."""
    limiter = FixedWindow(50, 30, time)
    limiter.acquire()
    reset = str(int((_EPOCH + 7200) * unit))
    date = format_datetime(NOW, usegmt=True)
    limiter.learn(200, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset, "Date": date})
    with pytest.raises(RetryableError, match="asks to wait 2 h"):
        limiter.acquire()
    assert time.slept == []
