"""Whose calendar counts: from settings, offices and people to `worktime` calendars.

How time is counted in a calendar is `worktime`'s.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol
from zoneinfo import ZoneInfo

from atsbridge.errors import ConfigError
from atsbridge.model.organisation import Office, User
from atsbridge.settings import Settings
from atsbridge.settings.sections import CalendarSettings, PersonSettings
from atsbridge.worktime.calendar import Absence, Calendar, parse_hours, public_holidays

FALLBACK_ZONE = "UTC"  # where neither person, office nor calendar says


class Cache(Protocol):
    """Computed values kept between ticks: loading the holiday library takes half a second."""

    def cache_get(self, key: str) -> bytes | None: ...

    def cache_put(self, key: str, value: bytes) -> None: ...


@dataclass(frozen=True, slots=True)
class Locale:
    """What of a person matters to a calendar. `key` is stored with the user."""

    zone: str = ""
    country: str = ""
    away: str = ""  # e-mail, where the person has absences of their own

    @property
    def key(self) -> str:
        return "|".join((self.zone, self.country, self.away))


@dataclass(slots=True)
class Calendars:
    """The calendars of one account. Asking for one the settings do not have is a ConfigError."""

    settings: Settings
    cache: Cache
    years: tuple[int, ...]
    extra_holidays: Callable[[str, int], Mapping[str, str]]
    locales: dict[str, Locale] = field(default_factory=dict)  # user id -> locale
    _made: dict[tuple[str, Locale], Calendar] = field(default_factory=dict)
    _days: dict[str, dict[date, str]] = field(default_factory=dict)

    def settle(self, users: Iterable[User], offices: Iterable[Office]) -> Mapping[str, str]:
        """Find everybody's locale; the keys to store: user id -> key."""
        places = {office.id: office for office in offices}
        for user in users:
            self.locales[user.id] = _locale(user, places, self.settings)
        return {user: locale.key for user, locale in self.locales.items()}

    def of(self, user: str | None, name: str) -> Calendar:
        """The calendar `name` as it counts for this user id (None: for nobody in particular)."""
        return self._calendar(name, self.locales.get(user or "", Locale()))

    def every(self, name: str) -> Mapping[str, Calendar]:
        """The calendar `name` for each locale there is: key -> calendar."""
        everybody = {*self.locales.values(), Locale()}
        return {locale.key: self._calendar(name, locale) for locale in everybody}

    def _calendar(self, name: str, locale: Locale) -> Calendar:
        if (name, locale) not in self._made:
            self._made[name, locale] = self._make(name, locale)
        return self._made[name, locale]

    def _make(self, name: str, locale: Locale) -> Calendar:
        try:
            section = self.settings.calendars[name]
        except KeyError:
            known = ", ".join(sorted(self.settings.calendars))
            raise ConfigError(
                f"there is no calendar {name!r}",
                where="[calendars]",
                remedy=f"Add [calendars.{name}], or use one of: {known}",
            ) from None
        zone = locale.zone if section.timezone == "person" else section.timezone
        days = dict(section.closed)
        country = locale.country if section.holidays == "person" else section.holidays
        if country:
            days = {**self._holidays(country), **days}
        return Calendar(
            key=f"{name}|{locale.key}",
            zone=zone or FALLBACK_ZONE,
            hours=_hours(name, section),
            holidays=days,
            absences=_absences(self.settings.people.get(locale.away)),
        )

    def _holidays(self, country: str) -> dict[date, str]:
        if country not in self._days:
            self._days[country] = {}
            for year in self.years:
                self._days[country].update(self._year(country, year))
        return self._days[country]

    def _year(self, country: str, year: int) -> dict[date, str]:
        key = f"holidays/{country}/{year}"
        cached = self.cache.cache_get(key)
        if cached is None:
            found = {d.isoformat(): n for d, n in public_holidays(country, [year]).items()}
            cached = json.dumps(found).encode()
            self.cache.cache_put(key, cached)
        days: dict[str, str] = json.loads(cached)
        days.update(self.extra_holidays(country, year))
        return {date.fromisoformat(day): name for day, name in days.items()}


def check(settings: Settings) -> None:
    """ConfigError for a zone or office hours nobody can read."""
    zones = {f"[offices.{n}]": o.timezone for n, o in settings.offices.items()}
    zones |= {f'[people."{n}"]': p.timezone for n, p in settings.people.items()}
    zones |= {f"[calendars.{n}]": c.timezone for n, c in settings.calendars.items()}
    for where, zone in zones.items():
        if zone and zone != "person":
            try:
                ZoneInfo(zone)
            except (KeyError, ValueError, OSError):
                raise ConfigError(
                    f"there is no time zone {zone!r}",
                    where=where,
                    remedy="Use an IANA name such as Europe/Lisbon",
                ) from None
    for name, section in settings.calendars.items():
        _hours(name, section)


def _hours(name: str, section: CalendarSettings) -> tuple[tuple[tuple[int, int], ...], ...]:
    try:
        return parse_hours(section.hours)
    except ValueError as error:
        raise ConfigError(str(error), where=f"[calendars.{name}] hours") from None


def _locale(user: User, offices: Mapping[str, Office], settings: Settings) -> Locale:
    """The person's settings, else those of their office, else what the ATS says of the office."""
    person = settings.people.get(user.email or "", PersonSettings())
    office = offices.get(user.office or "")
    place = settings.offices.get(office.name or "") if office else None
    zone = person.timezone or (place.timezone if place else "")
    country = person.country or (place.country if place else "")
    if office is not None:
        zone = zone or office.timezone or ""
        country = country or office.country or ""
    return Locale(zone, country, user.email or "" if person.absences else "")


def _absences(person: PersonSettings | None) -> tuple[Absence, ...]:
    if person is None:
        return ()
    return tuple(Absence(a.first, a.last, a.reason) for a in person.absences)
