"""Errors in a pack: what is wrong, the closest valid word, and a corrected line."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from atsbridge.errors import RuleError

MISTAKE = "mistake"
ALIKE = 0.65  # below it two words share letters by chance: "nobody" and "good" share 0.6
_SHOWN = 60  # characters of an offending text


class RuleErrors(RuleError):
    """All that is wrong in all files, one line each; `errors` holds them one by one."""

    def __init__(self, errors: Sequence[RuleError]) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = tuple(errors)


class Mistake(NamedTuple):
    """One thing that is wrong; `loc` leads to it from the value at hand, or to its `key`."""

    what: str
    remedy: str = ""
    loc: tuple[str | int, ...] = ()
    key: bool = False


def wrong(mistakes: Iterable[Mistake]) -> ValidationError:
    """The mistakes as one error that pydantic merges with whatever else it finds."""
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


def nearest(text: str, known_names: Iterable[str], cutoff: float = ALIKE) -> str | None:
    """The valid word most like this one, whatever its capitals; None if none is like it.

    Never the word itself: it was not valid.
    """
    known = {one.lower(): one for one in known_names if one != text}
    found = difflib.get_close_matches(text.lower(), known, 1, cutoff)
    return known[found[0]] if found else None


def slip(text: str, known_names: Iterable[str]) -> str | None:
    """The known word that this one must have been meant for, where new words are welcome too."""
    known = list(known_names)
    return None if text in known else nearest(text, known, 0.8)


def remedy(near: str | None, example: str) -> str:
    """What to write instead."""
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
