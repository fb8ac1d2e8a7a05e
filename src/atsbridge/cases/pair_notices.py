"""Messages to the two sides of a requisition: whom they go to, and their keys.

They go to the person who has the side, never to a delegate or a team: nobody agrees to a brief, or
rates a profile, in the place of another.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from atsbridge.cases.idempotency import hash_parts
from atsbridge.cases.recipients import Directory
from atsbridge.model import (
    SIDES,
    Destination,
    Key,
    Notice,
    Purpose,
    RecipientCode,
    recipient_reason,
)


class SideTrouble(StrEnum):
    """Why a side of a requisition cannot be reached."""

    NOT_NAMED = "not_named"  # the requisition has nobody in this role
    UNKNOWN = "unknown"  # the ATS does not list the user
    INACTIVE = "inactive"  # the person left
    NO_ADDRESS = "no_address"


def find_side_trouble(user: str | None, directory: Directory) -> SideTrouble | None:
    """Why this person cannot get a message; None if they can."""
    if user is None:
        return SideTrouble.NOT_NAMED
    found = directory.users.get(user)
    if found is None:
        return SideTrouble.UNKNOWN
    if found.active is False:
        return SideTrouble.INACTIVE
    return None if found.email else SideTrouble.NO_ADDRESS


def address_pair(people: Mapping[str, str | None], directory: Directory) -> list[Destination]:
    """Where both sides are reached; one destination if one person has both sides.

    `people`: side -> user id. A side that cannot be reached is left out.
    """
    found: dict[str, Destination] = {}
    for side in SIDES:
        user = people.get(side)
        if find_side_trouble(user, directory) is None and user is not None:
            email = directory.users[user].email or ""
            sink = directory.find_sink(email)
            role = recipient_reason(RecipientCode.ROLE, role=f"requisition.{side}")
            to = Destination(sink, "person", email, person=user, why=(role,))
            found.setdefault(user, to)
    return list(found.values())


def make_pair_notice(
    requisition: Key,
    purpose: Purpose,
    to: Destination,
    now: datetime,
    *,
    edition: int = 0,
    topic: str = "",
) -> Notice:
    """A message to one side. Its key is made of its purpose, `edition`, `topic` and the place."""
    parts = ("pair", *requisition, purpose, str(edition), topic, *to.place)
    return Notice(
        key=hash_parts(*parts),
        account=requisition.account,
        case=0,
        rule="",
        subject=requisition,
        destination=to,
        purpose=purpose,
        created_at=now,
        edition=edition,
    )
