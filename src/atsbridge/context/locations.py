"""Time zones that are read from the chat service, and people without a zone or country."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from atsbridge.context.account_context import AccountContext
from atsbridge.context.calendars import Calendars
from atsbridge.errors import AtsbridgeError
from atsbridge.ports import ZoneSource
from atsbridge.worktime import read_zone

ASKED = 25  # people of whom the chat is asked in one run: a request each
KEPT = timedelta(days=30)  # how long a zone of the chat is believed; people move
NAMED = 10  # people named in one line; the rest is counted
_MOST = 5_000  # people whose zone is kept for one account


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Active people without a zone, and without a country: their addresses, in order.

    `offices`: names in the ATS of where those without a zone are.
    """

    zone: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    offices: tuple[str, ...] = ()


def learn_zones(context: AccountContext, people: Iterable[str | None]) -> bool:
    """Ask the chat for the zones of those people (user ids) of whom nothing nearer is known.

    Returns whether any was found; then the context builds its calendars anew. At most `ASKED` are
    asked for in a run; an answer, also that the chat does not know, is kept for `KEPT`. A chat that
    cannot be asked costs only the answer.
    """
    known, now, users = context.run_state.read_chat_zones(), context.time.now(), context.users
    since = (now - KEPT).isoformat()
    asking = [
        user
        for user in sorted({person for person in people if person})
        if context.calendars.without_zone(user)
        and user in users
        and users[user].email
        and (user not in known or str(known[user][1]) < since)
    ][:ASKED]
    found = False
    for user in asking:
        try:
            zone = _ask_chat(context, users[user].email or "")
        except AtsbridgeError:
            break  # the next message to that sink reports the error
        known[user] = [zone, now.isoformat()]
        found = found or bool(zone)
    if asking:
        newest = sorted(known.items(), key=lambda row: str(row[1][1]))[-_MOST:]
        context.run_state.write_chat_zones(dict(newest))
    if found:
        context.forget_calendars()
    return found


def find_unplaced(context: AccountContext, people: Iterable[str]) -> Unplaced:
    """Who of these (user ids) has no zone or country, by their address."""
    users, calendars = context.users, context.calendars
    named = sorted(
        (user.email or user.id, user.id)
        for user in (users.get(one) for one in set(people))
        if user is not None and user.active is not False
    )
    zoneless = [(name, one) for name, one in named if calendars.without_zone(one)]
    offices = {one.id: one.name or one.id for one in context.offices} if zoneless else {}
    where = {offices.get(users[one].office or "", "") for _, one in zoneless} - {""}
    return Unplaced(
        tuple(name for name, _ in zoneless),
        tuple(name for name, one in named if calendars.without_country(one)),
        tuple(sorted(where)),
    )


def find_missing_regions(calendars: Calendars, year: int) -> dict[str, int]:
    """Country -> how many people there have no region, where holidays depend on it."""
    from atsbridge.worktime import depends_on_region

    whole = Counter(one.country for one in calendars.locales.values() if len(one.country) == 2)
    return {
        country: people
        for country, people in sorted(whole.items())
        if depends_on_region(country, year)
    }


def join_names(names: tuple[str, ...]) -> str:
    """ "a@x.example, b@x.example and 3 more"."""
    shown = ", ".join(names[:NAMED])
    return f"{shown} and {len(names) - NAMED:,} more" if len(names) > NAMED else shown


def _ask_chat(context: AccountContext, email: str) -> str:
    """The zone of the first chat that knows the person's; "" where none does."""
    sinks = context.sinks
    for name in context.settings.notify.dm:
        sink = sinks.get(name)
        if hasattr(sink, "find_zone") and (
            zone := read_zone(cast("ZoneSource", sink).find_zone(email))
        ):
            return zone
    return ""
