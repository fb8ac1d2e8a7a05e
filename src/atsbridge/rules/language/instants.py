"""Instants as people write them in packs: "2026-03-06T16:00[Europe/Lisbon]"."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from atsbridge.model import to_utc
from atsbridge.worktime import parse_zone

_WRITTEN = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\[([A-Za-z0-9_+/-]+)\])?")
_SHAPE = "it is an instant such as 2026-03-06T16:00[Europe/Lisbon] or 2026-03-06T16:00Z"


def parse(text: object) -> datetime:
    """Parse an instant from 1900 to 2199, in UTC. ValueError shows the valid form.

    A time in a zone that occurs twice there is the first of the two.
    """
    written = str(text).strip()
    match = _WRITTEN.fullmatch(written)
    zone = ZoneInfo(parse_zone(match[3])) if match and match[3] else None
    try:
        if match and zone:
            found = datetime.fromisoformat(f"{match[1]}T{match[2]}").replace(tzinfo=zone)
        else:
            found = datetime.fromisoformat(written)
    except ValueError:
        raise ValueError(_SHAPE) from None
    if found.tzinfo is None:
        raise ValueError(f"{_SHAPE}; this one names no zone")
    return to_utc(found)
