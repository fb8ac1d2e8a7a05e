"""Public holidays are those of the region, and without one those that nearly everybody has."""

from __future__ import annotations

from datetime import date

import pytest

from atsbridge.worktime.holiday_calendar import depends_on_region, public_holidays

EASTER_MONDAY, AUGUST = date(2026, 4, 6), date(2026, 8, 31)
ST_ANDREW = date(2026, 11, 30)


def test_holiday_calendar_come_in_order_and_by_name() -> None:
    """As the `holidays` library knows them, in English, for the years asked for."""
    found = public_holidays("PT", [2027, 2026])
    assert list(found) == sorted(found)
    assert {day.year for day in found} == {2026, 2027}
    assert found[date(2026, 4, 3)] == "Good Friday"


def test_an_english_office_has_easter_monday_and_the_august_bank_holiday() -> None:
    """With its region written, and without."""
    for place in ("GB-ENG", "gb-eng", "GB", "UK"):
        assert {EASTER_MONDAY, AUGUST} <= public_holidays(place, [2026]).keys()


def test_scotland_has_its_own_days() -> None:
    """St Andrew's Day, and neither Easter Monday nor the last Monday of August."""
    found = public_holidays("GB-SCT", [2026])
    assert ST_ANDREW in found
    assert not {EASTER_MONDAY, AUGUST} & found.keys()
    assert ST_ANDREW not in public_holidays("GB", [2026])


@pytest.mark.parametrize(
    ("region", "country", "day"),
    [
        ("DE-BY", "DE", date(2026, 1, 6)),
        ("ES-CT", "ES", date(2026, 9, 11)),
        ("CA-ON", "CA", date(2026, 2, 16)),
    ],
)
def test_a_region_has_days_that_its_country_has_not(region: str, country: str, day: date) -> None:
    """Epiphany in Bavaria, the National Day of Catalonia, Family Day in Ontario."""
    assert day in public_holidays(region, [2026])
    assert day not in public_holidays(country, [2026])


@pytest.mark.parametrize("place", ["XX", "", "DE-Q", "Portugal"])
def test_a_place_without_known_holidays_is_refused(place: str) -> None:
    """Who calls decides what that costs."""
    with pytest.raises(ValueError):
        public_holidays(place, [2026])


def test_which_countries_need_a_region_is_known() -> None:
    """What `doctor` asks for."""
    assert depends_on_region("GB", 2026)
    assert depends_on_region("DE", 2026)
    assert not depends_on_region("NO", 2026)
