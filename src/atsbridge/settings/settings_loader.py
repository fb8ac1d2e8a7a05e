"""Reads atsbridge.toml and the environment, and finds every error in one pass.

The sections of plugins are checked by `app`, which adds their errors.
"""

from __future__ import annotations

import os
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from atsbridge.errors import ConfigError
from atsbridge.settings.account_files import add_account_files
from atsbridge.settings.environment import MAX_DEPTH, nests_deeply, overlaid, typed
from atsbridge.settings.model_validation import validated
from atsbridge.settings.people_files import add_people
from atsbridge.settings.section_references import dangling
from atsbridge.settings.setting_errors import ConfigErrors, Problem, Source
from atsbridge.settings.settings_model import Settings
from atsbridge.settings.toml_positions import Keys
from atsbridge.textfile import position, read_text

_NO_FILE = "Run `atsbridge demo` to look around, or name yours with --config FILE"
_AT = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)
_PART = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*"""
# Brackets, and what they may stand in without being one: texts and comments.
_BRACKETS = re.compile(
    r'''"""(?:\\.|[^\\])*?(?:"""|\Z)'''
    r"|'''.*?(?:'''|\Z)"
    r"""|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|\#[^\n]*|[\[\]{}]""",
    re.DOTALL,
)
# Its parts are levels, and `tomllib` takes minutes for a key of many thousand.
_LONG_KEY = re.compile(rf"(?m)(?:^[ \t]*\[{{0,2}}|[{{,])[ \t]*(?:{_PART}){{{MAX_DEPTH}}}")
_LONGEST_STATEMENT = 50  # lines; each is parsed, and only the remedy depends on it
_BARE_ADDRESS = re.compile(r"\s*\[[^\"'#]*@")


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Settings from the valid parts, and the errors.

    `unknown`: (variable, suggestion) of environment variables that match no setting.
    """

    settings: Settings
    problems: list[Problem] = field(default_factory=list)
    unknown: list[tuple[str, str]] = field(default_factory=list)


def load(path: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """Load the settings from a file and the environment.

    ConfigErrors holds every error that can be found without the plugins; ConfigError if the file
    cannot be read at all.
    """
    reading = read(path, environ)
    if reading.problems:
        raise ConfigErrors(reading.settings.source.errors(reading.problems))
    return reading.settings


def read(path: Path, environ: Mapping[str, str] = os.environ) -> LoadedSettings:
    """As `load`, but errors are returned, for callers that check more.

    ConfigError if the file is not TOML.
    """
    text = read_text(path, if_missing=_NO_FILE)
    data = _parsed(text, str(path))
    folder = path.resolve().parent
    files = add_account_files(data, Source(str(path), text), folder, _parsed)
    problems = list(_misplaced(data))
    overlay = overlaid(data, environ, Settings)
    source = replace(files, variables=overlay.variables)
    given, unreadable = typed(Settings, overlay.data)
    problems += [*overlay.problems, *unreadable, *_control_characters(given)]
    found, wrong = validated(Settings, {**given, "folder": folder})
    settings = (found or Settings(folder=folder)).read_from(source, given)
    settings = add_people(settings)
    problems = first_of_each([*problems, *wrong, *dangling(settings)])
    return LoadedSettings(settings, problems, overlay.unknown)


def first_of_each(problems: Iterable[Problem]) -> list[Problem]:
    """The first problem of each setting; the others follow from it."""
    found: dict[Keys, Problem] = {}
    for problem in problems:
        found.setdefault(problem.keys, problem)
    return list(found.values())


def _parsed(text: str, name: str) -> dict[str, Any]:
    """Parse TOML. ConfigError with line and column of the first error."""
    if found := _LONG_KEY.search(text):
        line = position(text, found.end())[0]
        raise ConfigError(
            f"a key has more than {MAX_DEPTH} parts",
            where=f"{name}:{line}",
            remedy="Put a key with dots in quotes",
        )
    try:
        data = tomllib.loads(text)
        if nests_deeply(data):
            raise RecursionError
    except tomllib.TOMLDecodeError as error:
        raise _syntax(str(error), text, name) from None
    except RecursionError:
        line, column = position(text, _find_deepest(text))
        where = f"{name}:{line}:{column}"
        what = f"tables and lists are nested to more than {MAX_DEPTH} levels"
        raise ConfigError(what, where=where, remedy="Write them flatter") from None
    except ValueError:  # a number with more digits than Python accepts
        what, remedy = "this file holds a number that is too long", "Write it shorter, or in quotes"
        raise ConfigError(what, where=_long_number(text, name), remedy=remedy) from None
    return data


def _find_deepest(text: str) -> int:
    """Where the first bracket beyond MAX_DEPTH stands, or else the one with most around it."""
    depth = deepest = place = 0
    for token in _BRACKETS.finditer(text):
        if token[0] in "]}":
            depth -= 1
        elif token[0] in "[{":
            depth += 1
            if depth > deepest:
                deepest, place = depth, token.start()
            if depth > MAX_DEPTH:
                break
    return place


def _syntax(message: str, text: str, name: str) -> ConfigError:
    match, at = _AT.fullmatch(message), position(text, len(text))
    reason = match[1] if match else message
    if match and match[2]:
        at = int(match[2]), int(match[3])
    row = "".join(text.splitlines()[at[0] - 1 : at[0]])
    remedy = "Look at quotes and brackets there and in the line above"
    if _BARE_ADDRESS.match(row):
        remedy = 'Put an e-mail address in quotes: [people."kim@acme.example"]'
    elif _is_repeated(text, at[0]):
        remedy = "Each key and each [section] stands once"
        reason = "this key or section is there already"
    what = f"this is not TOML: {reason[:1].lower()}{reason[1:]}"
    return ConfigError(what, where=f"{name}:{at[0]}:{at[1]}", remedy=remedy)


def _is_repeated(text: str, line: int) -> bool:
    """Whether the statement that ends in this line is TOML, and so is all before it.

    Then only both together are wrong: a key or section is there twice.
    """
    lines = text.splitlines(keepends=True)
    for start in range(line - 1, max(-1, line - 1 - _LONGEST_STATEMENT), -1):
        if _is_toml("".join(lines[start:line])):
            return _is_toml("".join(lines[:start]))
    return False


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _long_number(text: str, name: str) -> str:
    match = re.search(r"[\d_]{4000,}", text)
    if match is None:
        return name
    line, column = position(text, match.start())
    return f"{name}:{line}:{column}"


def _misplaced(data: dict[str, Any]) -> Iterator[Problem]:
    """`folder` is set by the program, so it is not a valid key."""
    if "folder" in data:
        del data["folder"]
        yield Problem(("folder",), "unknown key", "Take it out", at_key=True)


def _control_characters(data: Any, keys: Keys = ()) -> Iterator[Problem]:
    """Find control characters in keys and texts, and remove those from the data."""
    members = list(data.items()) if isinstance(data, dict) else list(enumerate(data))
    for key, value in members:
        if isinstance(key, str) and not _is_clean(key):
            del data[key]
            what = "this name holds a control character"
            yield Problem((*keys, key), what, "Write it again by hand", at_key=True)
        elif isinstance(value, dict | list):
            yield from _control_characters(value, (*keys, key))
        elif isinstance(value, str) and not _is_clean(value):
            data[key] = "" if isinstance(data, list) else value
            if isinstance(data, dict):
                del data[key]
            what = "this text holds a control character, or bytes that are not UTF-8"
            yield Problem((*keys, key), what, "Write it again by hand")


def _is_clean(text: str) -> bool:
    return text.isprintable() or not any(
        unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\r\t" for c in text
    )
