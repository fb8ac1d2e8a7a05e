"""A vendor's host that answers as it is told, and a session with it."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
import responses

from atsbridge.errors import RetryableError
from atsbridge.net.http_session import ApiCredential, HttpSession, SessionOptions
from atsbridge.timesource import ManualTime

BASE = "https://ats.example/v3"
LIST = f"{BASE}/jobs"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECRET = "s3cr3t-of-acme"


class Counting:
    """A limiter that remembers what it was asked and told."""

    def __init__(self, refuse=False):
        self.refuse, self.asked, self.told = refuse, 0, []

    def acquire(self):
        self.asked += 1
        if self.refuse:
            raise RetryableError("not today", retry_after=7200.0)

    def learn(self, status, headers):
        self.told.append((status, headers.get("X-RateLimit-Remaining")))


@pytest.fixture
def time():
    return ManualTime(NOW)


@pytest.fixture
def vendor():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def session(time):
    with_secret = {"Authorization": f"Bearer {SECRET}"}
    made = HttpSession(
        "acme",
        BASE,
        time=time,
        credential=ApiCredential(headers=lambda: with_secret),
        options=SessionOptions(
            explain=lambda answer: answer.json()["message"], rng=random.Random(1)
        ),
    )
    yield made
    made.close()
