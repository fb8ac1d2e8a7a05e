"""Read the dates of an export, and find out in which format a column writes them.

A format is a `strptime` pattern. Two readings of one column are never mixed: a column that fits no
single format, or fits both day/month and month/day, is not read at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

ISO = "ISO 8601"
NOON = time(12)
"""A date without a time is read as noon of that day: at most half a day from the truth."""

# What exports write, with the day first, the month first, or the year first. Points never stand
# between month and day in this order.
DAY_FORMATS = (
    *("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d"),
    *("%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y"),
    *("%d %B %Y", "%B %d, %Y", "%Y%m%d"),
)
_TIME = re.compile(
    r"(?P<day>.+?)(?:[T,]?\s+|T)(?P<hour>[0-2]?\d):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)"
    r"(?:\.\d+)?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?"
)


class UnreadableDateError(ValueError):
    """The text is no date in that format."""


@dataclass(slots=True)
class DateColumn:
    """Which formats the values of one column allow, as far as they were seen.

    `declared`: the formats that the mapping names; then nothing is guessed. `first_misfit`: the
    line of the first value that left no common format.
    """

    declared: Sequence[str] = ()
    candidates: tuple[str, ...] = (ISO, *DAY_FORMATS)
    first_misfit: int = 0
    seen: int = 0

    def add(self, text: str, line: int) -> None:
        """Look at one more value."""
        if not text or self.declared or self.first_misfit:
            return
        self.seen += 1
        left = fitting(text, self.candidates)
        if left:
            self.candidates = left
        else:
            self.first_misfit = line

    @property
    def formats(self) -> Sequence[str]:
        """The formats to read the column with; () if that is not known."""
        if self.declared:
            return self.declared
        if self.first_misfit or not self.seen:
            return () if self.first_misfit else (ISO,)
        return () if self.ambiguous else self.candidates

    @property
    def misfit(self) -> str:
        """What is wrong with the first value that left no common format."""
        form = "a known form" if self.seen == 1 else "the form of the lines before"
        return f"holds no date in {form}"

    @property
    def ambiguous(self) -> bool:
        """Whether the values fit several formats that mean different days."""
        kinds = {one.replace("%B", "%b") for one in self.candidates}  # "May" is long and short
        return not self.first_misfit and self.seen > 0 and len(kinds) > 1


@lru_cache(maxsize=65_536)
def fitting(text: str, formats: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the formats in which the text is a date."""
    return tuple(one for one in formats if _fits(text, one))


def _fits(text: str, wanted: str) -> bool:
    try:
        _parse(text, wanted)
    except ValueError:
        return False
    return True


def instant_reader(formats: Sequence[str], zone: ZoneInfo) -> Callable[[str], datetime]:
    """A function text -> aware UTC datetime. It raises UnreadableDateError for any other text.

    An instant without an offset is one of `zone`; of an hour that comes twice, the first counts.
    """

    @lru_cache(maxsize=65_536)
    def read(text: str) -> datetime:
        found = _first(text, formats)
        if not isinstance(found, datetime):
            found = datetime.combine(found, NOON)
        aware = found if found.tzinfo is not None else found.replace(tzinfo=zone)
        try:
            return aware.astimezone(UTC)
        except OverflowError:
            raise UnreadableDateError from None

    return read


def day_reader(formats: Sequence[str]) -> Callable[[str], date]:
    """A function text -> day. It raises UnreadableDateError for any other text."""

    @lru_cache(maxsize=65_536)
    def read(text: str) -> date:
        found = _first(text, formats)
        return found.date() if isinstance(found, datetime) else found

    return read


def _first(text: str, formats: Sequence[str]) -> date | datetime:
    for wanted in formats:
        try:
            return _parse(text, wanted)
        except ValueError:
            continue
    raise UnreadableDateError


def _parse(text: str, wanted: str) -> date | datetime:
    """A date, or a datetime if the text has a time. ValueError if it is none in that format."""
    if wanted == ISO:
        return _iso(text)
    if "%H" in wanted or "%I" in wanted:
        return datetime.strptime(text, wanted)  # noqa: DTZ007  the zone is added by the reader
    match = _TIME.fullmatch(text)
    if match is None:
        return _day(text, wanted)
    day, hour = _day(match["day"], wanted), int(match["hour"])
    if match["half"]:
        if not 1 <= hour <= 12:
            raise UnreadableDateError
        hour = hour % 12 + (12 if match["half"][0] in "Pp" else 0)
    at = datetime.combine(day, time(hour, int(match["minute"]), int(match["second"] or 0)))
    return _with_offset(at, match["zone"])


def _with_offset(at: datetime, zone: str | None) -> datetime:
    if not zone:
        return at
    offset = "+00:00" if zone[0] not in "+-" else zone
    return datetime.fromisoformat(f"{at.isoformat()}{offset}")


@lru_cache(maxsize=16_384)
def _day(text: str, wanted: str) -> date:
    return datetime.strptime(text, wanted).date()  # noqa: DTZ007  a day has no zone


def _iso(text: str) -> date | datetime:
    if len(text) < 10 or text[4] != "-" or text[7] != "-":  # 20261103 is a day of another format
        raise UnreadableDateError
    if len(text) == 10:
        return date.fromisoformat(text)
    match = _TIME.fullmatch(text)
    if match is None or match["half"]:
        raise UnreadableDateError
    return _parse(text, "%Y-%m-%d")
