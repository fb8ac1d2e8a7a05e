"""YAML text as a plain tree that remembers where each key and value stands.

What the tree should look like is `schema`'s and `pack`'s.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from atsbridge.errors import RuleError
from atsbridge.rules.rule import Place

Loc = tuple[str | int, ...]

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml reads ten times faster
_TAG = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"-?(0|[1-9]\d*)")
_NUMBER = re.compile(r"-?\d+\.\d+")


@dataclass(frozen=True, slots=True)
class Places:
    """Where the parts of a tree stand: paths into it -> places of values and of keys."""

    values: Mapping[Loc, Place]
    keys: Mapping[Loc, Place]

    def value(self, loc: Loc) -> Place:
        """The place of the value there, or of the nearest thing around it."""
        while loc not in self.values and loc:
            loc = loc[:-1]
        return self.values[loc]

    def key(self, loc: Loc) -> Place:
        """The place of the key there, or of the nearest thing around it."""
        return self.keys.get(loc) or self.value(loc)

    def below(self, start: Loc) -> Places:
        """The places within one part, told from that part."""
        cut = len(start)
        return Places(
            {loc[cut:]: at for loc, at in self.values.items() if loc[:cut] == start},
            {loc[cut:]: at for loc, at in self.keys.items() if loc[:cut] == start},
        )

    def replaced(self, over: Places, keys: set[str]) -> Places:
        """These places, those under each of `keys` taken from `over`."""

        def merged(old: Mapping[Loc, Place], new: Mapping[Loc, Place]) -> Mapping[Loc, Place]:
            kept = {loc: at for loc, at in old.items() if not loc or loc[0] not in keys}
            return {**kept, **{loc: at for loc, at in new.items() if loc and loc[0] in keys}}

        return Places(merged(self.values, over.values), merged(self.keys, over.keys))


@dataclass(frozen=True, slots=True)
class Source:
    """One file as read. `errors`: what is wrong with it as YAML, where reading could go on."""

    name: str
    data: Any
    places: Places
    errors: tuple[RuleError, ...] = ()


@dataclass(slots=True)
class _Builder:
    file: str
    values: dict[Loc, Place] = field(default_factory=dict)
    keys: dict[Loc, Place] = field(default_factory=dict)
    errors: list[RuleError] = field(default_factory=list)
    above: list[int] = field(default_factory=list)

    def place(self, mark: Any) -> Place:
        return Place(self.file, mark.line + 1, mark.column + 1)

    def wrong(self, mark: Any, what: str, remedy: str) -> None:
        self.errors.append(RuleError(what, where=str(self.place(mark)), remedy=remedy))

    def build(self, node: Any, loc: Loc) -> Any:
        self.values[loc] = self.place(node.start_mark)
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node)
        if id(node) in self.above:
            self.wrong(node.start_mark, "an alias leads back to itself", "Write the value out")
            return None
        self.above.append(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.build(item, (*loc, i)) for i, item in enumerate(node.value)]
            return self.mapping(node, loc)
        finally:
            self.above.pop()

    def mapping(self, node: Any, loc: Loc) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.wrong(key.start_mark, "a key must be one word", "Write: key: value")
                continue
            name = str(key.value)
            if name in found:
                first = self.keys[(*loc, name)]
                self.wrong(
                    key.start_mark,
                    f'the key "{name}" stands here twice (first in line {first.line})',
                    f'Keep one "{name}"',
                )
                continue
            self.keys[(*loc, name)] = self.place(key.start_mark)
            found[name] = self.build(value, (*loc, name))
        return found

    def scalar(self, node: Any) -> Any:
        """Only true, false, null and decimal numbers are more than text.

        YAML 1.1 would read the country NO as false and 16:00 as 960.
        """
        text = str(node.value)
        kind = node.tag.removeprefix(_TAG)
        if kind == "null":
            return None
        if kind == "bool" and text.lower() in ("true", "false"):
            return text.lower() == "true"
        if kind == "int" and _INTEGER.fullmatch(text):
            return int(text)
        if kind == "float" and _NUMBER.fullmatch(text):
            return float(text)
        if not node.tag.startswith(_TAG):
            self.wrong(node.start_mark, f'the tag "{node.tag}" means nothing here', "Leave it out")
        return text


def read(name: str, text: str) -> Source:
    """The file as a tree. Text that is no YAML at all is a RuleError at its line and column."""
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise RuleError(
            f"this is not YAML: {error.problem or error.context}",
            where=str(Place(name, mark.line + 1, mark.column + 1)) if mark else name,
            remedy="Look at indentation, quotes and brackets there and in the line above",
        ) from None
    except yaml.reader.ReaderError as error:
        raise RuleError(
            "this file holds a character that YAML does not allow",
            where=str(_after(name, text, error.position)),
            remedy="Save it as UTF-8 text without control characters",
        ) from None
    if node is None:
        raise RuleError(
            "this file is empty", where=str(Place(name, 1, 1)), remedy="Write: version: 1"
        )
    builder = _Builder(name)
    try:
        data = builder.build(node, ())
    except RecursionError:
        raise RuleError(
            "this file is nested too deeply", where=name, remedy="Write it flatter"
        ) from None
    return Source(name, data, Places(builder.values, builder.keys), tuple(builder.errors))


def _after(name: str, text: str, position: int) -> Place:
    before = text[:position]
    return Place(name, before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1)
