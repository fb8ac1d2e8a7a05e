"""Counted time agrees with a slow oracle that looks at every minute on its own.

The oracle knows nothing of `atsbridge.worktime` but what a calendar holds: each UTC quarter of
an hour is looked up in the time zone, and each local minute in the calendar's own words.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import accumulate, pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest

from atsbridge.worktime.calendar import Absence, Calendar, parse_hours
from atsbridge.worktime.clock import CalendarSegment, Pause, due, elapsed, spans
from atsbridge.worktime.duration import Unit
from atsbridge.worktime.elapsed import counted, reach, threshold

QUARTER = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)
BOTH = (Unit.BD, Unit.BH)

OFFICE = "mon-fri 09:00-18:00"
LUNCH = "mon-thu 08:30-12:15 13:00-17:30; fri 08:30-14:00"
NIGHTS = "sat-mon 00:00-05:59 22:07-24:00; wed 00:00-24:00; thu 00:00-03:00"
GULF = "sun-thu 00:00-13:00 14:00-24:00"
FIXED = {date(2024, 1, 1): "New Year", date(2024, 2, 29): "Leap Day", date(2024, 12, 25): "Xmas"}
# on Saturdays, Sundays, on days when clocks change, and next to each other
ODD = FIXED | {date(2024, 3, 30 + day): "Easter" for day in (0, 1)} | {date(2024, 10, 27): "End"}
AWAY = (
    Absence(date(2024, 3, 29), date(2024, 4, 2), "leave"),
    Absence(date(2024, 4, 1), date(2024, 4, 12), "training"),
    Absence(date(2024, 10, 26), date(2024, 11, 3), "leave"),
)

# zone, hours, holidays, absences, first year
PLACES = {
    "utc": ("UTC", OFFICE, FIXED, (), 2024),
    "lisbon": ("Europe/Lisbon", LUNCH, ODD, AWAY, 2024),
    "berlin": ("Europe/Berlin", NIGHTS, ODD, (), 2024),
    "new-york": ("America/New_York", NIGHTS, FIXED, AWAY, 2024),
    "st-johns": ("America/St_Johns", LUNCH, ODD, (), 2024),
    "los-angeles": ("America/Los_Angeles", "sun 01:30-02:30 03:00-04:00", {}, (), 2024),
    "kolkata": ("Asia/Kolkata", OFFICE, FIXED, AWAY, 2024),
    "lord-howe": ("Australia/Lord_Howe", NIGHTS, ODD, (), 2024),
    "chatham": ("Pacific/Chatham", NIGHTS, FIXED, (), 2024),
    "beirut": ("Asia/Beirut", GULF, FIXED, (), 2024),  # clocks change at midnight
    "troll": ("Antarctica/Troll", NIGHTS, ODD, AWAY, 2024),  # and by two hours
    "apia": ("Pacific/Apia", GULF, {}, (), 2011),  # and by a whole day
    "special": ("Europe/Berlin", LUNCH, ODD, AWAY, 2024),
    "special-only": ("America/New_York", "mon 09:00-10:00", FIXED, (), 2024),
}
# Half days, worked weekends, holidays that are worked, days in an absence, next to each other,
# on days when clocks change; one with two intervals up to midnight.
_HALF, _NIGHT = ((540, 780),), ((0, 360), (1320, 1440))
SPECIAL = {
    date(2024, 1, 1): _HALF,
    date(2024, 3, 30): _NIGHT,
    date(2024, 3, 31): _NIGHT,
    date(2024, 4, 6): _HALF,
    date(2024, 10, 27): _HALF,
    date(2024, 12, 24): _HALF,
    date(2024, 12, 25): ((0, 1440),),
    date(2024, 12, 28): _NIGHT,
}


def calendar(name):
    """The calendar of that place."""
    zone, hours, holidays, absences, _ = PLACES[name]
    special = SPECIAL if name.startswith("special") else {}
    return Calendar(name, zone, parse_hours(hours), holidays, absences, special)


class Oracle:
    """Per unit, the minutes counted up to each minute of two years from the first UTC one on."""

    def __init__(self, calendar, first):
        self.calendar = calendar
        self.days = {}
        self.changes = []  # minutes at which the clocks change
        self.origin = datetime(first, 1, 1, tzinfo=UTC)
        worth = {unit: array("q", [0]) for unit in BOTH}
        zone = ZoneInfo(calendar.zone)
        begin = int(self.origin.timestamp())
        end = int(datetime(first + 2, 1, 1, tzinfo=UTC).timestamp())
        shown = datetime.fromtimestamp(begin, zone).replace(tzinfo=None)
        for second in range(begin, end, 900):
            local = datetime.fromtimestamp(second, zone)
            if local.fold:  # shown before: a repeated hour counts once
                for counts in worth.values():
                    counts.extend(bytes(15))
                self.changes.append((second - begin) // 60)
                continue
            naive = local.replace(tzinfo=None)
            while shown < naive:  # skipped by the clocks: counted as passed
                for unit, counts in worth.items():
                    counts[-1] += sum(self.quarter(unit, shown))
                shown += QUARTER
                self.changes.append((second - begin) // 60)
            for unit, counts in worth.items():
                counts.extend(self.quarter(unit, naive))
            shown = naive + QUARTER
        self.sums = {unit: array("q", accumulate(counts)) for unit, counts in worth.items()}
        self.minutes = (end - begin) // 60

    def quarter(self, unit, local):
        """Of the 15 local minutes from here on: 1 where time is counted, else 0."""
        day = local.date()
        if (unit, day) not in self.days:
            own = self.calendar.special.get(day)
            intervals = self.calendar.hours[day.weekday()] if own is None else own
            minutes = bytearray(1440)
            off = (day in self.calendar.holidays and own is None) or any(
                each.first <= day <= each.last for each in self.calendar.absences
            )
            if intervals and not off:
                for start, end in intervals if unit == "bh" else [(0, 1440)]:
                    minutes[start:end] = b"\1" * (end - start)
            self.days[unit, day] = bytes(minutes)
        begin = local.hour * 60 + local.minute
        return self.days[unit, day][begin : begin + 15]

    def at(self, minute):
        """The instant at the beginning of a minute."""
        return self.origin + minute * MINUTE


@cache
def oracle(name):
    """The oracle of that place, made once."""
    return Oracle(calendar(name), PLACES[name][4])


def some_minutes(random, truth):
    """A start and an end: half of them short, a third of them near a change of the clocks."""
    start = random.randrange(truth.minutes)
    if truth.changes and random.random() < 1 / 3:
        near = random.choice(truth.changes) + random.randrange(-4000, 4000)
        start = min(max(near, 0), truth.minutes - 1)
    longest = truth.minutes - start
    end = start + random.randrange(min(longest, 6000) if random.random() < 1 / 2 else longest)
    return start, end


def compare(rounds, seed):
    """Judge `rounds` random spans, each as a count and by both inverses; the differences."""
    random = Random(seed)
    subjects = [(calendar(name), oracle(name), unit) for name in PLACES for unit in BOTH]
    wrong = []
    inverses = 0
    for number in range(rounds):
        place, truth, unit = subjects[number % len(subjects)]
        sums = truth.sums[unit]
        low, high = some_minutes(random, truth)
        start, end = truth.at(low), truth.at(high)
        minutes = sums[high] - sums[low]
        if counted(place, unit, start, end) != minutes * MINUTE:
            wrong.append((place.key, unit, "counted", start, end))
        if not minutes:
            continue
        span = random.randint(1, minutes)
        inverses += 1
        first = bisect_left(sums, sums[low] + span)
        if reach(place, unit, start, span * MINUTE) != truth.at(first):
            wrong.append((place.key, unit, "reach", start, span))
        # Where the clocks skip, the last start is the millisecond before: its minute is compared.
        last = bisect_right(sums, sums[high] - span) - 1
        if (threshold(place, unit, end, span * MINUTE) - truth.origin) // MINUTE != last:
            wrong.append((place.key, unit, "threshold", end, span))
    assert inverses > rounds * 0.7
    return wrong


def test_20_000_random_spans_agree_with_the_oracle():
    """Count, due instant and threshold are exact on every calendar, also where clocks change."""
    assert compare(20_000, seed=1) == []


@pytest.mark.torture
@pytest.mark.timeout(1800)
def test_1_000_000_random_spans_agree_with_the_oracle():
    """The same for a million spans."""
    assert compare(1_000_000, seed=2) == []


@pytest.mark.parametrize("name", sorted(PLACES.keys() - {"utc", "kolkata"}))
def test_the_oracle_sees_the_clocks_change(name):
    """Every place with summer time has spans around a change: the comparison cannot miss them."""
    assert len(oracle(name).changes) >= 2


def test_a_clock_with_hand_overs_and_pauses_agrees_with_the_oracle():
    """Elapsed time, due instant and spans are those of a walk over each minute, by its owner."""
    random = Random(3)
    names = sorted(PLACES.keys() - {"apia"})
    for _ in range(150):
        unit = random.choice(BOTH)
        chosen = random.sample(names, 3)
        start = random.choice(oracle("berlin").changes) + random.randrange(-9000, 1000)
        cuts = sorted(random.sample(range(start - 2000, start + 12_000), 6))
        since = dict(zip([start, *cuts[:2]], chosen, strict=True))
        held = [(cuts[2], cuts[3]), (cuts[3] - 500, cuts[4]), (cuts[5], cuts[5])]
        paused = {minute for low, high in held for minute in range(low, high)}
        total, sums = 0, [0]
        taken_over = sorted(minute for minute in since if minute >= start)
        for first, last in pairwise([*taken_over, start + 14_000]):
            worked = oracle(since[first]).sums[unit]
            for minute in range(first, last):
                if minute not in paused:
                    total += worked[minute + 1] - worked[minute]
                sums.append(total)
        at = oracle("berlin").at
        segments = [CalendarSegment(at(m), calendar(name)) for m, name in since.items()]
        pauses = [Pause(at(low), at(high), "hold") for low, high in held]
        random.shuffle(segments)
        random.shuffle(pauses)
        begin, end = at(start), at(start + 14_000)
        assert elapsed(unit, begin, end, segments, pauses) == total * MINUTE
        listed = spans(unit, begin, end, segments, pauses)
        assert sum((span.counted for span in listed), timedelta()) == total * MINUTE
        if total:
            span = random.randint(1, total)
            due_at = due(unit, begin, span * MINUTE, segments, pauses)
            assert due_at == at(start + bisect_left(sums, span))
            back = due(unit, end, -span * MINUTE, segments, pauses)
            assert (back - begin) // MINUTE == bisect_right(sums, total - span) - 1
