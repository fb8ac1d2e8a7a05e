"""The wall shows local time, and never goes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from atsbridge.worktime.wall_clock import Wall

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


@pytest.mark.parametrize("asked_before", [1911, 1912, 1913])
def test_a_year_that_begins_in_a_repeated_hour_stands_still_too(asked_before):
    """Niamey went from local mean time to UTC-1 as 1912 began, minutes before it did in UTC."""
    wall = Wall("Africa/Niamey")
    wall.at((datetime(asked_before, 7, 1) - EPOCH) // timedelta(milliseconds=1))  # noqa: DTZ001
    new_year = (datetime(1912, 1, 1) - EPOCH) // timedelta(milliseconds=1)  # noqa: DTZ001
    assert [wall.at(new_year + minute * 60_000) for minute in (0, 59, -8)] == [new_year] * 3
    assert wall.at(new_year + 61 * 60_000) == new_year + 60_000
