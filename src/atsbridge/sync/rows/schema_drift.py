"""Rows of which a vendor retyped a field: read without it, and what can no longer be said then.

One odd row is left out by `rows`; this is for fields that are odd in many. Believing what was lost
is prevented in `freshness`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from atsbridge.errors import SkipRecord
from atsbridge.model import Fragment

SHARE = 0.05  # of a page's rows: beyond it a field was retyped, below it some rows are odd
LOST, BACK = "lost", "back"  # in place of a fingerprint: cannot be read; can be, since this sync
OWN = "custom."  # before the name of a customer's own field, as a map writes it
MEMBERS = "<members of a row>"  # among fingerprints: what every row had, as "a,b,c"
ENOUGH, SAMPLE = 5, 50  # rows that show a member is missing; rows that are looked through
_ROUNDS = 24  # odd places of one row
_PLACE = re.compile(r" - at `\$(.*)`$")
_PARTS = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")
_PROBES: tuple[Any, ...] = (
    *(True, False, 7, 1790000000000, "probe", "2026-01-02T03:04:05.000Z", "2026-01-02"),
    *([], {}, [{}], {"id": "probe"}, [{"id": "probe"}], ["probe"]),
)
_NOTHING = frozenset({b"null", b'""', b"[]", b"{}"})
_SHAPES = {bool: "a yes or no", int: "a number", float: "a number", list: "a list", dict: "a block"}

Parts = tuple[str | int, ...]
Normalise = Callable[[Any], Iterable[Fragment]]
Said = dict[tuple[str, str], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Saved:
    """A row read without what was odd in it. `fields`: path -> an example without its value.

    `dark`: the "kind.field"s that hang on those paths; what they hold now is not to be believed.
    """

    row: Any
    fragments: list[Fragment]
    fields: Mapping[str, str]
    dark: frozenset[str]


class Salvage:
    """Reads odd rows of one stream."""

    def __init__(
        self, row: type[Any], normalise: Normalise, columns: Mapping[str, tuple[str, ...]]
    ) -> None:
        self._type = row
        self._normalise = normalise
        self._columns = columns
        self._hangs: dict[str, frozenset[str]] = {}  # path -> "kind.field"s

    @cached_property
    def _decoder(self) -> msgspec.json.Decoder[Any]:
        """Made when a row is odd, which most streams of most ticks never see."""
        return msgspec.json.Decoder(self._type)

    def read(self, raw: Any) -> Saved | None:
        """The row without its odd fields; None where nothing of it can be read."""
        try:
            data = msgspec.json.decode(raw)
        except msgspec.DecodeError:
            return None
        fields: dict[str, str] = {}
        places: dict[str, Parts] = {}
        for _ in range(_ROUNDS):
            try:
                row = self._decoder.decode(msgspec.json.encode(data))
                fragments = list(self._normalise(row))
            except (msgspec.DecodeError, SkipRecord) as error:
                parts = _place(error, data)
                if parts is None or (name := _clear(data, parts, fields)) is None:
                    return None
                places[name] = parts
                continue
            if not fields:
                return None
            dark = [self._dark(name, places[name], data, fragments) for name in fields]
            return Saved(row, fragments, fields, frozenset().union(*dark))
        return None

    def without(self, raw: Any, member: str) -> frozenset[str]:
        """The "kind.field"s that hang on a member this row no longer has."""
        try:
            data = msgspec.json.decode(raw)
            fragments = list(self._normalise(self._decoder.decode(raw)))
        except (msgspec.DecodeError, SkipRecord):
            return frozenset()
        return self._dark(member, (member,), data, fragments)

    def _dark(
        self, name: str, parts: Parts, data: Any, fragments: list[Fragment]
    ) -> frozenset[str]:
        """The columns that change when something stands at that place; found out by trying."""
        if name not in self._hangs:
            without = _said(fragments)
            told = {kind for kind, _ in without}
            hang = {f"{k}.{c}" for k in self._columns.keys() - told for c in self._columns[k]}
            tried = [said for probe in _PROBES if (said := self._tried(data, parts, probe))]
            for said in tried:
                hang |= _differences(without, said)
            if not tried:  # nothing we can think of fits there: anything may hang on it
                hang = {f"{kind}.{c}" for kind, cs in self._columns.items() for c in cs}
            self._hangs[name] = frozenset(hang)
        return self._hangs[name]

    def _tried(self, data: Any, parts: Parts, value: Any) -> Said:
        copy = msgspec.json.decode(msgspec.json.encode(data))
        holder = _holder(copy, parts)
        if holder is None:
            return {}
        try:
            holder[parts[-1]] = value
            row = self._decoder.decode(msgspec.json.encode(copy))
            return _said(self._normalise(row))
        except Exception:  # noqa: BLE001  a probe that does not fit tells nothing
            return {}


def blank(raw: Any) -> bool:
    """Whether a raw row has several members, and nothing in any of them but its id."""
    held = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    return _all_nothing([bytes(held[name]) for name in held if name != "id"])


def _all_nothing(values: Collection[bytes]) -> bool:
    return len(values) > 1 and all(value in _NOTHING for value in values)


class Members:
    """Which members the rows of a stream have, from the first rows that are decoded.

    A vendor that renames a member leaves no other trace: absent reads as null. Nor does a customer
    who renames a field of their own; `keys` are those that the account's map reads.
    """

    def __init__(
        self, row: type[Any], before: Mapping[str, str], keys: frozenset[str] = frozenset()
    ) -> None:
        self._keys = frozenset(key for key in keys if "," not in key)
        self._declared = set(getattr(row, "__struct_encode_fields__", ())) - {"id"}
        self._declared |= {OWN + key for key in self._keys}
        self.before = {m for m in before.get(MEMBERS, "").split(",") if m in self._declared}
        self._always = set(self._declared)
        self._ever: set[str] = set()
        self._hollow = 0
        self.rows = 0

    def see(self, raw: Any) -> None:
        """One more row."""
        try:
            held = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
            names = set(held)
            values = [bytes(held[name]) for name in names - {"id"}]
            if self._keys:
                inner = set[str]().union(*map(_inner, map(msgspec.json.decode, values)))
                names |= {OWN + key for key in self._keys & inner}
        except (ValueError, RecursionError):  # a member that nothing reads, and nobody could
            return
        self.rows += 1
        self._hollow += _all_nothing(values)
        self._always &= names
        self._ever |= names

    @property
    def missing(self) -> set[str]:
        """What every row had and none has now."""
        return self.before - self._ever if self.rows >= ENOUGH else set()

    @property
    def hollow(self) -> bool:
        """Whether there are rows, and none has anything but its id."""
        return self.rows >= ENOUGH and self._hollow == self.rows

    @property
    def back(self) -> bool:
        """Whether nothing of what every row had is missing from those seen."""
        return self.before <= self._ever

    def kept(self) -> str:
        """What to remember."""
        known = self.rows >= 4 * ENOUGH and not self.missing
        return ",".join(sorted(self._always if known else self.before))


def lost(fingerprints: Mapping[str, str]) -> frozenset[str]:
    """The "kind.field"s that could not be read when their stream was last read."""
    return frozenset(field for field, print_ in fingerprints.items() if print_ in (LOST, BACK))


def ended(
    prints: Mapping[str, str],
    before: Mapping[str, str],
    dark: frozenset[str],
    *,
    proved: bool,
    whole: bool,
    members: str = "",
) -> dict[str, str]:
    """The fingerprints to keep after a pass: `dark` fields lost, lost ones back once `proved`.

    `proved`: some row was decoded. What is back is read whole once more before it is believed.
    """
    found = dict(prints)
    for field in lost(before) & found.keys():
        if before[field] == LOST:
            found[field] = BACK if proved and not whole else found[field] if proved else LOST
        elif not whole:
            found[field] = BACK
    kept = {MEMBERS: members} if members else {}
    return {**found, **dict.fromkeys(dark & found.keys(), LOST), **kept}


def _inner(value: Any) -> set[str]:
    """The names in all blocks within, however deep."""
    if not isinstance(value, dict | list):
        return set()
    names = set(value) if isinstance(value, dict) else set[str]()
    return names.union(*map(_inner, value.values() if isinstance(value, dict) else value))


def _said(fragments: Iterable[Fragment]) -> Said:
    return {(f.kind, f.id): f.values for f in fragments}


def _differences(one: Said, other: Said) -> set[str]:
    """The "kind.field"s in which two readings of a row differ."""
    found = set()
    for key in one.keys() | other.keys():
        here, there = one.get(key, {}), other.get(key, {})
        changed = (c for c in here.keys() | there.keys() if here.get(c) != there.get(c))
        found |= {f"{key[0]}.{c}" for c in changed}
    return found


def _place(error: Exception, data: Any) -> Parts | None:
    """Where in the row the odd thing stands; None where that is not known, or is its id."""
    if isinstance(error, SkipRecord):
        parts: Parts = (error.field,) if error.field else ()
    else:
        match = _PLACE.search(str(error))
        words = _PARTS.findall(match[1]) if match else []
        parts = tuple(name or (int(at) if at != "..." else at) for name, at in words)
    if "..." in parts:
        parts = parts[: parts.index("...")]  # some value of a map: all of it
    return parts if parts and parts[0] != "id" and isinstance(data, dict) else None


def _holder(data: Any, parts: Parts) -> Any:
    """The block or list in which the last part stands; None if it is not there."""
    for part in parts[:-1]:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data if isinstance(data, dict | list) else None


def _clear(data: Any, parts: Parts, fields: dict[str, str]) -> str | None:
    """Take out what stands there: null, else nothing at all, else what holds it. Its name."""
    while parts and parts[0] != "id":
        holder, last = _holder(data, parts), parts[-1]
        if isinstance(holder, dict) and last in holder:
            value = holder[last]
            name = _name(parts)
            fields.setdefault(name, _shape(value))
            if value is None:
                del holder[last]
            else:
                holder[last] = None
            return name
        if isinstance(holder, list) and isinstance(last, int) and last < len(holder):
            name = _name(parts)
            fields.setdefault(name, _shape(holder[last]))
            del holder[last]
            return name
        parts = parts[:-1]  # it is needed and not there: without it its holder cannot be read
    return None


def _name(parts: Parts) -> str:
    return "".join("[]" if isinstance(p, int) else f".{p}" for p in parts).removeprefix(".")


def _shape(value: Any) -> str:
    """What was there, without the value."""
    if isinstance(value, str):
        return f"text of {len(value)} characters"
    return _SHAPES.get(type(value), "nothing")
