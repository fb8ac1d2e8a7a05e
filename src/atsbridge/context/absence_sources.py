"""The absences that calendars and plugins know, and when to read them again."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING

from atsbridge.context.run_state import SharedRunState
from atsbridge.errors import ConfigError
from atsbridge.model import User

if TYPE_CHECKING:
    from atsbridge.absences import AbsenceRefresh
    from atsbridge.context.services import Services
    from atsbridge.worktime import Absence

_READING = threading.Lock()  # whoever has it reads what is due: it may take minutes


def has_absence_sources(services: Services) -> bool:
    """Whether a calendar is configured, or a plugin may know absences."""
    return services.plugins.knows_absences or _has_calendars(services)


def _has_calendars(services: Services) -> bool:
    settings = services.settings
    people = settings.people.values()
    return bool(settings.absences.calendars) or any(one.absence_calendar for one in people)


def read_known_absences(services: Services) -> Mapping[str, tuple[Absence, ...]]:
    """E-mail -> absences, as they were last read. Sends no request."""
    if not has_absence_sources(services):
        return {}
    from atsbridge.absences import merge_absences

    return merge_absences(SharedRunState(services.store.run_state).read_absences().values())


def refresh_absences(services: Services) -> list[ConfigError]:
    """Read calendars and plugins that are due, and store the result.

    Returns the errors of calendars that could not be read; their known absences stay. One thread
    reads at a time. The others go on with what is known, and wait only if nothing is.
    """
    if not has_absence_sources(services):
        return []
    if _has_calendars(services) and find_spec("recurring_ical_events") is None:
        return [_missing_extra(services)]
    from atsbridge.absences import AbsenceRefresh

    known = SharedRunState(services.store.run_state).read_absences()
    refresh = AbsenceRefresh(services.settings, services.time, lambda: _people(services))
    if not _READING.acquire(blocking=not known):
        return refresh.find_errors(known)
    try:
        _refresh(services, refresh)
    finally:
        _READING.release()
    return refresh.errors


def _refresh(services: Services, refresh: AbsenceRefresh) -> None:
    from atsbridge.absences import PluginAbsences

    state = SharedRunState(services.store.run_state)
    before = state.read_absences()
    found = refresh.refresh(
        before,
        lambda: [PluginAbsences(name, rows) for name, rows in services.plugins.absences()],
    )
    if found != before:
        state.write_absences(found)


def _missing_extra(services: Services) -> ConfigError:
    where = services.settings.place("absences")
    remedy = 'Install them: pip install "atsbridge[calendars]"'
    return ConfigError("the libraries that read calendars are missing", where=where, remedy=remedy)


def _people(services: Services) -> dict[str, str]:
    """E-mail address and full name of each person, in lower case -> their e-mail address.

    A name that two people have belongs to neither.
    """
    found: dict[str, str] = {}
    shared: set[str] = set()
    for email, name in _users(services):
        found[email] = email
        key = " ".join(name.lower().split())
        if key and found.setdefault(key, email) != email:
            shared.add(key)
    return {key: email for key, email in found.items() if key not in shared}


def _users(services: Services) -> Iterator[tuple[str, str]]:
    """(e-mail address in lower case, full name) of every user with an address, of all accounts."""
    for account in services.settings.accounts:
        for user in services.store.history.read_records(account, "user"):
            if isinstance(user, User) and user.email:
                yield user.email.strip().lower(), user.name or ""
