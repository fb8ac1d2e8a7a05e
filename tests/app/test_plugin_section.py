"""A plugin's own section: every mistake in our words, and no secret before it is used."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
    field_validator,
    model_validator,
)

from atsbridge.app.plugin_section import PluginSection
from atsbridge.errors import ConfigError
from atsbridge.settings.sections import AccountSettings
from atsbridge.settings.settings_loader import load
from atsbridge.settings.settings_model import Settings

KEYS = ("accounts", "acme")


class Strict(BaseModel):
    """As the built-in ones are."""

    model_config = ConfigDict(extra="forbid")

    token: SecretStr
    base_url: str = "https://x.example"
    port: int = 1
    ratio: float = 0.5
    mode: Literal["fast", "slow"] = "fast"
    on: bool = False
    tags: list[str] = []
    names: dict[str, int] = {}
    either: int | list[int] = 0
    site: HttpUrl | None = None
    size: Annotated[int, Field(ge=2, le=9)] = 5
    inner: Inner | None = None


class Inner(BaseModel):
    """A table of its own."""

    model_config = ConfigDict(extra="forbid")

    key: str


Strict.model_rebuild()


@pytest.fixture
def section(tmp_path: Path) -> Callable[..., tuple[PluginSection, Settings]]:
    """A section of the file as a plugin's settings, and the settings it stands in."""

    def made(
        body: str, model: type[BaseModel] = Strict, **variables: str
    ) -> tuple[PluginSection, Settings]:
        path = tmp_path / "atsbridge.toml"
        path.write_text(f'[accounts.acme]\nconnector = "x"\n{body}\n', "utf-8")
        path.chmod(0o600)
        settings = load(path, variables)
        given = settings.accounts["acme"].options
        return PluginSection(KEYS, given, model, AccountSettings), settings

    return made


@pytest.fixture
def check(section: Any) -> Callable[..., list[str]]:
    """The lines about a section, without the file's name."""

    def lines(body: str, model: type[BaseModel] = Strict) -> list[str]:
        made, settings = section(body, model)
        found = settings.source.errors(made.check())
        return [str(one).removeprefix(f"{settings.source.name}:") for one in found]

    return lines


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("tokenfile = 'x'", '3:1: accounts.acme.tokenfile: unknown key. Did you mean "token_file"'),
        ("historry = '1d'", 'accounts.acme.historry: unknown key. Did you mean "history"?'),
        ("base_url = 'ftp://x'", "3:12: accounts.acme.base_url: write a whole address"),
        ("base_url = 'https://x:99999'", "3:12: accounts.acme.base_url: write a whole address"),
        ("port = 'many'", "3:8: accounts.acme.port: write a whole number"),
        ("port = 99999", "3:8: accounts.acme.port: a port is a number from 1 to 65535"),
        ("ratio = 'x'", "3:9: accounts.acme.ratio: write a number"),
        ("mode = 'fst'", '3:8: accounts.acme.mode: did you mean "fast"?'),
        ("mode = 'x'", "3:8: accounts.acme.mode: write one of: fast, slow"),
        ("on = 'perhaps'", "3:6: accounts.acme.on: write true or false, without quotes"),
        ("tags = 'x'", "3:8: accounts.acme.tags: write a list in square brackets"),
        ("tags = ['x', 5]", "3:14: accounts.acme.tags.2: write text in quotes"),
        ("names = {a = 'x'}", "3:14: accounts.acme.names.a: write a whole number"),
        ("either = 'x'", "3:10: accounts.acme.either: write a whole number or write a list"),
        ("site = 'x'", "3:8: accounts.acme.site: write a whole address"),
        ("size = 1", "3:8: accounts.acme.size: write a number from 2 on"),
        ("inner = {kye = 'x'}", '3:10: accounts.acme.inner.kye: unknown key. Did you mean "key"'),
        ("inner = 5", "3:9: accounts.acme.inner: write a table of keys"),
        ("token = 5", "3:9: accounts.acme.token: write text in quotes"),
        ("token = 'a'\ntoken_file = 'b'", "4:14: .*both token and token_file are set"),
        ("token_file = 5", "3:14: accounts.acme.token_file: write the path of a file in quotes"),
        ("token_file = '~nobody-here/x'", "3:14: accounts.acme.token_file: the home folder"),
        ("port_file = 'x'\nprot = 5", '4:1: accounts.acme.prot: unknown key. Did you mean "port"'),
    ],
)
def test_each_mistake_is_told_in_our_words(
    check: Callable[..., list[str]], body: str, line: str
) -> None:
    """With line and column, whoever wrote the plugin's model."""
    import re

    (found,) = check(body)
    assert re.search(line, found), found
    assert not re.search(r"[Ii]nput should|pydantic|type=", found)


def test_all_of_them_come_in_one_pass(check: Callable[..., list[str]]) -> None:
    """Those of single keys, and those that show only beside others."""

    class Mail(BaseModel):
        host: str
        username: str = ""
        password: SecretStr = SecretStr("")
        port: int = 0

        @model_validator(mode="after")
        def _pair(self) -> Mail:
            if self.username and not self.password.get_secret_value():
                raise ValueError("a username needs a password")
            return self

    found = check("host = 5\nprot = 1\n", Mail)
    assert [line.split(": ")[1] for line in found] == ["accounts.acme.host", "accounts.acme.prot"]
    assert check("host = 'x'\nusername = 'y'\npassword = ''", Mail) == [
        "1:1: accounts.acme: a username needs a password"
    ]


