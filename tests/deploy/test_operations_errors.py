"""docs/operations.md, "When something fails": every message in the table is really printed."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from atsbridge.store.database import connection
from atsbridge.store.sql_store import open_store
from atsbridge.timesource import SystemTime

from ..conftest import World
from ..docs.pages import ROOT

PAGE = (ROOT / "docs/operations.md").read_text("utf-8")
TABLE = PAGE.split("## When something fails")[1].split("\n## ")[0]
MESSAGES = re.findall(r"^\| `([^`]+)` \|", TABLE, re.MULTILINE)
SOCKET = "http://127.0.0.1:9"  # the discard port: nobody listens


@pytest.fixture(scope="module")
def ran(new_world: Callable[..., World]) -> Iterator[World]:
    """A world after one run."""
    world = new_world(10, both=True)
    assert world.tick().code == 0
    yield world
    world.close()


@pytest.fixture
def world(ran: World) -> Iterator[World]:
    """The same, with its settings and its store put back afterwards."""
    config, store = ran.config.read_bytes(), ran.store.read_bytes()
    yield ran
    ran.config.write_bytes(config)
    for file in ran.folder.glob("atsbridge.db*"):
        file.unlink()
    ran.store.write_bytes(store)


def _change(world: World, pattern: str, text: str) -> None:
    """Replace the first match in the settings."""
    world.configure(lambda before: re.sub(pattern, lambda _: text, before, count=1))


def _store_url(world: World, url: str) -> None:
    _change(world, r'(?m)^url = ".*"$', f'url = "{url}"')


def _told(world: World, *command: str) -> str:
    done = world.call(*command)
    assert done.code != 0
    return done.out + done.err


def _pragma(patch: pytest.MonkeyPatch, setting: str) -> None:
    patch.setattr(connection, "_PRAGMAS", (*connection._PRAGMAS, f"PRAGMA {setting}"))


def _full_disk(world: World, patch: pytest.MonkeyPatch) -> str:
    _pragma(patch, "max_page_count = 1")
    with closing(sqlite3.connect(world.store, isolation_level=None)) as base:
        base.execute("DELETE FROM digests")
        base.execute("VACUUM")
    return _told(world, "sync", "--full")


def _read_only(world: World, patch: pytest.MonkeyPatch) -> str:
    _pragma(patch, "query_only = ON")
    return _told(world, "run", "--now", world.now.isoformat())


def _damaged(world: World, _patch: pytest.MonkeyPatch) -> str:
    for file in world.folder.glob("atsbridge.db-*"):
        file.unlink()
    world.store.write_bytes(b"rubbish" * 9999)
    return _told(world, "cases", "list")


def _no_folder(world: World, _patch: pytest.MonkeyPatch) -> str:
    _store_url(world, "sqlite:///no/such/folder/store.db")
    return _told(world, "cases", "list")


def _set_schema(world: World, schema: int) -> None:
    with closing(sqlite3.connect(world.store)) as base, base:
        base.execute("UPDATE meta SET value = ? WHERE name = 'schema'", [str(schema)])


def _newer(world: World, _patch: pytest.MonkeyPatch) -> str:
    _set_schema(world, 99)
    return _told(world, "cases", "list")


def _older(world: World, _patch: pytest.MonkeyPatch) -> str:
    _set_schema(world, 1)
    return _told(world, "store", "check")


def _not_empty(world: World, _patch: pytest.MonkeyPatch) -> str:
    return _told(world, "store", "backup", str(world.config))


def _at_work(world: World, _patch: pytest.MonkeyPatch) -> str:
    store = open_store(f"sqlite:///{world.store}", SystemTime())
    with store.lock("acme"):
        said = _told(world, "store", "copy", f"sqlite:///{world.store}", "sqlite:///copy.db")
    store.close()
    return said


def _server_away(world: World, _patch: pytest.MonkeyPatch) -> str:
    _store_url(world, "postgresql://atsbridge@127.0.0.1:9/atsbridge")
    return _told(world, "cases", "list")


def _refused(world: World, _patch: pytest.MonkeyPatch) -> str:
    _change(world, r'(?m)^api_key = ".*"$', 'api_key = "another"')
    return _told(world, "sync", "--account", "globex")


def _ats_away(world: World, _patch: pytest.MonkeyPatch) -> str:
    _change(world, r'(?m)^base_url = "[^"]*/v1"$', f'base_url = "{SOCKET}/v1"')
    return _told(world, "sync", "--account", "globex")


def _typing_error(world: World, _patch: pytest.MonkeyPatch) -> str:
    _change(world, r"(?m)^client_id = ", "clent_id = ")
    return _told(world, "run")


def _no_log(world: World, _patch: pytest.MonkeyPatch) -> str:
    world.configure(lambda text: text.replace("[run]", '[run]\nlog_file = "no/such/run.log"'))
    done = world.tick()
    assert done.code == 0
    return done.err


def _no_variable(world: World, _patch: pytest.MonkeyPatch) -> str:
    world.configure(lambda text: text.replace("[run]", '[run]\nlog_file = "$NO_SUCH/run.log"'))
    return _told(world, "run")


PRODUCERS: dict[str, Callable[[World, pytest.MonkeyPatch], str]] = {
    "The disk of the store is full": _full_disk,
    "The store is read-only": _read_only,
    "The store is damaged or is no database": _damaged,
    "The store cannot be opened": _no_folder,
    "this program knows": _newer,
    "The store was written by an older version": _older,
    "The target is not empty": _not_empty,
    "Another run is at work on this account": _at_work,
    "The database server does not answer": _server_away,
    "refused the credential": _refused,
    "cannot be reached": _ats_away,
    "unknown key": _typing_error,
    "the log cannot be written": _no_log,
    "is not set": _no_variable,
}


def test_every_message_of_the_table_is_produced() -> None:
    """No row without a test, and no test without a row."""
    assert set(MESSAGES) == PRODUCERS.keys()


@pytest.mark.parametrize("message", PRODUCERS)
def test_the_message_is_printed(
    message: str, world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By the command that a person would run, on a store or settings that are wrong in that way."""
    monkeypatch.chdir(tmp_path)
    assert message in PRODUCERS[message](world, monkeypatch)
