"""Rate limits: never broken, nearly used up, told by the vendor where it tells."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from atsbridge.errors import RetryableError
from atsbridge.net.rate_limits import FixedWindow, TokenBucket, parse_http_date, retry_after
from atsbridge.sandbox.http.fake_rate_limits import RateBucket, RateWindow
from atsbridge.timesource import FixedNow, ManualTime

NOW = datetime(2026, 3, 2, 9, 0, 7, 300_000, tzinfo=UTC)


@pytest.fixture
def time():
    return ManualTime(NOW)


def _use(limiter, server, time, *, seconds, answer_takes=0.05):
    """Send for that long; how many were granted and refused."""
    granted = refused = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        limiter.acquire()
        allowed = server.take()
        time.advance(timedelta(seconds=answer_takes))
        limiter.learn(200 if allowed.granted else 429, allowed.headers)
        granted += allowed.granted
        refused += not allowed.granted
    return granted, refused


@pytest.mark.parametrize("believed", [20, 50, 75, 200])
def test_a_window_is_used_to_nine_tenths_and_never_broken(time, believed):
    """Whatever limit was believed at first, the headers correct it before it is broken."""
    time.advance(timedelta(seconds=11.7))
    server, limiter = RateWindow(75, 30, time), FixedWindow(believed, 30, time)
    granted, refused = _use(limiter, server, time, seconds=600)
    assert refused == 0
    assert granted >= 0.9 * 75 * 600 / 30


@pytest.mark.parametrize("latency", [0, 5, 20])
def test_what_the_vendor_asks_to_wait_is_waited_whole(time, latency):
    """However long the refused request took: its time is no part of the wait."""
    limiter = TokenBucket(10, 20, time)
    limiter.acquire()
    time.advance(timedelta(seconds=latency))
    limiter.learn(429, {"Retry-After": "15"})
    before = time.monotonic()
    limiter.acquire()
    assert time.monotonic() - before == pytest.approx(15.1)


def test_a_refusal_adds_nothing_to_a_queue_that_is_longer(time):
    """Places taken below zero count as before, and what has flowed in since is counted once."""
    limiter = TokenBucket(10, 20, time)
    limiter._tokens = -300.0
    time.advance(timedelta(seconds=5))
    limiter.learn(429, {"Retry-After": "15"})
    assert limiter.dump()["tokens"] == pytest.approx(-250.0)


def test_a_window_is_kept_when_others_use_the_same_credential(time):
    """Another program takes half of it: what remains is what the vendor says."""
    server, limiter = RateWindow(60, 30, time), FixedWindow(60, 30, time)
    refused = 0
    for _ in range(400):
        limiter.acquire()
        server.take()
        allowed = server.take()
        limiter.learn(200 if allowed.granted else 429, allowed.headers)
        refused += not allowed.granted
        time.advance(timedelta(seconds=0.05))
    assert refused <= 400 * 0.03


def test_a_window_told_by_a_fixed_clock_is_waited_for_whole(time):
    """Under `--now` the vendor's reset means nothing to us: a whole window is waited at most."""
    fixed = FixedNow(NOW - timedelta(days=90), time)
    server, limiter = RateWindow(10, 30, time), FixedWindow(10, 30, fixed)
    granted, refused = _use(limiter, server, time, seconds=300)
    assert (granted >= 50, refused) == (True, 0)


def test_a_refusal_holds_everybody_back(time):
    """After a 429 the next request goes out when Retry-After has passed."""
    limiter = FixedWindow(50, 30, time)
    limiter.acquire()
    limiter.learn(429, {"Retry-After": "12"})
    limiter.acquire()
    assert time.monotonic() >= 12


def test_a_bucket_is_used_to_nine_tenths_and_never_broken(time):
    """Ten a second with a burst of twenty, for a minute."""
    server, limiter = RateBucket(10, 20, time), TokenBucket(9.5, 18, time)
    granted, refused = _use(limiter, server, time, seconds=60, answer_takes=0.01)
    assert refused == 0
    assert granted >= 0.9 * 10 * 60


def test_a_bucket_waits_out_a_refusal(time):
    """With Retry-After as long as it says, without it a second."""
    limiter = TokenBucket(10, 20, time)
    limiter.learn(429, {"Retry-After": "5"})
    limiter.acquire()
    assert time.monotonic() >= 5
    limiter = TokenBucket(10, 20, time)
    before = time.monotonic()
    limiter.learn(429, {})
    limiter.acquire()
    assert time.monotonic() - before >= 1


def test_threads_share_one_limit(time):
    """Places are given out once, whoever asks."""
    limiter = TokenBucket(1, 5, _Still())
    waits = []

    def take():
        limiter.acquire()
        waits.append(1)

    threads = [threading.Thread(target=take) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(waits) == 20
    assert sorted(limiter._time.slept) == [float(n) for n in range(1, 16)]


class _Still(ManualTime):
    """A clock that stands while threads sleep on it."""

    def __init__(self):
        super().__init__(NOW)

    def sleep(self, seconds):
        self.slept.append(seconds)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "30"}, 30.0),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "-4"}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Mon, 02 Mar 2026 09:01:07 GMT"}, 59.7),
        ({"Retry-After": "Mon, 02 Mar 2026 08:00:00 GMT"}, 0.0),
    ],
)
def test_retry_after_is_read_in_both_forms(headers, seconds):
    """Seconds, or an HTTP date against now; nonsense is nothing."""
    assert retry_after(headers, NOW) == (None if seconds is None else pytest.approx(seconds))