def test_a_model_that_passes_over_unknown_keys_does_not_hide_them(
    check: Callable[..., list[str]],
) -> None:
    """pydantic's default is to ignore them."""

    class Lax(BaseModel):
        token: SecretStr

    (line,) = check("tokn = 'x'", Lax)
    assert line == '3:1: accounts.acme.tokn: unknown key. Did you mean "token"?'


def test_a_validator_of_a_plugin_shows_no_secret_and_stops_nothing(
    section: Any,
) -> None:
    """Its sentence is cleared of the secret; another exception is named by its class."""

    class Loud(BaseModel):
        token: SecretStr

        @field_validator("token")
        @classmethod
        def _loud(cls, value: SecretStr) -> SecretStr:
            raise ValueError(f"{value.get_secret_value()} is too short")

    class Broken(BaseModel):
        token: SecretStr

        @field_validator("token")
        @classmethod
        def _broken(cls, value: SecretStr) -> SecretStr:
            raise KeyError(value.get_secret_value())

    for model, words in ((Loud, "*** is too short"), (Broken, "the plugin raised KeyError")):
        made, settings = section("token = 'planted-1'", model)
        with pytest.raises(ConfigError) as caught:
            made.settings(settings)
        assert words in str(caught.value)
        assert "planted" not in str(caught.value)
        assert "planted" not in repr(made)


def test_a_check_reads_no_secret(check: Callable[..., list[str]]) -> None:
    """One that is missing, unreadable or elsewhere is no mistake of the settings."""
    assert check("") == []
    assert check("token_file = 'not-there'") == []


def test_a_secret_is_read_when_it_is_used(section: Any, tmp_path: Path) -> None:
    """From the file as people save it: a byte order mark and a line end are not part of it."""
    file = tmp_path / "token"
    file.write_bytes("\ufeffs3cret\r\n".encode())
    made, settings = section("token_file = 'token'")
    assert made.settings(settings).token.get_secret_value() == "s3cret"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda file: None, "there is no such file"),
        (lambda file: file.write_bytes(b" \n"), "this file is empty"),
        (lambda file: file.write_bytes("planted".encode("utf-16")), "UTF-16"),
        (lambda file: file.write_bytes(b"planted\xff"), "not UTF-8"),
        (lambda file: file.write_bytes(b"planted\0"), "NUL"),
        (lambda file: file.write_bytes(b"planted" * 100_000), "larger than"),
        (lambda file: file.mkdir(), "this is a folder"),
    ],
)
def test_a_secret_file_that_cannot_be_read_names_file_and_key(
    section: Any, tmp_path: Path, make: Callable[[Path], Any], words: str
) -> None:
    """Never its text."""
    make(tmp_path / "token")
    made, settings = section("token_file = 'token'")
    with pytest.raises(ConfigError) as caught:
        made.settings(settings)
    text = str(caught.value)
    assert text.startswith(f"{settings.source.name}:3:14: accounts.acme.token_file: the secret")
    assert words in text
    assert "planted" not in text


def test_a_missing_secret_says_where_to_put_it(section: Any) -> None:
    """Nobody has to look up what the environment calls it; an empty variable is no secret."""
    for variables in ({}, {"ATSBRIDGE_ACCOUNTS__ACME__TOKEN": ""}):
        made, settings = section("", Strict, **variables)
        with pytest.raises(ConfigError) as caught:
            made.settings(settings)
        assert "accounts.acme.token: this secret is needed. Put it into" in str(caught.value)
        assert "ATSBRIDGE_ACCOUNTS__ACME__TOKEN, or name its file in token_file" in str(
            caught.value
        )


def test_a_field_that_ends_like_a_twin_is_the_plugins_own(section: Any) -> None:
    """`key_file` of the model is handed on, not read."""

    class Own(BaseModel):
        key_file: str
        key: str = ""

    made, settings = section("key_file = 'x'", Own)
    assert made.check() == []
    assert made.settings(settings).key_file == "x"


def test_modes_of_files_are_what_the_warnings_are_about(tmp_path: Path) -> None:
    """Readable by the group or by everybody is exposed; by its owner is not."""
    from atsbridge.settings.secret_files import is_exposed

    file = tmp_path / "token"
    file.write_text("x", "utf-8")
    found = {}
    for mode in (0o600, 0o400, 0o640, 0o604, 0o644):
        file.chmod(mode)
        found[mode] = is_exposed(file)
    assert stat.S_ISREG(file.stat().st_mode)
    assert found == {0o600: False, 0o400: False, 0o640: True, 0o604: True, 0o644: True}
    assert is_exposed(tmp_path / "not-there") is False


def test_a_command_gives_the_secret_when_it_is_used(section: Any) -> None:
    """Checking the section runs nothing."""
    made, settings = section('token_command = ["sh", "-c", "echo x; touch ran"]')
    assert made.check() == []
    assert not (settings.folder / "ran").exists()
    assert made.settings(settings).token.get_secret_value() == "x"
    assert (settings.folder / "ran").exists()


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ('token = "x"\ntoken_command = ["a"]', "both token and token_command are set"),
        ('token_file = "x"\ntoken_command = ["a"]', "both token_file and token_command are set"),
        ("token_command = 7", "write the command as a list of texts"),
        ("token_command = []", "this command is empty"),
        ('token = "x"\nport_command = ["a"]', "unknown key"),
    ],
)
def test_a_wrong_command_is_found_without_running_it(
    check: Callable[..., list[str]], body: str, error: str
) -> None:
    assert any(error in line for line in check(body))


def test_a_command_that_fails_is_an_error_with_its_place(section: Any) -> None:
    made, settings = section('token_command = ["false"]')
    with pytest.raises(ConfigError) as caught:
        made.settings(settings)
    assert "atsbridge.toml:3" in str(caught.value)
    assert "ended with exit code 1" in str(caught.value)
