"""Find what has to be asked before a connector or sink can be configured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atsbridge.settings import (
    COMMAND_SUFFIX,
    PREFIX,
    SEPARATOR,
    SUFFIX,
    fields_of,
    is_secret,
    typed,
    validated,
)

if TYPE_CHECKING:
    from pydantic import BaseModel


_ELSEWHERE = (SUFFIX, COMMAND_SUFFIX)  # keys that say where a secret is


@dataclass(frozen=True, slots=True)
class Question:
    """A key that needs a value. `variable`: the environment variable that may hold it instead.

    `needed`: it cannot stay empty.
    """

    key: str
    secret: bool
    variable: str
    needed: bool = True


def find_questions(model: type[BaseModel], *keys: str) -> list[Question]:
    """The keys without a default, in their order, and those whose field asks to be asked for.

    `keys` lead to the section: accounts, acme. A field asks by `json_schema_extra={"ask": True}`;
    it may stay empty.
    """
    kinds = fields_of(model)
    return [
        Question(
            name,
            is_secret(kinds[name]),
            PREFIX + SEPARATOR.join((*keys, name)).upper(),
            needed=field.is_required(),
        )
        for name, field in model.model_fields.items()
        if name in kinds and (field.is_required() or _asks(field.json_schema_extra))
    ]


def _asks(extra: Any) -> bool:
    return isinstance(extra, dict) and bool(extra.get("ask"))


def find_mistakes(model: type[BaseModel], values: Mapping[str, str]) -> dict[str, str]:
    """Key -> the error in its value. The key "" stands for an error of several keys together.

    A key that names the file or the command of a secret ("token_file") counts as an answer.
    """
    elsewhere = {key.removesuffix(end) for key in values for end in _ELSEWHERE if key.endswith(end)}
    given: dict[str, Any] = {
        key: value for key, value in values.items() if value and not key.endswith(_ELSEWHERE)
    }
    data, unreadable = typed(model, given)
    _, found = validated(model, data)
    return {
        str(problem.keys[0]) if problem.keys else "": f"{problem.what}. {problem.remedy}".rstrip(
            ". "
        )
        for problem in (*found, *unreadable)
        if not (problem.keys and problem.keys[0] in elsewhere)
    }
