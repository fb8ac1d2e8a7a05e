"""The clock that processes share."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from atsbridge.errors import ConfigError
from atsbridge.shared_clock import SharedClock

START = datetime(2026, 3, 2, 8, tzinfo=UTC)

SLEEPER = """
import sys
from atsbridge.shared_clock import SharedClock
with SharedClock(sys.argv[1]) as clock:
    for _ in range(200):
        clock.sleep(0.25)
"""


@pytest.fixture
def clock(tmp_path: Path) -> Iterator[SharedClock]:
    with SharedClock(tmp_path / "clock", START) as clock:
        yield clock


def test_sleeping_moves_now_and_monotonic_alike(clock: SharedClock) -> None:
    """sleep(s) is over at once, and both clocks stand s seconds later."""
    clock.sleep(3600)
    assert clock.now() == START + timedelta(hours=1)
    assert clock.monotonic() == 3600


@pytest.mark.parametrize("seconds", [0, -1])
def test_sleeping_for_nothing_changes_nothing(clock: SharedClock, seconds: float) -> None:
    """Nothing below or at zero moves the clock."""
    clock.sleep(seconds)
    assert clock.monotonic() == 0


def test_a_sleep_is_never_short(clock: SharedClock) -> None:
    """Less than a microsecond counts as one, so that who waited for a limit has waited."""
    clock.sleep(1e-9)
    assert clock.monotonic() == 1e-6


def test_who_opens_the_file_later_joins(clock: SharedClock) -> None:
    """The second to open it sees the first one's time, whatever start it would have liked."""
    clock.sleep(10)
    with SharedClock(clock.path, START + timedelta(days=9)) as other:
        assert other.now() == clock.now()
        other.sleep(5)
    assert clock.monotonic() == 15


def test_no_sleep_of_another_process_is_lost(clock: SharedClock) -> None:
    """Three processes sleep 200 times a quarter of a second: 150 seconds have passed."""
    command = [sys.executable, "-c", SLEEPER, str(clock.path)]
    sleepers = [subprocess.Popen(command) for _ in range(3)]
    assert [sleeper.wait() for sleeper in sleepers] == [0, 0, 0]
    assert clock.monotonic() == 150


def test_no_sleep_of_another_thread_is_lost(clock: SharedClock) -> None:
    """Four threads of one process on one clock lose nothing either."""
    threads = [
        threading.Thread(target=lambda: [clock.sleep(1) for _ in range(100)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clock.monotonic() == 400


def test_advancing_never_goes_back(clock: SharedClock) -> None:
    """advance(to) comes to `to`; an instant in the past changes nothing."""
    clock.advance(START + timedelta(days=1))
    clock.advance(START)
    assert clock.now() == START + timedelta(days=1)
    assert clock.monotonic() == 86400


def test_a_frozen_world_only_waits(tmp_path: Path) -> None:
    """Frozen, now() stands still for everybody while sleeps pass; thawed, it goes on."""
    with SharedClock(tmp_path / "c", START, frozen=True) as clock, SharedClock(clock.path) as other:
        other.sleep(60)
        assert (clock.now(), clock.monotonic(), other.frozen) == (START, 60, True)
        clock.freeze(False)
        other.sleep(60)
        assert clock.now() == START + timedelta(minutes=1)


def test_a_missing_clock_is_a_plain_mistake(tmp_path: Path) -> None:
    """Without a start, a file that is not there is an error with place and remedy."""
    with pytest.raises(ConfigError, match=r"cannot be opened.*sandbox"):
        SharedClock(tmp_path / "none")


def test_another_file_is_no_clock(tmp_path: Path) -> None:
    """A file of something else is refused, and left as it is."""
    file = tmp_path / "notes.txt"
    file.write_text("do not overwrite me")
    with pytest.raises(ConfigError, match="not a sandbox clock"):
        SharedClock(file, START)
    assert file.read_text() == "do not overwrite me"


def test_a_sleep_makes_nobodys_exchange_longer(clock: SharedClock) -> None:
    """elapsed() goes on as the machine's time does, whatever the others sleep."""
    before = clock.elapsed()
    clock.sleep(3600)
    assert 0 <= clock.elapsed() - before < 600
