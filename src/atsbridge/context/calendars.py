"""The calendar of each person, from the settings of account, offices and people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from atsbridge.absences import join_spans
from atsbridge.context.run_memory import digest
from atsbridge.context.run_state import SharedRunState
from atsbridge.errors import ConfigError
from atsbridge.model import Office, User
from atsbridge.ports import RunStateStore
from atsbridge.settings import AccountSettings, Settings
from atsbridge.worktime import (
    FALLBACK_ZONE,
    Absence,
    Calendar,
    holidays_version,
    parse_day_hours,
    parse_hours,
    public_holidays,
    read_country,
    read_zone,
    zones_version,
)

_FORMAT = 1  # of what is kept of a year; raise it when `public_holidays` answers differently


@dataclass(frozen=True, slots=True)
class Locale:
    """What of a person matters to a calendar. `key` is stored with the user."""

    zone: str = ""
    country: str = ""
    away: str = ""  # e-mail, where the person has absences of their own

    @property
    def key(self) -> str:
        return "|".join((self.zone, self.country, self.away))


@dataclass(frozen=True, slots=True)
class LocaleOrigin:
    """Where a person's zone and country come from, as a text for people."""

    zone: str = "nobody knows theirs"
    country: str = "nobody knows theirs"


@dataclass(slots=True)
class Calendars:
    """The calendars of one account. Asking for one the settings do not have is a ConfigError."""

    settings: Settings
    run_state: RunStateStore
    years: tuple[int, ...]
    extra_holidays: Callable[[str, int, str], Mapping[str, str]]
    absences: Mapping[str, tuple[Absence, ...]] = field(default_factory=dict)  # e-mail -> known
    locales: dict[str, Locale] = field(default_factory=dict)  # user id -> locale
    origins: dict[str, LocaleOrigin] = field(default_factory=dict)  # user id -> where it comes from
    _made: dict[tuple[str, Locale], Calendar] = field(default_factory=dict)
    _days: dict[str, dict[date, str]] = field(default_factory=dict)
    _usual: str | None = None  # where most people are; "" where nobody's zone is known

    def settle(
        self,
        users: Iterable[User],
        offices: Iterable[Office],
        chat: Mapping[str, str] | None = None,
        account: AccountSettings | None = None,
    ) -> Mapping[str, str]:
        """Find everybody's locale; the keys to store: user id -> key.

        `chat`: user id -> the zone of their profile there. `account`: what counts for people of
        whom nothing nearer is known.
        """
        places = {office.id: office for office in offices}
        for user in users:
            office = places.get(user.office or "")
            zone = _zone(user, office, self.settings, (chat or {}).get(user.id, ""), account)
            country = _country(user, office, self.settings, account)
            away = user.email or "" if self.absences_of(user.email) else ""
            self.locales[user.id] = Locale(zone[0], country[0], away)
            self.origins[user.id] = LocaleOrigin(zone[1], country[1])
        return {user: locale.key for user, locale in self.locales.items()}

    def absences_of(self, email: str | None) -> tuple[Absence, ...]:
        """The absences of a person, in order: of the settings, calendars and plugins."""
        address = (email or "").strip().lower()
        own = self.settings.person(address).absences
        known = self.absences.get(address, ())
        if not own:
            return known
        return join_spans((*(Absence(a.first, a.last, a.reason) for a in own), *known))

    def without_zone(self, user: str | None) -> bool:
        """Whether the person's zone is unknown."""
        return not self.locales.get(user or "", Locale()).zone

    def without_country(self, user: str | None) -> bool:
        """Whether the person's country is unknown, and with it their public holidays."""
        return not self.locales.get(user or "", Locale()).country

    def origin(self, user: str | None, name: str) -> str:
        """Where the zone of the calendar `name` comes from for this user id, as a text."""
        section = self.settings.calendars.get(name)
        if section is not None and section.timezone not in ("", "person"):
            return f"[calendars.{name}]"
        return self.origins.get(user or "", LocaleOrigin()).zone

    def awake(self, user: str | None, name: str) -> Calendar:
        """The calendar `name` outside whose hours the person is left alone.

        Somebody without a known zone is taken to be where most of the account's people are.
        """
        calendar = self.of(user, name)
        section = self.settings.calendars[name]
        if section.timezone != "person" or not self.without_zone(user):
            return calendar
        if self._usual is None:
            zones = Counter(one.zone for one in self.locales.values() if one.zone)
            self._usual = min(zones, key=lambda zone: (-zones[zone], zone), default="")
        return replace(calendar, zone=self._usual) if self._usual else calendar

    def of(self, user: str | None, name: str) -> Calendar:
        """The calendar `name` for this user id (None: for no particular person)."""
        return self._calendar(name, self.locales.get(user or "", Locale()))

    def every(self, name: str) -> Mapping[str, Calendar]:
        """The calendar `name` for each locale there is: key -> calendar."""
        everybody = {*self.locales.values(), Locale()}
        return {locale.key: self._calendar(name, locale) for locale in everybody}

    def digest(self) -> str:
        """Changes whenever time could be counted otherwise.

        With the settings, the people's locales, the holidays of their places (the library's and
        the plugins'), and the edition of the time zones.
        """
        fixed = {one.holidays for one in self.settings.calendars.values()} - {"person"}
        places = {locale.country for locale in self.locales.values()} | fixed
        days = [(place, sorted(self._holidays(place).items())) for place in sorted(places) if place]
        away = sorted({one.away for one in self.locales.values()} - {""})
        people = [(email, self.absences_of(email)) for email in away]
        parts = (self.settings.calendars, people, sorted(self.locales.items()), days)
        return digest(repr((*parts, zones_version())))

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
        special = {day: parse_day_hours(text) for day, text in section.special_hours.items()}
        return Calendar(
            key=f"{name}|{locale.key}",
            zone=zone or FALLBACK_ZONE,
            hours=parse_hours(section.hours),
            holidays=days,
            absences=self.absences_of(locale.away) if locale.away else (),
            special=special,
        )

    def _holidays(self, place: str) -> dict[date, str]:
        if place not in self._days:
            self._days[place] = {}
            for year in self.years:
                self._days[place].update(self._year(place, year))
        return self._days[place]

    def _year(self, place: str, year: int) -> dict[date, str]:
        country, _, region = place.partition("-")
        days = SharedRunState(self.run_state).read_holidays(
            place,
            year,
            f"{_FORMAT} holidays {holidays_version()}",
            lambda: _public(place, year),
        )
        days = {**days, **self.extra_holidays(country, year, region)}
        return {date.fromisoformat(day): name for day, name in days.items()}


