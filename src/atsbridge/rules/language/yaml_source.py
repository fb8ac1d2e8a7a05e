"""Read YAML text as a plain tree that keeps the place of each key and value.

People write packs and briefs, and a file may hold anything: every dimension of it has a bound here.
What YAML 1.1 reads differently from how it is meant stays text or is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from atsbridge.errors import RuleError
from atsbridge.model import grouped
from atsbridge.rules.language.yaml_mistakes import describe_broken, place_after
from atsbridge.rules.rule import FilePosition

Loc = tuple[str | int, ...]

# A rule nests ten levels at most; libyaml's own composer overflows the stack at some thousands.
MAX_DEPTH = 40

# The built-in packs together have 9,000 keys and values. Each costs about a kilobyte until the
# rules are compiled. Aliases count with everything they stand for.
MAX_NODES = 100_000

# More than people write by hand; each may represent thousands of values.
MAX_ALIASES = 500

# One text; the longest section of a brief is some pages.
MAX_SCALAR = 50_000

# A key is a name or a path; errors show it whole.
MAX_KEY = 200

# Digits of a whole number that any database column and every program reads alike: 64 bits.
MAX_DIGITS = 18

# Digits of a decimal number that a double keeps exactly.
MAX_DECIMALS = 15

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml reads ten times faster
_TAG = "tag:yaml.org,2002:"
_PLAIN_TAGS = (None, f"{_TAG}str", f"{_TAG}seq", f"{_TAG}map")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
_NULLS = ("", "~", "null", "Null", "NULL")
_BOOLS = {text_part: text_part.lower() == "true" for text_part in ("true", "True", "TRUE")}
_BOOLS |= dict.fromkeys(("false", "False", "FALSE"), False)
_TAG_DIRECTIVE = re.compile(r"^%TAG", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Places:
    """The places of the parts of a tree: path -> place of the value and of the key.

    `written`: numbers, true, false and null as they stand in the file.
    """

    values: Mapping[Loc, FilePosition]
    keys: Mapping[Loc, FilePosition]
    written: Mapping[Loc, str] = field(default_factory=dict)

    def value(self, loc: Loc) -> FilePosition:
        """The place of the value at a path, or of the closest part around it."""
        while loc not in self.values and loc:
            loc = loc[:-1]
        return self.values[loc]

    def key(self, loc: Loc) -> FilePosition:
        """The place of the key at a path, or of the closest part around it."""
        return self.keys.get(loc) or self.value(loc)

    def split(self, start: Loc) -> Mapping[str | int, Places]:
        """The places within each part of the value at `start`, relative to that part.

        One pass for all parts: a pack may have thousands of rules.
        """
        cut, parts = (
            len(start),
            dict[str | int, tuple[dict[Loc, FilePosition], dict[Loc, FilePosition]]](),
        )
        for which, places in enumerate((self.values, self.keys)):
            for loc, at in places.items():
                if len(loc) > cut and loc[:cut] == start:
                    parts.setdefault(loc[cut], ({}, {}))[which][loc[cut + 1 :]] = at
        return {part: Places(values, keys) for part, (values, keys) in parts.items()}

    def replaced(self, over: Places, keys: set[str]) -> Places:
        """These places, with those under each of `keys` from `over`."""

        def merged(
            old: Mapping[Loc, FilePosition], new: Mapping[Loc, FilePosition]
        ) -> Mapping[Loc, FilePosition]:
            kept = {loc: at for loc, at in old.items() if not loc or loc[0] not in keys}
            return {**kept, **{loc: at for loc, at in new.items() if loc and loc[0] in keys}}

        return Places(merged(self.values, over.values), merged(self.keys, over.keys))


@dataclass(frozen=True, slots=True)
class YamlSource:
    """One parsed file. `faults`: errors in its YAML after which reading could continue."""

    name: str
    data: Any
    places: Places
    faults: tuple[tuple[Loc, RuleError], ...] = ()

    @property
    def errors(self) -> tuple[RuleError, ...]:
        """The faults without what they are about."""
        return tuple(error for _, error in self.faults)


@dataclass(frozen=True, slots=True)
class _Anchored:
    """A named value, and the range of collected places within it."""

    data: Any
    loc: Loc
    first: int
    last: int


@dataclass(slots=True)
class _Builder:
    """Builds the tree from the parser's events, so that bounds are checked in time."""

    file: str
    events: Iterator[Any]
    values: dict[Loc, FilePosition] = field(default_factory=dict)
    keys: dict[Loc, FilePosition] = field(default_factory=dict)
    written: dict[Loc, str] = field(default_factory=dict)
    faults: list[tuple[Loc, RuleError]] = field(default_factory=list)
    order: list[Loc] = field(default_factory=list)
    anchors: dict[str, _Anchored | None] = field(default_factory=dict)  # None: not yet at its end
    aliases: int = 0

    def place(self, mark: Any) -> FilePosition:
        return FilePosition(self.file, mark.line + 1, mark.column + 1)

    def wrong(self, loc: Loc, mark: Any, what: str, remedy: str) -> None:
        self.faults.append((loc, RuleError(what, where=str(self.place(mark)), remedy=remedy)))

    def stop(self, mark: Any, what: str, remedy: str) -> NoReturn:
        raise RuleError(what, where=str(self.place(mark)), remedy=remedy)

    def note(self, loc: Loc, mark: Any) -> None:
        """Store the place of a value."""
        if len(self.order) >= MAX_NODES:
            what = f"this file has more than {MAX_NODES:,} keys and values"
            self.stop(mark, what, "Split it into several files")
        self.order.append(loc)
        self.values[loc] = self.place(mark)

    def build(self, event: Any, loc: Loc, depth: int = 0) -> Any:
        """The value that begins with this event."""
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event, loc)
        if depth > MAX_DEPTH:
            what = f"this file is nested more than {MAX_DEPTH} levels deep"
            self.stop(event.start_mark, what, "Write it flatter")
        if event.tag not in _PLAIN_TAGS:
            name = event.tag.replace(_TAG, "!!")[:MAX_KEY]
            what = f'the tag "{name}" means nothing here'
            self.wrong(loc, event.start_mark, what, "Leave it out")
        first = len(self.order)
        self.note(loc, event.start_mark)
        if event.anchor:
            self.anchors[event.anchor] = None
        if isinstance(event, yaml.ScalarEvent):
            found = self.scalar(event, loc)
        elif isinstance(event, yaml.SequenceStartEvent):
            found = self.sequence(loc, depth)
        else:
            found = self.mapping(loc, depth)
        if event.anchor:
            self.anchors[event.anchor] = _Anchored(found, loc, first, len(self.order))
        return found

    def alias(self, event: Any, loc: Loc) -> Any:
        """Copy the value of an alias, with the places of the original."""
        mark, name = event.start_mark, event.anchor
        self.aliases += 1
        if self.aliases > MAX_ALIASES:
            what = f"this file has more than {MAX_ALIASES} aliases"
            self.stop(mark, what, "Write the values out")
        anchored = self.anchors.get(name)
        if anchored is None:
            back = name in self.anchors
            what = "an alias leads back to itself" if back else f'there is no anchor "{name}"'
            self.note(loc, mark)
            self.wrong(loc, mark, what, "Write the value out")
            return None
        cut = len(anchored.loc)
        for old in self.order[anchored.first : anchored.last]:
            new = loc + old[cut:]
            self.note(new, mark)
            self.values[new] = self.values[old]
            if old != anchored.loc and old in self.keys:
                self.keys[new] = self.keys[old]
            if old in self.written:
                self.written[new] = self.written[old]
        return _copied(anchored.data)

    def sequence(self, loc: Loc, depth: int) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            found.append(self.build(event, (*loc, len(found)), depth + 1))
        return found

    def mapping(self, loc: Loc, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(key := next(self.events), yaml.MappingEndEvent):
            if not isinstance(key, yaml.ScalarEvent):
                self.wrong(loc, key.start_mark, "a key must be one word", "Write: key: value")
                self.skipped(key, loc, depth)
                self.skipped(next(self.events), loc, depth)
                continue
            name = str(key.value)
            if len(name) > MAX_KEY:
                self.stop(key.start_mark, f"a key is longer than {MAX_KEY} characters", _QUOTES)
            if name in found or name == "<<":
                self.refused_key(loc, name, key.start_mark)
                self.skipped(next(self.events), loc, depth)
                continue
            self.keys[(*loc, name)] = self.place(key.start_mark)
            found[name] = self.build(next(self.events), (*loc, name), depth + 1)
        return found

    def refused_key(self, loc: Loc, name: str, mark: Any) -> None:
        if name == "<<":
            what, mend = 'a merge key ("<<") means nothing here', "Write the keys out"
        else:
            first = self.keys[(*loc, name)]
            what = f'the key "{name}" stands here twice (first in line {first.line})'
            mend = f'Keep one "{name}"'
        self.wrong(loc, mark, what, mend)

    def skipped(self, event: Any, loc: Loc, depth: int) -> None:
        """Read a value that is not part of the tree; the bounds apply to it, too."""
        before = len(self.faults)
        self.build(event, (*loc, "", len(self.order)), depth + 1)
        del self.faults[before:]

    def scalar(self, event: Any, loc: Loc) -> Any:
        """Convert a scalar: only true, false, null and decimal numbers are not text.

        YAML 1.1 would read the country NO as false and 16:00 as 960. A number such as 80.000 stays
        text: whoever needs a number refuses it.
        """
        text, mark = str(event.value), event.start_mark
        if len(text) > MAX_SCALAR:
            self.stop(mark, f"a text is longer than {MAX_SCALAR:,} characters", "Shorten it")
        if event.tag is not None or event.style in ("'", '"', "|", ">"):
            return text
        if text not in _NULLS and text not in _BOOLS and not text[-1:].isdecimal():
            return text
        found = self.plain(text, loc, mark)
        if not isinstance(found, str):
            self.written[loc] = text
        return found

    def plain(self, text: str, loc: Loc, mark: Any) -> Any:
        if text in _NULLS:
            return None
        if text in _BOOLS:
            return _BOOLS[text]
        digits = len(text.lstrip("-").replace(".", ""))
        if _INTEGER.fullmatch(text):
            if digits <= MAX_DIGITS:
                return int(text)
            what = f"a number has more than {MAX_DIGITS} digits"
            self.wrong(loc, mark, what, "If it is no number but a name, put it in quotes")
        elif _NUMBER.fullmatch(text) and not grouped(text):
            if digits <= MAX_DECIMALS:
                return float(text)
            what = f"a decimal number has more than {MAX_DECIMALS} digits, so it cannot be kept"
            self.wrong(loc, mark, what, "Round it, or put it in quotes if it is a name")
        return text


_QUOTES = "Look for a quote or bracket that is not closed"


def _copied(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _copied(value) for key, value in data.items()}
    return [_copied(value) for value in data] if isinstance(data, list) else data


def read(name: str, text: str, first_line: str = "version: 1") -> YamlSource:
    """Parse a YAML file. Raises RuleError, with line and column, for text that is not YAML.

    `first_line`: what the remedy for an empty file tells to write.
    """
    if directive := _TAG_DIRECTIVE.search(text):
        where = str(place_after(name, text, directive.start()))
        raise RuleError("a %TAG line means nothing here", where=where, remedy="Remove it")
    try:
        builder = _Builder(name, yaml.parse(text, Loader=_Loader))
        data = _document(builder, first_line)
    except yaml.MarkedYAMLError as error:
        raise describe_broken(name, text, error) from None
    except yaml.reader.ReaderError as error:
        raise RuleError(
            "this file holds a character that YAML does not allow",
            where=str(place_after(name, text, error.position)),
            remedy="Save it as UTF-8 text without control characters",
        ) from None
    places = Places(builder.values, builder.keys, builder.written)
    return YamlSource(name, data, places, tuple(builder.faults))


def _document(builder: _Builder, first_line: str) -> Any:
    """The one document of the file."""
    next(builder.events)  # the stream begins
    if isinstance(next(builder.events), yaml.StreamEndEvent):
        where = str(FilePosition(builder.file, 1, 1))
        raise RuleError("this file is empty", where=where, remedy=f"Write: {first_line}")
    data = builder.build(next(builder.events), ())
    next(builder.events)  # the document ends
    more = next(builder.events)
    if isinstance(more, yaml.DocumentStartEvent):
        builder.stop(more.start_mark, "a second document begins here", "Make it a file of its own")
    return data
