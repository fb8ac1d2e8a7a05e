"""`atsbridge people`, `weekly` and `forget E-MAIL`: listed, set, taken back, erased, previewed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from benchmarks.report_store import StoreSize
from click.testing import CliRunner, Result
from tests.report.conftest import NOW, filled

from atsbridge.cli import cli
from atsbridge.errors import ConfigError
from atsbridge.model import PulseSheet

SIZE = StoreSize(requisitions=6, applications=12, promises=60, cases=0, pairs=2)
KIM = "person0@acme.example"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with filled(tmp_path, SIZE, opted_in=False) as services:
        services.store.pulses.ask_pulse([PulseSheet("acme", "r1", KIM, NOW, (2, 2))])
    return tmp_path


def call(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["--config", str(folder / "atsbridge.toml"), *arguments])


def listed(folder: Path) -> dict[str, dict[str, object]]:
    found = json.loads(call(folder, "people", "list", "--json").stdout)
    return {one["person"]: one for one in found["people"]}


def test_set_list_undo_and_erase(folder: Path) -> None:
    """As if the person had replied; the last choice is taken back, erasing takes all."""
    assert "Nobody has chosen anything" in call(folder, "people").stdout
    assert call(folder, "people", "set", KIM.upper(), "weekly-on", "--by", "ops").exit_code == 0
    assert call(folder, "people", "set", KIM, "digest-only", "--by", "ops").exit_code == 0
    one = listed(folder)[KIM]
    assert (one["messages"], one["shares"], one["by"]) == ("daily summary", True, "ops")
    assert "daily summary" in call(folder, "people").stdout
    assert "taken back" in call(folder, "people", "undo", KIM).stdout
    assert listed(folder)[KIM]["messages"] == "as configured"
    erased = call(folder, "forget", KIM, "--yes", "--json")
    assert json.loads(erased.stdout)["erased"] == 2  # a choice and a pulse
    assert listed(folder) == {}
    again = call(folder, "forget", KIM, "--yes")
    assert "0 entries" in again.stdout


def test_whoever_stands_in_the_settings_is_listed(folder: Path) -> None:
    config = folder / "atsbridge.toml"
    config.write_text(config.read_text("utf-8").replace("pairs = []", f'pairs = ["{KIM}"]'))
    one = listed(folder)[KIM]
    assert (one["by"], one["shares"], one["since"]) == ("[report] pairs", True, None)
    call(folder, "people", "set", KIM, "weekly-off")
    assert listed(folder)[KIM]["shares"] is False


@pytest.mark.parametrize(
    ("arguments", "what", "remedy"),
    [
        (("people", "set", "persn0@acme.example", "stop"), "no account has a colleague", KIM),
        (("people", "undo", KIM), "has chosen nothing", "atsbridge people"),
        (("forget", KIM, "--undo"), "cannot be brought back", ""),
        (("forget", KIM), "no terminal", "--yes"),
        (("weekly",), "no time is set for the weekly message", 'weekly = "mon 09:30"'),
    ],
)
def test_bad_input_is_one_clear_error(
    folder: Path, arguments: tuple[str, ...], what: str, remedy: str
) -> None:
    """What happened, and what to do."""
    error = call(folder, *arguments).exception
    assert isinstance(error, ConfigError)
    assert what in error.what
    assert remedy in error.remedy


@pytest.mark.parametrize("value", ["monday", "mon 25:00", "mon", "someday 09:30", "mon 9.30"])
def test_a_time_that_is_none_names_its_place(folder: Path, value: str) -> None:
    config = folder / "atsbridge.toml"
    text = config.read_text("utf-8").replace("[notify]\n", f'[notify]\nweekly = "{value}"\n')
    config.write_text(text, "utf-8")
    error = str(call(folder, "weekly").exception)
    assert "notify.weekly" in error
    assert "mon 09:30" in error


def test_the_weekly_message_is_previewed_and_queued_once(folder: Path) -> None:
    """The preview queues nothing; who agreed is named."""
    config = folder / "atsbridge.toml"
    text = config.read_text("utf-8").replace("[notify]\n", '[notify]\nweekly = "mon 09:30"\n')
    config.write_text(text, "utf-8")
    for arguments in (("weekly", "--dry-run"), ("weekly",)):
        said = call(folder, *arguments).stdout
        assert "of 2 pairs, none has agreed on both sides" in said
        assert "weekly-on" in said
        assert "queued for" not in said
    for number in range(6):
        call(folder, "people", "set", f"person{number}@acme.example", "weekly-on")
    shown = call(folder, "weekly", "--dry-run").stdout
    assert "not sent yet" in shown
    assert "your week" in shown
    assert "Open roles:" in shown
    assert "queued for 2 pairs" in call(folder, "weekly").stdout
    assert "nothing was queued: this week's messages were made" in call(folder, "weekly").stdout
    assert "already queued or sent" in call(folder, "weekly", "--dry-run").stdout


def test_an_account_without_pairs_says_what_makes_one(tmp_path: Path) -> None:
    """Nothing is queued, and the remedy is in the ATS."""
    none = StoreSize(requisitions=0, applications=0, promises=0, cases=0, pairs=0)
    with filled(tmp_path, none, opted_in=True):
        pass
    config = tmp_path / "atsbridge.toml"
    text = config.read_text("utf-8").replace("[notify]\n", '[notify]\nweekly = "mon 09:30"\n')
    config.write_text(text, "utf-8")
    said = call(tmp_path, "weekly").stdout
    assert "nothing was queued: there are no pairs" in said
    assert "name them in the ATS" in said
