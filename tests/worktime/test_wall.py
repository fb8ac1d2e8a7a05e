"""The wall shows local time, and never goes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from atsbridge.worktime.wall import Wall

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001
ZONES = (
    "UTC",
    "Europe/Lisbon",
    "Europe/Dublin",
    "America/St_Johns",
    "America/Caracas",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Asia/Pyongyang",
    "Africa/Casablanca",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kwajalein",
)


def instants(count):
    """Random milliseconds of 1900 to 2100, in no order."""
    random = Random(4)
    return [random.randrange(-2_208_900_000_000, 4_102_000_000_000) for _ in range(count)]


@pytest.mark.parametrize("zone", ZONES)
def test_the_wall_shows_local_time(zone):
    """Save in a repeated hour, where it stands, whichever years were asked for before."""
    wall = Wall(zone)
    for at in instants(400):
        local = datetime.fromtimestamp(at // 1000, UTC).astimezone(ZoneInfo(zone))
        shown = (local.replace(tzinfo=None) - EPOCH) // timedelta(milliseconds=1) + at % 1000
        if local.fold:
            assert wall.at(at) > shown
        else:
            assert wall.at(at) == shown


@pytest.mark.parametrize("zone", ZONES)
def test_the_last_instant_that_shows_a_time_is_found(zone):
    """A millisecond later the wall shows more."""
    wall = Wall(zone)
    for shown in instants(400):
        at = wall.last(shown)
        assert wall.at(at) <= shown < wall.at(at + 1)
