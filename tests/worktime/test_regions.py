"""Countries and regions are read as people write them, and refused with what to write instead."""

from __future__ import annotations

import holidays
import pytest
from holidays.registry import COUNTRIES

from atsbridge.worktime.holiday_calendar import public_holidays
from atsbridge.worktime.iso3166 import country_names, long_codes, regions
from atsbridge.worktime.regions import nearest_country, parse_country, parse_region, read_country


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("PT", "PT"),
        ("us", "US"),
        (" gb ", "GB"),
        ("EL", "GR"),
        ("UK", "GB"),
        ("uk-sct", "GB-SCT"),
        ("DE-BY", "DE-BY"),
        ("de-by", "DE-BY"),
        ("DE-augsburg", "DE-Augsburg"),
    ],
)
def test_a_country_is_read_whatever_the_case_and_with_its_region(text: str, code: str) -> None:
    """Lower case, other standards' codes and the ISO form of a region become one code."""
    assert parse_country(text) == code


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Portugal", "PT"),
        ("Germny", "DE"),
        ("USA", "US"),
        ("gbr", "GB"),
        ("XX", "such as PT"),
        ("", "such as PT"),
        ("DE-Bavaria", "BY"),
        ("DE-Bayern", "BY"),
        ("GB-England", "ENG"),
        ("GB-", "ENG"),
        ("DE-Q", "BB, BE"),
        ("SE-AB", "leave the region out"),
        ("x" * 100_000, "such as PT"),
        ("\ud800", "such as PT"),
    ],
)
def test_a_country_that_is_none_is_refused_with_what_to_write(text: str, named: str) -> None:
    """By the name, the three-letter code or the region's name; never more than a line."""
    with pytest.raises(ValueError) as caught:
        parse_country(text)
    assert named in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("region", "country", "code"),
    [
        ("ENG", "GB", "GB-ENG"),
        ("eng", "uk", "GB-ENG"),
        ("GB-ENG", "", "GB-ENG"),
        ("GB-ENG", "GB", "GB-ENG"),
        ("BY", "DE-BY", "DE-BY"),
        ("", "DE-BY", "DE-BY"),
        ("", "DE", "DE"),
        ("", "", ""),
    ],
)
def test_a_region_may_be_written_beside_its_country_or_with_it(
    region: str, country: str, code: str
) -> None:
    """`region = "ENG"`, `region = "GB-ENG"` and `country = "GB-ENG"` are the same."""
    assert parse_region(region, country) == code


@pytest.mark.parametrize(
    ("region", "country", "named"),
    [
        ("ENG", "", "needs a country"),
        ("GB-ENG", "DE", "is not a region of DE"),
        ("BE", "DE-BY", "two regions"),
        ("Catalonia", "ES", "did you mean CT"),
        ("Ontario", "CA", "did you mean ON"),
        ("Bavaria", "DE", "did you mean BY"),
    ],
)
def test_a_region_that_does_not_fit_is_refused(region: str, country: str, named: str) -> None:
    """Without a country, of another one, twice, or by its name."""
    with pytest.raises(ValueError, match=named):
        parse_region(region, country)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("pt", "PT"),
        ("Portugal", "PT"),
        ("united  states", "US"),
        ("USA", "US"),
        ("DE-BY", "DE-BY"),
        ("DE-QQ", "DE"),
        ("XX", ""),
        ("Deutschland", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_what_an_ats_supplies_is_understood_or_left_out(text: str | None, code: str) -> None:
    """One value nobody can read must not stop an account."""
    assert read_country(text) == code


def test_a_country_is_found_by_its_name() -> None:
    """What `did you mean` rests on."""
    assert nearest_country("United Kingdm") == "GB"
    assert nearest_country("Q") == ""


def test_the_tables_are_whole() -> None:
    """Every country once, with both codes, and regions of countries only."""
    assert len(country_names()) == len(long_codes()) == 250
    assert all(len(code) == 2 and name for code, name in country_names().items())
    assert all(len(code) == 3 for code in long_codes())
    assert set(regions()) <= set(country_names())
    assert all(len(set(codes)) == len(codes) for codes in regions().values())


@pytest.mark.parametrize("country", sorted(regions()))
def test_every_region_we_accept_has_holidays(country: str) -> None:
    """What the settings accept, the library can answer."""
    known = getattr(holidays, country).subdivisions
    accepted = regions()[country]
    assert set(accepted) <= set(known)
    assert public_holidays(f"{country}-{accepted[0]}", [2026])


def test_no_country_with_holidays_is_missing() -> None:
    """A country that the library knows can be written in the settings."""
    assert {names[1] for names in COUNTRIES.values()} <= set(country_names())
