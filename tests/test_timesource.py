"""The clocks that threads share."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from atsbridge.timesource import ManualTime, NeverBack

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
PATIENCE = 0.3  # seconds in which another thread could show a later instant


class Slow(ManualTime):
    """The first thread that asks is held up until another one has shown its instant."""

    def __init__(self) -> None:
        super().__init__(NOON)
        self.asked, self.passed = threading.Event(), threading.Event()

    def now(self) -> datetime:
        at = super().now()
        if not self.asked.is_set():
            self.asked.set()
            self.passed.wait(PATIENCE)
        return at


def test_a_clock_that_threads_share_never_goes_back() -> None:
    """What one thread has shown, no thread takes back, however long it took to ask."""
    beneath = Slow()
    clock = NeverBack(NOON - timedelta(hours=1), beneath)

    def look_later() -> datetime:
        assert beneath.asked.wait(10)
        beneath.advance(timedelta(minutes=5))
        shown = clock.now()
        beneath.passed.set()
        return shown

    with ThreadPoolExecutor(2) as pool:
        first, later = pool.submit(clock.now), pool.submit(look_later)
        assert (first.result(), later.result()) == (NOON, NOON + timedelta(minutes=5))
    beneath.advance(-timedelta(hours=1))
    assert clock.now() == NOON + timedelta(minutes=5)
