"""Numbers as other systems write them, with the currency and the span of time beside them.

A value that can be read in two ways is None: "1.234" may be 1234 or one and a bit.
"""

from __future__ import annotations

import re
from math import isfinite
from typing import Any

from atsbridge.model.currencies import is_currency
from atsbridge.model.numerals import parse

PERIODS = ("year", "month", "week", "day", "hour")
_SPAN = re.compile(r"[a-z]+")
_PERIOD_NAMES = {
    **{period: period for period in PERIODS},
    **{f"{period}s": period for period in PERIODS},
    "yearly": "year",
    "annual": "year",
    "annually": "year",
    "annum": "year",
    "monthly": "month",
    "weekly": "week",
    "daily": "day",
    "hourly": "hour",
}
_BESIDE = frozenset({"per", "a", "an", "the", "salary", "wage", "pay", "rate", "calendar"})
# ISO 4217: divided into no parts, or into a thousand; all other currencies into a hundred.
_NOT_IN_HUNDREDTHS = re.compile(
    "BIF|CLP|DJF|GNF|ISK|JPY|KMF|KRW|PYG|RWF|UGX|UYI|VND|VUV|XAF|XOF|XPF"
    "|BHD|IQD|JOD|KWD|LYD|OMR|TND"
)


def plain_number(value: Any) -> float | int | None:
    """A finite number, or plain text of one ("85.0"); whole ones as int.

    None for all else: "80k", "1.234,56", "1,234", "1e5", a percentage, a yes or no.
    """
    if isinstance(value, str):
        try:
            value = parse(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and not isfinite(value):
        return None
    return int(value) if isinstance(value, float) and value.is_integer() else value


def whole_number(value: Any) -> int | None:
    """As `plain_number`, but None for a number with a fraction."""
    found = plain_number(value)
    return found if isinstance(found, int) else None


def currency_code(value: Any) -> str | None:
    """The ISO 4217 code in capitals; None for any other text ("$" belongs to many currencies)."""
    code = value.strip().upper() if isinstance(value, str) else ""
    return code if is_currency(code) else None


def pay_period(value: Any) -> str | None:
    """The pay period of a vendor's text, such as "per-year-salary" or "Annually": one of `PERIODS`.

    Other texts, such as "bi-week-salary", are kept as "other:TEXT". None for an empty value.
    """
    if not isinstance(value, str) or not value.strip():
        return None
    names = [name for name in _SPAN.findall(value.lower()) if name not in _BESIDE]
    found = _PERIOD_NAMES.get(names[0]) if len(names) == 1 else None
    return found or f"other:{value.strip()}"


def from_cents(value: Any, currency: str | None) -> float | None:
    """An amount that was sent in hundredths.

    None in a currency that is not divided into a hundred, because it is not clear what was sent.
    """
    cents = whole_number(value)
    if cents is None or currency is None or _NOT_IN_HUNDREDTHS.fullmatch(currency):
        return None
    return cents / 100


def in_order(low: float | None, high: float | None) -> tuple[float | None, float | None]:
    """Two amounts with the lower one first. An amount that is not above 0 becomes None."""
    low, high = (None if end is None or end <= 0 else end for end in (low, high))
    return (high, low) if low is not None and high is not None and low > high else (low, high)
