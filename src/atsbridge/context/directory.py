"""Who is who in an account: its users with what the settings say of them.

Finding the person for a step is `cases.people`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from atsbridge.cases import Directory, Preferences
from atsbridge.context.calendars import FALLBACK_ZONE, Calendars
from atsbridge.context.services import Services
from atsbridge.model import Office, User

_DIGEST = "digest"


def users_of(app: Services, account: str) -> dict[str, User]:
    """The account's users by id, gone ones left out."""
    found = app.store.history.read_records(account, "user")
    return {user.id: user for user in found if isinstance(user, User)}


def offices_of(app: Services, account: str) -> list[Office]:
    """The account's offices, gone ones left out."""
    return [
        one for one in app.store.history.read_records(account, "office") if isinstance(one, Office)
    ]


def directory(
    app: Services, account: str, users: Mapping[str, User], calendars: Calendars, now: datetime
) -> Directory:
    """The directory at `now`: who is away today, who is reached where, who answers for rules."""
    settings = app.settings
    teams = app.teams(account)
    allowed = app.sink_names(account)
    zones = {user: locale.zone for user, locale in calendars.locales.items() if locale.zone}
    return Directory(
        users=users,
        teams=teams,
        ops=teams[settings.notify.ops],
        sinks=tuple(name for name in settings.notify.dm if name in allowed),
        preferences={
            email: Preferences(
                delegate=person.delegate,
                sink="" if person.prefer == _DIGEST else person.prefer,
                morning=person.prefer == _DIGEST,
            )
            for email, person in settings.people.items()
        },
        away=_away(app, users, zones, now),
        zones=zones,
        office=lambda user: calendars.of(user, _office(app, users.get(user or ""))),
        reassigned=app.store.silences.read_reassigned(account),
        ats=app.spec(account).title,
        writes=frozenset(app.account(account).write),
        reminders=tuple(app.spec(account).reminders.get(app.account(account).native_reminders, ())),
    )


def _office(app: Services, user: User | None) -> str:
    """The calendar whose hours are this person's office hours."""
    own = app.settings.person(user.email if user else None).calendar
    return own or app.settings.notify.quiet_calendar or "office"


def _away(
    app: Services, users: Mapping[str, User], zones: Mapping[str, str], now: datetime
) -> dict[str, str]:
    """User id -> why they are absent on their own present day."""
    found: dict[str, str] = {}
    for user in users.values():
        person = app.settings.person(user.email)
        today = now.astimezone(ZoneInfo(zones.get(user.id, FALLBACK_ZONE))).date()
        for absence in person.absences:
            if absence.first <= today <= absence.last:
                found[user.id] = absence.reason
    return found
