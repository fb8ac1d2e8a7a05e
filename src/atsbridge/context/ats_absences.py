"""Absences that an ATS knows. It is asked for one user after the other, each once a day.

The requests spread over the day: each user has a moment of their own in it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zlib import crc32

from atsbridge.errors import FatalError, SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from atsbridge.absences import CachedCalendar
    from atsbridge.context.run_state import RunState
    from atsbridge.model import User
    from atsbridge.ports import AbsenceSource, Connector
    from atsbridge.worktime import Absence

# Users asked in one run, so that a first run of a large company does not wait for them.
MAX_ASKED = 50
_DAY = timedelta(days=1)
_NOT_FOUND = (404, 410)


def add_ats_absences(
    known: Mapping[str, tuple[Absence, ...]], state: RunState
) -> Mapping[str, tuple[Absence, ...]]:
    """`known`, and what the account's ATS last told: e-mail -> absences. Sends no request."""
    ours = state.read_absences()
    if ours is None or not ours.absences:
        return known
    from atsbridge.absences import join_spans

    both = {email: [*known.get(email, ()), *spans] for email, spans in ours.absences.items()}
    return {**known, **{email: join_spans(spans) for email, spans in both.items()}}


def refresh_ats_absences(
    connector: Connector,
    read_users: Callable[[], Mapping[str, User]],
    state: RunState,
    now: datetime,
) -> SourceError | None:
    """Ask the account's ATS for the absences of users whose moment has come, and store them.

    `read_users`: by id. Returns the error that ended it: those who were not asked for that reason
    are asked by the next run, and what is known of them stays. Nothing is read and nothing happens
    if the connector knows no absences.
    """
    from atsbridge.ports import AbsenceSource

    if not isinstance(connector, AbsenceSource):
        return None
    from atsbridge.absences import CachedCalendar

    known = state.read_absences() or CachedCalendar()
    emails = {user.id: user.email for user in read_users().values() if user.active and user.email}
    found, error = _ask(connector, emails, known, now)
    if found != known:
        state.write_absences(found)
    return error


def _ask(
    source: AbsenceSource, emails: Mapping[str, str], known: CachedCalendar, now: datetime
) -> tuple[CachedCalendar, SourceError | None]:
    """What is known after this run, and the error that ended it."""
    since = now - _DAY if known.tried is None else min(now, max(known.tried, now - _DAY))
    due = _due(emails, since, now)
    if not due and known.tried is not None:
        return known, None
    here = {email: spans for email, spans in known.absences.items() if email in emails.values()}
    for at, user in due[:MAX_ASKED]:
        try:
            spans = _read(source, user, now)
        except SourceError as error:
            return replace(known, tried=since, absences=here, error=error.what), error
        since = at
        here.pop(emails[user], None)
        if spans:
            here[emails[user]] = spans
    reached = since if len(due) > MAX_ASKED else now
    return replace(known, tried=reached, read=reached, absences=here, error=""), None


def _due(users: Iterable[str], since: datetime, now: datetime) -> list[tuple[datetime, str]]:
    """(moment, user id) of those whose moment lies in (since, now], in order."""
    found = ((_next_moment(user, since), user) for user in users)
    return sorted(one for one in found if one[0] <= now)


def _next_moment(user: str, since: datetime) -> datetime:
    """The first moment of a user after `since`: a second of the day that their id decides."""
    midnight = since.replace(hour=0, minute=0, second=0, microsecond=0)
    at = midnight + timedelta(seconds=crc32(user.encode()) % int(_DAY.total_seconds()))
    return at if at > since else at + _DAY


def _read(source: AbsenceSource, user: str, now: datetime) -> tuple[Absence, ...]:
    """The absences of one user that have not ended; none of a user that the ATS does not know."""
    from atsbridge.absences import REASON, join_spans
    from atsbridge.worktime import Absence

    try:
        days = source.read_absences(user)
    except FatalError as error:
        if error.status not in _NOT_FOUND:
            raise
        days = ()
    yesterday = (now - _DAY).date()
    return join_spans(
        Absence(first, last, REASON) for first, last in days if first <= last >= yesterday
    )
