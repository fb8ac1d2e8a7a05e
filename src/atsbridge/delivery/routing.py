"""The route of a notice: its sink and address, and who gets it if nobody can be reached there.

`cases.recipients` decided which person or channel a step means.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass, replace

from atsbridge.cases import Directory, Preferences
from atsbridge.errors import AtsbridgeError, AuthError, DeniedError, FatalError, PluginError
from atsbridge.model import (
    Destination,
    Found,
    Key,
    RecipientCode,
    RecipientReason,
    RecipientTrouble,
    address,
    note_targets,
    read,
    recipient_reason,
)
from atsbridge.ports import Sink
from atsbridge.presentation import message_data

CLOSING = (AuthError, DeniedError, FatalError, PluginError)  # FatalError: of one place only
Place = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Route:
    """A sink, and the destination as the sink gets it."""

    sink: Sink
    to: Destination


def find(
    to: Destination,
    owner: Destination,
    sinks: Mapping[str, Sink],
    directory: Directory,
    found: Found | None,
    closed: MutableMapping[Place, AtsbridgeError] | None = None,
) -> Route:
    """The route to `to`, or to a stand-in: delegates, the rule's `owner`, the operators.

    `closed`: routes that were tried, with their errors; a sink that fails to look up a person is
    added. Without `closed` such an error is raised. If a whole sink is closed, the person's other
    sinks are tried, but nobody else gets the notice: the sink's error is raised. FatalError if even
    the owner's sink is not one of the account's, or if no record of the subject can have notes.
    """
    if to.kind == "ats":
        return Route(_sink(to, sinks), _place_note(to, found))
    if to.kind != "person":
        closed_channel = (recipient_reason(RecipientCode.CHANNEL_CLOSED, channel=to.address),)
        others = (owner, directory.ops)
        places = (to, *(replace(other, why=closed_channel, fallback=True) for other in others))
        return _place(places, sinks, closed or {})
    for email, why in _chain(to, directory):
        names = dict.fromkeys((directory.find_sink(email), *directory.sinks))
        for name in names:
            sink = sinks.get(name)
            if (
                sink is not None
                and sink.spec.direct_messages
                and _reached(name, sink, email, closed)
            ):
                user = directory.by_email(email)
                person = to.person if email == to.address else user.id if user else None
                return Route(sink, Destination(name, "person", email, person, why))
        for name in names:
            error = (closed or {}).get((name, "person", email))
            if error is not None and not isinstance(error, FatalError):
                raise error
    why = (*to.why, recipient_reason(RecipientCode.NO_ROUTE, sinks=directory.sinks))
    places = tuple(replace(other, why=why, fallback=True) for other in (owner, directory.ops))
    return _place(places, sinks, closed or {})


def _reached(
    name: str, sink: Sink, email: str, closed: MutableMapping[Place, AtsbridgeError] | None
) -> bool:
    """Whether the sink knows the person, and the route to them is open."""
    if closed is None:
        return sink.find_address(email) is not None
    place = (name, "person", email)
    if place in closed:
        return False
    try:
        return sink.find_address(email) is not None
    except CLOSING as error:
        closed[place] = error
        return False


def _place(
    places: tuple[Destination, ...],
    sinks: Mapping[str, Sink],
    closed: Mapping[Place, AtsbridgeError],
) -> Route:
    """The first of these channels that is not closed; else the error of the first."""
    for to in places:
        error = closed.get(to.place)
        if error is None:
            return Route(_sink(to, sinks), to)
        if not isinstance(error, FatalError):
            break
    raise next(closed[to.place] for to in places if to.place in closed)


def _sink(to: Destination, sinks: Mapping[str, Sink]) -> Sink:
    try:
        return sinks[to.sink]
    except KeyError:
        raise FatalError(
            f"sink {to.sink!r} is not one of this account's",
            remedy=f"Name it in the account's sinks, which are: {', '.join(sinks) or 'none'}",
        ) from None


def _chain(
    to: Destination, directory: Directory
) -> Iterator[tuple[str, tuple[RecipientReason, ...]]]:
    """The person, their delegate, the delegate's delegate…: (e-mail, why it comes to them)."""
    email, why = to.address, to.why
    seen: set[str] = set()
    while email and email not in seen:
        seen.add(email)
        yield email, why
        user = directory.by_email(email)
        name = (user.name if user else None) or ""
        email = directory.preferences.get(email, Preferences()).delegate
        trouble = RecipientTrouble.NO_ROUTE
        why = (recipient_reason(RecipientCode.DELEGATE, name=name, trouble=trouble),)


def _place_note(to: Destination, found: Found | None) -> Destination:
    """The application that has notes or tags on this subject; for a note else its requisition."""
    record, mark = read(to.address)
    kinds = note_targets(record.kind)[:1] if mark else note_targets(record.kind)
    for kind in kinds:
        if kind == record.kind:
            return to
        path = message_data.path_to(record.kind, kind)
        if found is not None and path and found.facts.get(path):
            target = Key(record.account, kind, str(found.facts[path]))
            return replace(to, address=address(target, mark))
    needs = " or ".join(kinds) or "application"
    raise FatalError(
        f"a note needs an {needs}, and this {record.kind} has none",
        where=to.address,
        remedy="Send it to a person or a channel",
    )
