"""The sandbox serves the reports, and its settings read them."""

from __future__ import annotations

from pathlib import Path

from atsbridge.app import open_services
from atsbridge.plugins import discover
from atsbridge.sandbox import SandboxOptions, build_sandbox
from atsbridge.tick import RunOptions, tick


def test_the_sandbox_can_be_read(tmp_path: Path) -> None:
    options = SandboxOptions(applications=40, frozen=True, connectors=("files",))
    with build_sandbox(tmp_path, discover().connectors().values(), options) as world:
        config = tmp_path / "atsbridge.toml"
        config.write_text(world.config(), "utf-8")
        with open_services(config) as services:
            summary = tick(services, RunOptions(accounts=("umbrella",), dry_run=True))
            stored = services.store.history.read_records("umbrella", "application")
            assert len(list(stored)) >= 40
        assert [one.error for one in summary.failures] == []
