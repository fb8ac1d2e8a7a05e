"""The configuration: atsbridge.toml, environment variables, secret files.

What a connector or sink wants of its own section is checked in `app`, which knows the plugins.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from atsbridge.errors import ConfigError

_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_NAME = r"^[a-z][a-z0-9_]*$"


def _span(value: Any) -> Any:
    """ "180d" -> timedelta; wall-clock units s, m, h, d."""
    if not isinstance(value, str):
        return value
    match = _SPAN.fullmatch(value.strip())
    if match is None:
        raise ValueError("write a number and a unit, for example 90s, 30m, 2h or 180d")
    return timedelta(**{_UNITS[match[2]]: float(match[1])})


def _share(value: Any) -> Any:
    """ "5%" -> 0.05."""
    if isinstance(value, str) and value.strip().endswith("%"):
        return float(value.strip()[:-1]) / 100
    return value


def _amount(text: str) -> str:
    """An amount of working or wall-clock time, as rules write it."""
    from atsbridge.worktime.amount import Amount

    Amount.parse(text)
    return text


Span = Annotated[timedelta, BeforeValidator(_span)]
Share = Annotated[float, BeforeValidator(_share), Field(ge=0, le=1)]
Name = Annotated[str, Field(pattern=_NAME)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _OpenSection(BaseModel):
    """A section whose further keys belong to a plugin."""

    model_config = ConfigDict(extra="allow", frozen=True)

    @property
    def options(self) -> dict[str, Any]:
        """The keys the core does not know: the plugin's own."""
        return dict(self.model_extra or {})


class StoreSettings(_Section):
    url: str = "sqlite:///atsbridge.db"


class TeamSettings(_Section):
    sink: str
    to: str


class AccountSettings(_OpenSection):
    connector: str
    sinks: tuple[str, ...] | None = None
    max_age: Span = timedelta(hours=2)
    history: Span = timedelta(days=180)  # how far back closed things are read
    write: tuple[str, ...] = ()
    map: dict[str, Any] = Field(default_factory=dict)
    teams: dict[str, TeamSettings] = Field(default_factory=dict)


class OfficeSettings(_Section):
    timezone: str
    country: str = ""


class CalendarSettings(_Section):
    timezone: str = "person"
    hours: str = "mon-fri 09:00-18:00"
    holidays: str = "person"
    closed: dict[date, str] = Field(default_factory=dict)


class NotifySettings(_Section):
    dm: tuple[str, ...] = ()
    ops: str = "ops"
    redirect_to: str = ""
    quiet_hours: Annotated[str, Field(pattern=r"^(outside [a-z][a-z0-9_]*)?$")] = "outside office"
    max_interruptions_per_day: Annotated[int, Field(ge=0)] = 3
    ack_for: Annotated[str, AfterValidator(_amount)] = "2bd"
    digest_at: time = time(9, 30)

    @property
    def quiet_calendar(self) -> str:
        """The calendar outside whose hours people are left alone; "" for none."""
        return self.quiet_hours.removeprefix("outside ")


class RunSettings(_Section):
    nightly_at: str = "02:00 UTC"
    max_bad_records: Share = 0.05
    clock_file: str = ""


class AbsenceSettings(_Section):
    first: date
    last: date
    reason: str = "away"


class PersonSettings(_Section):
    timezone: str = ""
    country: str = ""
    calendar: str = ""
    delegate: str = ""
    prefer: str = ""
    absences: tuple[AbsenceSettings, ...] = ()


class SinkSettings(_OpenSection):
    kind: str


class RulesSettings(_Section):
    packs: tuple[str, ...] = ("builtin:responsiveness",)


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
        lines = [_mistake(problem, source, path) for problem in error.errors(include_input=False)]
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


def _mistake(problem: Any, source: str, path: Path) -> str:
    """One pydantic error as `file:line: section.key: what, and what to do`."""
    keys = [str(part) for part in problem["loc"] if part != "[key]"]
    line = _line_of(keys, source)
    where = f"{path}:{line}" if line else str(path)
    text = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        text = unknown_key(keys[-1], _words(keys[:-1]))
    elif problem["type"] == "missing":
        text = "this key is needed"
    elif problem["type"] == "string_pattern_mismatch":
        text = "a name is lower case: letters, digits and _, a letter first"
    return f"{where}: {'.'.join(keys)}: {text}"


def unknown_key(key: str, words: Iterable[str]) -> str:
    """That a key is not known, with the nearest of `words`, else all of them."""
    known = list(words)
    near = difflib.get_close_matches(key, known, 1)
    if near:
        return f"unknown key; did you mean {near[0]!r}?"
    return "unknown key; known are " + ", ".join(known) if known else "unknown key"


def _words(section: list[str]) -> list[str]:
    """The keys that a section may have."""
    model: Any = Settings
    for part in section:
        fields = getattr(model, "model_fields", None)
        if fields is not None and part in fields:
            inner = fields[part].annotation
            arguments = getattr(inner, "__args__", ())
            model = arguments[-1] if arguments else inner
    return list(getattr(model, "model_fields", {}))


def _line_of(keys: list[str], source: str) -> int | None:
    """The line on which a key stands, else the line of its section's header, else None."""
    table: list[str] = []
    header: int | None = None
    for number, text in enumerate(source.splitlines(), 1):
        if match := re.match(r"\s*\[([^\[\]]+)\]", text):
            table = [part.strip().strip("\"'") for part in match[1].split(".")]
            if table == keys[: len(table)] and table:
                header = number
        elif match := re.match(r"\s*([\w\-]+|\"[^\"]*\")\s*=", text):
            here = [*table, match[1].strip('"')]
            if here == keys[: len(here)]:
                return number
    return header
