"""`atsbridge record`: the command, and what it says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def world(new_world: Callable[..., Any]) -> Iterator[Any]:
    made = new_world(20)
    yield made
    made.close()


def test_it_saves_every_list_and_no_name(world: Any, tmp_path: Path) -> None:
    out = tmp_path / "new" / "recording"
    found = world.call("record", "acme", "--out", str(out), "--pages", "1", "--parents", "2")
    assert found.code == 0, found
    files = sorted(path.name for path in out.iterdir())
    assert "users.recording.json" in files
    assert f"Wrote {len(files)} files to" in found.out
    users = json.loads((out / "users.recording.json").read_text("utf-8"))
    assert users["rows"]
    again = world.call("record", "acme", "--out", str(out))
    assert again.code != 0
    assert "this folder is not empty" in again.err


def test_an_unknown_account_is_named(world: Any, tmp_path: Path) -> None:
    found = world.call("record", "acne", "--out", str(tmp_path / "x"))
    assert "there is no account 'acne'" in found.err
    assert not (tmp_path / "x").exists()
