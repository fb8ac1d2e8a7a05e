"""Time zones are read whatever their case, and a wrong one is told from a machine without any."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from pathlib import Path

import pytest

from atsbridge.worktime import time_zones
from atsbridge.worktime.time_zones import NoZoneDataError, parse_zone, read_zone


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Europe/Lisbon", "Europe/Lisbon"),
        (" Europe/Lisbon ", "Europe/Lisbon"),
        ("europe/lisbon", "Europe/Lisbon"),
        ("AMERICA/NEW_YORK", "America/New_York"),
        ("America/New York", "America/New_York"),
        ("utc", "UTC"),
    ],
)
def test_a_zone_is_read_whatever_the_case(text: str, name: str) -> None:
    """The name comes back as the database spells it."""
    assert parse_zone(text) == name


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Europe/Lisboa", "did you mean Europe/Lisbon?"),
        ("America/NewYork", "did you mean America/New_York?"),
        ("Lisbon", "did you mean Europe/Lisbon?"),
        ("new york", "did you mean America/New_York?"),
        ("PST", "did you mean America/Los_Angeles?"),
        ("CEST", "did you mean Europe/Berlin?"),
        ("GMT+1", "write an IANA name"),
        ("UTC+02:00", "write an IANA name"),
        ("+01:00", "write an IANA name"),
        ("Europe", "write an IANA name"),
        ("Mars", "write an IANA name"),
        ("", "write an IANA name"),
        ("../etc/passwd", "write an IANA name"),
        ("a\0b", "write an IANA name"),
        ("\ud800", "write an IANA name"),
        ("x" * 100_000, "write an IANA name"),
    ],
)
def test_a_zone_that_is_none_is_refused_with_the_nearest(text: str, named: str) -> None:
    """An offset is never answered with one of the database's own, whose sign is turned around."""
    with pytest.raises(ValueError) as caught:
        parse_zone(text)
    assert named in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    "name", ["localtime", "posixrules", "Factory", "right/Europe/Lisbon", "posix/Europe/Lisbon"]
)
def test_what_differs_from_machine_to_machine_is_no_zone(name: str) -> None:
    """The machine's own zone, an unknown one, and copies with leap seconds."""
    for written in (name, name.upper()):
        with pytest.raises(ValueError):
            parse_zone(written)
        assert read_zone(written) == ""


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine without any time zone database."""

    def missing(name: str) -> zoneinfo.ZoneInfo:
        raise zoneinfo.ZoneInfoNotFoundError(name)

    time_zones.known.cache_clear()
    monkeypatch.setattr(time_zones, "ZoneInfo", missing)
    monkeypatch.setattr(time_zones, "available_timezones", set)
    yield
    time_zones.known.cache_clear()


def test_a_machine_without_zones_is_said_to_have_none(bare_machine: None) -> None:
    """Nobody is asked to write the name they wrote."""
    with pytest.raises(NoZoneDataError, match="tzdata"):
        parse_zone("Europe/Lisbon")
    with pytest.raises(NoZoneDataError, match="tzdata"):
        parse_zone("UTC")


def test_what_an_ats_supplies_is_understood_or_left_out() -> None:
    """One zone nobody can read must not stop an account."""
    assert read_zone("europe/lisbon") == "Europe/Lisbon"
    assert [read_zone(one) for one in ("Mars", "", None)] == ["", "", ""]
