"""Read the configured calendars and the plugins' absences again, when they are due.

A calendar that cannot be read keeps the absences that are known.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, date, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

from atsbridge.absences.absence_cache import CachedCalendar, join_spans
from atsbridge.absences.calendar_reader import is_address, read_calendar
from atsbridge.absences.ical_absences import (
    REASON,
    IcalOptions,
    UnusableCalendarError,
    find_absences,
)
from atsbridge.errors import AtsbridgeError, ConfigError
from atsbridge.settings import Settings
from atsbridge.textfile import matching, name_of
from atsbridge.timesource import TimeSource
from atsbridge.worktime import Absence

# Days around now: figures of promises look back a quarter, and no target lies a year ahead.
BACK, AHEAD = timedelta(days=120), timedelta(days=366)
# Recurring events are expanded again when less than this is left of AHEAD.
_RENEW = timedelta(days=300)
# Calendars read in one run, those read longest ago first. The others follow in later runs.
MAX_READ = 100
_AT_ONCE = 8
_TRUSTED = timedelta(days=7)  # how long the absences of a plugin count that no longer answers
_PLUGIN = "plugin:"  # the key of what a plugin says; alone it notes when plugins were asked


@dataclass(frozen=True, slots=True)
class AbsenceCalendar:
    """One configured calendar. `source`: a path or an address; never show an address.

    `key`: identifies it in the store. `place`: its setting, for messages. `owner`: the e-mail of
    the person it belongs to; "" for a shared calendar. `zone`: of the owner.
    """

    source: str = field(repr=False)
    place: str
    owner: str = ""
    zone: tzinfo = UTC

    @property
    def key(self) -> str:
        """A hash: an address may be a secret."""
        return hashlib.sha256(f"{self.owner}|{self.source}".encode()).hexdigest()[:20]


@dataclass(frozen=True, slots=True)
class PluginAbsences:
    """What a plugin says: e-mail -> (first day, last day) of each absence, both included."""

    plugin: str
    absences: Mapping[str, Iterable[tuple[date, date]]] = field(default_factory=dict)


def list_calendars(settings: Settings) -> list[AbsenceCalendar]:
    """Every configured calendar. A pattern means each file that it matches.

    A file that does not exist is listed, so that reading it reports the error.
    """
    found = list(_shared(settings))
    for email, person in sorted(settings.people.items()):
        if person.absence_calendar is not None:
            source = person.absence_calendar.get_secret_value()
            zone = ZoneInfo(person.timezone) if person.timezone else UTC
            place = settings.place("people", email, "absence_calendar")
            found.append(AbsenceCalendar(source, place, email, zone))
    return found


def _shared(settings: Settings) -> Iterator[AbsenceCalendar]:
    for number, value in enumerate(settings.absences.calendars):
        source = value.get_secret_value()
        place = settings.place("absences", "calendars", number)
        files = [] if is_address(source) else matching(source, settings.folder)
        if files:
            for file in files:
                yield AbsenceCalendar(name_of(file, settings.folder), place)
        elif is_address(source) or not any(mark in source for mark in "*?["):
            yield AbsenceCalendar(source, place)


@dataclass(slots=True)
class AbsenceRefresh:
    """Reads calendars that are due. `people`: as in `IcalOptions`, read only when needed."""

    settings: Settings
    time: TimeSource
    people: Callable[[], Mapping[str, str]]
    errors: list[ConfigError] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Ask for the people once."""
        self.people = cache(self.people)

    def refresh(
        self,
        cached: Mapping[str, CachedCalendar],
        plugins: Callable[[], Iterable[PluginAbsences]],
    ) -> dict[str, CachedCalendar]:
        """The calendars as they are known now, by key. Errors of the last tries are in `errors`.

        Calendars that are no longer configured are left out.
        """
        calendars = {one.key: one for one in list_calendars(self.settings)}
        found = {key: cached.get(key, CachedCalendar()) for key in calendars}
        due = sorted(
            (
                key
                for key, one in found.items()
                if self._is_due(one) or (one.error and not is_address(calendars[key].source))
            ),
            key=lambda key: (str(found[key].tried or ""), key),
        )[:MAX_READ]
        if due:
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                read = pool.map(lambda key: self._read(calendars[key], found[key]), due)
                found.update(zip(due, read, strict=True))
        self.errors = self.find_errors(found)
        return {**found, **self._ask_plugins(cached, plugins)}

    def find_errors(self, known: Mapping[str, CachedCalendar]) -> list[ConfigError]:
        """The errors of the last tries, in the order of the settings."""
        calendars = {one.key: one for one in list_calendars(self.settings)}.values()
        ordered = sorted(calendars, key=lambda one: one.place)
        found = ((one, known.get(one.key, CachedCalendar())) for one in ordered)
        return [_error(one, cached) for one, cached in found if cached.error]

    def _is_due(self, calendar: CachedCalendar) -> bool:
        """Whether the last try is too long ago. A clock that went back makes it due."""
        now = self.time.now()
        if calendar.tried is None:
            return True
        return not calendar.tried <= now < calendar.tried + self.settings.absences.every

    def _read(self, calendar: AbsenceCalendar, known: CachedCalendar) -> CachedCalendar:
        now = self.time.now()
        first, last = (now - BACK).date(), (now + AHEAD).date()
        people = None if calendar.owner else self.people()
        made_with = self._digest(calendar, people)
        left = known.until - now.date() if known.until else timedelta()
        fresh = left > _RENEW and known.made_with == made_with
        version, etag = (known.version, known.etag) if fresh else ("", "")
        tried = replace(known, tried=now, error="")
        try:
            got = read_calendar(calendar.source, self.settings.folder, self.time, version, etag)
            if got.data is None:
                return replace(tried, read=now, etag=got.etag)
            options = IcalOptions(
                first=first,
                last=last,
                zone=calendar.zone,
                people=people,
                only_out_of_office=self.settings.absences.events != "busy",
            )
            absences = find_absences(got.data, options)
        except AtsbridgeError as error:
            file = "" if is_address(calendar.source) else f"{error.where}: "
            return replace(tried, error=f"{file}{error.what}. {error.remedy}".strip(". "))
        except UnusableCalendarError as error:
            return replace(tried, error=str(error))
        named = {email or calendar.owner: spans for email, spans in absences.items()}
        due = now if people is None or people else None  # before the first sync nobody is known
        return CachedCalendar(due, now, got.version, got.etag, last, named, made_with=made_with)

    def _digest(self, calendar: AbsenceCalendar, people: Mapping[str, str] | None) -> str:
        """What differs when the same calendar would be read in another way."""
        basis = (self.settings.absences.events, str(calendar.zone), sorted((people or {}).items()))
        return hashlib.sha256(repr(basis).encode()).hexdigest()[:20]

    def _ask_plugins(
        self,
        cached: Mapping[str, CachedCalendar],
        plugins: Callable[[], Iterable[PluginAbsences]],
    ) -> dict[str, CachedCalendar]:
        """Absences from plugins, asked as often as a calendar is read."""
        known = {key: one for key, one in cached.items() if key.startswith(_PLUGIN)}
        if not self._is_due(known.get(_PLUGIN, CachedCalendar())):
            return known
        now = self.time.now()
        found = {key: one for key, one in known.items() if one.read and now - one.read < _TRUSTED}
        found[_PLUGIN] = CachedCalendar(tried=now, read=now)
        for one in plugins():
            spans = {
                email.strip().lower(): join_spans(
                    Absence(first, last, REASON) for first, last in rows
                )
                for email, rows in one.absences.items()
            }
            found[f"{_PLUGIN}{one.plugin}"] = CachedCalendar(now, now, absences=spans)
        return found


def _error(calendar: AbsenceCalendar, known: CachedCalendar) -> ConfigError:
    since = f"; the absences of {known.read:%Y-%m-%d %H:%M} UTC still count" if known.read else ""
    return ConfigError(f"the calendar was not read: {known.error}{since}", where=calendar.place)
