"""The calendar that counts is the person's, else the office's, else the default."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from atsbridge.context.calendars import Calendars, Locale
from atsbridge.errors import ConfigError
from atsbridge.model.organization import Office, User
from atsbridge.settings.settings_loader import load
from atsbridge.settings.settings_model import Settings

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
    def get(self, key: str) -> bytes | None:
        return super().get(key)

    def put(self, key: str, value: bytes) -> None:
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
        settings(tmp_path),
        shelf,
        (2026,),
        lambda country, year, region: {f"{year}-02-17": "Carnival"},
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
    kept = json.loads(shelf["holidays/PT/2026"])
    kept["value"] = {"2026-06-10": "kept"}
    shelf["holidays/PT/2026"] = json.dumps(kept).encode()
    assert again(calendars).of("1", "office").closed(date(2026, 6, 10)) == "holiday: kept"


def again(calendars: Calendars) -> Calendars:
    """The calendars of the next tick."""
    made = Calendars(
        calendars.settings, calendars.run_state, calendars.years, calendars.extra_holidays
    )
    made.locales = calendars.locales
    return made


@pytest.mark.parametrize("value", [b'{"2026-06-10": "old"}', b"", b"[]", b"\xff", b"{"])
def test_holidays_kept_by_another_version_are_looked_up_again(
    calendars: Calendars, shelf: Shelf, monkeypatch: pytest.MonkeyPatch, value: bytes
) -> None:
    """A newer library may know better; what was kept in another form is not believed either."""
    shelf["holidays/PT/2026"] = value
    assert calendars.of("1", "office").closed(date(2026, 6, 10)) == (
        "holiday: Day of Portugal, Camões, and the Portuguese Communities"
    )
    monkeypatch.setattr("atsbridge.context.calendars.holidays_version", lambda: "next")
    monkeypatch.setattr(
        "atsbridge.context.calendars.public_holidays",
        lambda place, years: {date(2026, 6, 10): "new"},
    )
    assert again(calendars).of("1", "office").closed(date(2026, 6, 10)) == "holiday: new"


@pytest.mark.parametrize(
    ("country", "zone"),
    [("XX", "Mars"), ("DE-QQ", ""), ("", "Europe/Lisboa"), ("\ud800", "\ud800")],
)
def test_a_place_of_the_ats_that_nobody_can_read_costs_only_itself(
    tmp_path: Path, shelf: Shelf, country: str, zone: str
) -> None:
    """The account goes on: that person counts as without zone or country."""
    made = Calendars(settings(tmp_path, ""), shelf, (2026,), lambda *_: {})
    office = Office(account="a", id="1", name="X", timezone=zone, country=country)
    made.settle([User(account="a", id="1", email="a@x.example", office="1")], [office])
    assert made.of("1", "office").zone == "UTC"


def test_a_place_of_the_ats_is_understood_as_people_write_it(tmp_path: Path, shelf: Shelf) -> None:
    """The country by its name, the zone in lower case."""
    made = Calendars(settings(tmp_path, ""), shelf, (2026,), lambda *_: {})
    office = Office(
        account="a", id="1", name="X", timezone="europe/berlin", country="United Kingdom"
    )
    made.settle([User(account="a", id="1", email="a@x.example", office="1")], [office])
    assert made.of("1", "office").zone == "Europe/Berlin"
    assert made.of("1", "office").closed(date(2026, 4, 6)) == "holiday: Easter Monday"


def test_a_region_counts_in_every_section(tmp_path: Path, shelf: Shelf) -> None:
    """Beside its country or with it: of an office, of a person, of a calendar."""
    text = """
