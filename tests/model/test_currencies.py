"""Currencies by ISO 4217, and what people write in their place."""

from __future__ import annotations

import pytest

from atsbridge.model.currencies import CURRENCIES, is_currency, suggest_currency


@pytest.mark.parametrize("code", ["EUR", "USD", "GBP", "JPY", "XAF", "ZWG"])
def test_a_currency_in_use(code: str) -> None:
    assert is_currency(code)


@pytest.mark.parametrize("code", ["", "eur", "EUT", "DEM", "HRK", "BGN", "XAU", "XXX", "XTS", "$"])
def test_what_nobody_is_paid_in(code: str) -> None:
    """Codes out of use, metals, tests, other letters."""
    assert not is_currency(code)


def test_the_list_is_well_formed() -> None:
    assert len(CURRENCIES) > 150
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in CURRENCIES)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("eur", "EUR"),
        ("Euros", "EUR"),
        ("€", "EUR"),
        ("EUT", "EUR"),
        ("UDS", "USD"),
        ("US$", "USD"),
        ("GPB", "GBP"),
        ("DEM", "EUR"),
        ("RMB", "CNY"),
        ("?", "EUR"),
    ],
)
def test_the_nearest_code(text: str, code: str) -> None:
    """That of a name, a sign, a code out of use, or of the code that differs least."""
    assert suggest_currency(text) == code
