"""`atsbridge new connector`: names and what is there already. Its package: tests/docs."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from atsbridge.cli.new import new
from atsbridge.errors import ConfigError


def made(name: str, into: Path) -> str:
    done = CliRunner().invoke(
        new, ["connector", name, "--into", str(into)], catch_exceptions=False, standalone_mode=False
    )
    return done.output


@pytest.mark.parametrize("name", ["Acme", "9lives", "my-ats", "class", "a b", "../up", ""])
def test_what_cannot_be_a_module_is_refused(name: str, tmp_path: Path) -> None:
    """The remedy shows a good name; nothing is written."""
    with pytest.raises(ConfigError, match="for example: acme"):
        made(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_name_of_an_installed_connector_is_refused(tmp_path: Path) -> None:
    """Two plugins of one name would hide one another."""
    with pytest.raises(ConfigError, match="lever is installed already"):
        made("lever", tmp_path)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A second call leaves the work of an afternoon alone."""
    made("my_ats", tmp_path)
    module = tmp_path / "atsbridge-my-ats/src/atsbridge_my_ats/connector.py"
    module.write_text("mine", "utf-8")
    with pytest.raises(ConfigError, match="is there already"):
        made("my_ats", tmp_path)
    assert module.read_text("utf-8") == "mine"


def test_every_word_of_the_templates_is_filled_in(tmp_path: Path) -> None:
    """No placeholder is left, names fit, and the next steps are said."""
    said = made("my_ats", tmp_path)
    package = tmp_path / "atsbridge-my-ats"
    texts = [file.read_text("utf-8") for file in package.rglob("*") if file.is_file()]
    assert not any("@name@" in text or "@Title@" in text or "@dist@" in text for text in texts)
    assert "class TestMyAts(ConnectorContract)" in "".join(texts)
    assert "python -m pytest" in said
