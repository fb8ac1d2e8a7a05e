"""Numbers in people's files are exact, or refused with what to write instead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atsbridge.model.numerals import grouped, parse
from atsbridge.worktime.duration import Duration


@pytest.mark.parametrize(
    ("text", "number"),
    [("72000", 72000), ("45.5", 45.5), ("0", 0), ("-3", -3), ("+3", 3), ("0.125", 0.125),
     ("1234.567", 1234.567), ("80.0000", 80.0), (" 7\t", 7), ("9" * 15, 10**15 - 1)],
)  # fmt: skip
def test_a_plain_number_is_read_exactly(text: str, number: float) -> None:
    assert parse(text) == number
    assert type(parse(text)) is type(number)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("80.000", "it may mean 80000 or 80.000: write 80000 or 80.0000"),
        ("1.234", "it may mean 1234 or 1.234: write 1234 or 1.2340"),
        ("1,234", "it may mean 1234 or 1.234: write 1234 or 1.2340"),
        ("-1,234", "it may mean -1234 or -1.234: write -1234 or -1.2340"),
        ("1,23", "write a point for the decimals: 1.23"),
        ("1.234.567", "write it without separators: 1234567"),
        ("1'234", "write it without separators: 1234"),
        ("1’234", "write it without separators: 1234"),
        ("1 234", "write it without separators: 1234"),
        ("1\u00a0234", "write it without separators: 1234"),
        ("1\u202f234", "write it without separators: 1234"),
        ("1_000", "write it without separators: 1000"),
        ("1.234,50", "write a number"),
        ("1,234.50", "write a number"),
        ("80k", "in full, such as 80000 for 80k"),
        ("80K EUR", "in full, such as 80000 for 80k"),
        ("€80k", "in full, such as 80000 for 80k"),
        ("80.000 EUR", "without a unit or currency"),
        ("$80,000", "without a unit or currency"),
        ("90 days", "without a unit or currency"),
        ("50-60k", "it is a range"),
        ("50–60", "it is a range"),
        ("50.000 - 60.000 EUR", "it is a range"),
        ("٧٢٠٠٠", "with the digits 0 to 9"),
        ("７２０００", "with the digits 0 to 9"),
        ("1e5", "without an exponent"),
        ("5%", "not a share in percent"),
        ("0x10", "without a unit"),
        ("1" * 16, "at most 15 digits"),
        *((text, "write a number") for text in
          ("", "nan", "NaN", "inf", "-Infinity", "007", ".5", "5.", "1/2", "12:30", "=1+1", "--5")),
    ],
)  # fmt: skip
def test_what_is_not_exact_is_refused_with_what_to_write(text: str, told: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse(text)
    assert told in str(caught.value)


@given(st.text("0123456789.,'kKmM%-+ \u00a0eE€", max_size=12) | st.text(max_size=8))
def test_any_text_is_a_finite_number_or_one_sentence(text: str) -> None:
    try:
        number = parse(text)
    except ValueError:
        return
    assert float(text) == number
    assert not grouped(text)


@pytest.mark.parametrize("text", ["1.000h", "2.500bd", "+1.500d"])
def test_an_amount_of_time_that_may_be_thousands_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="may mean"):
        Duration.parse(text)
    exact = Duration.parse(text.replace("0h", "00h").replace("0bd", "00bd").replace("0d", "00d"))
    assert Duration.parse(str(exact)) == exact


@given(st.integers(1, 10**8))
def test_every_amount_is_written_such_that_it_can_be_read_again(milliseconds: int) -> None:
    amount = Duration.parse(f"{milliseconds // 1000}.{milliseconds % 1000:03}0h")
    assert Duration.parse(str(amount)) == amount
