"""One limit for several processes: never broken, nearly used up, whoever dies."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from atsbridge.errors import RetryableError, StoreError
from atsbridge.net.rate_limits import FixedWindow, TokenBucket
from atsbridge.net.shared_rate import SharedLimiter
from atsbridge.sandbox.http.fake_rate_limits import RateBucket, RateWindow
from atsbridge.timesource import ManualTime

NOW = datetime(2026, 3, 2, 9, 0, 7, 300_000, tzinfo=UTC)


class Rates:
    """A store of rates in memory."""

    def __init__(self, time: ManualTime) -> None:
        self.time, self.kept = time, dict[str, tuple[str, float]]()
        self.error: Exception | None = None

    def change(self, credential, change, clock=None) -> None:
        if self.error is not None:
            raise self.error
        now = self.time.monotonic()
        state, at = self.kept.get(credential, ("", 0.0))
        self.kept[credential] = change(state, now - at), now


@pytest.fixture
def time() -> ManualTime:
    return ManualTime(NOW)


@pytest.fixture
def rates(time) -> Rates:
    return Rates(time)


def _use(limiters, server, time, seconds):
    """Take turns for that long; how many requests were granted and refused."""
    granted, refused, turn = 0, 0, 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        limiter = limiters[turn % len(limiters)]
        turn += 1
        limiter.acquire()
        answer = server.take()
        time.advance(timedelta(seconds=0.02))
        limiter.learn(200 if answer.granted else 429, answer.headers)
        granted += answer.granted
        refused += not answer.granted
    return granted, refused


def _make(kind, time):
    return FixedWindow(50, 30, time) if kind == "window" else TokenBucket(9.5, 18, time)


def _serve(kind, time):
    return (RateWindow(75, 30, time), 2.5) if kind == "window" else (RateBucket(10, 20, time), 10)


@pytest.mark.parametrize("kind", ["window", "bucket"])
def test_three_processes_use_one_limit_to_nine_tenths(kind, time, rates):
    """No refusal, although none of them knows of the others."""
    time.advance(timedelta(seconds=11.7))
    server, rate = _serve(kind, time)
    three = [SharedLimiter(_make(kind, time), lambda: rates, "key", time) for _ in range(3)]
    granted, refused = _use(three, server, time, 300)
    assert refused == 0
    assert granted >= 0.9 * rate * 300


def test_alone_each_would_break_it(time):
    """What the row is for where the vendor does not say how much is left."""
    server, _ = _serve("bucket", time)
    _, refused = _use([_make("bucket", time) for _ in range(3)], server, time, 60)
    assert refused > 0


def test_requests_of_a_process_that_died_are_not_counted_for_ever(time, rates):
    """It took places and never learned an answer: after five minutes the limit is whole again."""
    server = RateWindow(10, 30, time)
    dead = SharedLimiter(FixedWindow(10, 30, time), lambda: rates, "key", time)
    for _ in range(5):
        dead.acquire()
        server.take()
    lives = SharedLimiter(FixedWindow(10, 30, time), lambda: rates, "key", time)
    time.advance(timedelta(minutes=5, seconds=1))
    granted, refused = _use([lives], server, time, 300)
    assert refused == 0
    assert granted >= 0.9 * 10 * 300 / 30


def test_a_refusal_of_one_holds_all_back(time, rates):
    """After a 429 nobody sends until Retry-After has passed."""
    first, second = (
        SharedLimiter(FixedWindow(50, 30, time), lambda: rates, "key", time) for _ in range(2)
    )
    first.acquire()
    first.learn(429, {"Retry-After": "12"})
    second.acquire()
    assert time.monotonic() >= 12


def test_a_wait_that_is_too_long_is_refused_and_takes_no_place(time, rates):
    """As in one process."""
    limiter = SharedLimiter(FixedWindow(1, 30, time, most=5), lambda: rates, "key", time)
    limiter.acquire()
    with pytest.raises(RetryableError):
        limiter.acquire()


def test_a_store_that_cannot_be_used_stops_no_request(time, rates):
    """Each process keeps the limit alone until then."""
    limiter = SharedLimiter(FixedWindow(2, 30, time), lambda: rates, "key", time)
    rates.error = StoreError("away")
    limiter.acquire()
    limiter.acquire()
    before = time.monotonic()
    limiter.acquire()
    assert time.monotonic() - before > 20


def test_a_refusal_keeps_what_answers_said(time, rates):
    """Two requests are answered; then one must wait too long. The answers are stored all the same:
    no place stays taken.
    """
    limiter = SharedLimiter(FixedWindow(2, 30, time, most=5), lambda: rates, "key", time)
    for _ in range(2):
        limiter.acquire()
        limiter.learn(200, {})
    with pytest.raises(RetryableError):
        limiter.acquire()
    state, _ = rates.kept["key"]
    assert json.loads(state)["flying"] == []


@pytest.mark.parametrize(("before", "after"), [("bucket", "window"), ("window", "bucket")])
def test_the_state_of_another_kind_of_limiter_is_replaced(before, after, time, rates):
    """A connector's new version counts in another way: its account goes on."""
    SharedLimiter(_make(before, time), lambda: rates, "key", time).acquire()
    limiter = SharedLimiter(_make(after, time), lambda: rates, "key", time)
    limiter.acquire()
    state, _ = rates.kept["key"]
    assert json.loads(state).keys() == _make(after, time).dump().keys()


@pytest.mark.parametrize("state", ["no JSON", "[]", "{}", '{"tokens": null}'])
def test_a_state_that_cannot_be_read_is_replaced(state, time, rates):
    """Whatever stands in the row."""
    rates.kept["key"] = state, time.monotonic()
    SharedLimiter(_make("window", time), lambda: rates, "key", time).acquire()
    assert json.loads(rates.kept["key"][0])["left"] == 49


def test_a_store_that_fails_to_commit_takes_one_place_only(time, rates):
    """The state was changed here, and could not be stored."""

    def fail(credential, change, clock=None):
        change("", 0.0)
        raise StoreError("away")

    rates.change = fail
    window = FixedWindow(2, 30, time)
    SharedLimiter(window, lambda: rates, "key", time).acquire()
    assert window.dump()["left"] == 1
