"""What is said of a mistake in atsbridge.toml: file, line, key, and what to do.

Never the value: it may be a secret.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def mistake(problem: Any, source: str, path: Path, model: Any) -> str:
    """One pydantic error as `file:line: section.key: what, and what to do`."""
    keys = [str(part) for part in problem["loc"] if part != "[key]"]
    line = _line_of(keys, source)
    where = f"{path}:{line}" if line else str(path)
    text = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        text = unknown_key(keys[-1], _words(keys[:-1], model))
    elif problem["type"] == "missing":
        text = "this key is needed"
    elif problem["type"] == "string_pattern_mismatch":
        text = "a name is lower case: letters, digits and _, a letter first"
    return f"{where}: {'.'.join(keys)}: {text}"


def unknown_key(key: str, words: Iterable[str]) -> str:
    """That a key is not known, with the nearest of `words`, else all of them."""
    known = list(words)
    near = difflib.get_close_matches(key, known, 1)
    if near:
        return f"unknown key; did you mean {near[0]!r}?"
    return "unknown key; known are " + ", ".join(known) if known else "unknown key"


def _words(section: list[str], model: Any) -> list[str]:
    """The keys that a section may have."""
    for part in section:
        fields = getattr(model, "model_fields", None)
        if fields is not None and part in fields:
            inner = fields[part].annotation
            arguments = getattr(inner, "__args__", ())
            model = arguments[-1] if arguments else inner
    return list(getattr(model, "model_fields", {}))


def _line_of(keys: list[str], source: str) -> int | None:
    """The line on which a key stands, else the line of its section's header, else None."""
    table: list[str] = []
    header: int | None = None
    for number, text in enumerate(source.splitlines(), 1):
        if match := re.match(r"\s*\[([^\[\]]+)\]", text):
            table = [part.strip().strip("\"'") for part in match[1].split(".")]
            if table == keys[: len(table)] and table:
                header = number
        elif match := re.match(r"\s*([\w\-]+|\"[^\"]*\")\s*=", text):
            here = [*table, match[1].strip('"')]
            if here == keys[: len(here)]:
                return number
    return header
