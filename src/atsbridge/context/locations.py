"""Where an account's people are: their calendars, zones asked of the chat, and who has none.

How settings and offices become a zone is `calendars`'.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from atsbridge.context.calendars import Calendars
from atsbridge.context.directory import offices_of, users_of
from atsbridge.context.services import Services
from atsbridge.context.versioned_cache import keep, kept
from atsbridge.errors import AtsbridgeError
from atsbridge.model import User
from atsbridge.ports import Placing
from atsbridge.worktime import read_zone

ASKED = 25  # people of whom the chat is asked in one run: a request each
KEPT = timedelta(days=30)  # how long a zone of the chat is believed; people move
NAMED = 10  # people named in one line; the rest is counted
_MOST = 5_000  # people whose zone is kept for one account
_VERSION = "1"  # of how they are kept


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Active people without a zone, and without a country: their addresses, in order.

    `offices`: names in the ATS of where those without a zone are.
    """

    zone: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    offices: tuple[str, ...] = ()


def calendars_of(
    app: Services, account: str, years: tuple[int, ...], users: Mapping[str, User] | None = None
) -> Calendars:
    """The account's calendars for these years, with everybody's place; asks nobody."""
    people = users_of(app, account) if users is None else users
    calendars = Calendars(app.settings, app.store.run_state, years, app.plugins.holidays)
    chat = {user: str(row[0]) for user, row in _known(app, account).items()}
    calendars.settle(people.values(), offices_of(app, account), chat, app.account(account))
    return calendars


def learn_zones(
    app: Services, account: str, calendars: Calendars, people: Iterable[str | None], now: datetime
) -> bool:
    """Ask the chat for the zones of those people (user ids) of whom nothing nearer is known.

    Whether any was found. At most `ASKED` are asked for in a run; an answer, also that the chat
    does not know, is kept for `KEPT`. A chat that cannot be asked costs only the answer.
    """
    known = _known(app, account)
    since = (now - KEPT).isoformat()
    users = users_of(app, account)
    asking = [
        user
        for user in sorted({person for person in people if person})
        if calendars.without_zone(user)
        and user in users
        and users[user].email
        and (user not in known or str(known[user][1]) < since)
    ][:ASKED]
    found = False
    for user in asking:
        try:
            zone = _asked(app, account, users[user].email or "")
        except AtsbridgeError:
            break  # what is sent there next says what is wrong
        known[user] = [zone, now.isoformat()]
        found = found or bool(zone)
    if asking:
        newest = sorted(known.items(), key=lambda row: str(row[1][1]))[-_MOST:]
        keep(app.store.run_state, _key(account), _VERSION, dict(newest))
    return found


def unplaced(app: Services, account: str, calendars: Calendars, people: Iterable[str]) -> Unplaced:
    """Who of these (user ids) has no zone or country, by their address."""
    users = users_of(app, account)
    named = sorted(
        (user.email or user.id, user.id)
        for user in (users.get(one) for one in set(people))
        if user is not None and user.active is not False
    )
    lost = [(name, one) for name, one in named if calendars.without_zone(one)]
    offices = {one.id: one.name or one.id for one in offices_of(app, account)} if lost else {}
    where = {offices.get(users[one].office or "", "") for _, one in lost} - {""}
    return Unplaced(
        tuple(name for name, _ in lost),
        tuple(name for name, one in named if calendars.without_country(one)),
        tuple(sorted(where)),
    )


def regions_wanted(calendars: Calendars, year: int) -> dict[str, int]:
    """Country -> how many people there have no region, where holidays depend on it."""
    from atsbridge.worktime import depends_on_region

    whole = Counter(one.country for one in calendars.locales.values() if len(one.country) == 2)
    return {
        country: people
        for country, people in sorted(whole.items())
        if depends_on_region(country, year)
    }


def listed(names: tuple[str, ...]) -> str:
    """ "a@x.example, b@x.example and 3 more"."""
    shown = ", ".join(names[:NAMED])
    return f"{shown} and {len(names) - NAMED:,} more" if len(names) > NAMED else shown


def _asked(app: Services, account: str, email: str) -> str:
    """The zone of the first chat that knows the person's; "" where none does."""
    sinks = app.sinks(account)
    for name in app.settings.notify.dm:
        sink = sinks.get(name)
        if hasattr(sink, "zone") and (zone := read_zone(cast("Placing", sink).zone(email))):
            return zone
    return ""


def _known(app: Services, account: str) -> dict[str, list[str]]:
    """User id -> zone ("" where the chat has none) and when it was asked for."""
    found = kept(app.store.run_state, _key(account), _VERSION)
    return dict(found) if isinstance(found, dict) else {}


def _key(account: str) -> str:
    return f"zones/{account}"