def _public(place: str, year: int) -> dict[str, str]:
    """The public holidays, yyyy-mm-dd -> name.

    A region that the installed library does not know gets the holidays of its country, and an
    unknown country gets none: a calendar without holidays is better than an account that stops.
    """
    for code in (place, place.partition("-")[0]):
        try:
            return {day.isoformat(): name for day, name in public_holidays(code, [year]).items()}
        except ValueError:
            continue
    return {}


def _zone(
    user: User,
    office: Office | None,
    settings: Settings,
    chat: str,
    account: AccountSettings | None,
) -> tuple[str, str]:
    """The nearest zone known of a person, and where it comes from."""
    person = settings.person(user.email)
    name = (office.name or "") if office else ""
    place = settings.offices.get(name)
    found = (
        (person.timezone, "[people]"),
        (place.timezone if place else "", f"[offices.{name}]"),
        (read_zone(office.timezone) if office else "", f"the office {name} in the ATS"),
        (chat, "the profile in the chat"),
        (account.timezone if account else "", "[accounts]"),
    )
    return next(((zone, origin) for zone, origin in found if zone), ("", LocaleOrigin().zone))


def _country(
    user: User, office: Office | None, settings: Settings, account: AccountSettings | None
) -> tuple[str, str]:
    """The nearest country known of a person, and where it comes from."""
    person = settings.person(user.email)
    name = (office.name or "") if office else ""
    place = settings.offices.get(name)
    found = (
        (person.place, "[people]"),
        (place.place if place else "", f"[offices.{name}]"),
        (read_country(office.country) if office else "", f"the office {name} in the ATS"),
        (account.place if account else "", "[accounts]"),
    )
    return next(((code, origin) for code, origin in found if code), ("", LocaleOrigin().country))
