"""Settings from environment variables (ATSBRIDGE_SECTION__NAME__KEY), which override the file.

A value is literal text, even if it looks like a number, JSON or `true`. Only the value of a list or
a table is parsed.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from atsbridge.model import did_you_mean, suggest
from atsbridge.settings.model_validation import annotation_at
from atsbridge.settings.setting_errors import Problem
from atsbridge.settings.toml_positions import Keys

PREFIX = "ATSBRIDGE_"
SEPARATOR = "__"
MAX_DEPTH = 32  # levels of tables and lists; our own settings have five
_OTHERS = frozenset({"ATSBRIDGE_CONFIG"})  # read by the command line
# Kubernetes sets these for every service in the namespace that is called "atsbridge":
# https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
_KUBERNETES = re.compile(r"(SERVICE_(HOST|PORT)|PORT(_\d+_(TCP|UDP|SCTP))?)(_\w+)?")
_NEEDED = {"accounts": "connector", "sinks": "kind"}  # without this key, the name is misspelled
_LIST_FORM = 'write names with commas between them, or a list such as ["one", "two"]'
_TABLE_FORM = 'write a table such as {key = "value"}, or a JSON object'


class VariableText(str):
    """The value of a variable whose setting's type is not known yet."""

    __slots__ = ()


@dataclass(slots=True)
class Overlay:
    """The file's data with the values of variables, and the variable of each value.

    `unknown`: (variable, suggestion) of variables that match no setting.
    """

    data: dict[str, Any]
    variables: dict[Keys, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unknown: list[tuple[str, str]] = field(default_factory=list)


class Variables(PydanticBaseSettingsSource):
    """The pydantic source of settings from the environment, over the `data` of the file.

    The library's own source parses values by their looks; this one keeps text as text and notes the
    variable of each value.
    """

    def __init__(
        self, model: type[BaseSettings], data: dict[str, Any], environ: Mapping[str, str]
    ) -> None:
        super().__init__(model)
        self.overlay = Overlay(data)
        self._environ = environ

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The value of a section, its name, and False: it is not complex."""
        del field
        return self.overlay.data.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        """The file's data with the variables' values over it."""
        found, model = self.overlay, self.settings_cls
        sections = [name for name in model.model_fields if name != "folder"]
        names = [name for name in self._environ if name.upper().startswith(PREFIX)]
        for name in sorted(set(names) - _OTHERS, key=lambda one: (one.count(SEPARATOR), one)):
            parts = [part.lower() for part in name[len(PREFIX) :].split(SEPARATOR)]
            if parts[0] in sections and all(parts) and len(parts) <= MAX_DEPTH:
                _put(found, parts, name, VariableText(self._environ[name]))
            elif not _KUBERNETES.fullmatch(name[len(PREFIX) :]):
                found.unknown.append((name, _instead(name, found.data, model)))
        _misnamed(found)
        return found.data


def overlaid(
    data: dict[str, Any], environ: Mapping[str, str], model: type[BaseSettings]
) -> Overlay:
    """Put the values of the environment over those of the file. `model`: of the whole file."""
    variables = Variables(model, data, environ)
    variables()
    return variables.overlay


def _put(found: Overlay, parts: list[str], name: str, value: VariableText) -> None:
    keys: list[str] = []
    table = found.data
    for part in parts[:-1]:
        keys.append(_written(table, part))
        if keys[-1] not in table:
            table[keys[-1]] = {}
            if len(keys) > 1:
                found.variables[tuple(keys)] = name
        inner = table[keys[-1]]
        if not isinstance(inner, dict):
            return  # the file or a shorter variable has another value there, which is reported
        table = inner
    keys.append(_written(table, parts[-1]))
    found.variables[tuple(keys)] = name
    below = table.get(keys[-1])
    if not isinstance(below, dict):
        table[keys[-1]] = value
        return
    try:
        table[keys[-1]] = {**below, **_literal(value, dict)}
    except ValueError:
        found.problems.append(Problem(tuple(keys), _TABLE_FORM))


def _written(table: Mapping[str, Any], part: str) -> str:
    """The key as the file writes it; variables are case-insensitive."""
    return next((key for key in table if key.casefold() == part), part)


def _misnamed(found: Overlay) -> None:
    """Report variables for an account or sink that is not configured."""
    for section, needed in _NEEDED.items():
        tables: Any = found.data.get(section)
        for name in list(tables) if isinstance(tables, dict) else ():
            keys = (section, name)
            if keys in found.variables and needed not in tables[name]:
                known = [one for one in tables if (section, one) not in found.variables]
                what = f'there is no {section[:-1]} "{name}"'
                found.problems.append(Problem(keys, what, did_you_mean(name, known, "Configured")))
                del tables[name]


def _instead(name: str, data: Mapping[str, Any], model: type[BaseModel]) -> str:
    """The closest valid variable; "" if there is none."""
    known = {one.replace(SEPARATOR, "_"): PREFIX + one for one in _names(data, model)}
    plain = name[len(PREFIX) :].upper().replace(SEPARATOR, "_")
    inside = [short for short in known if plain.startswith(f"{short}_")]
    if inside and known[max(inside, key=len)].count(SEPARATOR) == 1:
        short = max(inside, key=len)  # of an account or a sink: the rest is a key of its plugin
        return f"{known[short]}{SEPARATOR}{plain[len(short) + 1 :]}"
    return known.get(suggest(plain, known) or "", "")


def _names(data: Mapping[str, Any], model: type[BaseModel]) -> Iterator[str]:
    """Variables of the core's keys, and the prefixes of the variables of each account."""
    for section, info in model.model_fields.items():
        inner = info.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            for key in inner.model_fields:
                yield SEPARATOR.join((section, key)).upper()
        elif isinstance(tables := data.get(section), dict):
            for one in tables:
                yield SEPARATOR.join((section, one)).upper()


def typed(model: type[BaseModel], data: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Convert the texts of variables to lists and tables where needed, and report failures.

    The text of keys that the model does not know stays text, for plugins.
    """
    problems: list[Problem] = []

    def convert(value: Any, path: Keys) -> Any:
        if isinstance(value, dict):
            made = {key: convert(inner, (*path, key)) for key, inner in value.items()}
            return {key: inner for key, inner in made.items() if inner is not _REFUSED}
        if not isinstance(value, VariableText):
            return value
        shape = _shape(annotation_at(model, path))
        if shape is None:
            return value
        try:
            return _literal(value, shape)
        except ValueError:
            form = _LIST_FORM if shape is list else _TABLE_FORM
            problems.append(Problem(path, form))
            return _REFUSED

    return convert(dict(data), ()), problems


_REFUSED = object()


def nests_deeply(value: Any) -> bool:
    """Whether tables and lists are nested to more than MAX_DEPTH levels."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        inner = (one.values() if isinstance(one, dict) else one for one in level)
        level = [one for values in inner for one in values if isinstance(one, (dict, list))]
    return bool(level)


def _shape(annotation: Any) -> type[list[Any]] | type[dict[str, Any]] | None:
    """Whether a setting of this type is a list or a table; None for text."""
    shapes = {_shape_of(one) for one in _alternatives(annotation)}
    return next(iter(shapes)) if len(shapes) == 1 else None


def _alternatives(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _alternatives(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for one in get_args(annotation):
            if one is not type(None):
                yield from _alternatives(one)
    else:
        yield annotation


def _shape_of(annotation: Any) -> type[list[Any]] | type[dict[str, Any]] | None:
    kind = get_origin(annotation) or annotation
    if not isinstance(kind, type) or issubclass(kind, str | bytes):
        return None
    if issubclass(kind, BaseModel | Mapping):
        return dict
    return list if issubclass(kind, Iterable) else None


def _literal(text: str, shape: Any) -> Any:
    """Parse a list or table in JSON or TOML, or a list with commas. ValueError if it is none."""
    given = text.strip()
    if not given:
        return shape()
    if shape is list and not given.startswith("["):
        return [part for part in (one.strip() for one in given.split(",")) if part]
    try:
        value = json.loads(given)
    except (ValueError, RecursionError):
        try:
            value = tomllib.loads(f"value = {given}")["value"]
        except (ValueError, RecursionError):
            raise ValueError(given[:0]) from None
    if not isinstance(value, shape) or nests_deeply(value):
        raise ValueError(given[:0])
    return value
