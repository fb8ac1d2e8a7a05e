"""The configuration: atsbridge.toml, environment variables, secret files.

What a connector or sink wants of its own section is checked in `app`, which knows the plugins.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from atsbridge.errors import ConfigError
from atsbridge.settings.mistakes import mistake
from atsbridge.settings.sections import (
    AccountSettings,
    CalendarSettings,
    Name,
    NotifySettings,
    OfficeSettings,
    PersonSettings,
    PilotSettings,
    RulesSettings,
    RunSettings,
    SinkSettings,
    StoreSettings,
    TeamSettings,
)


class Settings(BaseSettings):
    """Everything a tick needs to know; frozen. `folder` is where relative paths start."""

    model_config = SettingsConfigDict(
        env_prefix="ATSBRIDGE_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    store: StoreSettings = StoreSettings()
    accounts: dict[Name, AccountSettings] = Field(default_factory=dict)
    offices: dict[str, OfficeSettings] = Field(default_factory=dict)
    calendars: dict[Name, CalendarSettings] = Field(
        default_factory=lambda: {"office": CalendarSettings()}
    )
    teams: dict[Name, TeamSettings] = Field(default_factory=dict)
    notify: NotifySettings = NotifySettings()
    run: RunSettings = RunSettings()
    pilot: PilotSettings = PilotSettings()
    sinks: dict[Name, SinkSettings] = Field(default_factory=dict)
    people: dict[str, PersonSettings] = Field(default_factory=dict)
    rules: RulesSettings = RulesSettings()
    folder: Path = Path()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment comes before the file, so that secrets can stay out of the file."""
        return env_settings, init_settings

    def path(self, relative: str) -> Path:
        """A path of the configuration, made absolute from the folder of its file."""
        return self.folder / Path(relative).expanduser()

    @property
    def store_url(self) -> str:
        """The store's URL, with a relative SQLite path made absolute."""
        scheme, slashes, file = self.store.url.partition(":///")
        if scheme.startswith("sqlite") and slashes and file and not file.startswith("/"):
            return f"{scheme}:///{self.path(file).resolve()}"
        return self.store.url


def load(path: Path) -> Settings:
    """Read the configuration file and the environment. ConfigError tells every mistake at once."""
    try:
        source = path.read_text("utf-8")
    except FileNotFoundError:
        raise ConfigError(
            "there is no configuration file",
            where=str(path),
            remedy="Run `atsbridge demo` to look around, or name yours with --config FILE",
        ) from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(path)) from None
    try:
        data = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"this is not TOML: {error}", where=str(path)) from None
    try:
        return Settings(**data, folder=path.resolve().parent)
    except ValidationError as error:
        lines = [
            mistake(problem, source, path, Settings)
            for problem in error.errors(include_input=False)
        ]
        raise ConfigError("\n".join(lines)) from None


def secrets(options: Mapping[str, Any], folder: Path, where: str) -> dict[str, Any]:
    """A plugin's options with every `NAME_file` replaced by NAME = that file's content.

    Both at once is an error, as is a file that cannot be read; neither error shows a value.
    """
    found = dict(options)
    for key in [k for k in options if k.endswith("_file")]:
        name = key.removesuffix("_file")
        if name in options:
            raise ConfigError(
                f"both {name} and {key} are set", where=where, remedy="Keep one of them"
            )
        file = folder / Path(str(found.pop(key))).expanduser()
        try:
            found[name] = file.read_text("utf-8").strip()
        except OSError as error:
            raise ConfigError(
                f"the secret file {file} cannot be read: {error.strerror}", where=f"{where}.{key}"
            ) from None
    return found
