"""Parse lengths of time in packs, and suggest a valid one for an invalid one."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unicodedata import normalize

from atsbridge.rules.language.hints import example
from atsbridge.rules.language.pack_errors import Mistake, nearest
from atsbridge.worktime import Duration, Unit

_LONG = 8  # characters; of a longer text no example is made

_MINUTES = ("m", "min", "mins", "minute", "minutes")
# The start of a unit's name -> the amount in our units; the second unit is wall-clock time.
_UNIT_NAMES: tuple[tuple[Any, ...], ...] = (
    ("working hour", (1, "bh")),
    ("office hour", (1, "bh")),
    ("business hour", (1, "bh")),
    ("working", (1, "bd")),
    ("work", (1, "bd")),
    ("business", (1, "bd")),
    ("calendar", (1, "d")),
    ("day", (1, "bd"), (1, "d")),
    ("hour", (1, "bh"), (1, "h")),
    ("hr", (1, "bh"), (1, "h")),
    ("w", (5, "bd"), (7, "d")),
)


def amount(value: object, key: str, error: Callable[[Mistake], Exception]) -> Duration:
    """Parse a positive length of time. `error` makes the exception for an invalid one."""
    text = str(value)
    try:
        found = Duration.parse(text)
    except ValueError as unread:
        raise error(Mistake(str(unread), suggest_amount(text, key))) from None
    if found.span.total_seconds() <= 0 or text.startswith("+"):
        mend = f"Write: {example(key, text.lstrip('+-') if text[:1] in '+-' else None)}"
        raise error(Mistake(f'{key} is a length of time above nothing, not "{text}"', mend))
    return found


def _respelled(text: str) -> str:
    """The same amount without blanks, capitals and a decimal comma; "" if it is none."""
    plain = "".join(normalize("NFKC", text).lower().split()).strip("+-.").replace(",", ".")
    try:
        return plain if Duration.parse(plain).span else ""
    except ValueError:
        return ""


def suggest_amount(text: str, key: str, sign: str = "") -> str:
    """What to write instead of a bad amount of time, with both units that it may mean."""
    if respelled := _respelled(text):
        return f"Write: {example(key, sign + respelled)}"
    match = re.fullmatch(r"[+-]?\s*([0-9]{1,4})\s*([a-z .-]+)", text.strip().lower())
    if match is None:
        return f"Write: {example(key)}" if len(text) < _LONG else f"Write: {example(key, '20bd')}"
    number, unit_name = int(match[1]), match[2].strip(" .")
    if unit_name in _MINUTES and number:
        return f"Write: {example(key, f'{sign}{Duration(timedelta(minutes=number), Unit.H)}')}"
    for start, *meant in _UNIT_NAMES:
        if unit_name.startswith(start) and number:
            one, *other = [f"{number * count}{unit}" for count, unit in meant]
            more = f", or {sign}{other[0]} around the clock" if other else ""
            return f"Write: {example(key, sign + one)}{more}"
    near = nearest(unit_name, ("h", "d", "bd", "bh"))
    return f"Write: {example(key, f'{sign}{number}{near}' if near and number else None)}"
