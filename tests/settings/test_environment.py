"""Environment variables come before the file, take any text, and never end in a traceback."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, SecretStr

from atsbridge.app.plugin_section import PluginSection
from atsbridge.settings.sections import AccountSettings
from atsbridge.settings.setting_errors import ConfigErrors
from atsbridge.settings.settings_loader import load, read
from atsbridge.settings.settings_model import Settings

TEXT = """[accounts.acme]
connector = "greenhouse"
[sinks.slack]
kind = "slack"
[sinks.mail]
kind = "email"
[offices.Lisbon]
timezone = "Europe/Lisbon"
"""

Load = Callable[..., Settings]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "atsbridge.toml"
    path.write_text(TEXT, "utf-8")
    return path


def wrong(file: Path, variables: Mapping[str, str]) -> list[str]:
    with pytest.raises(ConfigErrors) as caught:
        load(file, variables)
    return [str(one) for one in caught.value.errors]


@pytest.mark.parametrize(
    "secret",
    [
        *("12345678", "0123", '"quoted"', "'quoted'", "#hash", "{brace", '{"a": 1}', "[1]", "true"),
        *("null", "1e5", "a,b", " padded ", "ünï", "$HOME", "a\nb", "~x", "\\n"),
    ],
)
def test_a_secret_is_any_text(file: Path, secret: str) -> None:
    """What looks like a number, a list or a comment stays what it is."""

    class Wanted(BaseModel):
        client_secret: SecretStr

    name = "ATSBRIDGE_ACCOUNTS__ACME__CLIENT_SECRET"
    settings = load(file, {name: secret})
    given = settings.accounts["acme"].options
    section = PluginSection(("accounts", "acme"), given, Wanted, AccountSettings)
    assert section.check() == []
    assert section.settings(settings).client_secret.get_secret_value() == secret
    assert "ünï" not in repr(settings)


@pytest.mark.parametrize(
    ("value", "sinks"),
    [
        ("slack", ("slack",)),
        ("slack,mail", ("slack", "mail")),
        (" slack , mail ,", ("slack", "mail")),
        ('["slack", "mail"]', ("slack", "mail")),
        ("['slack']", ("slack",)),
        ("", ()),
        ("  ", ()),
    ],
)
def test_a_list_is_names_with_commas_or_a_list(
    file: Path, value: str, sinks: tuple[str, ...]
) -> None:
    """As people write it in a shell."""
    assert load(file, {"ATSBRIDGE_NOTIFY__DM": value}).notify.dm == sinks


@pytest.mark.parametrize(
    "value", ["[slack", '["slack"', "[" * 4000, "[" * 40 + "]" * 40, '{"a": 1}']
)
def test_a_list_that_cannot_be_read_says_how_to_write_it(file: Path, value: str) -> None:
    """The variable is named, its value is not shown."""
    (line,) = wrong(file, {"ATSBRIDGE_NOTIFY__DM": value})
    assert line.startswith("ATSBRIDGE_NOTIFY__DM: notify.dm")


@pytest.mark.parametrize(
    ("name", "value", "key", "expected"),
    [
        ("ATSBRIDGE_RUN__NIGHTLY_AT", "3:30", "nightly_at", "03:30 UTC"),
        ("atsbridge_run__nightly_at", "3:30", "nightly_at", "03:30 UTC"),
        ("ATSBRIDGE_RUN__MAX_BAD_RECORDS", "10%", "max_bad_records", 0.1),
        ("ATSBRIDGE_RUN", '{"nightly_at": "03:30 UTC"}', "nightly_at", "03:30 UTC"),
        ("ATSBRIDGE_RUN", '{nightly_at = "03:30 UTC"}', "nightly_at", "03:30 UTC"),
    ],
)
def test_a_variable_is_read_as_the_file_would_be(
    file: Path, name: str, value: str, key: str, expected: object
) -> None:
    """Of any case, and a whole section as JSON or TOML."""
    assert getattr(load(file, {name: value}).run, key) == expected


def test_a_variable_goes_before_the_file_and_beside_it(file: Path) -> None:
    """The other keys of the section stay; names meet the file's in any case."""
    variables = {
        "ATSBRIDGE_ACCOUNTS__ACME__CONNECTOR": "lever",
        "ATSBRIDGE_OFFICES__LISBON__COUNTRY": "PT",
        "ATSBRIDGE_OFFICES": '{"Oslo": {"timezone": "Europe/Oslo"}}',
    }
    settings = load(file, variables)
    assert settings.accounts["acme"].connector == "lever"
    assert settings.offices["Lisbon"].country == "PT"
    assert settings.offices["Lisbon"].timezone == "Europe/Lisbon"
    assert settings.offices["Oslo"].timezone == "Europe/Oslo"


