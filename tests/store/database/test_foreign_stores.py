"""What is no store of this program stays as it is."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from atsbridge.errors import StoreError
from atsbridge.store import open_store
from atsbridge.timesource import SystemTime

FOREIGN = {
    "other tables": ["CREATE TABLE notes (id, text)"],
    "a table of the same name": ["CREATE TABLE users (id, name)"],
    "a table meta with other columns": ["CREATE TABLE meta (key, value)"],
    "a table meta with the same columns": [
        "CREATE TABLE meta (name PRIMARY KEY, value)",
        "INSERT INTO meta VALUES ('schema', 'v2.1')",
    ],
    "an empty table meta": ["CREATE TABLE meta (name PRIMARY KEY, value)"],
}


@pytest.mark.parametrize("statements", FOREIGN.values(), ids=FOREIGN)
def test_the_file_of_another_program_is_not_touched(tmp_path: Path, statements: list[str]) -> None:
    """Neither its tables nor its rights change."""
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as other:
        for statement in statements:
            other.execute(statement)
        other.commit()
        before = other.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
    path.chmod(0o644)
    with pytest.raises(StoreError, match="This file belongs to another program") as refused:
        open_store(f"sqlite:///{path}", SystemTime())
    assert refused.value.where == str(path)
    with closing(sqlite3.connect(path)) as other:
        assert (
            other.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall() == before
        )
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_folder_and_a_pipe_are_no_stores(tmp_path: Path) -> None:
    """A pipe would wait for ever for somebody who writes into it."""
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name, said in (("folder", "This is a folder"), ("pipe", "This is no regular file")):
        with pytest.raises(StoreError, match=said):
            open_store(f"sqlite:///{tmp_path / name}", SystemTime())
