"""Back up a store while runs go on: always a SQLite file, whichever database holds the store."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from atsbridge.errors import StoreError
from atsbridge.store.database import Database, explained
from atsbridge.store.maintenance.store_copy import copy_store, new_file


class Backup(NamedTuple):
    """A backup that was written and checked."""

    path: Path
    size: int  # bytes


def back_up(url: str, path: Path) -> Backup:
    """Write the store at `url` to the new file `path`, as it is at one instant.

    A SQLite store is copied page by page, also one that an older version wrote. A PostgreSQL
    store is copied into a SQLite file table by table, and each table is compared. The file is
    readable by its owner only. StoreError where `path` exists, or the store cannot be read.
    """
    database = Database(url)
    source = database.path
    database.close()
    if source is None:
        copy_store(url, f"sqlite:///{path.absolute()}", online=True)
    else:
        _copy_pages(source, path)
    with explained(str(path)):
        _settle(path)
    return Backup(path, path.stat().st_size)


def _copy_pages(source: Path, path: Path) -> None:
    if not source.is_file():
        raise StoreError(
            "There is no store to back up",
            where=str(source),
            remedy="See [store] url in the settings; a first run creates the store",
        )
    with (
        new_file(path) as part,
        explained(str(source)),
        closing(sqlite3.connect(source)) as old,
        closing(sqlite3.connect(part)) as new,
    ):
        old.backup(new)
        (verdict,) = new.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise StoreError(
                "The store is damaged, and no backup was kept",
                where=str(source),
                remedy="Run `atsbridge store check`",
            )


def _settle(path: Path) -> None:
    """Make the backup one file that can be read from a read-only place: no write-ahead log."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
