"""The configuration is read whole, and every mistake is told at once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr

from atsbridge.app.opening import options
from atsbridge.errors import ConfigError
from atsbridge.settings import load, secrets


def write(folder: Path, text: str) -> Path:
    path = folder / "atsbridge.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_small_file_is_enough(tmp_path: Path) -> None:
    """One account and nothing else: the rest has defaults."""
    settings = load(write(tmp_path, '[accounts.acme]\nconnector = "greenhouse"\n'))
    assert settings.accounts["acme"].max_age == timedelta(hours=2)
    assert settings.store_url == f"sqlite:///{tmp_path / 'atsbridge.db'}"


def test_what_belongs_to_the_connector_is_kept_for_it(tmp_path: Path) -> None:
    """Keys the core does not know are the plugin's options."""
    text = '[accounts.acme]\nconnector = "greenhouse"\nbase_url = "http://127.0.0.1:1"\n'
    settings = load(write(tmp_path, text))
    assert settings.accounts["acme"].options == {"base_url": "http://127.0.0.1:1"}


def test_a_secret_comes_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ATSBRIDGE_ACCOUNTS__ACME__CLIENT_SECRET joins what the file says of the account."""
    monkeypatch.setenv("ATSBRIDGE_ACCOUNTS__ACME__CLIENT_SECRET", "s3cret")
    settings = load(write(tmp_path, '[accounts.acme]\nconnector = "greenhouse"\n'))
    assert settings.accounts["acme"].options == {"client_secret": "s3cret"}
    assert settings.accounts["acme"].connector == "greenhouse"


def test_every_mistake_is_told_with_its_line(tmp_path: Path) -> None:
    """Unknown keys, bad spans and bad names: one pass, file:line, the nearest word."""
    path = write(
        tmp_path,
        """[accounts.acme]
connector = "greenhouse"
max_age = "2 fortnights"
[run]
nightly_att = "02:00 UTC"
[offices.Lisbon]
timezone = "Europe/Lisbon"
contry = "PT"
[accounts.Globex]
connector = "lever"
""",
    )
    span = "write a number and a unit, for example 90s, 30m, 2h or 180d"
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert sorted(str(caught.value).splitlines()) == [
        f"{path}:3: accounts.acme.max_age: {span}",
        f"{path}:5: run.nightly_att: unknown key; did you mean 'nightly_at'?",
        f"{path}:8: offices.Lisbon.contry: unknown key; did you mean 'country'?",
        f"{path}:9: accounts.Globex: a name is lower case: letters, digits and _, a letter first",
    ]


def test_a_mistake_never_shows_the_value(tmp_path: Path) -> None:
    """A secret that landed on a wrong key is not repeated."""
    path = write(tmp_path, '[store]\nurl = "sqlite:///x.db"\npasword = "hunter2hunter2"\n')
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert "hunter2" not in str(caught.value)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    """No file: the message names the path and the two ways on."""
    with pytest.raises(ConfigError, match=r"there is no configuration file.*--config FILE"):
        load(tmp_path / "atsbridge.toml")


def test_a_file_that_is_not_toml_says_where(tmp_path: Path) -> None:
    """tomllib's line and column reach the reader."""
    with pytest.raises(ConfigError, match=r"this is not TOML: .*line 2"):
        load(write(tmp_path, "[accounts]\nacme = \n"))


def test_a_secret_file_is_read_and_its_name_goes(tmp_path: Path) -> None:
    """client_secret_file becomes client_secret."""
    (tmp_path / "secret").write_text("s3cret\n")
    found = secrets({"client_secret_file": "secret", "x": 1}, tmp_path, "[accounts.acme]")
    assert found == {"client_secret": "s3cret", "x": 1}


def test_both_forms_of_a_secret_are_refused(tmp_path: Path) -> None:
    """A secret and its file twin at once: nobody could say which one counts."""
    with pytest.raises(ConfigError, match="both token and token_file are set") as caught:
        secrets({"token": "t0ken", "token_file": "f"}, tmp_path, "[sinks.slack]")
    assert "t0ken" not in str(caught.value)


def test_a_secret_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The path and the reason, never a value."""
    with pytest.raises(ConfigError, match=r"\[sinks.slack\].token_file: the secret file .*gone"):
        secrets({"token_file": "gone"}, tmp_path, "[sinks.slack]")


def test_a_missing_secret_says_where_to_put_it(tmp_path: Path) -> None:
    """Nobody has to look up what the environment calls it."""

    class Wanted(BaseModel):
        token: SecretStr

    with pytest.raises(ConfigError, match="into ATSBRIDGE_SINKS__SLACK__TOKEN"):
        options(tmp_path, {}, Wanted, "[sinks.slack]")