def test_a_date_without_a_zone_is_utc():
    """-0000 and nothing at all mean UTC."""
    assert parse_http_date("Mon, 02 Mar 2026 09:01:07 -0000") == datetime(
        2026, 3, 2, 9, 1, 7, tzinfo=UTC
    )


@pytest.mark.parametrize("threads", [2, 5, 8])
@pytest.mark.parametrize("others", [0, 1])
def test_a_window_holds_with_threads_and_a_key_others_use(time, threads, others):
    """Requests on the way, answers of the window before, and programs that take their share."""
    server, limiter = RateWindow(60, 30, time), FixedWindow(60, 30, time)
    flying, granted, refused = [], 0, 0
    for _ in range(600):
        limiter.acquire()
        flying.append(server.take())
        for _ in range(others):
            server.take()
        time.advance(timedelta(seconds=0.05))
        if len(flying) == threads:
            allowed = flying.pop(0)
            limiter.learn(200 if allowed.granted else 429, allowed.headers)
            granted += allowed.granted
            refused += not allowed.granted
    assert granted > 400
    assert refused <= (0 if not others else 600 * 0.16)  # what was on the way when others came


def test_a_window_is_used_to_its_last_request(time):
    """As many as are believed to fit, in each window; the next one waits for the next window."""
    limiter = FixedWindow(10, 30, time)
    for window in range(3):
        for _ in range(10):
            limiter.acquire()
        assert sum(time.slept) == pytest.approx(30 * window)


def test_each_answer_gives_its_place_back(time):
    """A vendor that tells what is left is believed to the last request of it."""
    server, limiter = RateWindow(10, 30, time), FixedWindow(10, 30, time)
    granted, refused = _use(limiter, server, time, seconds=299)
    assert (granted >= 98, refused) == (True, 0)


def test_a_limit_that_was_told_holds_before_the_next_window_is_answered(time):
    """Fifty were believed, ten are told: of the next window ten go out before any answer."""
    limiter = FixedWindow(50, 30, time)
    limiter.acquire()
    reset = NOW + timedelta(seconds=5)
    limiter.learn(200, _told(10, 0, reset))
    for _ in range(10):
        limiter.acquire()
    slept = sum(time.slept)
    assert 4 <= slept <= 6
    limiter.acquire()
    assert sum(time.slept) - slept == pytest.approx(30)


def _told(limit, left, reset, date=None):
    """The headers of an answer."""
    headers = {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(left),
        "X-RateLimit-Reset": str(int(reset.timestamp())),
    }
    return headers | ({"Date": format_datetime(date, usegmt=True)} if date else {})


def test_an_answer_that_comes_late_says_nothing_of_the_new_window():
    """What was left of the window before is over with it."""
    begin = datetime(2026, 3, 2, 9, 0, 29, tzinfo=UTC)
    end = begin + timedelta(seconds=1)
    time = ManualTime(begin)
    limiter = FixedWindow(10, 30, time)
    limiter.acquire()
    limiter.acquire()
    limiter.learn(200, _told(10, 9, end, begin))
    time.advance(timedelta(seconds=1.2))
    for _ in range(10):
        limiter.acquire()
    limiter.learn(200, _told(10, 8, end, begin))
    assert time.slept == []
    limiter.acquire()
    assert sum(time.slept) == pytest.approx(30)


@pytest.mark.parametrize("others", [3, 10])
def test_what_others_take_is_left_to_them(time, others):
    """Another program sends so many between two of ours: none of ours is refused."""
    server, limiter = RateWindow(60, 30, time), FixedWindow(60, 30, time)
    refused = mine = 0
    while time.monotonic() < 300:
        limiter.acquire()
        allowed = server.take()
        mine += 1
        time.advance(timedelta(seconds=0.05))
        limiter.learn(200 if allowed.granted else 429, allowed.headers)
        refused += not allowed.granted
        for _ in range(others):
            server.take()
    assert refused == 0
    assert mine >= 0.8 * 10 * 60 / (others + 1), "and our own share is used"


@pytest.mark.parametrize("seconds", [0.0, 0.4])
def test_a_reset_is_waited_for_whole(time, seconds):
    """A vendor rounds it up to the second after: no request goes out before it."""
    limiter = FixedWindow(10, 30, time)
    limiter.acquire()
    limiter.learn(200, _told(10, 0, NOW + timedelta(seconds=30.7 + seconds)))
    limiter.acquire()
    assert time.now() >= (NOW + timedelta(seconds=30.7)).replace(microsecond=0)
    assert sum(time.slept) <= 31


def test_a_reset_that_one_clock_alone_puts_hours_away_is_a_window_away(time):
    """A clock two hours slow, here or there, stops nothing."""
    far, near = NOW + timedelta(hours=2), NOW + timedelta(seconds=20)
    for headers, wait in [
        (_told(10, 0, far), 30),
        (_told(10, 0, near, NOW - timedelta(hours=2)), 20),
        (_told(10, 0, far, far - timedelta(seconds=20)), 20),
    ]:
        clock = ManualTime(NOW)
        limiter = FixedWindow(10, 30, clock)
        limiter.acquire()
        limiter.learn(200, headers)
        limiter.acquire()
        assert sum(clock.slept) == pytest.approx(wait, abs=1)


def test_the_longest_wait_that_is_allowed_is_waited(time):
    """And none that is longer."""
    limiter = TokenBucket(1, 1, time, most=1.0)
    limiter.acquire()
    limiter.acquire()
    assert time.slept == [1.0]
    slow = TokenBucket(0.9, 1, time, most=1.0)
    slow.acquire()
    with pytest.raises(RetryableError):
        slow.acquire()
