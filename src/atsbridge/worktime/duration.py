"""Durations as people write them: 24h, 2d, 1bd, 4bh."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from atsbridge.model import grouped


class Unit(StrEnum):
    """The unit of a duration. `h` and `d` are elapsed time; `bd` and `bh` need a calendar."""

    H = "h"  # elapsed time
    D = "d"  # 24 hours of elapsed time
    BD = "bd"  # local time of whole working days, midnight to midnight; 1bd is 24 such hours
    BH = "bh"  # office hours only


_TEXT = re.compile(r"([+-]?)([0-9]+(?:\.[0-9]+)?|\.[0-9]+)(h|d|bd|bh)")
_ONE = {Unit.H: 3_600_000, Unit.D: 86_400_000, Unit.BD: 86_400_000, Unit.BH: 3_600_000}
_MOST = timedelta(days=36_500)


@dataclass(frozen=True, slots=True)
class Duration:
    """A duration in one unit, in whole milliseconds; a negative one counts back from an event."""

    span: timedelta
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> Duration:
        """Parse a number with a unit, such as "24h", "0.5bd" or "-2bh".

        ValueError, with a sentence for people, for anything else and for more than 36500 days.
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
        """The shortest text that parses to this duration."""
        number = Decimal(self.span // timedelta(milliseconds=1)) / _ONE[self.unit]
        texts = (f"{number:.{digits}f}" for digits in range(11))
        known = (f"{text}{self.unit.value}" for text in texts if not grouped(text.lstrip("-")))
        return next(text for text in known if Duration.parse(text) == self)

    def __neg__(self) -> Duration:
        return Duration(-self.span, self.unit)
