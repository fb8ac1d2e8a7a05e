"""The offices of the fake company, and the hours at which its people act."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from atsbridge.worktime import public_holidays

OPENS, CLOSES = time(9), time(18)
DAY = timedelta(days=1)
HALF_HOUR = timedelta(minutes=30)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Window = tuple[datetime, datetime]
Away = Sequence[tuple[date, date, str]]  # first day, last day, why


class OfficeLocation:
    """An office: its zone, its country, and its hours: mon-fri 09:00-18:00, no public holidays.

    `region`: of the country, where the public holidays depend on it.
    """

    def __init__(self, name: str, zone: str, country: str, currency: str, region: str = "") -> None:
        self.name = name
        self.zone = zone
        self.country = country
        self.currency = currency
        self.region = region
        self._tz = ZoneInfo(zone)
        self._windows: dict[date, Window | None] = {}
        self._holidays: dict[int, frozenset[date]] = {}

    def window(self, day: date) -> Window | None:
        """When the office is open on that local day, in UTC; None if it is closed."""
        try:
            return self._windows[day]
        except KeyError:
            self._windows[day] = found = self._open(day)
            return found

    def _open(self, day: date) -> Window | None:
        if day.weekday() >= 5 or day in self.holidays(day.year):
            return None
        opens, closes = (datetime.combine(day, at, self._tz) for at in (OPENS, CLOSES))
        return opens.astimezone(UTC), closes.astimezone(UTC)

    def holidays(self, year: int) -> frozenset[date]:
        """The public holidays of the place in that year."""
        if year not in self._holidays:
            place = f"{self.country}-{self.region}" if self.region else self.country
            self._holidays[year] = frozenset(public_holidays(place, [year]))
        return self._holidays[year]

    def after(self, start: datetime, work: timedelta, away: Away = ()) -> datetime:
        """The instant at which somebody here has worked for `work` since `start`."""
        day = start.date() - DAY
        while True:
            window = self.window(day)
            if window and window[1] > start and not (away and is_away(away, day)):
                begin = max(window[0], start)
                if work < window[1] - begin:
                    return begin + work
                work -= window[1] - begin
            day += DAY

    def local(self, instant: datetime) -> datetime:
        """The instant as the office's wall clock shows it."""
        return instant.astimezone(self._tz)


def is_away(away: Away, day: date) -> bool:
    """Whether one of the absences holds that day."""
    for first, last, _ in away:  # noqa: SIM110 - asked millions of times in a large company
        if first <= day <= last:
            return True
    return False


def common(
    calendars: Sequence[tuple[OfficeLocation, Away]], earliest: datetime, length: timedelta
) -> Window | None:
    """On the first day that has room: from when, and until when, all are at work together."""
    day = earliest.date() - DAY
    for _ in range(40):
        windows = [None if is_away(away, day) else place.window(day) for place, away in calendars]
        begin, end = earliest, earliest + 400 * DAY
        for window in windows:
            if window is None:
                break
            begin, end = max(begin, window[0]), min(end, window[1])
        else:
            begin = _round_up(begin)
            if begin + length <= end:
                return begin, end
        day += DAY
    return None


def _round_up(instant: datetime) -> datetime:
    """To the next half hour."""
    return _EPOCH - (_EPOCH - instant) // HALF_HOUR * HALF_HOUR


def offices() -> tuple[OfficeLocation, ...]:
    """The five offices, new each time: they remember what they have worked out."""
    return (
        OfficeLocation("Lisbon", "Europe/Lisbon", "PT", "EUR"),
        OfficeLocation("Berlin", "Europe/Berlin", "DE", "EUR"),
        OfficeLocation("London", "Europe/London", "GB", "GBP", "ENG"),
        OfficeLocation("New York", "America/New_York", "US", "USD"),
        OfficeLocation("Bengaluru", "Asia/Kolkata", "IN", "INR"),
    )
