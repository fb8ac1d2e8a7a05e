"""`atsbridge sync --plan`: what a sync would ask for, before anything is asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from atsbridge.cli import cli
from atsbridge.ports.record_store import StreamState, StreamStatus
from atsbridge.store.sql_store import open_store
from atsbridge.timesource import ManualTime

GREENHOUSE = """
[accounts.acme]
connector = "greenhouse"
base_url = "http://127.0.0.1:9/v3"
token_url = "http://127.0.0.1:9/token"
client_id = "acme-1"
client_secret = "planted"
history = "90d"
"""
LEVER = """
[accounts.acme]
connector = "lever"
base_url = "http://127.0.0.1:9/v1"
api_key = "planted"
history = "90d"
"""
CONFIG = """
[sinks.post]
kind = "console"
[teams.ops]
sink = "post"
to = "channel:#ops"
"""
NOW = datetime.now(UTC)  # the command reads the real clock


@pytest.fixture
def plan(tmp_path: Path) -> Callable[..., dict[str, dict[str, Any]]]:
    """Ask for the plan of an account whose ATS is not even there."""
    config = tmp_path / "atsbridge.toml"

    def ask(*words: str, account: str = GREENHOUSE) -> dict[str, dict[str, Any]]:
        config.write_text(account + CONFIG, "utf-8")
        command = ["--config", str(config), "sync", "--plan", "--json", *words]
        done = CliRunner().invoke(cli, command, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return {row["stream"]: row for row in json.loads(done.output)["accounts"]["acme"]}

    return ask


def test_a_first_sync_is_counted_for_a_customer_of_a_size(plan: Callable[..., Any]) -> None:
    """With --active there is a figure for each list; they stay under what is promised."""
    rows = plan("--active", "10000")
    assert sum(row["requests"] for row in rows.values()) <= 450
    assert rows["application_stages"]["requests"] == 200
    assert "10000 active" in rows["applications"]["why"]


def test_without_a_size_nothing_is_made_up(plan: Callable[..., Any]) -> None:
    """What was never read has no length yet."""
    rows = plan()
    assert rows["applications"]["requests"] is None
    assert "what is open" in rows["applications"]["why"]
    assert rows["application_stages"]["requests"] is None, "children follow from unread parents"
    assert rows["notes"]["requests"] == 0, "nobody waits for them on the first day"


def test_people_are_told_how_to_have_it_counted(tmp_path: Path) -> None:
    """A line below the table, where a size would help; none where it was given."""
    config = tmp_path / "atsbridge.toml"
    config.write_text(GREENHOUSE + CONFIG, "utf-8")

    def asked(*words: str) -> str:
        return CliRunner().invoke(cli, ["--config", str(config), "sync", "--plan", *words]).output

    assert "--active" in asked()
    assert "--active" not in asked("--active", "500")


def test_the_past_that_is_owed_is_counted(plan: Callable[..., Any], tmp_path: Path) -> None:
    """A list read by its first leg: one page for what changed, one a month back to `history`."""
    store = open_store(f"sqlite:///{tmp_path / 'atsbridge.db'}", ManualTime(NOW))
    state = StreamState(
        stream="applications", status=StreamStatus.GOOD, bookmark=NOW, read_at=NOW, since=NOW
    )
    store.records.save_state("acme", state)
    store.run_state.put("night/acme", (NOW + timedelta(days=1)).isoformat().encode())
    store.close()
    applications = plan()["applications"]
    assert applications["requests"] == 1 + 3
    assert "months of the past" in applications["why"]


@pytest.mark.parametrize(
    ("active", "often", "most"), [(10_000, "every hour", 2_320), (200_000, "every 4 hours", 46_200)]
)
def test_how_often_a_list_is_scanned_follows_its_length(
    plan: Callable[..., Any], active: int, often: str, most: int
) -> None:
    """Lever's opportunities, which show nothing of an interview booked: said with the plan."""
    rows = plan("--active", str(active), account=LEVER)
    assert rows["opportunities"]["requests"] == active / 100
    assert rows["opportunities"]["why"].endswith(f"repeated later {often}")
    assert sum(row["requests"] for row in rows.values()) <= most


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--plan", "--account", "acme", "--accept-deleted", "users"), "--accept-deleted"),
        (("--plan", "--account", "acme", "--accept-empty", "offers"), "--accept-empty"),
        (("--active", "500"), "--active"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(
    tmp_path: Path, words: tuple[str, ...], why: str
) -> None:
    """A plan asks for nothing, so it can accept no answer; a sync counts for itself."""
    config = tmp_path / "atsbridge.toml"
    config.write_text(GREENHOUSE + CONFIG, "utf-8")
    done = CliRunner().invoke(cli, ["--config", str(config), "sync", *words])
    assert done.exit_code == 2
    assert why in done.output
    assert "--plan" in done.output
