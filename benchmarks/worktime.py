"""How much dearer counted working time is than a plain bisect over a precomputed list.

Rounds are paired: each measures both on the same instants, and the median ratio counts.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from random import Random
from statistics import median
from time import perf_counter

from atsbridge.worktime.calendar import Calendar, parse_hours
from atsbridge.worktime.duration import Unit
from atsbridge.worktime.elapsed import counted, reach, threshold

ROUNDS, VALUES = 9, 20_000
HOURS = parse_hours("mon-fri 09:00-12:30 13:30-18:00")
FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def office(number: int) -> Calendar:
    """A calendar with a dozen holidays a year, not counted on before."""
    days = {date(year, month, 1): "first" for year in (2025, 2026) for month in range(1, 13)}
    return Calendar(f"office {number}", "Europe/Lisbon", HOURS, days)


def each(ask: Callable[[datetime], object], instants: list[datetime]) -> float:
    """Microseconds per instant."""
    begin = perf_counter()
    for at in instants:
        ask(at)
    return (perf_counter() - begin) / len(instants) * 1e6


def main() -> None:
    """Print one line per question asked."""
    random = Random(1)
    calendar, span = office(0), timedelta(hours=24)
    now = FIRST + timedelta(days=300)
    instants = [FIRST + timedelta(minutes=random.randrange(430_000)) for _ in range(VALUES)]
    starts = [FIRST + timedelta(hours=12 * step) for step in range(800)]
    sums = list(accumulate([4.5] * len(starts)))

    def plain(at: datetime) -> float:
        return sums[-1] - sums[bisect_right(starts, at) - 1]

    questions: dict[str, Callable[[datetime], object]] = {
        "counted h": lambda at: counted(calendar, Unit.H, at, now),
        "counted bd": lambda at: counted(calendar, Unit.BD, at, now),
        "counted bh": lambda at: counted(calendar, Unit.BH, at, now),
        "reach bh": lambda at: reach(calendar, Unit.BH, at, span),
        "threshold bh": lambda at: threshold(calendar, Unit.BH, at, span),
    }
    print(f"per value, median of {ROUNDS} paired rounds of {VALUES:,}")
    for name, ask in questions.items():
        rounds = [(each(ask, instants), each(plain, instants)) for _ in range(ROUNDS)]
        ratio = median(ours / theirs for ours, theirs in rounds)
        print(f"{name:13} {median(r[0] for r in rounds):5.2f} us  {ratio:5.1f} x a plain bisect")
    fresh = [office(number) for number in range(500)]
    begin = perf_counter()
    for calendar_ in fresh:
        threshold(calendar_, Unit.BH, now, span)
    print(f"first question to a new calendar {(perf_counter() - begin) / 500 * 1e6:.0f} us")


if __name__ == "__main__":
    main()