[offices.London]
timezone = "europe/london"
country = "uk"
region = "eng"
[people."ann@acme.example"]
country = "GB"
region = "GB-SCT"
[people."bea@acme.example"]
country = "de-by"
[calendars.office]
special_hours = {2026-12-24 = "09:00-13:00"}
[calendars.toronto]
holidays = "CA-ON"
"""
    made = Calendars(settings(tmp_path, text), shelf, (2026,), lambda *_: {})
    users = [
        User(account="a", id=name, email=f"{name}@acme.example", office="1")
        for name in ("eve", "ann", "bea")
    ]
    made.settle(users, [Office(account="a", id="1", name="London")])
    easter_monday, epiphany = date(2026, 4, 6), date(2026, 1, 6)
    assert made.of("eve", "office").closed(easter_monday) == "holiday: Easter Monday"
    assert made.of("ann", "office").closed(easter_monday) is None
    assert made.of("ann", "office").zone == "Europe/London"
    assert made.of("bea", "office").closed(epiphany) == "holiday: Epiphany"
    assert made.of("eve", "toronto").closed(date(2026, 2, 16)) == "holiday: Family Day"
    assert made.of("eve", "office").intervals(date(2026, 12, 24)) == ((540, 780),)


def test_an_unknown_calendar_is_named(calendars: Calendars) -> None:
    """The message lists those there are."""
    with pytest.raises(ConfigError, match=r"there is no calendar 'ofice'.*berlin, office"):
        calendars.of("1", "ofice")


SPECIAL = 'special_hours = {2026-12-24 = "09:00-13:00"}\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[offices.Lisbon]\ntimezone = "Europe/Lisboa"\n', r":2:\d+: .*did you mean Europe/Lisbon"),
        ('[offices.Lisbon]\ntimezone = ""\n', r":2:\d+: .*is not a time zone"),
        ('[people."a@x.example"]\ncountry = "Portugal"\n', r"did you mean PT"),
        ('[people."a@x.example"]\ncountry = "DE"\nregion = "Bavaria"\n', r"did you mean BY"),
        ('[people."a@x.example"]\nregion = "ENG"\n', r"needs a country"),
        ('[people."a@x.example"]\ncountry = "GB-ENG"\nregion = "SCT"\n', r"two regions"),
        ('[calendars.office]\nholidays = "Germany"\n', r":2:\d+: .*did you mean DE"),
        ('[calendars.office]\ntimezone = "Persons"\n', r":2:\d+: .*is not a time zone"),
        ('[calendars.office]\nhours = "mon-fri nine to five"\n', r":2:\d+: .*is not an interval"),
        ('[calendars.office]\nhours = "mon-fri 22:00-06:00"\n', r":2:\d+: .*over midnight"),
        (
            '[calendars.office]\nclosed = {2026-12-24 = "x"}\n' + SPECIAL,
            r":3:\d+: .*2026-12-24 is in closed and in special_hours",
        ),
        (
            "[calendars.office]\n" + SPECIAL.replace("09:00-13:00", "till one"),
            r":2:\d+: .*is not an interval",
        ),
    ],
)
def test_places_and_hours_are_checked_when_the_settings_are_read(
    tmp_path: Path, text: str, message: str
) -> None:
    """A wrong zone, country, region or hours: on which line, and what to write."""
    with pytest.raises(ConfigError, match=message):
        settings(tmp_path, text)


def test_the_digest_changes_with_all_that_time_is_counted_by(
    calendars: Calendars, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a tick would go on with an agenda from other holidays, zones or leave."""
    seen = {again(calendars).digest(), again(calendars).digest()}
    assert len(seen) == 1
    plugin = again(calendars)
    plugin.extra_holidays = lambda country, year, region: {f"{year}-02-18": "Carnival"}
    seen.add(plugin.digest())
    moved = again(calendars)
    moved.locales = {**moved.locales, "9": Locale("Asia/Tokyo", "JP")}
    seen.add(moved.digest())
    leave = TOML.replace("2026-03-13", "2026-03-14")
    again_away = again(calendars)
    again_away.settings = settings(tmp_path, leave)
    seen.add(again_away.digest())
    monkeypatch.setattr("atsbridge.context.calendars.zones_version", lambda: "2099z")
    seen.add(again(calendars).digest())
    assert len(seen) == 5
