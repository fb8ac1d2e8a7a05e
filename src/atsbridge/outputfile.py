"""The one writer of files that people name: reports, pictures, metrics, the log.

A path written by hand may lead to the settings, the store, a device or a link. What is there and is
something else stays as it is.
"""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path

from atsbridge.errors import ConfigError

OWNER_ONLY = 0o600
_BEGINNING = 8  # bytes that tell a file of ours from others: "<!DOCTYP", "# HELP a", "account,"


def replace_file(path: Path, content: bytes, mode: int = OWNER_ONLY) -> None:
    """Write a file, whole or not at all; one that is there must begin like the new one.

    A link stays, and what it leads to is written. A device or a pipe gets the content. Raises
    OSError; FileExistsError where the file holds something else.
    """
    target = Path(os.path.realpath(path))
    if _is_special(target):
        with target.open("wb") as file:
            file.write(content)
        return
    require_beginning(target, content[:_BEGINNING])
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:40]}.", dir=target.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        beside.chmod(mode)
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def write_output(path: Path, text: str, what: str) -> None:
    """Write what a command was asked for; `what` names it in the error, such as "the report".

    ConfigError where it cannot be written.
    """
    try:
        replace_file(path, text.encode())
    except OSError as error:
        raise ConfigError(
            f"{what} cannot be written: {error.strerror}",
            where=str(path),
            remedy="Name another file, in an existing folder that you may write to",
        ) from None


def require_beginning(path: Path, expected: bytes) -> None:
    """FileExistsError if a file is there that is not empty and begins in another way."""
    if _is_special(path) or not path.exists():
        return
    with path.open("rb") as file:
        found = file.read(len(expected))
    if found and found != expected:
        what = "this file holds something else, and stays as it is"
        raise FileExistsError(errno.EEXIST, what, str(path))


def _is_special(path: Path) -> bool:
    """Whether the path is a device, a pipe or a socket."""
    try:
        kind = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(kind) or stat.S_ISDIR(kind))
