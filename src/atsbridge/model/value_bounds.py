"""The bounds of stored values: every value and text from outside is checked here first.

So both database engines hold the same values: whole numbers of 64 bits, finite numbers, instants
of this and the last century, text that is UTF-8 without NUL. Pure: the caller reports a refusal.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import partial
from itertools import chain
from types import NoneType
from typing import Any, NamedTuple

import msgspec

from atsbridge.model.catalog import KINDS
from atsbridge.model.fields import Field, FieldType

MAX_ID = 300  # characters; the longest of any vendor here is a UUID (36), with a part of ours 80
MAX_LABEL = 300  # of a status, a kind, an item of a list: names that people give
MAX_TEXT = 10_000  # of a title, a name, a comment: far more than anybody reads in a message
MAX_LONG = 100_000  # of a customer's own long text: a brief of thirty pages
MAX_ITEMS = 1_000  # of a list or a map
MAX_DEPTH = 20  # of values within values
WHOLE = 2**63  # the first whole number that a column of either engine cannot hold
FIRST, LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_FIRST_DAY, _LAST_DAY = FIRST.date(), LAST.date()

_LONGEST = 10_000  # bits of a whole number within a map, where it is only text
_FEW = 100  # brackets of a map that need no second look
_encode = msgspec.json.Encoder(order="deterministic").encode  # as the store writes maps
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_NO_ID = re.compile("[\0-\x1f\x7f\ud800-\udfff\ufffd]")


class Correction(NamedTuple):
    """A value that cannot be stored as it came: of which row and column, and what instead.

    `why`: what was wrong with it; "" if only characters were replaced or text was cut.
    """

    at: int
    column: str
    value: Any
    why: str


def is_id(text: str) -> bool:
    """Whether the text can be the id of a record: not blank, short, without control characters."""
    return 0 < len(text) <= MAX_ID and not text.isspace() and _NO_ID.search(text) is None


def parse_day(text: str) -> date:
    """A day such as 2026-03-06, from 1900 to 2199. ValueError for anything else."""
    day = date.fromisoformat(text)
    if not _FIRST_DAY <= day < _LAST_DAY:
        raise ValueError("a day lies between 1900 and 2199")
    return day


def to_utc(at: datetime) -> datetime:
    """An aware instant in UTC. ValueError if it lies outside 1900 to 2199."""
    try:
        found = at.astimezone(UTC)
    except OverflowError:  # in UTC it is before the year 1 or after the year 9999
        found = LAST
    if not FIRST <= found < LAST:
        raise ValueError("an instant lies between 1900 and 2199")
    return found


def storable(text: str, room: int = MAX_TEXT) -> str:
    """The text as both databases can hold it.

    NUL and halves of surrogate pairs become U+FFFD. A text of more than `room` characters is cut
    and ends with an ellipsis.
    """
    if len(text) > room:
        text = f"{text[: room - 1]}…"
    if text.isascii() and "\0" not in text:
        return text
    return _UNSTORABLE.sub("\ufffd", text)


def corrections(kind: str, columns: Mapping[str, Sequence[Any]]) -> Iterator[Correction]:
    """What cannot be stored in these columns of one kind; nothing where all is well.

    A column of good values costs a few calls, none for each value.
    """
    for name, values in columns.items():
        field = KINDS[kind].fields[name]
        if not _all_good(field.type, values):
            for at, value in enumerate(values):
                held, why = _bounded(field.type, value)
                if why or held is not value:
                    yield Correction(at, name, held, why)


def bounded(field: Field, value: Any) -> tuple[Any, str]:
    """One value as it can be stored, None where it cannot; and why not, "" if it can."""
    if _all_good(field.type, [value]):
        return value, ""
    return _bounded(field.type, value)


# --- many at once ---------------------------------------------------------------------------------


def _all_good(kind: FieldType, values: Sequence[Any]) -> bool:
    """Whether all can be stored as they are, None among them; False: maybe not."""
    if kind is FieldType.INTERVAL:  # never stored
        return True
    types = set(map(type, values))
    if NoneType in types:
        types.remove(NoneType)
        if not types:
            return True
        values = [value for value in values if value is not None]
    expected, check = _FAST[kind]
    try:
        return types <= expected and check(values)
    except (TypeError, ValueError, OverflowError, RecursionError):
        return False


def _texts(room: int, values: Sequence[str]) -> bool:
    joined = "".join(values)
    plain = "\0" not in joined if joined.isascii() else _UNSTORABLE.search(joined) is None
    return plain and "" not in values and (len(joined) <= room or max(map(len, values)) <= room)


def _ints(values: Sequence[int]) -> bool:
    return min(values) >= -WHOLE and max(values) < WHOLE


def _numbers(values: Sequence[Any]) -> bool:
    floats = [value for value in values if type(value) is float]
    ints = [value for value in values if type(value) is not float]
    return all(map(math.isfinite, floats)) and (not ints or _ints(ints))


def _instants(values: Sequence[datetime]) -> bool:
    return min(values) >= FIRST and max(values) < LAST


def _days(values: Sequence[date]) -> bool:
    return min(values) >= _FIRST_DAY and max(values) < _LAST_DAY


def _lists(values: Sequence[Sequence[Any]]) -> bool:
    items = [item for item in chain.from_iterable(values) if item != ""]
    few = max(map(len, values)) <= MAX_ITEMS
    return few and (not items or (_STR.issuperset(map(type, items)) and _texts(MAX_LABEL, items)))


def _maps(values: Sequence[dict[Any, Any]]) -> bool:
    """Maps as the JSON they are stored as: short, shallow, without NUL; encoding finds the rest."""
    written = list(map(_encode, values))
    return (
        max(map(len, written)) <= MAX_LONG
        and b"\\u0000" not in b"".join(written)
        and all(len(one) <= _FEW or one.count(b"{") + one.count(b"[") <= _FEW for one in written)
    )


# The types that the values must have, and what else must hold for them.
_STR: frozenset[type] = frozenset({str})
_FAST: Mapping[FieldType, tuple[frozenset[type], Callable[[Sequence[Any]], bool]]] = {
    FieldType.TEXT: (_STR, partial(_texts, MAX_TEXT)),
    FieldType.ENUM: (_STR, partial(_texts, MAX_LABEL)),
    FieldType.REF: (_STR, partial(_texts, MAX_ID)),
    FieldType.INT: (frozenset({int}), _ints),
    FieldType.NUMBER: (frozenset({int, float}), _numbers),
    FieldType.BOOL: (frozenset({bool}), bool),
    FieldType.INSTANT: (frozenset({datetime}), _instants),
    FieldType.DATE: (frozenset({date}), _days),
    FieldType.LIST: (frozenset({tuple, list}), _lists),
    FieldType.MAP: (frozenset({dict}), _maps),
}


# --- one by one -----------------------------------------------------------------------------------


def _bounded(kind: FieldType, value: Any) -> tuple[Any, str]:
    """The value as it can be stored, None where it cannot; and why not, "" if it can."""
    if value is None:
        return None, ""
    match kind:
        case FieldType.INT | FieldType.NUMBER:
            return _number(kind, value)
        case FieldType.BOOL:
            return (value, "") if isinstance(value, bool) else (None, "no yes or no")
        case FieldType.INSTANT | FieldType.DATE:
            return _dated(kind, value)
        case FieldType.LIST:
            return _list(value)
        case FieldType.MAP:
            return _map(value)
        case FieldType.TEXT:
            return _text(value, MAX_TEXT)
        case FieldType.REF:
            return _text(value, MAX_ID)
        case _:
            return _text(value, MAX_LABEL)


def _number(kind: FieldType, value: Any) -> tuple[Any, str]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None, "no number"
    if isinstance(value, float) and not math.isfinite(value):
        return None, "a number that is not finite"
    if kind is FieldType.NUMBER:
        inside = -WHOLE <= value < WHOLE or isinstance(value, float)
        return (value, "") if inside else (None, "a number out of range")
    if value != int(value):
        return None, "a number with a fraction"
    return (int(value), "") if -WHOLE <= value < WHOLE else (None, "a number out of range")


def _dated(kind: FieldType, value: Any) -> tuple[Any, str]:
    if isinstance(value, datetime) != (kind is FieldType.INSTANT) or not isinstance(value, date):
        return None, "no instant" if kind is FieldType.INSTANT else "no day"
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            return None, "an instant without a zone"
        inside = FIRST <= value < LAST
    else:
        inside = _FIRST_DAY <= value < _LAST_DAY
    return (value, "") if inside else (None, f"in the year {value.year}")


def _list(value: Any) -> tuple[Any, str]:
    if not isinstance(value, list | tuple):
        return None, "no list"
    held = tuple(storable(_written(item), MAX_LABEL) for item in value[:MAX_ITEMS])
    return (value if held == tuple(value) else held), ""


def _map(value: Any) -> tuple[Any, str]:
    if not isinstance(value, Mapping):
        return None, "no map"
    held = _plain(value, MAX_DEPTH)
    if len(json.dumps(held)) > MAX_LONG * MAX_DEPTH:
        return None, "too long a map"
    return (value if held == value else held), ""


def _text(value: Any, room: int) -> tuple[Any, str]:
    """Text, also of a mapped field that brings something else; "" is absent."""
    text = storable(value if isinstance(value, str) else _written(value), room)
    if text == value:
        return value or None, ""
    return text or None, ""


def _written(value: Any) -> str:
    """A plain value as text; anything but text is written as JSON."""
    if isinstance(value, str):
        return value
    try:
        return json.dumps(_plain(value, MAX_DEPTH), separators=(",", ":"), ensure_ascii=False)
    except (TypeError, ValueError):
        return type(value).__name__


def _plain(value: Any, depth: int) -> Any:
    """A value of a map, with everything in it, as JSON can hold it and a database that JSON."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return storable(value, MAX_LONG)
    if isinstance(value, int):
        return value if value.bit_length() < _LONGEST else None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if depth == 0:
        return None
    if isinstance(value, Mapping):
        some = list(value.items())[:MAX_ITEMS]
        return {storable(str(key), MAX_LABEL): _plain(one, depth - 1) for key, one in some}
    if isinstance(value, list | tuple):
        return [_plain(one, depth - 1) for one in value[:MAX_ITEMS]]
    return storable(str(value), MAX_LONG)
