"""`atsbridge worker`: how it begins, reads its settings again, and ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from atsbridge.cli import worker as command
from atsbridge.cli.worker import find_change
from atsbridge.errors import ConfigError
from atsbridge.settings.settings_loader import read
from atsbridge.workers import WorkerProcess

from ..conftest import World
from .conftest import Fleet


def test_settings_that_change_are_read_and_a_mistake_is_left_out(fleet: Fleet) -> None:
    """An outdated worker ends before it reads anything; metrics and `status` know of a good one."""
    world = fleet.world
    (worker,) = fleet.start()
    fleet.until(fleet.served(1), 60)
    metrics = world.folder / "worker.prom"
    world.configure(lambda text: text.replace("[run]", f'[run]\nmetrics_file = "{metrics}"'))
    fleet.until(metrics.exists, 60)
    fleet.until(lambda: "atsbridge_workers 1.0" in metrics.read_text("utf-8"), 60)
    document = json.loads(world.call("status", "--json").out)
    assert document["workers"]["alive"] == 1
    assert document["accounts"][0]["next_run"] is not None
    assert "alive" in world.call("status").out
    good = world.config.read_text("utf-8")
    world.config.write_text(good + "\n[nonsense]\n", "utf-8")
    fleet.until(lambda: "keeps the settings" in worker.log.read_text("utf-8"), 60)
    world.config.write_text(good, "utf-8")
    fleet.until(lambda: worker.log.read_text("utf-8").count('"action":"start"') == 3, 60)
    before = fleet.query("SELECT value FROM meta WHERE name = 'schema'")[0].value
    fleet.execute("UPDATE meta SET value = '99' WHERE name = 'schema'")
    assert worker.process.wait(60) == 1
    assert "Another version" in worker.log.read_text("utf-8")
    fleet.execute(f"UPDATE meta SET value = '{before}' WHERE name = 'schema'")


def test_a_store_in_a_file_is_refused_with_what_to_do(new_world: Callable[..., World]) -> None:
    """Workers need a queue."""
    world = new_world(20)
    found = world.call("worker")
    world.close()
    assert found.code == 2
    assert "PostgreSQL" in found.err
    assert "atsbridge store copy" in found.err


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With the command that installs it."""
    monkeypatch.setattr(command, "find_spec", lambda name: None if name == "procrastinate" else 1)
    with pytest.raises(ConfigError) as caught:
        command.worker.callback.__wrapped__(tmp_path)  # type: ignore[union-attr]
    assert "procrastinate" in caught.value.what
    assert "atsbridge[workers]" in caught.value.remedy


def test_a_changed_file_is_noticed_once(tmp_path: Path, capsys: Any) -> None:
    """The settings and the packs that they name; a mistake is said once, and nothing changes."""
    config, pack = tmp_path / "atsbridge.toml", tmp_path / "own.yaml"
    config.write_text('[rules]\npacks = ["own.yaml"]\n', "utf-8")
    pack.write_text("version: 1\n", "utf-8")
    is_changed = find_change(config, read(config).settings)
    assert not is_changed()
    pack.write_text("version: 1\nrules: []\n", "utf-8")
    assert is_changed()
    assert not is_changed()
    config.write_text("[rules]\nnonsense = 1\n", "utf-8")
    assert not is_changed()
    assert "nonsense" in capsys.readouterr().err
    assert not is_changed()
    assert capsys.readouterr().err == ""


def test_no_more_accounts_at_once_than_the_store_has_connections_for() -> None:
    """Whatever `concurrency` says."""
    services: Any = SimpleNamespace(
        store=SimpleNamespace(queue=SimpleNamespace(schema="q", address=""), at_once=2),
        settings=SimpleNamespace(worker=SimpleNamespace(concurrency=8)),
    )
    assert WorkerProcess(services, "session", out=None)._concurrency == 2
