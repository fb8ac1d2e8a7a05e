"""Amounts of time are read and written as people write them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atsbridge.worktime.duration import Duration, Unit

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "span", "unit"),
    [
        ("24h", 24 * HOUR, Unit.H),
        ("2d", 48 * HOUR, Unit.D),
        ("1bd", 24 * HOUR, Unit.BD),
        ("4bh", 4 * HOUR, Unit.BH),
        ("1.5h", 1.5 * HOUR, Unit.H),
        (".5bd", 12 * HOUR, Unit.BD),
        ("-1bd", -24 * HOUR, Unit.BD),
        ("+1bd", 24 * HOUR, Unit.BD),
        (" 0h ", 0 * HOUR, Unit.H),
    ],
)
def test_an_amount_is_a_number_and_a_unit(text, span, unit):
    """A working day is worth 24 hours of working days; signs and fractions are fine."""
    assert Duration.parse(text) == Duration(span, unit)


@pytest.mark.parametrize(
    ("text", "written"),
    [("1.50h", "1.5h"), ("+2bd", "2bd"), ("007d", "7d"), ("-0.25bh", "-0.25bh"), ("-0h", "0h")],
)
def test_an_amount_is_written_as_short_as_can_be(text, written):
    """No sign, zero or point that is not needed."""
    assert str(Duration.parse(text)) == written


@given(st.integers(-(10**12), 10**12), st.sampled_from(Unit))
def test_what_is_written_reads_back_the_same(milliseconds, unit):
    """Also for spans that are no short fraction of their unit."""
    amount = Duration(timedelta(milliseconds=milliseconds), unit)
    assert Duration.parse(str(amount)) == amount
    assert (-amount).span == -amount.span


@pytest.mark.parametrize("text", ["", "1", "bd", "1 bd", "1w", "1BD", "1,5h", "1e3h", "--1h", "٣h"])
def test_what_is_no_amount_is_refused_with_an_example(text):
    """One sentence names what was written, the units, and examples."""
    with pytest.raises(ValueError) as caught:
        Duration.parse(text)
    assert str(caught.value) == (
        f'"{text}" is not an amount of time: write a number and one of h, d, bd, bh, '
        "such as 24h, 1bd or 0.5h"
    )


@pytest.mark.parametrize("text", ["36501d", "-99999999999999999999999bd"])
def test_an_amount_of_more_than_a_hundred_years_is_refused(text):
    """It can only be a mistake, and would lead out of the calendar."""
    with pytest.raises(ValueError) as caught:
        Duration.parse(text)
    assert str(caught.value) == f'"{text}" is too long an amount of time: 36500 days are the most'
