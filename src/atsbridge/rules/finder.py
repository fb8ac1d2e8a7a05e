"""Where packs are: the built-in ones by name, those of plugins, and files beside the settings.

What stands in them is `pack`'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from atsbridge.errors import RuleError
from atsbridge.rules.mistakes import RuleErrors, nearest, remedy
from atsbridge.textfile import matching, name_of, read_text

BUILTIN = "builtin:"
_USUAL = f"{BUILTIN}responsiveness"
_HERE = Path(__file__).resolve()


def builtin_folder() -> Path:
    """The checkout's own `rules/` where there is one, else the packs inside the wheel."""
    checkout = _HERE.parents[3] / "rules"
    in_checkout = _HERE.parents[2].name == "src" and checkout.is_dir()
    return checkout if in_checkout else _HERE.parents[1] / "packs"


def find(
    packs: Sequence[str], folder: Path, plugins: Mapping[str, Path] | None = None
) -> list[Path]:
    """The files of these packs in the order named, each once; those of a glob by name.

    Globs start from `folder`. RuleErrors tells every pack that is not there.
    """
    known = {f"{BUILTIN}{p.stem}": p for p in sorted(builtin_folder().glob("*.yaml"))}
    known |= plugins or {}
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
    if errors:
        raise RuleErrors(errors)
    return list(found)


def texts(files: Sequence[Path], folder: Path) -> list[tuple[str, str]]:
    """Each file's name, as messages give it, and its text: what `pack.load` takes.

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


def _files(name: str, folder: Path) -> list[Path]:
    return [] if name.startswith(BUILTIN) else matching(name, folder)
