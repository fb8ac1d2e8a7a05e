"""Which files the settings mean, and whether they are the ones of last time.

Cheap on purpose: every tick asks. What stands in them is read beside this.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from atsbridge.errors import RuleError
from atsbridge.textfile import matching, name_of, read_text

_WILD = frozenset("*?[")


def find(
    patterns: Iterable[str], folder: Path, named: Mapping[str, Path] | None = None
) -> tuple[list[Path], list[RuleError]]:
    """The files, each once: a name that a plugin gave, a path, or a pattern from `folder`.

    A pattern that meets no file is fine; a file that is named and not there is a mistake.
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


def signature(files: Sequence[Path], *more: str) -> str:
    """Differs when a file came, went or was written; costs one look at each, reads none."""
    told = list(more)
    for file in files:
        try:
            stat = file.stat()
            told.append(f"{file} {stat.st_mtime_ns} {stat.st_size}")
        except OSError as error:
            told.append(f"{file} {error.errno}")
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def text_of(file: Path, folder: Path) -> tuple[str, str]:
    """The file as messages name it, and its text. RuleError where it is no UTF-8 text."""
    name = name_of(file, folder)
    return name, read_text(file, name=name, error=RuleError)
