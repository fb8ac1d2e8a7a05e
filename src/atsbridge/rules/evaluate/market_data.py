"""Market tables: rows of pay and days to fill, and the best row for a role."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from typing import Any

from atsbridge.model import PERIODS, is_currency, parse, parse_day, suggest_currency
from atsbridge.rules.language import shown

SELECTORS = ("title", "level", "department", "country", "location")
FIGURES = ("p25", "p50", "p75", "days_to_fill")
COLUMNS = (*SELECTORS, "currency", "period", *FIGURES, "source", "as_of")
MOST = 10**12  # larger than any pay in any currency; more is a typing error
MOST_DAYS = 3_650  # no search takes ten years; more could not be counted from any instant

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketRow:
    """Pay of a role in the market, and the days to fill it.

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
        """Whether the row is for this role: every selector with a value must match."""
        asked = {
            column: want.lower().replace("[", "[[]")  # a bracket is a letter
            for column in SELECTORS
            if (want := getattr(self, column))
        }
        return all(
            fnmatchcase(role.get(column, "").lower(), want) for column, want in asked.items()
        )

    @property
    def rank(self) -> tuple[int, int, date]:
        """The sort key: a row with more selectors comes first, of equals the newer one."""
        filled = sum(bool(getattr(self, column)) for column in SELECTORS)
        return filled, sum(character != "*" for character in self.title), self.as_of


@dataclass(frozen=True, slots=True)
class Market:
    """All rows. `countries`: name of an office -> its country, if the ATS has none."""

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
    """Parse a row from its cells by column; or return its errors by column."""
    cells_read = {column: cells.get(column, "").strip() for column in COLUMNS}
    most = {column: MOST_DAYS if column == "days_to_fill" else MOST for column in FIGURES}
    read = {column: _figure(cells_read[column], most[column]) for column in FIGURES}
    figures = {column: number for column, (number, _) in read.items()}
    wrong = [(column, why) for column, (_, why) in read.items() if why]
    wrong += _wrong(cells_read, figures)
    if wrong:
        return None, wrong
    values: dict[str, Any] = {**cells_read, **figures}
    values["as_of"] = date.fromisoformat(cells_read["as_of"])
    return MarketRow(**values), []


def _figure(text: str, most: int) -> tuple[float | None, str]:
    """The number, or None for an empty cell; or the error."""
    if not text:
        return None, ""
    try:
        found = parse(text)
    except ValueError as error:
        return None, f"{shown(text)} is no number: {error}"
    if found <= 0:
        return None, f"{shown(text)} is no number above 0"
    return (float(found), "") if found <= most else (None, f"{shown(text)} is above {most}")


def _wrong(
    cells_read: Mapping[str, str], figures: Mapping[str, float | None]
) -> Iterator[tuple[str, str]]:
    for column in ("title", "source"):
        if not cells_read[column]:
            yield column, f"{column} is empty"
    pay = [number for column in FIGURES[:3] if (number := figures[column]) is not None]
    if not any(cells_read[column] for column in FIGURES):
        yield "title", f"this row says nothing: fill one of {', '.join(FIGURES)}"
    if pay != sorted(pay):
        yield "p25", "the percentiles do not rise: p25, p50, p75"
    if pay and cells_read["period"] not in PERIODS:
        yield "period", f"{shown(cells_read['period'])} is no period: {', '.join(PERIODS)}"
    code = cells_read["currency"]
    if (pay or code) and not is_currency(code):
        what = f"{shown(code)} is no currency by ISO 4217: write {suggest_currency(code)}"
        yield "currency", what if code else '"" is no currency: write three letters such as EUR'
    if not _DAY.fullmatch(cells_read["as_of"]) or not _is_day(cells_read["as_of"]):
        yield "as_of", f"{shown(cells_read['as_of'])} is no day such as 2026-01-31"


def _is_day(text: str) -> bool:
    try:
        parse_day(text)
    except ValueError:
        return False
    return True
