"""Find the days on which an iCalendar says that somebody is absent.

Only days leave this module: titles, places and notes of events are neither kept nor shown. A day
counts if an event that is not free, tentative or canceled covers it, as an all-day event or from
`DAY_START` to `DAY_END`. Recurring events are expanded within a window of days.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from atsbridge.worktime import Absence

if TYPE_CHECKING:
    from icalendar import Calendar, Component

# A day counts if one event covers these local hours: a day off may be entered as 09:00 to 17:00,
# while a long lunch or a half day must not count.
DAY_START, DAY_END = time(10), time(16)
# Events of one calendar. A busy person has some 2,000 a year, and calendars often hold ten years.
MAX_EVENTS = 30_000
# Recurring series that may count. People have a few dozen; each is expanded from its first day.
MAX_SERIES = 500
# Series that begin earlier cost time to expand, and were forgotten rather than kept up.
OLDEST_SERIES = timedelta(days=20 * 366)
# Spans of one person in the window: one for every third day.
MAX_SPANS = 200
MAX_ATTENDEES = 200  # of one event of a shared calendar
_RULES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})  # others repeat within one day
_LENGTHS = {month: monthrange(2024, month)[1] for month in range(1, 13)}  # at most
_WITHIN_A_DAY = ("BYHOUR", "BYMINUTE", "BYSECOND")
_FREE = frozenset({"FREE", "TENTATIVE", "WORKINGELSEWHERE"})
_OUT_OF_OFFICE = "OOF"
_BUSY = ("X-MICROSOFT-CDO-BUSYSTATUS", "X-MICROSOFT-CDO-INTENDEDSTATUS")
REASON = "away"  # of every absence: what an event says is private
_PERSONAL = ""  # the owner of a personal calendar
_MAIL = re.compile(r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+")
_PARTS = re.compile(r"\s*[:(),|/–—]\s*|\s+-\s+")


class UnusableCalendarError(ValueError):
    """The calendar cannot be read. The text says why, and holds nothing of its content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IcalOptions:
    """How to read one calendar.

    `first`, `last`: the window of days. `zone`: of events in UTC, if the calendar names none.
    `people`: None for the calendar of one person; for a shared one, each person's e-mail address
    and full name, both in lower case, -> their e-mail address. `only_out_of_office`: busy events
    do not count.
    """

    first: date
    last: date
    zone: tzinfo = UTC
    people: Mapping[str, str] | None = None
    only_out_of_office: bool = False


def find_absences(data: bytes, options: IcalOptions) -> Mapping[str, tuple[Absence, ...]]:
    """E-mail -> absences in order; the key is "" in the calendar of one person.

    UnusableCalendarError if it is no iCalendar, is cut off, or exceeds a bound.
    """
    text = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text[:1024].upper().startswith(b"BEGIN:VCALENDAR"):
        raise UnusableCalendarError("this is not an iCalendar file; it may be a page to log in")
    if not text.rstrip().upper().endswith(b"END:VCALENDAR"):
        raise UnusableCalendarError("the calendar is cut off")
    if text.upper().count(b"BEGIN:VEVENT") > MAX_EVENTS:
        raise UnusableCalendarError(f"the calendar has more than {MAX_EVENTS:,} events")
    days = _AbsentDays(options)
    try:
        for calendar in _parse(text):
            days.add(calendar)
    except UnusableCalendarError:
        raise
    except Exception as error:  # noqa: BLE001  the library may raise anything for broken content
        kind = type(error).__name__
        raise UnusableCalendarError(f"the calendar cannot be read ({kind})") from None
    return days.spans()


def _parse(text: bytes) -> Iterable[Calendar]:
    from icalendar import Calendar

    # Times and addresses are ASCII; letters of other encodings occur in texts, which are not kept.
    found: Any = Calendar.from_ical(text.decode("utf-8", errors="replace"), multiple=True)
    return [one for one in found if isinstance(one, Calendar)]


