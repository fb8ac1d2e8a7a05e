"""Numbers of others: read with what stands beside them, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from atsbridge.model.amounts import (
    currency_code,
    from_cents,
    in_order,
    pay_period,
    plain_number,
    whole_number,
)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (85, 85),
        (85.0, 85),
        (85.5, 85.5),
        ("85.0", 85),
        (" 98000.00 ", 98000),
        ("-3", -3),
        ("1234.567", 1234.567),
        ("0.125", 0.125),
    ],
)
def test_a_plain_number_is_read_also_from_text(value: Any, number: float) -> None:
    """Whole ones are whole, whatever they were sent as."""
    found = plain_number(value)
    assert found == number
    assert type(found) is type(number)


@pytest.mark.parametrize(
    "value",
    [
        *("80k", "80K", "1.234", "72.000", "1.234,56", "1,234", "1,234.56", "1 234", "1'234"),
        *("1_000", "1e5", "0x10", "12%", "€80", "80 EUR", "80000-90000", "nan", "inf", "-inf"),
        *("\u0661\u0662", "", " ", ".5", "5.", "9" * 400, "competitive", True, False, None),
        *(float("nan"), float("inf"), [80], {"amount": 80}),
    ],
)
def test_a_number_that_may_mean_two_things_is_none(value: Any) -> None:
    """Grouping, thousands, ranges, percentages, other digits: nobody guesses."""
    assert plain_number(value) is None
    assert whole_number(value) is None


@pytest.mark.parametrize("value", [2.5, "2.5", "unlimited"])
def test_half_a_seat_is_no_seat(value: Any) -> None:
    """Nothing is cut off."""
    assert whole_number(value) is None


@pytest.mark.parametrize(
    ("word", "period"),
    [
        ("per-year-salary", "year"),
        ("per-month-salary", "month"),
        ("per-week-salary", "week"),
        ("per-day-wage", "day"),
        ("per-hour-wage", "hour"),
        ("Annually", "year"),
        ("per annum", "year"),
        ("YEARLY", "year"),
        ("Hourly rate", "hour"),
        ("bi-week-salary", "other:bi-week-salary"),
        ("semi-month-salary", "other:semi-month-salary"),
        ("one-time", "other:one-time"),
        ("per day or week", "other:per day or week"),
        ("jährlich", "other:jährlich"),
        ("", None),
        (None, None),
        (12, None),
    ],
)
def test_the_span_of_time_of_a_pay_is_known_or_kept_as_it_is(word: Any, period: Any) -> None:
    """A word that is none of ours is no year."""
    assert pay_period(word) == period


def test_currencies_are_codes() -> None:
    """A sign is of many."""
    assert currency_code(" eur ") == "EUR"
    assert [currency_code(one) for one in ("$", "Euro", "", None, 978, "EURO")] == [None] * 6


def test_cents_are_hundredths_only_where_there_are_hundredths() -> None:
    """Of yen nobody says what a cent is."""
    assert from_cents(14_500_000, "EUR") == 145_000
    assert from_cents("14500000", "EUR") == 145_000
    assert [from_cents(14_500_000, code) for code in ("JPY", "KRW", "KWD", None)] == [None] * 4
    assert [from_cents(cents, "EUR") for cents in ("80k", 1.5, None)] == [None] * 3


def test_a_range_is_put_in_order_and_nothing_is_no_pay() -> None:
    """Entered the other way round, with one end, or with a 0 for "not said"."""
    assert in_order(80, 60) == (60, 80)
    assert in_order(None, 60) == (None, 60)
    assert in_order(0, 60) == (None, 60)
    assert in_order(-5, None) == (None, None)
