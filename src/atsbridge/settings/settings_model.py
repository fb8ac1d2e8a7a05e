"""All settings as one frozen value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PrivateAttr, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from atsbridge.errors import ConfigError
from atsbridge.settings.secret_commands import COMMAND_SUFFIX, run_secret_command
from atsbridge.settings.secret_files import SUFFIX, read_secret
from atsbridge.settings.sections import (
    AccountSettings,
    CalendarSettings,
    DirectorySettings,
    IcalSettings,
    NotifySettings,
    OfficeSettings,
    PersonSettings,
    PilotSettings,
    ReportSettings,
    RulesSettings,
    RunSettings,
    ServeSettings,
    SinkSettings,
    StoreSettings,
    TeamSettings,
    WorkerSettings,
)
from atsbridge.settings.setting_errors import Problem, Source
from atsbridge.settings.value_types import Name, PersonKey, check_store, expanded

OFFICE = "office"  # the calendar that exists by default
# Sections of defaults are constructed without validation: building the validator of each section
# would take longer than a whole run spends in its settings.
_NOBODY = PersonSettings.model_construct()


def _with_office(given: dict[str, CalendarSettings]) -> dict[str, CalendarSettings]:
    return {OFFICE: CalendarSettings.model_construct(), **given}


class Settings(BaseSettings):
    """All settings; frozen. Relative paths start at `folder`."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    store: StoreSettings = StoreSettings.model_construct()
    accounts: dict[Name, AccountSettings] = Field(default_factory=dict)
    offices: dict[str, OfficeSettings] = Field(default_factory=dict)
    calendars: Annotated[dict[Name, CalendarSettings], AfterValidator(_with_office)] = Field(
        default_factory=lambda: _with_office({})
    )
    teams: dict[Name, TeamSettings] = Field(default_factory=dict)
    notify: NotifySettings = NotifySettings.model_construct()
    run: RunSettings = RunSettings.model_construct()
    pilot: PilotSettings = PilotSettings.model_construct()
    report: ReportSettings = ReportSettings.model_construct()
    serve: ServeSettings = ServeSettings.model_construct()
    worker: WorkerSettings = WorkerSettings.model_construct()
    sinks: dict[Name, SinkSettings] = Field(default_factory=dict)
    people: dict[PersonKey, PersonSettings] = Field(default_factory=dict)
    directory: DirectorySettings = DirectorySettings.model_construct()
    absences: IcalSettings = IcalSettings.model_construct()
    rules: RulesSettings = RulesSettings.model_construct()
    folder: Path = Path()
    _source: Source = PrivateAttr(default_factory=Source)
    _written: dict[str, Any] = PrivateAttr(default_factory=dict)
    _file_errors: tuple[ConfigError, ...] = PrivateAttr(default=())

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Use only the given values: `environment.Variables` has already added the variables."""
        del cls, settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)

    def read_from(self, source: Source, written: dict[str, Any]) -> Settings:
        """Attach the source and the data as read (`written`); return the settings."""
        self._source, self._written = source, written
        return self

    def with_people(
        self, people: dict[str, PersonSettings], errors: Iterable[ConfigError]
    ) -> Settings:
        """The settings with other people; `errors`: of the files they come from."""
        made = self.model_copy(update={"people": people})
        made._file_errors = tuple(errors)
        return made

    @property
    def file_errors(self) -> tuple[ConfigError, ...]:
        """Errors in the files of `[directory]`. They cost single rows and stop nothing."""
        return self._file_errors

    @property
    def source(self) -> Source:
        """The source, which knows the place of each setting."""
        return self._source

    @property
    def written(self) -> dict[str, Any]:
        """The data as read, including invalid parts. It holds secrets: never show it."""
        return self._written

    def place(self, *keys: str | int) -> str:
        """The place of a setting, for messages: "FILE:LINE:COLUMN: KEY.KEY"."""
        return self._source.place(keys)

    def person(self, email: str | None) -> PersonSettings:
        """The settings of a person by e-mail address; the defaults if there are none."""
        return self.people.get((email or "").strip().lower(), _NOBODY)

    def path(self, relative: str) -> Path:
        """A path of the settings as an absolute path."""
        return self.folder / relative

    def secret(self, section: str, key: str) -> SecretStr:
        """A secret of the core: its value, the text of the file that KEY_file names, or what the
        command KEY_command prints.

        ConfigError if that file cannot be read or the command fails.
        """
        values = getattr(self, section)
        if command := getattr(values, f"{key}{COMMAND_SUFFIX}", ()):
            return SecretStr(self.secret_output(command, section, f"{key}{COMMAND_SUFFIX}"))
        file = getattr(values, f"{key}{SUFFIX}")
        if not file:
            found: SecretStr = getattr(values, key)
            return found
        return SecretStr(self.secret_text(file, section, f"{key}{SUFFIX}"))

    def secret_text(self, file: str, *keys: str) -> str:
        """The text of the secret file at `keys`. ConfigError has their place."""
        try:
            return read_secret(self.path(expanded(file)))
        except ConfigError as error:
            what = f"{error.where}: {error.what}"
            raise ConfigError(what, where=self.place(*keys), remedy=error.remedy) from None
        except ValueError as error:
            raise self._source.error(Problem(keys, str(error))) from None

    def secret_output(self, command: Sequence[str], *keys: str) -> str:
        """The secret that the command at `keys` prints. ConfigError has their place."""
        try:
            return run_secret_command(command, self.folder)
        except ConfigError as error:
            where = self.place(*keys)
            raise ConfigError(error.what, where=where, remedy=error.remedy) from None

    @property
    def store_url(self) -> str:
        """The store's URL, with a relative SQLite path made absolute. Holds a secret.

        ConfigError if it is in a file that cannot be read.
        """
        url = self.secret("store", "url").get_secret_value()
        if self.store.url_file:
            try:
                url = check_store(url)
            except ValueError as error:
                raise self._source.error(Problem(("store", "url_file"), str(error))) from None
        scheme, slashes, file = url.partition(":///")
        if scheme.startswith("sqlite") and slashes and file and not file.startswith("/"):
            return f"{scheme}:///{self.path(file).resolve()}"
        return url
