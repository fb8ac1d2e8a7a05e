"""Parse the recipient of a step, as written under `to`.

A path to a person, optionally with `.manager` once or twice; a path to a custom field that names
one; a path to a department with `.head`; or a place: `ats`, `channel:#name`, `team:name`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

CHANNEL, TEAM, ATS = "channel:", "team:", "ats"
MANAGER, HEAD, CUSTOM = ".manager", ".head", ".custom"
MOST_LEVELS = 2  # above a person: their manager, and that one's manager
_PLACE = re.compile(r"channel:#[\w-]+|team:[\w-]+")


class RecipientName(NamedTuple):
    """`path`: the person or department that the facts name; "" for a place.

    `levels`: how many managers above the person. `head`: the head of the department at `path`.
    """

    path: str
    levels: int = 0
    head: bool = False


def split_recipient(to: str) -> RecipientName:
    """Parse a text under `to`. A field that is itself named `manager` is a field."""
    if is_place(to):
        return RecipientName("")
    if to.endswith(f".department{HEAD}"):
        return RecipientName(to.removesuffix(HEAD), head=True)
    levels = 0
    while to.endswith(MANAGER) and not to.endswith(f"{CUSTOM}{MANAGER}"):
        to, levels = to.removesuffix(MANAGER), levels + 1
    return RecipientName(to, levels)


def is_place(to: str) -> bool:
    """Whether it is the ATS, a channel or a team, not a person of the facts."""
    return to == ATS or to.startswith((CHANNEL, TEAM))


def is_public(to: str) -> bool:
    """Whether many people may read messages there: a channel or a team."""
    return to.startswith((CHANNEL, TEAM))


def is_well_formed(place: str) -> bool:
    """Whether the name of a place has the valid form."""
    return place == ATS or bool(_PLACE.fullmatch(place))
