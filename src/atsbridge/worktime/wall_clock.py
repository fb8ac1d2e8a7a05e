"""Local time that never goes back: the latest time that a wall clock in a zone has shown so far.

Every number is in milliseconds.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import chain, pairwise
from zoneinfo import ZoneInfo

DAY = 86_400_000
_MARGIN = 4 * DAY  # offsets lie within a day of UTC, so a change is over by then
_FIRST, _LAST = 1900, 2100  # the offsets of these years hold for what lies beyond
_PROBE = 4 * 86_400  # seconds
_NEVER = 10**18


def _january(year: int) -> int:
    return (datetime(year, 1, 1, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days * DAY


@dataclass(frozen=True, slots=True)
class _Years:
    """UTC years low..high: from `at[i]` on the wall shows UTC + `offset[i]`, `top[i]` at least."""

    low: int
    high: int
    first: int  # what can be asked for: from here ...
    last: int  # ... to before here
    at: list[int]
    offset: list[int]
    top: list[int]


class Wall:
    """Local time that never goes back: it stands still in a repeated hour and jumps a skipped one.

    Instants are UTC and wall times local, both in milliseconds since 1970 on their own clock.
    Years are read from the time zone database as they are asked for.
    """

    def __init__(self, zone: str) -> None:
        self._zone = zone
        self._years = _Years(_LAST, _FIRST, 0, 0, [], [], [])

    def at(self, instant: int) -> int:
        """The wall time at an instant."""
        years = self._years
        if not years.first <= instant < years.last:
            years = self._read(instant)
        index = bisect_right(years.at, instant) - 1
        shown = instant + years.offset[index]
        if shown < years.top[index]:
            return years.top[index]
        return shown

    def last(self, shown: int) -> int:
        """The last instant at which the wall shows this time or an earlier one.

        One millisecond later is the first at which it shows more.
        """
        years = self._years
        if not years.first <= shown < years.last:
            years = self._read(shown)
        index = bisect_right(years.top, shown) - 1
        return min(shown - years.offset[index], years.at[index + 1] - 1)

    def _read(self, instant: int) -> _Years:
        """Widen what is known to the years around an instant; one swap, so threads may race."""
        held = min(max(instant, _january(_FIRST)), _january(_LAST))
        year = datetime.fromtimestamp(held // 1000, UTC).year
        low = max(_FIRST, min(year - 1, self._years.low))
        high = min(_LAST, max(year + 1, self._years.high))
        rows = list(chain.from_iterable(_changes(self._zone, y) for y in range(low, high + 1)))
        if low == _FIRST:
            rows[0] = (-_NEVER, rows[0][1])
        top = [rows[0][0] + rows[0][1]]
        for (_, before), (at, after) in pairwise(rows):
            top.append(max(top[-1], at + before, at + after))
        self._years = _Years(
            low,
            high,
            -_NEVER if low == _FIRST else _january(low) + _MARGIN,
            _NEVER if high == _LAST else _january(high + 1) - _MARGIN,
            [at for at, _ in rows] + [_NEVER],
            [offset for _, offset in rows],
            top,
        )
        return self._years


@lru_cache(maxsize=1000)
def wall(zone: str) -> Wall:
    """The one Wall of a zone."""
    return Wall(zone)


@lru_cache(maxsize=10_000)
def _changes(zone: str, year: int) -> tuple[tuple[int, int], ...]:
    """(instant, offset from then on) at the start of a UTC year and at each change in it.

    Probes 4 days apart find them: from 1900 on no zone changes twice within 6.9 (tzdata 2025).
    """
    place = ZoneInfo(zone)

    def offset(second: int) -> int:
        away = datetime.fromtimestamp(second, place).utcoffset()
        return (away or timedelta()) // timedelta(milliseconds=1)

    begin, end = _january(year) // 1000, _january(year + 1) // 1000
    known = offset(begin)
    rows = [(begin * 1000, known)]
    for before in range(begin, end, _PROBE):
        after = min(before + _PROBE, end)
        if offset(after) != known:
            low = before
            while after - low > 1:
                middle = (low + after) // 2
                low, after = (middle, after) if offset(middle) == known else (low, middle)
            known = offset(after)
            rows.append((after * 1000, known))
    return tuple(rows)
