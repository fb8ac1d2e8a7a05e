"""Find the new assignee of a case: a user of the account, or an address that a sink reaches."""

from __future__ import annotations

import re
from typing import NamedTuple

from atsbridge.cases import Directory
from atsbridge.context import Services
from atsbridge.errors import AtsbridgeError, ConfigError
from atsbridge.model import Destination, RecipientCode, suggest

_ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;.]{2,}")


class Assignee(NamedTuple):
    """Who gets a case. `name`: for its history; "": the rule's owner. `outside`: not in the ATS."""

    to: Destination
    name: str
    outside: bool = False


def assignee(app: Services, account: str, directory: Directory, email: str) -> Assignee:
    """The destination for an address; with the name for the case's history.

    ConfigError, with the closest known address, for text that is not an address, for a user who
    is no longer active, and for an unknown address that no sink of the account reaches.
    """
    email = email.strip().lower()
    known = {user.email: user for user in directory.users.values() if user.email}
    user = directory.by_email(email)
    if user is not None:
        if user.active is False:
            raise ConfigError(
                f"{user.name or email} is not active in {account} any more",
                remedy="Write the address of somebody who is",
            )
        sink = directory.find_sink(email)
        return Assignee(Destination(sink, "person", email, user.id), user.name or email)
    near = suggest(email, known)
    hint = f"Did you mean {near}?" if near else "Write the address that the ATS has of them"
    if not _ADDRESS.fullmatch(email):
        raise ConfigError(f"{email!r} is not an e-mail address", remedy=hint)
    for name in directory.sinks:
        if _reaches(app, account, name, email):
            return Assignee(Destination(name, "person", email), email, outside=True)
    raise ConfigError(
        f"nobody in {account} has the address {email!r}, and none of its sinks reaches it",
        remedy=hint,
    )


def is_unlisted(to: Destination) -> bool:
    """Whether it is a superior whom the ATS does not list: nobody can have a case in their place.

    Others without a user id stand in for whoever owes the case.
    """
    return to.person is None and any(one.code is RecipientCode.ROLE for one in to.why)


def _reaches(app: Services, account: str, name: str, email: str) -> bool:
    sink = app.sinks(account).get(name)
    try:
        return (
            sink is not None and sink.spec.direct_messages and sink.find_address(email) is not None
        )
    except AtsbridgeError:
        return False
