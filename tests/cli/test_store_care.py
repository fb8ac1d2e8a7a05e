"""`atsbridge store` on the store of a run: what it prints, and what it exits with."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import get_type_hints

import pytest

from atsbridge.cli.documents.operation_documents import StoreFinding
from atsbridge.cli.store_care import _SENTENCES
from atsbridge.store.maintenance.store_check import StoreCheck

from ..conftest import World


@pytest.fixture(scope="module")
def ran(new_world: Callable[..., World]) -> World:
    """A world after one run."""
    world = new_world(40, both=True)
    assert world.tick().code == 0
    return world


@pytest.fixture
def world(ran: World) -> World:
    return ran


def test_the_store_of_a_run_is_good(world: World) -> None:
    """Nothing is found after a first run over every list; the rows are counted."""
    done = world.call("store", "check")
    assert (done.code, done.err) == (0, "")
    lines = [line.split() for line in done.out.splitlines()[1:]]
    assert [line[:2] for line in lines] == [[check, "ok"] for check in StoreCheck]


def test_backup_then_restore_and_the_run_goes_on(world: World, tmp_path: Path) -> None:
    """The way of docs/operations.md: move the store away, put the backup in its place."""
    backup = tmp_path / "backup.db"
    done = world.call("store", "backup", str(backup))
    assert (done.code, done.err) == (0, "")
    assert f"Wrote {backup}" in done.out
    before = world.call("cases", "--json").out
    for file in world.folder.glob("atsbridge.db*"):
        file.rename(tmp_path / f"old-{file.name}")
    backup.rename(world.store)
    assert world.call("cases", "--json").out == before
    assert world.call("store", "check").code == 0
    assert world.tick().code == 0


def test_a_mistake_elsewhere_in_the_settings_does_not_stop_a_backup(
    world: World, tmp_path: Path
) -> None:
    """Backups from cron go on while somebody edits the settings; one in [store] is an error."""
    config = tmp_path / "broken.toml"
    config.write_text(f'[store]\nurl = "sqlite:///{world.store}"\n[no]\nsense = 1\n')
    config.chmod(0o600)
    done = world.call("--config", str(config), "store", "backup", str(tmp_path / "b.db"))
    assert done.code == 0, done.err
    config.write_text("[store]\nulr = 1\n")
    done = world.call("--config", str(config), "store", "backup", str(tmp_path / "c.db"))
    assert done.code == 2
    assert "ulr" in done.err


def test_check_fails_and_says_what_to_do(world: World, tmp_path: Path) -> None:
    """A row without its case: exit 1, an example and a remedy."""
    backup = tmp_path / "b.db"
    assert world.call("store", "backup", str(backup)).code == 0
    with closing(sqlite3.connect(backup)) as connection, connection:
        connection.execute("UPDATE transitions SET case_number = 4711 WHERE number = 1")
    config = tmp_path / "other.toml"
    config.write_text(f'[store]\nurl = "sqlite:///{backup}"\n')
    config.chmod(0o600)
    done = world.call("--config", str(config), "store", "check")
    assert done.code == 1
    assert "transition 1 of case 4711" in done.out
    assert "Please report it" in done.err
    assert "2 with data but not in the settings" in done.out
    found = json.loads(world.call("--config", str(config), "store", "check", "--json").out)
    wrong = {one["check"]: one["warning"] for one in found["findings"] if one["count"]}
    assert wrong == {"history": False, "accounts": True}


def test_copy_prints_what_it_did(world: World, tmp_path: Path) -> None:
    """JSON has the rows and the digest of each table."""
    source, target = f"sqlite:///{world.store}", f"sqlite:///{tmp_path / 'copy.db'}"
    done = world.call("store", "copy", source, target, "--json")
    assert done.code == 0, done.err
    with closing(sqlite3.connect(tmp_path / "copy.db")) as connection:
        (rows,) = connection.execute("SELECT COUNT(*) FROM applications").fetchone()
    assert json.loads(done.out)["tables"]["applications"]["rows"] == rows > 0
    again = world.call("store", "copy", source, target)
    assert again.code == 1
    assert "The target is not empty" in again.err


def test_every_check_has_its_sentences() -> None:
    """Each has a text, and the reference names each."""
    assert set(_SENTENCES) == {check.value for check in StoreCheck}
    (named,) = get_type_hints(StoreFinding, include_extras=True)["check"].__metadata__
    assert set(named.replace(" or ", ", ").replace("`", "").split(", ")) == set(_SENTENCES)
