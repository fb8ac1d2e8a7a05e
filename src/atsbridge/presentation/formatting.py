"""Format small parts of a sentence: instants in the reader's zone, counts, ordinals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

_ORDINALS = ("First", "Second", "Third", "Fourth", "Fifth")
_WEEK = 7  # days within which a weekday alone is clear


def moment(at: datetime, zone: str, now: datetime, *, name_zone: bool = False) -> str:
    """ "Mon 9 Mar, 16:00" in an IANA zone; the year where it is not the present one.

    `name_zone` adds the zone's own short name, for readers in several zones.
    """
    local = at.astimezone(ZoneInfo(zone))
    text = f"{day(local.date(), now.astimezone(ZoneInfo(zone)).date())}, {local:%H:%M}"
    return f"{text} {_zone_name(local)}" if name_zone else text


def clock_time(at: datetime, zone: str, *, name_zone: bool = False) -> str:
    """ "16:00" in an IANA zone, or "16:00 CET"."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%H:%M} {_zone_name(local)}" if name_zone else f"{local:%H:%M}"


def day(on: date, today: date) -> str:
    """ "Mon 9 Mar", with the year where it is not this one."""
    text = f"{on:%a} {on.day} {on:%b}"
    return text if on.year == today.year else f"{text} {on.year}"


def since(at: datetime, zone: str, now: datetime) -> str:
    """ "Tuesday" within the last six days, else the day: still true when it is read tomorrow."""
    ago = days_ahead(now, at, zone)
    if 0 <= ago < _WEEK:
        return f"{at.astimezone(ZoneInfo(zone)):%A}"
    return day(at.astimezone(ZoneInfo(zone)).date(), now.astimezone(ZoneInfo(zone)).date())


def days_ahead(at: datetime, now: datetime, zone: str) -> int:
    """The number of days from the day of `now` to the day of `at`, in an IANA zone."""
    there = ZoneInfo(zone)
    return (at.astimezone(there).date() - now.astimezone(there).date()).days


def lower_first(text: str) -> str:
    """Lower the first letter, to continue a sentence; "CV review" keeps its capitals."""
    first = text.split(" ", 1)[0]
    return text if len(first) > 1 and not first[1:].islower() else text[:1].lower() + text[1:]


def upper_first(text: str) -> str:
    """Raise the first letter, to begin a sentence."""
    return text[:1].upper() + text[1:]


def count(number: int, one: str, many: str = "") -> str:
    """ "1 case", "2 cases"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def ordinal(number: int) -> str:
    """ "Second" as in "Second reminder"; "6th" and so on beyond the fifth."""
    if number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number % 100 not in (11, 12, 13) else 0)
    return f"{number:,}{ending or 'th'}"


def together(names: Sequence[str]) -> str:
    """ "Ana", "Ana and Ben", "Ana, Ben and Cleo"; "" for nobody."""
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def _zone_name(local: datetime) -> str:
    """ "CET", or "UTC+05:30" where the zone has no letters of its own."""
    name = local.tzname() or "UTC"
    offset = f"{local:%z}"
    return name if name.isalpha() else f"UTC{offset[:3]}:{offset[3:5]}".removesuffix(":00")
