"""Finds the input files that the settings name, and detects changes without reading them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from atsbridge.errors import RuleError
from atsbridge.textfile import matching, name_of, read_text

_WILD = frozenset("*?[")


def find_files(
    patterns: Iterable[str], folder: Path, named: Mapping[str, Path] | None = None
) -> tuple[list[Path], list[RuleError]]:
    """Find each file once. A pattern is a name from a plugin (`named`), a path, or a glob in
    `folder`.

    A glob may match nothing; a path that does not exist is an error.
    """
    found: dict[Path, None] = {}
    errors: list[RuleError] = []
    for pattern in patterns:
        files = [named[pattern]] if named and pattern in named else matching(pattern, folder)
        if not files and _WILD.isdisjoint(pattern):
            known = f"; plugins bring {', '.join(sorted(named))}" if named else ""
            what = f'there is no file "{pattern}"{known}'
            errors.append(RuleError(what, where="[rules]", remedy="Correct the name, or remove it"))
        found.update(dict.fromkeys(files))
    return list(found), errors


def sign_files(files: Sequence[Path], *more: str) -> str:
    """A text that changes when a file is added, removed or written, or when `more` changes.

    It calls stat on each file and reads none.
    """
    parts = list(more)
    for file in files:
        try:
            stat = file.stat()
            parts.append(f"{file} {stat.st_mtime_ns} {stat.st_size}")
        except OSError as error:
            parts.append(f"{file} {error.errno}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def read_input(file: Path, folder: Path) -> tuple[str, str]:
    """The file's name for messages, and its text. RuleError if it is not UTF-8 text."""
    name = name_of(file, folder)
    return name, read_text(file, name=name, error=RuleError)