@dataclass(slots=True)
class _AbsentDays:
    """Collects absent days by person."""

    options: IcalOptions
    days: dict[str, set[date]] = field(default_factory=dict)

    def add(self, calendar: Calendar) -> None:
        """Add the events of one calendar, recurring ones expanded."""
        from recurring_ical_events import of

        first, last = self.options.first, self.options.last
        _keep_relevant(calendar, first)
        # Events are found by overlap: a day more at each end covers every zone.
        start, end = first - timedelta(days=1), last + timedelta(days=2)
        for event in of(calendar, skip_bad_series=True).between(start, end):
            if _counts(event, only_out_of_office=self.options.only_out_of_office):
                self._add_event(event)

    def _add_event(self, event: Component) -> None:
        days = list(self._covered(event))
        for person in self._people(event) if days else ():
            self.days.setdefault(person, set()).update(days)

    def _days(self, start: date, end: date) -> Iterator[date]:
        """Every day of the window from `start` to before `end`, however long that is."""
        start = max(start, self.options.first)
        for ahead in range((min(end, self.options.last + timedelta(days=1)) - start).days):
            yield start + timedelta(days=ahead)

    def _covered(self, event: Component) -> Iterator[date]:
        """The days of the window that the event covers, in its own zone."""
        start, end = _bounds(event)
        if not isinstance(start, datetime) or not isinstance(end, datetime):
            yield from self._days(start, end)
            return
        start, end = self._local(start), self._local(end)
        for day in self._days(start.date(), end.date() + timedelta(days=1)):
            covers = start <= datetime.combine(day, DAY_START)
            if covers and end >= datetime.combine(day, DAY_END):
                yield day

    def _local(self, at: datetime) -> datetime:
        """The wall-clock time of an instant; a time without a zone is one already."""
        if at.tzinfo is None:
            return at
        zone = self.options.zone if _is_utc(at) else at.tzinfo
        return at.astimezone(zone).replace(tzinfo=None)

    def _people(self, event: Component) -> Iterable[str]:
        people = self.options.people
        if people is None:
            return (_PERSONAL,)
        for texts in (_attendees(event), _addresses(event.get("ORGANIZER")), _title_parts(event)):
            found = {people[text] for text in texts if text in people}
            if found:
                return sorted(found)
        return ()

    def spans(self) -> Mapping[str, tuple[Absence, ...]]:
        """Consecutive days as spans, in order of person and day."""
        found = {person: _merge(days) for person, days in sorted(self.days.items())}
        if any(len(spans) > MAX_SPANS for spans in found.values()):
            raise UnusableCalendarError(f"the calendar has more than {MAX_SPANS} absences a person")
        return found


def _is_utc(at: datetime) -> bool:
    """Whether the zone of an instant is UTC all year, by its name or without one: London is not."""
    halves = (at.replace(month=month, day=1) for month in (1, 7))
    never_moves = all(one.utcoffset() == timedelta(0) for one in halves)
    return never_moves and at.tzname() in ("UTC", None)


def _keep_relevant(calendar: Calendar, first: date) -> None:
    """Drop events that can never count, so that they are not expanded."""
    events = [one for one in calendar.subcomponents if one.name == "VEVENT"]
    wanted = {str(one.get("UID", "")) for one in events if _may_count(one)}
    kept = [one for one in events if str(one.get("UID", "")) in wanted]
    series = [one for one in kept if "RRULE" in one or "RDATE" in one]
    if len(series) > MAX_SERIES:
        raise UnusableCalendarError(f"the calendar has more than {MAX_SERIES} recurring absences")
    refused = {str(one.get("UID", "")) for one in series if not _is_expandable(one, first)}
    others = [one for one in calendar.subcomponents if one.name == "VTIMEZONE"]
    calendar.subcomponents = [
        *others,
        *(one for one in kept if str(one.get("UID", "")) not in refused),
    ]


