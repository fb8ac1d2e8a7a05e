"""The calendar that counts is the person's, else the office's, else the default."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from atsbridge.errors import ConfigError
from atsbridge.model.organisation import Office, User
from atsbridge.run.calendars import Calendars, check
from atsbridge.settings import Settings, load

TOML = """
[offices.Lisbon]
timezone = "Europe/Lisbon"
country = "PT"
[people."kim@acme.example"]
timezone = "Asia/Kolkata"
country = "IN"
[people."lee@acme.example"]
absences = [{first = 2026-03-09, last = 2026-03-13, reason = "parental leave"}]
[calendars.office]
hours = "mon-fri 09:00-18:00"
closed = {2026-12-24 = "Company closing"}
[calendars.berlin]
timezone = "Europe/Berlin"
holidays = "DE"
"""


class Shelf(dict[str, bytes]):
    def cache_get(self, key: str) -> bytes | None:
        return self.get(key)

    def cache_put(self, key: str, value: bytes) -> None:
        self[key] = value


def settings(folder: Path, text: str = TOML) -> Settings:
    (folder / "atsbridge.toml").write_text(text, "utf-8")
    return load(folder / "atsbridge.toml")


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def calendars(tmp_path: Path, shelf: Shelf) -> Calendars:
    made = Calendars(
        settings(tmp_path), shelf, (2026,), lambda country, year: {f"{year}-02-17": "Carnival"}
    )
    made.settle(
        [
            User(account="a", id="1", email="ana@acme.example", office="10"),
            User(account="a", id="2", email="kim@acme.example", office="10"),
            User(account="a", id="3", email="lee@acme.example", office="10"),
            User(account="a", id="4", email="max@acme.example", office="11"),
            User(account="a", id="5", email="new@acme.example"),
        ],
        [
            Office(account="a", id="10", name="Lisbon"),
            Office(account="a", id="11", name="Oslo", timezone="Europe/Oslo", country="NO"),
        ],
    )
    return made


@pytest.mark.parametrize(
    ("user", "zone"),
    [
        ("1", "Europe/Lisbon"),
        ("2", "Asia/Kolkata"),
        ("4", "Europe/Oslo"),
        ("5", "UTC"),
        (None, "UTC"),
    ],
    ids=["office settings", "person settings", "the ATS's office", "nothing known", "nobody"],
)
def test_the_zone_is_the_nearest_one_known(
    calendars: Calendars, user: str | None, zone: str
) -> None:
    """Person, then office settings, then what the ATS says of the office."""
    assert calendars.of(user, "office").zone == zone


def test_holidays_are_of_the_persons_country(calendars: Calendars) -> None:
    """Liberty Day is one in Portugal, not in India; company and plugin days are everybody's."""
    assert calendars.of("1", "office").closed(date(2026, 6, 10))
    assert calendars.of("2", "office").closed(date(2026, 6, 10)) is None
    assert calendars.of("2", "office").closed(date(2026, 12, 24)) == "holiday: Company closing"
    assert calendars.of("1", "office").closed(date(2026, 2, 17)) == "holiday: Carnival"


def test_leave_is_the_persons_own(calendars: Calendars) -> None:
    """An absence closes days for one person and for nobody else."""
    assert calendars.of("3", "office").closed(date(2026, 3, 10)) == "away: parental leave"
    assert calendars.of("1", "office").closed(date(2026, 3, 10)) is None


def test_a_calendar_may_fix_zone_and_country(calendars: Calendars) -> None:
    """`timezone` and `holidays` other than "person" count for everybody."""
    assert calendars.of("2", "berlin").zone == "Europe/Berlin"
    assert calendars.of("2", "berlin").closed(date(2026, 10, 3)) is not None


def test_holidays_are_looked_up_once(calendars: Calendars, shelf: Shelf) -> None:
    """What was computed is kept in the store's cache under its country and year."""
    calendars.of("1", "office")
    assert list(shelf) == ["holidays/PT/2026"]


def test_an_unknown_calendar_is_named(calendars: Calendars) -> None:
    """The message lists those there are."""
    with pytest.raises(ConfigError, match=r"there is no calendar 'ofice'.*berlin, office"):
        calendars.of("1", "ofice")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[offices.Lisbon]\ntimezone = "Europe/Lisboa"\n',
            r"\[offices.Lisbon\]: there is no time zone 'Europe/Lisboa'",
        ),
        (
            '[calendars.office]\nhours = "mon-fri nine to five"\n',
            r"\[calendars.office\] hours: ",
        ),
    ],
)
def test_zones_and_hours_are_checked_before_anything_runs(
    tmp_path: Path, text: str, message: str
) -> None:
    """A wrong zone or wrong hours: where, and what."""
    with pytest.raises(ConfigError, match=message):
        check(settings(tmp_path, text))
