"""Every example of docs/intake.md is read by what reads the real thing."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from atsbridge.cli.intake import intake
from atsbridge.intake import brief_files, market_csv
from atsbridge.model.requisitions import SECTIONS
from atsbridge.rules.evaluate.market_data import COLUMNS
from atsbridge.settings.sections import RulesSettings
from atsbridge.sync.account_map import parse_map

PAGE = (Path(__file__).parents[2] / "docs/intake.md").read_text("utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


def test_the_brief_is_whole() -> None:
    """No mistake, and every usual section."""
    said = brief_files.parse_brief("b.yaml", block("yaml"))
    assert said.errors == ()
    assert set(said.sections) == set(SECTIONS)


def test_the_map_and_the_table_are_read() -> None:
    """Each without a mistake."""
    raw = tomllib.loads(block("toml"))["accounts"]["acme"]["map"]
    assert len(parse_map(raw, "acme").briefs) == 2
    said = market_csv.parse_table("t.csv", block("csv"))
    assert (len(said.rows), said.errors) == (2, ())


def test_every_column_and_setting_is_described() -> None:
    """The table of columns is that of the code, the defaults those of the settings."""
    rows = re.findall(r"^\| (`.+?) \|", PAGE, re.MULTILINE)
    assert {word for row in rows for word in re.findall(r"`(\w+)`", row)} == set(COLUMNS)
    settings = RulesSettings()
    assert f"`{settings.briefs}`" in PAGE
    assert '`["market/*.csv"]`' in PAGE
    assert settings.market == ("market/*.csv",)


@pytest.mark.parametrize("line", re.findall(r"^atsbridge intake .*", PAGE, re.MULTILINE))
def test_every_command_has_these_words(line: str) -> None:
    """Arguments and options fit the command."""
    _, _, *words = shlex.split(line, comments=True)
    with intake.make_context("intake", list(words)) as context:
        name, command, rest = intake.resolve_command(context, words)
        assert command is not None
        assert command.make_context(name, rest, parent=context).params
