"""Errors in a pack: what is wrong, the closest valid word, and a corrected line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from atsbridge.errors import RuleError
from atsbridge.model import CLOSE, SURE, suggest

MISTAKE = "mistake"
_SHOWN = 60  # characters of an offending text


class RuleErrors(RuleError):
    """All errors in all files, one line each; `errors` holds them singly."""

    def __init__(self, errors: Sequence[RuleError]) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = tuple(errors)


class Mistake(NamedTuple):
    """One error. `loc`: the path to the value, or to its `key`, from the validated value."""

    what: str
    remedy: str = ""
    loc: tuple[str | int, ...] = ()
    key: bool = False


def wrong(mistakes: Iterable[Mistake]) -> ValidationError:
    """The errors as one exception, which pydantic merges with its own errors."""
    return ValidationError.from_exception_data(
        "rule",
        [
            InitErrorDetails(
                type=PydanticCustomError(MISTAKE, "{what}", m._asdict()),
                loc=m.loc,
                input=None,
            )
            for m in mistakes
        ],
    )


def nearest(text: str, known_names: Iterable[str], close: float = CLOSE) -> str | None:
    """The closest known name, never `text` itself, which was not valid; None if none is close."""
    return suggest(text, (one for one in known_names if one != text), close)


def slip(text: str, known_names: Iterable[str]) -> str | None:
    """The known name that `text` misspells, for keys that people may also invent."""
    known = list(known_names)
    return None if text in known else suggest(text, known, SURE)


def remedy(near: str | None, example: str) -> str:
    """Write the remedy: what to write instead."""
    return f'Did you mean "{near}"? Write: {example}' if near else f"Write: {example}"


def listed(known_names: Iterable[Any]) -> str:
    """ "there are a, b, c", or "there is only a"."""
    names = [str(text) for text in known_names]
    return f"there are {', '.join(names)}" if len(names) > 1 else f"there is only {names[0]}"


def shown(value: Any) -> str:
    """A value as a person would write it in YAML, cut to one short line."""
    if isinstance(value, str):
        text = f'"{value}"'
    else:
        text = json.dumps(value, ensure_ascii=False, default=str)
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
