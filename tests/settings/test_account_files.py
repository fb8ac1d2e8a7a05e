"""Accounts in files of their own: read like the main file, and errors name the right one."""

from __future__ import annotations

from pathlib import Path

import pytest

from atsbridge.errors import ConfigError
from atsbridge.settings.settings_loader import load

ACME = '[accounts.acme]\nconnector = "greenhouse"\nsinks = []\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "accounts.d").mkdir()
    (tmp_path / "atsbridge.toml").write_text(ACME, "utf-8")
    return tmp_path


def refused(folder: Path, **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder / "atsbridge.toml", environ)
    return str(caught.value).splitlines()


def test_every_file_adds_its_accounts(folder: Path) -> None:
    """In order of the names; other files beside them are no settings."""
    for name in ("b.toml", "a.toml"):
        text = f'[accounts.{name[0]}]\nconnector = "lever"\nsinks = []\n'
        (folder / "accounts.d" / name).write_text(text, "utf-8")
    (folder / "accounts.d" / "notes.txt").write_text("[", "utf-8")
    settings = load(folder / "atsbridge.toml", {"ATSBRIDGE_ACCOUNTS__A__HISTORY": "7d"})
    assert list(settings.accounts) == ["acme", "a", "b"]
    assert settings.accounts["a"].history.days == 7


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            '[accounts.b]\nconnector = "lever"\nmax_age = "soon"\n',
            "accounts.d/b.toml:3:11: accounts.b.max_age",
        ),
        (
            '[accounts.b]\nconnecter = "lever"\n',
            "accounts.d/b.toml:2:1: accounts.b.connecter: unknown key",
        ),
        ("[accounts.b\n", "accounts.d/b.toml:1:12: this is not TOML"),
        ('[run]\nlog_file = "x"\n', "accounts.d/b.toml:1:"),
        ("accounts = 7\n", "accounts is no section"),
        (ACME, "this account exists twice. It is in "),
    ],
)
def test_an_error_names_the_file_it_is_in(folder: Path, text: str, error: str) -> None:
    """With line and column there."""
    (folder / "accounts.d" / "b.toml").write_text(text, "utf-8")
    assert any(error in line for line in refused(folder)), refused(folder)


def test_the_second_of_two_files_with_one_account_is_named(folder: Path) -> None:
    """And the first is said to have it too."""
    for name in ("a.toml", "b.toml"):
        text = '[accounts.x]\nconnector = "lever"\nsinks = []\n'
        (folder / "accounts.d" / name).write_text(text, "utf-8")
    (line,) = refused(folder)
    assert "accounts.d/b.toml:1" in line
    assert "accounts.d/a.toml too" in line


def test_errors_of_several_files_come_together(folder: Path) -> None:
    """One run shows them all."""
    (folder / "atsbridge.toml").write_text(ACME + 'max_age = "x"\n', "utf-8")
    text = '[accounts.b]\nconnector = "lever"\nsinks = []\nhistory = "y"\n'
    (folder / "accounts.d" / "b.toml").write_text(text, "utf-8")
    found = refused(folder)
    assert len(found) == 2
    assert "atsbridge.toml:4" in found[0]
    assert "accounts.d/b.toml:4" in found[1]


@pytest.mark.parametrize("name", ["b.TOML", "B.Toml"])
def test_the_letters_of_an_ending_may_be_large(folder: Path, name: str) -> None:
    """A file from another system is read, and its mistakes are errors."""
    file = folder / "accounts.d" / name
    file.write_text('[accounts.b]\nconnector = "lever"\nsinks = []\n', "utf-8")
    assert list(load(folder / "atsbridge.toml", {}).accounts) == ["acme", "b"]
    file.write_text("[accounts.b\n", "utf-8")
    assert f"accounts.d/{name}:1:12: this is not TOML" in refused(folder)[0]
