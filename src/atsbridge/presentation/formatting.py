"""Small words of a message: instants in the reader's zone, spans, counts.

What a message says is `render`'s; escaping for a chat service is its sink's.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

_IS_LATE = re.compile(
    r"\s+(is|are)\s+(?:late|overdue|missing|not\s+\w+(?:\s+yet)?)$", re.IGNORECASE
)


def moment(at: datetime, zone: str, now: datetime, *, name_zone: bool = False) -> str:
    """ "Mon 9 Mar, 16:00" in an IANA zone; the year where it is not the present one.

    `name_zone` adds the zone's own short name, for readers in several zones.
    """
    local = at.astimezone(ZoneInfo(zone))
    text = f"{day(local.date(), now.astimezone(ZoneInfo(zone)).date())}, {local:%H:%M}"
    return f"{text} {_zone_name(local)}" if name_zone else text


def day(on: date, today: date) -> str:
    """ "Mon 9 Mar", with the year where it is not this one."""
    text = f"{on:%a} {on.day} {on:%b}"
    return text if on.year == today.year else f"{text} {on.year}"


def since(at: datetime, zone: str, now: datetime) -> str:
    """ "Tuesday" within the last six days, else the day: still true when it is read tomorrow."""
    on = at.astimezone(ZoneInfo(zone)).date()
    today = now.astimezone(ZoneInfo(zone)).date()
    return f"{on:%A}" if 0 <= (today - on).days < 7 else day(on, today)


def lower_first(text: str) -> str:
    """The sentence as it continues another; "CV review" keeps its capitals."""
    word = text.split(" ", 1)[0]
    return text if len(word) > 1 and not word[1:].islower() else text[:1].lower() + text[1:]


def without_late(title: str) -> str:
    """What a title is about, before it is late or not yet there: "Interview feedback"."""
    return _IS_LATE.sub("", title)


def is_or_are(title: str) -> str:
    """The verb that `without_late` took from the title: "Criteria" are due."""
    found = _IS_LATE.search(title)
    return found[1].lower() if found else "is"


def count(number: int, one: str, many: str = "") -> str:
    """ "1 case", "2 cases"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _zone_name(local: datetime) -> str:
    """ "CET", or "UTC+05:30" where the zone has no letters of its own."""
    name = local.tzname() or "UTC"
    offset = f"{local:%z}"
    return name if name.isalpha() else f"UTC{offset[:3]}:{offset[3:5]}".removesuffix(":00")
