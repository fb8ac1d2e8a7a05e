"""The store's files can be read by their owner only.

SQLite creates its side files with the mode of the database, whatever the umask. An existing side
file keeps its mode, so each is checked when the store is opened.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

OWNER_ONLY = 0o600
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_SIDE_FILES = ("-wal", "-shm", "-journal", ".part")


def create_private(path: Path) -> None:
    """Make an empty file that only its owner may read, where there is none yet."""
    with suppress(OSError):  # opening the file raises the error
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, OWNER_ONLY))


def make_private(database: Path) -> None:
    """Remove all rights of group and others from the database, its side files and its copies.

    A file that belongs to another user stays as it is: `atsbridge doctor` names it. A device stays
    as it is, too: root could close /dev/null to everybody.
    """
    for path in list_database_files(database):
        with suppress(OSError):
            mode = path.stat().st_mode
            if stat.S_ISREG(mode) and mode & _OTHERS:
                path.chmod(stat.S_IMODE(mode) & ~_OTHERS)


def readable_by_others(database: Path) -> list[Path]:
    """The store's files that group or others may read, write or execute."""
    found = []
    for path in list_database_files(database):
        with suppress(OSError):
            if path.stat().st_mode & _OTHERS:
                found.append(path)
    return found


def list_database_files(database: Path) -> Iterator[Path]:
    """The database file, its side files and the copies made before an upgrade, as far as there."""
    yield database
    yield from (database.with_name(f"{database.name}{ending}") for ending in _SIDE_FILES)
    with suppress(OSError):
        yield from sorted(database.parent.glob(f"{database.name}.before-*"))
