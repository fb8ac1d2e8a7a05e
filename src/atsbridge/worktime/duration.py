"""Amounts of time as people write them: 24h, 2d, 1bd, 4bh.

What an amount is worth on somebody's calendar is `count`'s.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from atsbridge.model import grouped


class Unit(StrEnum):
    """What is counted. `h` and `d` pass for everybody alike; the other two need a calendar."""

    H = "h"  # elapsed time
    D = "d"  # 24 of these
    BD = "bd"  # local time of whole working days, midnight to midnight; 1bd is 24 such hours
    BH = "bh"  # office hours only


_TEXT = re.compile(r"([+-]?)([0-9]+(?:\.[0-9]+)?|\.[0-9]+)(h|d|bd|bh)")
_ONE = {Unit.H: 3_600_000, Unit.D: 86_400_000, Unit.BD: 86_400_000, Unit.BH: 3_600_000}
_MOST = timedelta(days=36_500)


@dataclass(frozen=True, slots=True)
class Amount:
    """So much of one unit. Negative ones count back from an event; whole milliseconds."""

    span: timedelta
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> Amount:
        """The amount written as a number and a unit, with or without a sign and a fraction.

        ValueError, as a plain sentence, for anything else and for more than 36500 days.
        """
        match = _TEXT.fullmatch(text.strip())
        if match is None:
            raise ValueError(
                f'"{text}" is not an amount of time: write a number and one of h, d, bd, bh, '
                "such as 24h, 1bd or 0.5h"
            )
        sign, number, letters = match.groups()
        if grouped(number):
            whole = number.replace(".", "")
            raise ValueError(
                f'"{text}" may mean {whole}{letters} or {number}0{letters}: write one of these'
            )
        unit = Unit(letters)
        exact = Decimal(number) * _ONE[unit]
        if exact > _MOST // timedelta(milliseconds=1):
            raise ValueError(f'"{text}" is too long an amount of time: 36500 days are the most')
        length = timedelta(milliseconds=int(exact.quantize(Decimal(1), ROUND_HALF_EVEN)))
        return cls(-length if sign == "-" else length, unit)

    def __str__(self) -> str:
        """The shortest text that parses to this amount."""
        number = Decimal(self.span // timedelta(milliseconds=1)) / _ONE[self.unit]
        texts = (f"{number:.{digits}f}" for digits in range(11))
        known = (f"{text}{self.unit.value}" for text in texts if not grouped(text.lstrip("-")))
        return next(text for text in known if Amount.parse(text) == self)

    def __neg__(self) -> Amount:
        return Amount(-self.span, self.unit)
