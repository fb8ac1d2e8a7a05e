"""Time zones as people write them, as one IANA name: "europe/lisbon" -> "Europe/Lisbon"."""

from __future__ import annotations

import re
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from atsbridge.model import SURE, suggest

# Abbreviations that are no zones, and a place where they hold. Those that are zones (EST, CET)
# are accepted as the database has them.
_SHORT = {
    "aest": "Australia/Sydney",
    "bst": "Europe/London",
    "cdt": "America/Chicago",
    "cest": "Europe/Berlin",
    "cst": "America/Chicago",
    "edt": "America/New_York",
    "ist": "Asia/Kolkata",
    "jst": "Asia/Tokyo",
    "mdt": "America/Denver",
    "pdt": "America/Los_Angeles",
    "pst": "America/Los_Angeles",
}
# Names of the database that are no places: the zone of this machine, which another host does not
# have, a placeholder for an unknown zone, and copies of all zones. Those below right/ count leap
# seconds, so that every instant is half a minute off.
_NO_PLACES = re.compile(r"(localtime|posixrules|factory|(right|posix)/.*)", re.IGNORECASE)
_SURE = "Europe/Lisbon"  # in every edition of the database
FALLBACK_ZONE = "UTC"  # where no zone is known
_LONGEST = 60  # characters; the longest name has half as many
_EXAMPLE = "write an IANA name, such as Europe/Lisbon"


class NoZoneDataError(ValueError):
    """This machine has no time zone database: the settings may be right."""


def parse_zone(text: str) -> str:
    """The IANA name of a zone, in its own spelling whatever the case given.

    ValueError, as a plain sentence with the nearest name, for anything else; NoZoneDataError
    where the machine has no zones at all, so that nobody rewrites a right name.
    """
    name = text.strip()
    if known(name):
        return name
    if not known(_SURE):
        raise NoZoneDataError(
            f'the zone "{text:.40}" cannot be read: this machine has no time zone database. '
            "Install the package tzdata (pip install tzdata)"
        )
    folded = {
        zone.casefold(): zone for zone in available_timezones() if not _NO_PLACES.fullmatch(zone)
    }
    if found := folded.get(name.casefold().replace(" ", "_")):
        return found
    near = _nearest(name, folded)
    hint = f"did you mean {near}?" if near else _EXAMPLE
    raise ValueError(f'"{text:.40}" is not a time zone: {hint}')


@lru_cache(maxsize=1000)
def read_zone(text: str | None) -> str:
    """The IANA name of a zone that an ATS, plugin or chat supplies; "" if it is not clear."""
    try:
        return parse_zone(text or "")
    except ValueError:
        return ""


@lru_cache(maxsize=1000)
def known(name: str) -> bool:
    """Whether the database has a zone of exactly this name, the same on every machine."""
    if _NO_PLACES.fullmatch(name):
        return False
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _nearest(text: str, folded: dict[str, str]) -> str:
    """The closest zone, by its city, else by its whole name; "" if none is close.

    Only places are suggested: a zone named by its offset has no summer time, and those of the
    database turn the sign around.
    """
    given = text.casefold().replace(" ", "_")
    if given in _SHORT:
        return _SHORT[given]
    if len(given) < 4 or len(given) > _LONGEST or re.search(r"[+\d]", given):
        return ""
    places = [z for z in sorted(folded.values()) if "/" in z and not z.startswith("Etc/")]
    cities = {zone.rpartition("/")[2].casefold(): zone for zone in places}
    if city := cities.get(given):
        return city
    table = {zone.casefold(): zone for zone in places} if "/" in given else cities
    near = suggest(given, table, SURE)
    return table[near] if near else ""
