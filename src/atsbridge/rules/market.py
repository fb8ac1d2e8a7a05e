"""Market tables as a judge reads them: rows of pay and of days to fill, and which row speaks.

Reading them from files is `intake`'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from math import inf, isnan, nan
from typing import Any

SELECTORS = ("title", "level", "department", "country", "location")
FIGURES = ("p25", "p50", "p75", "days_to_fill")
PERIODS = ("year", "month", "week", "day", "hour")
COLUMNS = (*SELECTORS, "currency", "period", *FIGURES, "source", "as_of")
_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketRow:
    """What the market pays for a role, and how long it takes to fill one.

    A selector that is "" fits anything; `title` may have `*` and `?`. Amounts are of `currency`
    (ISO 4217) per `period`, days those of the calendar; None where the source does not say.
    """

    title: str
    level: str = ""
    department: str = ""
    country: str = ""
    location: str = ""
    currency: str = ""
    period: str = ""
    p25: float | None = None
    p50: float | None = None
    p75: float | None = None
    days_to_fill: float | None = None
    source: str
    as_of: date

    def fits(self, role: Mapping[str, str]) -> bool:
        """Whether it is about this role: every selector that is filled must agree."""
        asked = {word: want.lower() for word in SELECTORS if (want := getattr(self, word))}
        return all(fnmatchcase(role.get(word, "").lower(), want) for word, want in asked.items())

    @property
    def rank(self) -> tuple[int, int, date]:
        """The closer it looks the more it says; of equals the newer one speaks."""
        filled = sum(bool(getattr(self, word)) for word in SELECTORS)
        return filled, len(self.title.replace("*", "")), self.as_of


@dataclass(frozen=True, slots=True)
class Market:
    """All rows there are. `countries`: name of an office -> its country, where the ATS has none."""

    rows: tuple[MarketRow, ...] = ()
    countries: Mapping[str, str] = field(default_factory=dict)

    def best(self, role: Mapping[str, str], figure: str) -> MarketRow | None:
        """The row that fits the role best among those that know the figure; None if none does.

        `role`: selector -> what the role is; a selector it lacks is only met by a row's "".
        """
        country = role.get("country") or self.countries.get(role.get("location", ""), "")
        whole = {**role, "country": country}
        fitting = [row for row in self.rows if getattr(row, figure) is not None and row.fits(whole)]
        return max(fitting, key=lambda row: row.rank, default=None)


def row(cells: Mapping[str, str]) -> tuple[MarketRow | None, list[tuple[str, str]]]:
    """A row from its cells by column; or what is wrong with it, by column."""
    told = {word: cells.get(word, "").strip() for word in COLUMNS}
    figures = {word: _figure(told[word]) for word in FIGURES}
    wrong = list(_wrong(told, figures))
    if wrong:
        return None, wrong
    values: dict[str, Any] = dict(told)
    values |= {word: None if isnan(number) else number for word, number in figures.items()}
    values["as_of"] = date.fromisoformat(told["as_of"])
    return MarketRow(**values), []


def _figure(text: str) -> float:
    """The number; NaN where there is none, infinity where it is none."""
    if not text:
        return nan
    try:
        found = float(text)
    except ValueError:
        return inf
    return found if 0 < found < inf else inf


def _wrong(told: Mapping[str, str], figures: Mapping[str, float]) -> Iterator[tuple[str, str]]:
    for word in ("title", "source"):
        if not told[word]:
            yield word, f"{word} is empty"
    for word, number in figures.items():
        if number == inf:
            yield word, f'"{told[word]}" is no number above 0: write 72000 or 45.5'
    pay = [figures[word] for word in FIGURES[:3] if 0 < figures[word] < inf]
    if not any(told[word] for word in FIGURES):
        yield "title", f"this row says nothing: fill one of {', '.join(FIGURES)}"
    if pay != sorted(pay):
        yield "p25", "the percentiles do not rise: p25, p50, p75"
    if pay and told["period"] not in PERIODS:
        yield "period", f'"{told["period"]}" is no period: {", ".join(PERIODS)}'
    if pay and not _CURRENCY.fullmatch(told["currency"]):
        yield "currency", f'"{told["currency"]}" is no currency: write three letters such as EUR'
    try:
        date.fromisoformat(told["as_of"])
    except ValueError:
        yield "as_of", f'"{told["as_of"]}" is no day such as 2026-01-31'
