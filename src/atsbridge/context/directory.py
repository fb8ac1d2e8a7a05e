"""The people of an account: its users and their settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from atsbridge.cases import Directory, Preferences, Superiors, without_circles
from atsbridge.context.calendars import Calendars
from atsbridge.context.services import Services
from atsbridge.model import User
from atsbridge.worktime import FALLBACK_ZONE, Calendar, next_open

_DIGEST = "digest"
AWAY_LIMIT = timedelta(days=14)  # nothing waits for longer until somebody is back


def build_directory(
    services: Services, account: str, users: Mapping[str, User], calendars: Calendars, now: datetime
) -> Directory:
    """The directory at `now`: who is away today, who is reached where, who answers for rules.

    `users` by id.
    """
    settings, section = services.settings, services.account(account)
    teams = services.teams(account)
    allowed = services.sink_names(account)
    zones = {user: locale.zone for user, locale in calendars.locales.items() if locale.zone}
    away = _away(calendars, users, zones, now)

    def office(user: str | None) -> Calendar:
        return calendars.of(user, _office(services, users.get(user or "")))

    return Directory(
        users=users,
        teams=teams,
        ops=teams[settings.notify.ops],
        sinks=tuple(name for name in settings.notify.dm if name in allowed),
        preferences=_read_preferences(services),
        away=away,
        returns=_find_returns(away, office, now),
        zones=zones,
        office=office,
        superiors=Superiors(
            _read_managers(services, users),
            _read_heads(services, account),
        ),
        reassigned=services.store.silences.read_reassigned(account),
        ats=services.spec(account).title,
        operator=settings.notify.operator,
        writes=frozenset(section.write),
        reminders=tuple(services.spec(account).reminders.get(section.native_reminders, ())),
    )


def _read_preferences(services: Services) -> dict[str, Preferences]:
    """E-mail -> what the settings say of a person, and what they chose themselves."""
    found = {
        email: Preferences(
            delegate=person.delegate,
            sink="" if person.prefer == _DIGEST else person.prefer,
            morning=person.prefer == _DIGEST,
        )
        for email, person in services.settings.people.items()
    }
    for email, chosen in services.store.choices.read_choices().items():
        known = found.get(email, Preferences())
        morning = known.morning if chosen.digest_only is None else chosen.digest_only
        found[email] = replace(known, morning=morning, stopped=chosen.stopped)
    return found


def _read_managers(services: Services, users: Mapping[str, User]) -> dict[str, str]:
    """E-mail of a person -> of their manager: as the settings and people files say, else the ATS.

    A field that an account maps may hold the manager's e-mail in place of the id.
    """
    addresses = {user.id: user.email for user in users.values() if user.email}
    known = set(addresses.values())
    found = {}
    for user in users.values():
        named = (user.manager or "").strip()
        above = addresses.get(named) or (named.lower() if named.lower() in known else "")
        if user.email and above:
            found[user.email] = above
    found |= {email: one.manager for email, one in services.settings.people.items() if one.manager}
    return without_circles(found)


def _office(services: Services, user: User | None) -> str:
    """The calendar whose hours are this person's office hours."""
    own = services.settings.person(user.email if user else None).calendar
    return own or services.settings.notify.quiet_calendar or "office"


def _read_heads(services: Services, account: str) -> dict[str, str]:
    """Department id -> e-mail of its head, by the department's name in the ATS."""
    heads = {name.casefold(): email for name, email in services.settings.directory.heads.items()}
    if not heads:
        return {}
    departments = services.store.history.read_records(account, "department")
    names = ((one.id, str(getattr(one, "name", "") or "").casefold()) for one in departments)
    return {department: heads[name] for department, name in names if name in heads}


def _find_returns(
    away: Mapping[str, str], office: Callable[[str | None], Calendar], now: datetime
) -> dict[str, datetime]:
    """User id -> when somebody who is away works again, within AWAY_LIMIT."""
    returns = {user: next_open(office(user), now) for user in away}
    return {user: at for user, at in returns.items() if now < at <= now + AWAY_LIMIT}


def _away(
    calendars: Calendars, users: Mapping[str, User], zones: Mapping[str, str], now: datetime
) -> dict[str, str]:
    """User id -> why they are absent on their own present day."""
    found: dict[str, str] = {}
    for user in users.values():
        absences = calendars.absences_of(user.email)
        if not absences:
            continue
        today = now.astimezone(ZoneInfo(zones.get(user.id, FALLBACK_ZONE))).date()
        for absence in absences:
            if absence.first <= today <= absence.last:
                found[user.id] = absence.reason
    return found
