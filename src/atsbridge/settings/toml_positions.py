"""The position of each key and value in a TOML text, computed only if there is an error.

`tomllib` keeps no positions, and no maintained TOML library offers them (tomlkit keeps the layout,
not the lines), so this walks over text that `tomllib` has already accepted.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

Keys = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_BASIC = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_LITERAL = re.compile(r"'[^'\n]*'")
_LONG_BASIC = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}', re.DOTALL)
_LONG_LITERAL = re.compile(r"'''.*?'{3,5}", re.DOTALL)
_SCALAR = re.compile(r"[^,\]}\n#]*")


@dataclass(frozen=True, slots=True)
class Positions:
    """Offsets in the text, by path: of values, and of their keys."""

    values: Mapping[Keys, int]
    keys: Mapping[Keys, int]


def positions(text: str) -> Positions:
    """The offsets of everything in a valid TOML text. A table begins at its first header."""
    scanner = _Scanner(text)
    with suppress(RecursionError, ValueError):  # the positions found so far still help
        scanner.document()
    return Positions(scanner.values, scanner.keys)


@dataclass(slots=True)
class _Scanner:
    text: str
    at: int = 0
    values: dict[Keys, int] = field(default_factory=dict)
    keys: dict[Keys, int] = field(default_factory=dict)
    arrays: dict[Keys, int] = field(default_factory=dict)  # arrays of tables -> tables so far

    def document(self) -> None:
        table: Keys = ()
        while True:
            self.skip(_BLANK)
            if self.at >= len(self.text):
                return
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table)

    def skip(self, pattern: re.Pattern[str]) -> str:
        """Move over what matches here. ValueError where nothing does."""
        match = pattern.match(self.text, self.at)
        if match is None:
            raise ValueError(self.at)
        self.at = match.end()
        return match[0]

    def header(self) -> Keys:
        several = self.text.startswith("[[", self.at)
        start = self.at
        self.at += 2 if several else 1
        self.skip(_SPACE)
        names = self.dotted()
        self.skip(_SPACE)
        self.at += 2 if several else 1
        path: Keys = ()
        for depth, (name, _) in enumerate(names, 1):
            path = (*path, name)
            self.keys.setdefault(path, start)
            self.values.setdefault(path, start)
            last = several and depth == len(names)
            if last:
                self.arrays[path] = self.arrays.get(path, 0) + 1
            if path in self.arrays:
                path = (*path, self.arrays[path] - 1)
                self.values.setdefault(path, start)
        return path

    def pair(self, table: Keys) -> None:
        path = table
        for name, start in self.dotted():
            path = (*path, name)
            self.keys.setdefault(path, start)
            self.values.setdefault(path, start)
        self.skip(_SPACE)
        self.at += 1  # the equals sign
        self.skip(_SPACE)
        self.value(path)

    def dotted(self) -> list[tuple[str, int]]:
        """The parts of a key, each with where it starts."""
        parts = [self.part()]
        while True:
            before = self.at
            self.skip(_SPACE)
            if not self.text.startswith(".", self.at):
                self.at = before
                return parts
            self.at += 1
            self.skip(_SPACE)
            parts.append(self.part())

    def part(self) -> tuple[str, int]:
        start = self.at
        if self.text[start] == '"':
            return str(tomllib.loads(f"x = {self.skip(_BASIC)}")["x"]), start
        if self.text[start] == "'":
            return self.skip(_LITERAL)[1:-1], start
        return self.skip(_BARE), start

    def value(self, path: Keys) -> None:
        self.values[path] = self.at
        rest = self.text[self.at : self.at + 3]
        if rest == '"""':
            self.skip(_LONG_BASIC)
        elif rest == "'''":
            self.skip(_LONG_LITERAL)
        elif rest[:1] == '"':
            self.skip(_BASIC)
        elif rest[:1] == "'":
            self.skip(_LITERAL)
        elif rest[:1] in ("[", "{"):
            self.members(path, closing="]" if rest[0] == "[" else "}")
        else:
            self.skip(_SCALAR)

    def members(self, path: Keys, closing: str) -> None:
        """The members of an array, or the pairs of an inline table."""
        self.at += 1
        index = 0
        while True:
            self.skip(_BLANK)
            before = self.at
            if self.text[before : before + 1] in (closing, ""):
                self.at += 1
                return
            if closing == "]":
                self.value((*path, index))
                index += 1
            else:
                self.pair(path)
            self.skip(_BLANK)
            if self.text.startswith(",", self.at):
                self.at += 1
            if self.at == before:
                raise ValueError(before)
