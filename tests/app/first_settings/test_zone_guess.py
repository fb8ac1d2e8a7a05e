"""An office's place is guessed from its name only where the name leaves no doubt."""

from __future__ import annotations

import pytest

from atsbridge.app.first_settings.zone_guess import guess_place


@pytest.mark.parametrize(
    ("name", "zone", "country"),
    [
        ("Lisbon", "Europe/Lisbon", "PT"),
        ("London HQ", "Europe/London", "GB"),
        ("São Paulo", "America/Sao_Paulo", "BR"),
        ("Lisbon, Portugal", "Europe/Lisbon", "PT"),
        ("Japan - Tokyo", "Asia/Tokyo", "JP"),
        ("Remote (Germany)", "Europe/Berlin", "DE"),
        ("NEW YORK", "America/New_York", "US"),
    ],
)
def test_a_name_that_tells(name: str, zone: str, country: str) -> None:
    """Words such as HQ and Remote change nothing."""
    found = guess_place(name)
    assert (found.zone, found.country) == (zone, country)


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("Portugal", "PT"),  # the Azores are an hour behind
        ("United States", "US"),
        ("Paris / London", ""),
        ("Jersey City", ""),  # not the island
        ("Georgia", ""),  # a country, and a state
        ("Bengaluru", ""),  # no zone has that name
        ("Lisbon, Ohio", ""),
        ("HQ", ""),
        ("", ""),
        ("東京", ""),
    ],
)
def test_a_name_that_leaves_a_doubt(name: str, country: str) -> None:
    """No zone is better than a wrong one: a message would come at night."""
    found = guess_place(name)
    assert (found.zone, found.country) == ("", country)
