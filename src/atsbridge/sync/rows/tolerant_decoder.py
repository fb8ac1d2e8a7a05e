"""Decode rows whose fields have changed their shape, without those fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from atsbridge.errors import SkipRecord
from atsbridge.model import Fragment
from atsbridge.sync.rows.declared_members import declared_members

_ROUNDS = 24  # fields of one row that are left out at most
_PLACE = re.compile(r" - at `\$(.*)`$")
_PARTS = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")
_PROBES: tuple[Any, ...] = (
    *(True, False, 7, 1790000000000, "probe", "2026-01-02T03:04:05.000Z", "2026-01-02"),
    *([], {}, [{}], {"id": "probe"}, [{"id": "probe"}], ["probe"]),
)
_SHAPES = {bool: "a yes or no", int: "a number", float: "a number", list: "a list", dict: "a block"}

Parts = tuple[str | int, ...]
Normalize = Callable[[Any], Iterable[Fragment]]
FragmentValues = dict[tuple[str, str], Mapping[str, Any]]  # (kind, id) -> values


@dataclass(frozen=True, slots=True)
class PartialRow:
    """A row that was decoded without some of its fields.

    `fields`: path -> an example of the shape, without its value. `unreadable`: the "kind.field"s
    that depend on those paths; their values in `fragments` are unknown.
    """

    row: Any
    fragments: list[Fragment]
    fields: Mapping[str, str]
    unreadable: frozenset[str]


class TolerantDecoder:
    """Decodes the rows of one stream without the fields that do not fit its Struct."""

    def __init__(
        self, row: type[Any], normalize: Normalize, columns: Mapping[str, tuple[str, ...]]
    ) -> None:
        self._type = row
        self._normalize = normalize
        self._columns = columns
        self._dependents: dict[str, frozenset[str]] = {}  # path -> "kind.field"s

    @cached_property
    def _decoder(self) -> msgspec.json.Decoder[Any]:
        """Made on demand: most runs never need it."""
        return msgspec.json.Decoder(self._type)

    def decode(self, raw: Any) -> PartialRow | None:
        """The row without the fields that do not fit. None if it cannot be decoded at all."""
        try:
            data = msgspec.json.decode(raw)
        except msgspec.DecodeError:
            return None
        fields: dict[str, str] = {}
        places: dict[str, Parts] = {}
        for _ in range(_ROUNDS):
            try:
                row = self._decoder.decode(msgspec.json.encode(data))
                fragments = list(self._normalize(row))
            except (msgspec.DecodeError, SkipRecord) as error:
                parts = _place_of(error, data)
                if parts is None or (name := _clear(data, parts, fields)) is None:
                    return None
                places[name] = parts
                continue
            if not fields:
                return None
            unreadable = [
                self._find_dependents(name, places[name], data, fragments) for name in fields
            ]
            return PartialRow(row, fragments, fields, frozenset().union(*unreadable))
        return None

    def find_dependents(self, raw: Any, member: str) -> frozenset[str]:
        """The "kind.field"s that depend on a member that this row lacks."""
        try:
            data = msgspec.json.decode(raw)
            fragments = list(self._normalize(self._decoder.decode(raw)))
        except (msgspec.DecodeError, SkipRecord):
            return frozenset()
        return self._find_dependents(member, (member,), data, fragments)

    def _find_dependents(
        self, name: str, parts: Parts, data: Any, fragments: list[Fragment]
    ) -> frozenset[str]:
        """The columns that change when a value is put at that place, found by trying values."""
        if name not in self._dependents:
            without = _values_of(fragments)
            kinds = {kind for kind, _ in without}
            found = {f"{k}.{c}" for k in self._columns.keys() - kinds for c in self._columns[k]}
            tried = [values for probe in _PROBES if (values := self._try(data, parts, probe))]
            tried += self._try_members(data, parts)
            for values in tried:
                found |= _differences(without, values)
            if not tried:  # no probe fits there: every column may depend on it
                found = {f"{kind}.{c}" for kind, cs in self._columns.items() for c in cs}
            self._dependents[name] = frozenset(found)
        return self._dependents[name]

    def _try_members(self, data: Any, parts: Parts) -> Iterator[FragmentValues]:
        """What a block there makes, as its members are filled one after the other."""
        block: dict[str, Any] = {}
        for member in declared_members(self._type, parts):
            for probe in filter(None, _PROBES):
                if values := self._try(data, parts, {**block, member: probe}):
                    block[member] = probe
                    yield values
                    break

    def _try(self, data: Any, parts: Parts, value: Any) -> FragmentValues:
        copy = msgspec.json.decode(msgspec.json.encode(data))
        container = _container(copy, parts)
        if container is None:
            return {}
        try:
            container[parts[-1]] = value
            row = self._decoder.decode(msgspec.json.encode(copy))
            return _values_of(self._normalize(row))
        except Exception:  # noqa: BLE001  a probe that does not fit shows nothing
            return {}


def _values_of(fragments: Iterable[Fragment]) -> FragmentValues:
    return {(f.kind, f.id): f.values for f in fragments}


def _differences(one: FragmentValues, other: FragmentValues) -> set[str]:
    """The "kind.field"s in which two versions of a row differ."""
    found = set()
    for key in one.keys() | other.keys():
        here, there = one.get(key, {}), other.get(key, {})
        changed = (c for c in here.keys() | there.keys() if here.get(c) != there.get(c))
        found |= {f"{key[0]}.{c}" for c in changed}
    return found


def _place_of(error: Exception, data: Any) -> Parts | None:
    """The path of the field that does not fit. None if it is not known, or is the row's id."""
    if isinstance(error, SkipRecord):
        parts: Parts = (error.field,) if error.field else ()
    else:
        match = _PLACE.search(str(error))
        found = _PARTS.findall(match[1]) if match else []
        parts = tuple(name or (int(at) if at != "..." else at) for name, at in found)
    if "..." in parts:
        parts = parts[: parts.index("...")]  # a value of a map: take out the whole map
    return parts if parts and parts[0] != "id" and isinstance(data, dict) else None


def _container(data: Any, parts: Parts) -> Any:
    """The block or list that contains the last part. None if there is none."""
    for part in parts[:-1]:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data if isinstance(data, dict | list) else None


def _clear(data: Any, parts: Parts, fields: dict[str, str]) -> str | None:
    """Set the field at that path to null; if it is null, remove it, or else its container.

    Adds the shape of the removed value to `fields`. Returns the path of what was removed.
    """
    while parts and parts[0] != "id":
        container, last = _container(data, parts), parts[-1]
        if isinstance(container, dict) and last in container:
            value = container[last]
            name = _name(parts)
            fields.setdefault(name, _shape(value))
            if value is None:
                del container[last]
            else:
                container[last] = None
            return name
        if isinstance(container, list) and isinstance(last, int) and last < len(container):
            name = _name(parts)
            fields.setdefault(name, _shape(container[last]))
            del container[last]
            return name
        parts = parts[:-1]  # a required member is missing: its container cannot be decoded
    return None


def _name(parts: Parts) -> str:
    return "".join("[]" if isinstance(p, int) else f".{p}" for p in parts).removeprefix(".")


def _shape(value: Any) -> str:
    """The shape of a value, without the value."""
    if isinstance(value, str):
        return f"text of {len(value)} characters"
    return _SHAPES.get(type(value), "nothing")
