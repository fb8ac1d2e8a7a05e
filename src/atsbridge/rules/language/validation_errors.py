"""Turn pydantic's errors into errors with place, text, closest valid word and a corrected line."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from atsbridge.errors import RuleError
from atsbridge.model import cut
from atsbridge.rules.language.hints import MEANT, example
from atsbridge.rules.language.pack_errors import MISTAKE, listed, nearest, remedy, shown
from atsbridge.rules.language.yaml_source import Loc, Places

_ROOM = 800  # characters of what is wrong, and of what to write; the longest list of keys has 400
_NEEDS = {
    "string_type": "text",
    "tuple_type": "a list",
    "list_type": "a list",
    "model_type": "a block of keys",
    "dict_type": "a block of keys",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "greater_than": "a number above {gt}",
    "greater_than_equal": "a number from {ge} on",
    "less_than_equal": "a number up to {le}",
    "float_type": "a number",
}


def convert_errors(
    error: ValidationError, model: type[BaseModel], data: Any, places: Places
) -> list[RuleError]:
    """Convert each error of pydantic into an error at its place in the file."""
    return [_one(detail, model, data, places) for detail in error.errors(include_url=False)]


def _one(detail: Any, model: type[BaseModel], data: Any, places: Places) -> RuleError:
    kind, loc = detail["type"], _within(data, detail["loc"])
    key = next((str(part) for part in reversed(loc) if isinstance(part, str)), "")
    what, mend, at = "", "", places.value(loc)
    if kind == MISTAKE:
        what, mend = detail["ctx"]["what"], detail["ctx"]["remedy"]
        at = places.key(loc) if detail["ctx"]["key"] else at
    elif kind == "extra_forbidden":
        known = _keys(model, loc[:-1])
        near = next((one for one in MEANT.get(key, ()) if one in known), nearest(key, known))
        at, what = places.key(loc), f'unknown key "{key}"'
        mend = remedy(near, example(near)) if near else f"Here {listed(known)}"
    elif kind == "missing":
        key = str(detail["loc"][-1])
        what, mend = f'"{key}" is missing', f"Write: {example(key)}"
    elif kind in ("literal_error", "enum"):
        allowed = _literals(model, loc)
        near = nearest(str(_at(data, loc)), allowed)
        what = f"{shown(_at(data, loc))} is no {key}: {listed(allowed)}"
        mend = remedy(near, f"{key}: {near or allowed[0]}")
    elif kind == "value_error":  # raised by the schema of a plugin's kind
        what, mend = f"{key}: {detail['ctx']['error']}", ""
    else:
        needs = _NEEDS.get(kind, detail["msg"]).format(**detail.get("ctx", {}))
        part = f"an entry of {key}" if loc and isinstance(loc[-1], int) else key
        what, mend = f"{part} needs {needs}, not {shown(_at(data, loc))}", f"Write: {example(key)}"
    return RuleError(cut(what, _ROOM), where=str(at), remedy=cut(mend, _ROOM))


def _at(data: Any, loc: Loc) -> Any:
    for part in loc:
        data = data[part]
    return data


def _within(data: Any, loc: tuple[Any, ...]) -> Loc:
    """The part of pydantic's path that is in the data: it also names union branches.

    A one-word list may have been written as a plain word.
    """
    found: list[str | int] = []
    for part in loc:
        inside = isinstance(data, Mapping) and part in data
        if inside or (isinstance(data, list) and isinstance(part, int) and part < len(data)):
            found.append(part)
            data = data[part]
    return tuple(found)


def _models(annotation: Any) -> list[type[BaseModel]]:
    """The models in an annotation, also within unions and tuples."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in get_args(annotation) for model in _models(inner)]


def _field(model: type[BaseModel], loc: Loc) -> Any:
    """The annotation at the end of a path."""
    found: Any = model
    for part in loc:
        if isinstance(part, str):
            found = _models(found)[0].model_fields[part].annotation
    return found


def _keys(model: type[BaseModel], loc: Loc) -> list[str]:
    return list(_models(_field(model, loc))[0].model_fields)


def _literals(model: type[BaseModel], loc: Loc) -> list[str]:
    def allowed(annotation: Any) -> list[Any]:
        if isinstance(annotation, type) and issubclass(annotation, StrEnum):
            return list(annotation)
        inner = get_args(annotation)
        return [text for one in inner for text in allowed(one)] if inner else [annotation]

    return [str(w) for w in allowed(_field(model, loc)) if isinstance(w, str | int) and w != ""]
