"""The sections of atsbridge.toml that the core obeys, one class each.

How they are read and what is said of a mistake is in `settings` and `settings.mistakes`.
"""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from atsbridge.ports.bounds import PAGES, REQUEST, RESPONSE, WAIT, Bounds
from atsbridge.worktime.calendar import parse_day_hours, parse_hours
from atsbridge.worktime.regions import parse_country, parse_region
from atsbridge.worktime.zones import parse_zone

_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd])")
_SIZE = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*([KMG]B)", re.IGNORECASE)
_SIZES = {"KB": 2**10, "MB": 2**20, "GB": 2**30}
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


def _address(url: SecretStr) -> SecretStr:
    """Nothing, or a whole address; the message shows none of it."""
    text = url.get_secret_value()
    if text and not re.match(r"https?://[^/\s]+", text):
        raise ValueError("write a whole https address")
    return url


def _size(value: Any) -> Any:
    """ "64MB" -> bytes; powers of 1024, as memory is counted."""
    if not isinstance(value, str):
        return value
    match = _SIZE.fullmatch(value.strip())
    if match is None:
        raise ValueError("write a number and a unit, for example 500KB, 64MB or 1GB")
    return int(float(match[1]) * _SIZES[match[2].upper()])


def _zone(text: str) -> str:
    """An IANA zone in its own spelling; "" for none."""
    return parse_zone(text) if text.strip() else ""


def _country(text: str) -> str:
    """The code of a country, with or without a region; "" for none."""
    return parse_country(text) if text.strip() else ""


def _region(region: str, others: ValidationInfo) -> str:
    """A region that fits the country beside it. A mistake in the country is said there."""
    if region.strip() and "country" in others.data:
        return parse_region(region, others.data["country"]).partition("-")[2]
    return region.strip()


def _hours(text: str) -> str:
    """Office hours that can be kept."""
    parse_hours(text)
    return text


def _day_hours(text: str) -> str:
    """The office hours of one day."""
    parse_day_hours(text)
    return text


Size = Annotated[int, BeforeValidator(_size), Field(ge=2**10)]  # bytes
Span = Annotated[timedelta, BeforeValidator(_span)]
Share = Annotated[float, BeforeValidator(_share), Field(ge=0, le=1)]
Name = Annotated[str, Field(pattern=_NAME)]
Zone = Annotated[str, AfterValidator(_zone)]
Country = Annotated[str, AfterValidator(_country)]  # "PT", "DE-BY", ""
Region = Annotated[str, AfterValidator(_region)]  # after the field `country`


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
    pool: int = Field(default=10, ge=3)  # connections to PostgreSQL of one process


class TeamSettings(_Section):
    sink: str
    to: str


class AccountSettings(_OpenSection):
    """`max_response` and what follows it bound what the account's host may send and ask for."""

    connector: str
    sinks: tuple[str, ...] | None = None
    max_age: Span = timedelta(hours=2)
    history: Span = timedelta(days=180)  # how far back closed things are read
    write: tuple[str, ...] = ()
    native_reminders: str = ""  # a preset of the connector; "" for none
    max_response: Size = RESPONSE
    max_request_time: Annotated[Span, Field(gt=timedelta(0))] = timedelta(seconds=REQUEST)
    max_wait: Annotated[Span, Field(ge=timedelta(0))] = timedelta(seconds=WAIT)
    max_pages: Annotated[int, Field(ge=1)] = PAGES
    map: dict[str, Any] = Field(default_factory=dict)
    teams: dict[str, TeamSettings] = Field(default_factory=dict)

    @property
    def bounds(self) -> Bounds:
        """What the account's host is believed at most."""
        request, wait = self.max_request_time.total_seconds(), self.max_wait.total_seconds()
        return Bounds(self.max_response, request, wait, self.max_pages)


class _Placed(_Section):
    """What has a country, and a region of it: "DE" and "BY", or "DE-BY" as the country."""

    @property
    def place(self) -> str:
        """Country and region in one code: "PT", "DE-BY"; "" where neither is set."""
        return parse_region(getattr(self, "region", ""), getattr(self, "country", ""))


class OfficeSettings(_Placed):
    timezone: Zone
    country: Country = ""
    region: Region = ""

    @field_validator("timezone")
    @classmethod
    def _some_zone(cls, zone: str) -> str:
        return zone or parse_zone(zone)


class CalendarSettings(_Section):
    timezone: str = "person"
    hours: Annotated[str, AfterValidator(_hours)] = "mon-fri 09:00-18:00"
    holidays: str = "person"
    closed: dict[date, str] = Field(default_factory=dict)
    special_hours: dict[date, Annotated[str, AfterValidator(_day_hours)]] = Field(
        default_factory=dict
    )

    @field_validator("timezone")
    @classmethod
    def _some_zone(cls, zone: str) -> str:
        return zone if zone == "person" else _zone(zone)

    @field_validator("holidays")
    @classmethod
    def _some_place(cls, place: str) -> str:
        return place if place == "person" else _country(place)

    @field_validator("special_hours")
    @classmethod
    def _open_days(cls, special: dict[date, str], others: ValidationInfo) -> dict[date, str]:
        both = sorted(special.keys() & others.data.get("closed", {}).keys())
        if both:
            raise ValueError(f"{both[0]} is in closed and in special_hours: keep one of them")
        return special


class NotifySettings(_Section):
    dm: tuple[str, ...] = ()
    ops: str = "ops"
    redirect_to: str = ""
    templates: str = ""  # a folder of layouts that come before ours
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
    keep_ended: Span = timedelta(days=400)  # how long what is over is remembered
    log_file: str = ""
    metrics_file: str = ""
    ping_url: Annotated[SecretStr, AfterValidator(_address)] = SecretStr("")
    ping_url_file: str = ""
    clock_file: str = ""

    @model_validator(mode="after")
    def _one_address(self) -> Self:
        if self.ping_url_file and self.ping_url.get_secret_value():
            raise ValueError("both ping_url and ping_url_file are set: keep one of them")
        return self


class AbsenceSettings(_Section):
    first: date
    last: date
    reason: str = "away"


class PersonSettings(_Placed):
    timezone: Zone = ""
    country: Country = ""
    region: Region = ""
    calendar: str = ""
    delegate: str = ""
    prefer: str = ""
    absences: tuple[AbsenceSettings, ...] = ()


class PilotSettings(_Section):
    where: dict[str, Any] = Field(default_factory=dict)  # of requisitions; for every rule


class SinkSettings(_OpenSection):
    kind: str
    clearance: Literal["open", "personal", "compensation"] | None = None  # else what its kind has


class RulesSettings(_Section):
    packs: tuple[str, ...] = (
        "builtin:responsiveness",
        "builtin:intake",
        "builtin:alignment",
        "builtin:market",
        "builtin:transparency",
        "builtin:celebration",
    )
    briefs: str = "briefs/*.yaml"
    market: tuple[str, ...] = ("market/*.csv",)
