"""The way of a notice: which sink, which address, and who instead if that leads nowhere.

Sending along it is `deliver`'s; which role a step means was decided in `cases.people`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from atsbridge.cases.people import Directory, Preferences
from atsbridge.delivery import facts
from atsbridge.errors import FatalError
from atsbridge.model.notice import Destination
from atsbridge.model.query import Found
from atsbridge.model.record import Key
from atsbridge.ports import Sink


@dataclass(frozen=True, slots=True)
class Route:
    """A sink, and the destination as that sink is to take it."""

    sink: Sink
    to: Destination


def find(
    to: Destination,
    owner: Destination,
    sinks: Mapping[str, Sink],
    directory: Directory,
    found: Found | None,
) -> Route:
    """The way to `to`, or to whoever stands in: delegates, then the rule's `owner`.

    FatalError where not even the owner's sink is one of the account's, or the subject has no
    record that bears notes.
    """
    if to.kind == "ats":
        return Route(_sink(to, sinks), _note_at(to, found))
    if to.kind != "person":
        return Route(_sink(to, sinks), to)
    for email, why in _chain(to, directory):
        for name in dict.fromkeys((directory.sink_of(email), *directory.sinks)):
            sink = sinks.get(name)
            if sink is not None and sink.spec.dms and sink.reach(email) is not None:
                user = directory.by_email(email)
                person = to.person if email == to.address else user.id if user else None
                return Route(sink, Destination(name, "person", email, person, why))
    why = f"the {to.why} cannot be reached in {' or '.join(directory.sinks) or 'any sink'}"
    return Route(_sink(owner, sinks), replace(owner, why=why))


def _sink(to: Destination, sinks: Mapping[str, Sink]) -> Sink:
    try:
        return sinks[to.sink]
    except KeyError:
        raise FatalError(
            f"sink {to.sink!r} is not one of this account's",
            remedy=f"Name it in the account's sinks, which are: {', '.join(sinks) or 'none'}",
        ) from None


def _chain(to: Destination, directory: Directory) -> Iterator[tuple[str, str]]:
    """The person, their delegate, the delegate's delegate…: (e-mail, why it comes to them)."""
    email, why = to.address, to.why
    seen: set[str] = set()
    while email and email not in seen:
        seen.add(email)
        yield email, why
        user = directory.by_email(email)
        name = (user.name if user else None) or "a colleague"
        email = directory.preferences.get(email, Preferences()).delegate
        why = f"delegate of {name} (who cannot be reached here)"


def _note_at(to: Destination, found: Found | None) -> Destination:
    """The application that bears the note on this subject."""
    account, kind, id_ = to.address.split("/", 2)
    if found is None:
        raise FatalError(f"no note can be left on {to.address}")
    if kind != "application":
        path = facts.path_to(kind, "application")
        if path is None or not found.facts.get(path):
            raise FatalError(
                f"a note needs an application, and this {kind} has none",
                where=to.address,
                remedy="Send what concerns a requisition to a person or a channel",
            )
        id_ = str(found.facts[path])
    return replace(to, address=str(Key(account, "application", id_)))