def test_the_environment_alone_is_enough(tmp_path: Path) -> None:
    """As in a container, where the file is empty."""
    (tmp_path / "atsbridge.toml").write_text("", "utf-8")
    variables = {
        "ATSBRIDGE_ACCOUNTS__ACME__CONNECTOR": "lever",
        "ATSBRIDGE_SINKS__SLACK__KIND": "slack",
        "ATSBRIDGE_TEAMS__OPS__SINK": "slack",
        "ATSBRIDGE_TEAMS__OPS__TO": "channel:#ops",
    }
    settings = load(tmp_path / "atsbridge.toml", variables)
    assert settings.accounts["acme"].connector == "lever"
    assert settings.teams["ops"].to == "channel:#ops"


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("NOTIFY__OPPS", "x", 'notify.opps: unknown key. Did you mean "ops"?'),
        ("RUN__NIGHTLY_AT", "", "run.nightly_at: write a time of day"),
        ("NOTIFY__MAX_INTERRUPTIONS_PER_DAY", "", "write a whole number"),
        ("RUN", "1", "run: write a table such as"),
        ("STORE", "postgresql://x", "store: write a table such as"),
        ("STORE__URL", "mysql://u:planted@h", 'store.url: write "sqlite:///atsbridge.db"'),
        ("STORE__URL", "sqlite:///a.db?mode=ro", "a SQLite file takes no options"),
        ("ACCOUNTS__ACMEE__CLIENT_SECRET", "x", 'there is no account "acmee". Did you mean "acme"'),
        ("SINKS__SLAK__TOKEN", "x", 'there is no sink "slak". Did you mean "slack"?'),
        ("ACCOUNTS__ACME__TEAMS", "x", "accounts.acme.teams: write a table such as"),
        ("NOTIFY__OPS", "a\udcff", "bytes that are not UTF-8"),
    ],
)
def test_a_mistake_names_the_variable(file: Path, name: str, value: str, line: str) -> None:
    """In place of file and line; never the value."""
    (found,) = wrong(file, {f"ATSBRIDGE_{name}": value})
    assert found.startswith(f"ATSBRIDGE_{name}: ")
    assert line in found
    assert "planted" not in found


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("ATSBRIDGE_NOTFY__DM", "ATSBRIDGE_NOTIFY__DM"),
        ("ATSBRIDGE_STORE_URL", "ATSBRIDGE_STORE__URL"),
        (
            "ATSBRIDGE_ACCOUNTS_ACME_CLIENT_SECRET",
            "ATSBRIDGE_ACCOUNTS__ACME__CLIENT_SECRET",
        ),
        ("ATSBRIDGE_SINKS_SLACK_TOKEN_FILE", "ATSBRIDGE_SINKS__SLACK__TOKEN_FILE"),
        ("ATSBRIDGE_IMAGE_TAG", ""),
        ("ATSBRIDGE_", ""),
        ("ATSBRIDGE_STORE__", "ATSBRIDGE_STORE__URL"),
    ],
)
def test_a_variable_that_no_setting_has_is_named_and_stops_nothing(
    file: Path, name: str, meant: str
) -> None:
    """With the one that was probably meant: others may have set it for purposes of their own."""
    reading = read(file, {name: "x"})
    assert reading.problems == []
    assert reading.unknown == [(name, meant)]


def test_a_name_of_thousands_of_parts_is_no_setting(file: Path) -> None:
    """Its parts would be levels of tables."""
    name = "ATSBRIDGE_NOTIFY" + "__A" * 5000
    reading = read(file, {name: "x"})
    assert (reading.problems, [one for one, _ in reading.unknown]) == ([], [name])


def test_variables_of_others_are_passed_over(file: Path) -> None:
    """Of Kubernetes for a service of our name, and of the command line."""
    names = ["SERVICE_HOST", "SERVICE_PORT", "SERVICE_PORT_HTTP", "PORT", "PORT_80_TCP_ADDR"]
    variables = {f"ATSBRIDGE_{name}": "10.0.0.1" for name in (*names, "CONFIG")}
    assert read(file, variables).unknown == []


def test_a_plugins_own_types_take_text(file: Path) -> None:
    """Numbers, truth values, lists and tables of a plugin, each written as in a shell."""

    class Wanted(BaseModel):
        model_config = ConfigDict(extra="forbid")

        size: int = 1
        on: bool = False
        tags: list[str] = []
        codes: tuple[int, ...] | None = None
        names: dict[str, str] = {}
        either: str | list[str] = ""

    values = {"SIZE": "5", "ON": "yes", "TAGS": "a,b", "CODES": "[1, 2]", "EITHER": "a,b"}
    values["NAMES"] = '{a = "b"}'
    settings = load(file, {f"ATSBRIDGE_ACCOUNTS__ACME__{k}": v for k, v in values.items()})
    given = settings.accounts["acme"].options
    section = PluginSection(("accounts", "acme"), given, Wanted, AccountSettings)
    assert section.check() == []
    made = section.settings(settings)
    assert (made.size, made.on, made.tags, made.codes) == (5, True, ["a", "b"], (1, 2))
    assert (made.names, made.either) == ({"a": "b"}, "a,b")
