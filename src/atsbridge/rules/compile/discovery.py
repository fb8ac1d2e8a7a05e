"""Find the pack files: built-in ones by name, those of plugins, and files beside the settings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from atsbridge.errors import RuleError
from atsbridge.rules.language import RuleErrors, nearest, remedy
from atsbridge.textfile import decode, matching, name_of, read_bytes, read_text

BUILTIN = "builtin:"
_USUAL = f"{BUILTIN}responsiveness"
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_HERE = Path(__file__).resolve()


def builtin_folder() -> Path:
    """The folder `rules/` of a checkout, else the packs inside the wheel."""
    checkout = _HERE.parents[4] / "rules"
    in_checkout = _HERE.parents[3].name == "src" and checkout.is_dir()
    return checkout if in_checkout else _HERE.parents[2] / "packs"


def builtin_packs() -> dict[str, Path]:
    """Name of each built-in pack ("builtin:NAME") -> its file."""
    return {f"{BUILTIN}{p.stem}": p for p in sorted(builtin_folder().glob("*.yaml"))}


class Unread(NamedTuple):
    """A pack that could not be read as text.

    `names`: every word in it that may be a rule's id; None where not even its bytes are known.
    """

    error: RuleError
    names: frozenset[str] | None = None


class Packs(NamedTuple):
    """The packs: (name in messages, text) of each file that could be read, and the others."""

    texts: list[tuple[str, str]]
    unread: tuple[Unread, ...] = ()


def gather(packs: Sequence[str], folder: Path, plugins: Mapping[str, Path] | None = None) -> Packs:
    """Every file of these packs that can be read, in the order named, and what is wrong with the
    others."""
    files, missing = _search(packs, folder, plugins)
    read = read_files(files, folder)
    return Packs(read.texts, (*(Unread(error) for error in missing), *read.unread))


def read_files(files: Sequence[Path], folder: Path) -> Packs:
    """These files in their order, as `gather`. Messages name them from `folder`."""
    found, unread = list[tuple[str, str]](), list[Unread]()
    for file in files:
        name = name_of(file, folder)
        try:
            data = read_bytes(file, name=name, error=RuleError)
        except RuleError as error:
            unread.append(Unread(error))
            continue
        try:
            found.append((name, decode(data, name, RuleError)))
        except RuleError as error:
            unread.append(Unread(error, names_in(data.decode("latin-1").replace("\0", ""))))
    return Packs(found, tuple(unread))


def names_in(text: str) -> frozenset[str]:
    """Every word of a text that may be a rule's id."""
    return frozenset(_NAME.findall(text))


def find(
    packs: Sequence[str], folder: Path, plugins: Mapping[str, Path] | None = None
) -> list[Path]:
    """The files of these packs in the order named, each once; those of a glob by name.

    Globs start from `folder`. RuleErrors holds every pack that is not there.
    """
    files, errors = _search(packs, folder, plugins)
    if errors:
        raise RuleErrors(errors)
    return files


def texts(files: Sequence[Path], folder: Path) -> list[tuple[str, str]]:
    """The name of each file, as messages show it, and its text.

    RuleErrors holds every file that is no UTF-8 text.
    """
    found: list[tuple[str, str]] = []
    errors: list[RuleError] = []
    for file in files:
        name = name_of(file, folder)
        try:
            found.append((name, read_text(file, name=name, error=RuleError)))
        except RuleError as error:
            errors.append(error)
    if errors:
        raise RuleErrors(errors)
    return found


def _search(
    packs: Sequence[str], folder: Path, plugins: Mapping[str, Path] | None
) -> tuple[list[Path], list[RuleError]]:
    known = {**builtin_packs(), **(plugins or {})}
    found: dict[Path, None] = {}
    errors: list[RuleError] = []
    for name in packs:
        named = known.get(name)
        files = [named] if named else _files(name, folder)
        if not files:
            near = nearest(name, known)
            what = f'the pack "{name}" is not there'
            mend = remedy(near, f'packs = ["{near or _USUAL}"]')
            errors.append(RuleError(what, where="[rules] packs", remedy=mend))
        found.update(dict.fromkeys(files))
    return list(found), errors


def _files(name: str, folder: Path) -> list[Path]:
    return [] if name.startswith(BUILTIN) else matching(name, folder)