def _may_count(event: Component) -> bool:
    """Whether the event is long enough to cover a day."""
    try:
        start, end = _bounds(event)
    except (ValueError, TypeError, AttributeError, KeyError):
        return False
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return end >= start
    if (start.tzinfo is None) != (end.tzinfo is None):
        return False
    length = datetime.combine(date.min, DAY_END) - datetime.combine(date.min, DAY_START)
    return end - start >= length


def _is_expandable(event: Component, first: date) -> bool:
    """Whether a recurring event repeats by days or longer, and does not begin in a distant past."""
    rules: Any = event.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        if {str(one).upper() for one in rule.get("FREQ", [])} - _RULES:
            return False
        if any(part in rule for part in _WITHIN_A_DAY) or not _comes_round(rule):
            return False
    start, _ = _bounds(event)
    begun = start.date() if isinstance(start, datetime) else start
    return begun >= first - OLDEST_SERIES


def _comes_round(rule: Any) -> bool:
    """Whether a rule ever names a day. The library looks for one for ever, or to the year 9999.

    Days of the year and weeks are for yearly rules only (RFC 5545, 3.3.10).
    """

    def numbers(part: str) -> set[int]:
        return {int(one) for one in rule.get(part, [])}

    every = {str(one).upper() for one in rule.get("FREQ", [])}
    if 0 in numbers("INTERVAL") or ("DAILY" in every and numbers("BYSETPOS") - {1, -1}):
        return False
    if every != {"YEARLY"} and any(part in rule for part in ("BYYEARDAY", "BYWEEKNO")):
        return False
    months, days = numbers("BYMONTH") or _LENGTHS, numbers("BYMONTHDAY") or {1}
    return any(0 < abs(day) <= _LENGTHS.get(month, 0) for month in months for day in days)


def _bounds(event: Any) -> tuple[date | datetime, date | datetime]:
    """Start and end; a date is the first day, and the day after the last one."""
    start: date | datetime = event.start
    end: date | datetime = event.end
    return start, end


def _counts(event: Component, *, only_out_of_office: bool) -> bool:
    if str(event.get("STATUS", "")).upper() in ("CANCELLED", "TENTATIVE"):
        return False
    states = [str(event.get(name, "")).strip().upper() for name in _BUSY]
    state = next((one for one in states if one), "")
    if state == _OUT_OF_OFFICE:
        return True
    if only_out_of_office or state in _FREE:
        return False
    return str(event.get("TRANSP", "OPAQUE")).strip().upper() != "TRANSPARENT"


def _attendees(event: Component) -> Iterator[str]:
    found: Any = event.get("ATTENDEE", [])
    for one in (found if isinstance(found, list) else [found])[:MAX_ATTENDEES]:
        if str(getattr(one, "params", {}).get("PARTSTAT", "")).upper() != "DECLINED":
            yield from _addresses(one)


def _addresses(value: Any) -> Iterator[str]:
    """The e-mail addresses in a calendar address: its value, and its parameter EMAIL."""
    texts = (str(value or ""), str(getattr(value, "params", {}).get("EMAIL", "")))
    for text in texts:
        yield from (match.lower() for match in _MAIL.findall(text))


def _title_parts(event: Component) -> Iterator[str]:
    """Addresses in the title, and its parts: "Kim Osei: vacation" names Kim Osei."""
    summary = str(event.get("SUMMARY", ""))[:500].lower()
    yield from _MAIL.findall(summary)
    yield from (" ".join(part.split()) for part in _PARTS.split(summary))


def _merge(days: set[date]) -> tuple[Absence, ...]:
    spans: list[Absence] = []
    for day in sorted(days):
        if spans and spans[-1].last + timedelta(days=1) == day:
            spans[-1] = Absence(spans[-1].first, day, REASON)
        else:
            spans.append(Absence(day, day, REASON))
    return tuple(spans)
