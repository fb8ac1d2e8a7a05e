"""Check that the libraries that atsbridge declares are installed and new enough.

Asked only after an import failed: what pip keeps in step, other installers and hands may not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import metadata

_DISTRIBUTION = "atsbridge"
# A requirement of ours without an extra, as pyproject.toml writes them: a name and a floor.
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)\s*>=\s*(\d+(?:\.\d+)*)")
_RELEASE = re.compile(r"\d+(?:\.\d+)*")


def unmet_requirements() -> list[str]:
    """Requirements that are missing or too old in this environment: ["urllib3>=2.0.2"]."""
    return [f"{name}>={floor}" for name, floor in _declared() if not _is_met(name, floor)]


def repair_advice() -> str:
    """A sentence that says how to repair the environment."""
    wanted = " ".join(f'"{one}"' for one in unmet_requirements())
    if wanted:
        return f"Install what is missing or too old: pip install {wanted}"
    return "Run pip check, or reinstall: pip install --force-reinstall atsbridge"


def _declared() -> Iterator[tuple[str, str]]:
    """(name, lowest version) of every requirement that is not an extra's."""
    try:
        requirements = metadata.requires(_DISTRIBUTION) or []
    except metadata.PackageNotFoundError:  # run from a checkout that is not installed
        return
    for requirement in requirements:
        if ";" not in requirement and (found := _REQUIREMENT.match(requirement)):
            yield found[1], found[2]


def _is_met(name: str, floor: str) -> bool:
    try:
        installed = _RELEASE.match(metadata.version(name))
    except metadata.PackageNotFoundError:
        return False
    return installed is None or _numbers(installed[0]) >= _numbers(floor)


def _numbers(version: str) -> tuple[int, ...]:
    """The release as numbers to compare; trailing zeros say nothing ("2.0" is "2.0.0")."""
    numbers = [int(part) for part in version.split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
