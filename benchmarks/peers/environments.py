"""A virtual environment for each peer, under build/peers; nothing is installed beside atsbridge.

The versions are pinned in requirements/NAME.txt. An environment is made again when that file or the
Python changes.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).parent / "requirements"
FOLDER = Path(__file__).parents[2] / "build" / "peers"
_LONGEST_INSTALL = 900  # seconds


class PeerSkipped(Exception):
    """A peer cannot be measured here; the message is one sentence for the reader."""


def prepare(name: str, folder: Path = FOLDER) -> Path:
    """The Python of a peer's environment, which is made first where it is missing or old.

    Raises PeerSkipped where it cannot be made, for example without a network. What the installer
    printed is then in NAME.log in `folder`.
    """
    wanted = REQUIREMENTS / f"{name}.txt"
    place, log = folder / name, folder / f"{name}.log"
    python, mark = place / "bin" / "python", place / "installed"
    pinned = hashlib.sha256(wanted.read_bytes() + sys.version.encode()).hexdigest()
    if mark.exists() and mark.read_text("utf-8") == pinned:
        return python
    shutil.rmtree(place, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        for command in _commands(place, python, wanted):
            try:
                done = subprocess.run(
                    command,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    timeout=_LONGEST_INSTALL,
                    check=False,
                )
                failed = done.returncode != 0
            except (OSError, subprocess.TimeoutExpired):
                failed = True
            if failed:
                raise PeerSkipped(f"{name} is skipped: it could not be installed; {log} says why.")
    mark.write_text(pinned, "utf-8")
    return python


def version(name: str, package: str) -> str:
    """The pinned version of a package: the first, where it differs between Pythons."""
    for line in (REQUIREMENTS / f"{name}.txt").read_text("utf-8").splitlines():
        found, _, rest = line.partition("==")
        if found == package:
            return rest.partition(" ")[0]
    raise ValueError(f"{package} is not in {name}.txt")


def _commands(place: Path, python: Path, wanted: Path) -> list[list[str]]:
    """uv where there is one, else the standard library's venv and pip."""
    beside = Path(sys.executable).with_name("uv")
    uv = str(beside) if beside.exists() else shutil.which("uv")
    if uv:
        return [
            [uv, "venv", "--python", sys.executable, str(place)],
            [uv, "pip", "install", "--python", str(python), "-r", str(wanted)],
        ]
    return [
        [sys.executable, "-m", "venv", str(place)],
        [str(python), "-m", "pip", "install", "-r", str(wanted)],
    ]
