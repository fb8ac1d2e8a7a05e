"""Errors in the settings, with their place: file, line and column, or a variable.

A message repeats a value only if it is one of the core's own names; others may be secrets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from atsbridge.errors import ConfigError
from atsbridge.model import clean

if TYPE_CHECKING:
    from atsbridge.settings.toml_positions import Keys, Positions

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SHOWN = 60  # characters of a name in a message


class ConfigErrors(ConfigError):
    """All errors in the settings, one line each; `errors` holds them singly."""

    def __init__(self, errors: Sequence[ConfigError]) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = tuple(errors)


@dataclass(frozen=True, slots=True)
class Problem:
    """One error.

    `keys`: its path from the top of the file; `at_key`: the key is wrong, not its value.
    """

    keys: Keys
    what: str
    remedy: str = ""
    at_key: bool = False


@dataclass(frozen=True)
class Source:
    """Where settings were read from. `text`: of the file `name`; `variables`: path -> variable.

    `others`: path -> the file that has everything below it instead of this one.
    """

    name: str = ""
    text: str = field(default="", repr=False)
    variables: Mapping[Keys, str] = field(default_factory=dict)
    others: Mapping[Keys, Source] = field(default_factory=dict)

    def find_setting_file(self, keys: Keys) -> str:
        """The name of the file that has the setting: the main one, or one named from its folder."""
        other = self._other(keys)
        return other.name if other else self.name

    def with_others(self, others: Mapping[Keys, Source]) -> Source:
        """This source, with further files."""
        return replace(self, others=others)

    @cached_property
    def _positions(self) -> Positions:
        from atsbridge.settings.toml_positions import positions

        return positions(self.text)

    def place(self, keys: Keys, *, at_key: bool = False) -> str:
        """The place of a value or key: "FILE:LINE:COLUMN" or a variable, then the path."""
        label = dotted(keys)
        where = clean(self._variable(keys)) or self._in_file(keys, at_key=at_key)
        return ": ".join(part for part in (where, label) if part)

    def error(self, problem: Problem) -> ConfigError:
        """The problem as an error with its place."""
        where = self.place(problem.keys, at_key=problem.at_key)
        return ConfigError(problem.what, where=where, remedy=problem.remedy)

    def errors(self, problems: Iterable[Problem]) -> list[ConfigError]:
        """The problems as errors, each once, in the order of the file; variables come last."""
        found = {str(error): error for error in map(self.error, sorted(problems, key=self._order))}
        return list(found.values())

    def _order(self, problem: Problem) -> tuple[bool, str, int]:
        other = self._other(problem.keys)
        offset = (other or self)._offset(problem.keys, problem.at_key) or 0
        return bool(self._variable(problem.keys)), other.name if other else "", offset

    def _other(self, keys: Keys) -> Source | None:
        found = (self.others.get(keys[:end]) for end in range(len(keys), 0, -1))
        return next(filter(None, found), None)

    def _variable(self, keys: Keys) -> str:
        nearest = (self.variables.get(keys[:end]) for end in range(len(keys), 0, -1))
        return next(filter(None, nearest), "")

    def _in_file(self, keys: Keys, *, at_key: bool) -> str:
        if other := self._other(keys):
            return other._in_file(keys, at_key=at_key)
        if not self.text:
            return self.name
        from atsbridge.textfile import place

        offset = self._offset(keys, at_key)
        return self.name if offset is None else place(self.name, self.text, offset)

    def _offset(self, keys: Keys, at_key: bool) -> int | None:
        """The offset of the path, or of the closest part of it that exists."""
        if at_key and keys in self._positions.keys:
            return self._positions.keys[keys]
        for end in range(len(keys), 0, -1):
            if (offset := self._positions.values.get(keys[:end])) is not None:
                return offset
        return None


def dotted(keys: Keys) -> str:
    """The path in TOML: people."kim@acme.example".prefer; members of lists by number from 1."""
    parts = [str(key + 1) if isinstance(key, int) else _key(key) for key in keys]
    return ".".join(part if len(part) <= _SHOWN else f"{part[:_SHOWN]}…" for part in parts)


def _key(text: str) -> str:
    return text if _PLAIN_KEY.fullmatch(text) else f'"{clean(text)}"'


def shown(text: str) -> str:
    """A name for messages: in quotes, on one line, cut if it is long."""
    line = clean(text, len(text))
    return f'"{line}"' if len(line) <= _SHOWN else f'"{line[: _SHOWN - 1]}…"'
