"""Backups: whole while others write, one private file, and a store again when put back."""

from __future__ import annotations

import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest

from atsbridge.errors import StoreError
from atsbridge.store.maintenance.store_backup import back_up
from atsbridge.store.maintenance.store_copy import copy_store
from atsbridge.store.sql_store import SqlStore, open_store
from atsbridge.timesource import ManualTime

from ..conftest import NOON, Feed


def _users(store: SqlStore) -> list[str]:
    return [one.id for one in store.history.read_records("acme", "user")]


def test_a_backup_is_a_store_again(store: SqlStore, feed: Feed, url: str, tmp_path: Path) -> None:
    """Of each engine: the file opens as a store, and has what was stored until the backup."""
    feed.page("user", {"id": "u1", "name": "Kim"})
    made = back_up(url, tmp_path / "backup.db")
    feed.page("user", {"id": "u2", "name": "Ann"})
    assert made.size == made.path.stat().st_size
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    restored = open_store(f"sqlite:///{made.path}", ManualTime(NOON))
    assert _users(restored) == ["u1"]
    restored.close()


def test_a_backup_goes_back_to_an_empty_database(
    store: SqlStore, feed: Feed, url: str, new_database, tmp_path: Path
) -> None:
    """`store copy` brings the file to PostgreSQL, whichever engine it came from."""
    feed.page("user", {"id": "u1", "name": "Kim"})
    back_up(url, tmp_path / "backup.db")
    target = new_database()
    copy_store(f"sqlite:///{tmp_path / 'backup.db'}", target)
    restored = open_store(target, ManualTime(NOON))
    assert _users(restored) == ["u1"]
    restored.close()


def test_a_backup_is_one_file_for_a_read_only_place(
    store: SqlStore, feed: Feed, url: str, tmp_path: Path
) -> None:
    """No write-ahead log belongs to it, and it can be read where nothing can be written."""
    feed.page("user", {"id": "u1", "name": "Kim"})
    place = tmp_path / "backups"
    place.mkdir()
    back_up(url, place / "backup.db")
    assert [file.name for file in place.iterdir()] == ["backup.db"]
    read_only = f"file:{place / 'backup.db'}?mode=ro&immutable=1"
    with closing(sqlite3.connect(read_only, uri=True)) as connection:
        assert connection.execute("SELECT name FROM users").fetchall() == [("Kim",)]


def test_writers_go_on_and_no_page_is_torn(opened, url: str, tmp_path: Path) -> None:
    """Each page of a writer is in the backup as a whole or not at all."""
    store, stopping = opened(), threading.Event()

    def write() -> None:
        feed = Feed(store)
        number = 0
        while not stopping.is_set():
            number += 1
            feed.page("user", *({"id": f"u{n}", "name": str(number)} for n in range(50)))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            made = back_up(url, tmp_path / f"backup{number}.db")
            with closing(sqlite3.connect(made.path)) as connection:
                names = connection.execute("SELECT DISTINCT name FROM users").fetchall()
            assert len(names) <= 1
    finally:
        stopping.set()
        writer.join()


def test_an_existing_file_is_kept(store: SqlStore, url: str, tmp_path: Path) -> None:
    """A backup never overwrites another."""
    file = tmp_path / "backup.db"
    file.write_text("precious")
    with pytest.raises(StoreError, match="not empty"):
        back_up(url, file)
    assert file.read_text() == "precious"


def test_a_bad_place_is_named(store: SqlStore, url: str, tmp_path: Path) -> None:
    """The folder is missing: nothing is left behind."""
    with pytest.raises(StoreError, match="folder of the new file"):
        back_up(url, tmp_path / "missing/backup.db")
    assert not (tmp_path / "missing").exists()


def test_a_damaged_store_gives_no_backup(tmp_path: Path) -> None:
    """A backup that cannot be used would be found out when it is needed."""
    file = tmp_path / "store.db"
    store = open_store(f"sqlite:///{file}", ManualTime(NOON))
    Feed(store).page("user", *({"id": f"u{n}", "name": "x" * 200} for n in range(500)))
    store.close()
    with file.open("r+b") as raw:
        raw.seek(file.stat().st_size // 2)
        raw.write(b"\xff" * 30_000)
    with pytest.raises(StoreError, match="damaged"):
        back_up(f"sqlite:///{file}", tmp_path / "backup.db")
    assert not list(tmp_path.glob("backup.db*"))


def test_no_store_is_created_by_a_backup(tmp_path: Path) -> None:
    """A wrong path in the settings must not look like a good backup."""
    with pytest.raises(StoreError, match="no store to back up"):
        back_up(f"sqlite:///{tmp_path / 'none.db'}", tmp_path / "backup.db")
    assert not list(tmp_path.iterdir())
