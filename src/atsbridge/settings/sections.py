"""The sections of atsbridge.toml, one class each.

A repr shows no value of a plugin's key, because it may be a secret.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from atsbridge.ports import PAGES, REQUEST, RESPONSE, WAIT, HttpBounds
from atsbridge.settings.network_types import (
    BindAddress,
    Command,
    HeaderName,
    IpAddress,
    Token,
    WebAddress,
)
from atsbridge.settings.own_fields import OwnField
from atsbridge.settings.value_types import (
    MAX_INTERRUPTIONS,
    Address,
    CountryOrNone,
    CountryOrPerson,
    Day,
    DayHours,
    Duration,
    Email,
    EmailOrNone,
    File,
    Filled,
    FilledPattern,
    Hours,
    IcalSource,
    Nightly,
    Pattern,
    PositiveSpan,
    QuietHours,
    Region,
    Share,
    Size,
    Span,
    StoreAddress,
    Text,
    TimeOfDay,
    Whole,
    Zone,
    ZoneOrNone,
    ZoneOrPerson,
    find_quiet_calendar,
)
from atsbridge.settings.week_time import TimeOfWeek


class _Section(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True
    )


class _OpenSection(BaseModel):
    """A section whose further keys belong to a plugin."""

    model_config = ConfigDict(
        extra="allow", frozen=True, hide_input_in_errors=True, defer_build=True
    )

    @property
    def options(self) -> dict[str, Any]:
        """The keys that belong to the plugin."""
        return dict(self.model_extra or {})

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        yield from ((name, getattr(self, name)) for name in type(self).model_fields)
        yield "options", sorted(self.model_extra or ())


class StoreSettings(_Section):
    url: StoreAddress = SecretStr("sqlite:///atsbridge.db")
    url_file: File = ""
    pool: Annotated[Whole, Field(ge=3, le=1000)] = 10  # connections to PostgreSQL of one process


class TeamSettings(_Section):
    sink: Filled
    to: Filled

    @field_validator("to")
    @classmethod
    def _place(cls, text: str) -> str:
        """Check that it is one place. `doctor` asks the sink whether it exists."""
        name = text.removeprefix("channel:").strip()
        several = "@" in name and any(one in name for one in " ,;")
        if not name.strip("#@") or several or "\n" in name or "\t" in name:
            raise ValueError('write one place, such as "channel:#recruiting-ops" or an address')
        return f"channel:{name}" if text.startswith("channel:") else name


class AccountSettings(_OpenSection):
    """The keys from `max_response` to `max_pages` bound the account's host."""

    connector: Filled
    sinks: tuple[Filled, ...] | None = None
    max_age: Span = timedelta(hours=2)
    every: Span = timedelta()  # between its rounds by workers; 0: as [worker] every
    history: Span = timedelta(days=180)  # how far back closed records are read
    write: tuple[Filled, ...] = ()
    timezone: ZoneOrNone = ""  # of people for whom no other is known
    country: CountryOrNone = ""
    region: Region = ""
    native_reminders: Text = ""  # a preset of the connector; "" for none
    max_response: Size = RESPONSE
    max_request_time: PositiveSpan = timedelta(seconds=REQUEST)
    max_wait: Span = timedelta(seconds=WAIT)
    max_pages: Annotated[Whole, Field(ge=1, le=10**9)] = PAGES
    map: dict[str, Any] = Field(default_factory=dict)
    sensitivity: dict[OwnField, Literal["open", "personal", "compensation"]] = Field(
        default_factory=dict
    )
    teams: dict[str, TeamSettings] = Field(default_factory=dict)

    @property
    def bounds(self) -> HttpBounds:
        """The bounds of the account's host."""
        request, wait = self.max_request_time.total_seconds(), self.max_wait.total_seconds()
        return HttpBounds(self.max_response, request, wait, self.max_pages)

    @property
    def place(self) -> str:
        """Country and region in one code: "PT", "DE-BY"; "" where neither is set."""
        from atsbridge.worktime import parse_region

        return parse_region(self.region, self.country)


class _Placed(_Section):
    """A section with a country and a region: "DE" and "BY", or "DE-BY" as the country."""

    @property
    def place(self) -> str:
        """Country and region in one code: "PT", "DE-BY"; "" where neither is set."""
        from atsbridge.worktime import parse_region

        return parse_region(getattr(self, "region", ""), getattr(self, "country", ""))


class OfficeSettings(_Placed):
    timezone: Zone
    country: CountryOrNone = ""
    region: Region = ""


class CalendarSettings(_Section):
    timezone: ZoneOrPerson = "person"
    hours: Hours = "mon-fri 09:00-18:00"
    holidays: CountryOrPerson = "person"
    closed: dict[Day, Text] = Field(default_factory=dict)
    special_hours: dict[Day, DayHours] = Field(default_factory=dict)

    @field_validator("special_hours")
    @classmethod
    def _open_days(cls, special: dict[date, str], others: ValidationInfo) -> dict[date, str]:
        both = sorted(special.keys() & others.data.get("closed", {}).keys())
        if both:
            raise ValueError(f"{both[0]} is in closed and in special_hours: keep one of them")
        return special


class NotifySettings(_Section):
    dm: tuple[Filled, ...] = ()
    ops: Filled = "ops"
    operator: Text = ""  # who runs atsbridge, as people's first message names them
    redirect_to: EmailOrNone = ""
    templates: File = ""  # a folder with custom layouts
    quiet_hours: QuietHours = "outside office"
    max_interruptions_per_day: Annotated[Whole, Field(ge=0, le=MAX_INTERRUPTIONS)] = 3
    ack_for: Duration = "2bd"
    backlog_after: Duration = "20bd"
    digest_at: TimeOfDay = time(9, 30)
    weekly: TimeOfWeek = None  # when pairs that agreed get their weekly message
    pulse: bool = False  # two questions to each of a pair after a search

    @property
    def quiet_calendar(self) -> str:
        """The calendar outside whose hours no messages are sent; "" for none."""
        return find_quiet_calendar(self.quiet_hours)


class RunSettings(_Section):
    every: Span = timedelta()  # how often cron starts a run; 0: nothing is expected
    nightly_at: Nightly = "02:00 UTC"
    max_bad_records: Share = 0.05
    keep_ended: Span = timedelta(days=400)  # how long ended records are kept
    log_file: File = ""
    metrics_file: File = ""
    ping_url: Address = SecretStr("")
    ping_url_file: File = ""
    clock_file: File = ""


class WorkerSettings(_Section):
    """`atsbridge worker`. `grace`: for accounts at work when it is asked to stop."""

    every: PositiveSpan = timedelta(minutes=10)  # between the rounds of an account
    concurrency: Annotated[Whole, Field(ge=1, le=100)] = 4  # accounts at once in one process
    grace: Span = timedelta(minutes=1)


class ReportSettings(_Section):
    """`pairs`: people who agreed that figures of their pairs are shown to both of a pair."""

    pairs: tuple[Email, ...] = ()
    clearance: Literal["open", "personal"] = "personal"


class ServeSettings(_Section):
    """`atsbridge serve`. `proxies`: the addresses from which `user_header` is believed.

    `token`: whoever sends it reads what `ops` read. `ops`: e-mail addresses of people who read
    everything but the confidential roles of other teams.
    """

    bind: BindAddress = "127.0.0.1:8080"
    public_url: WebAddress = ""  # how readers and vendors reach it
    token: Token = SecretStr("")
    token_file: File = ""
    token_command: Command = ()
    user_header: HeaderName = ""
    proxies: tuple[IpAddress, ...] = ()
    ops: tuple[Email, ...] = ()
    requests_per_minute: Annotated[Whole, Field(ge=1, le=100_000)] = 120  # of one reader


class AbsenceSettings(_Section):
    first: Day
    last: Day
    reason: Filled = "away"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError("this absence ends before it starts: first is the earlier day")
        return self


class PersonSettings(_Placed):
    timezone: ZoneOrNone = ""
    country: CountryOrNone = ""
    region: Region = ""
    calendar: Text = ""
    manager: EmailOrNone = ""
    delegate: EmailOrNone = ""
    chat: EmailOrNone = ""  # their address in chat and mail, if it differs from the ATS
    prefer: Text = ""
    absence_calendar: IcalSource | None = None  # an address holds a secret
    absences: tuple[AbsenceSettings, ...] = ()


class IcalSettings(_Section):
    """`[absences]`: calendars of many people. Those of one person are in `[people]`."""

    calendars: tuple[IcalSource, ...] = ()
    events: Literal["busy", "out of office"] = "busy"
    every: PositiveSpan = timedelta(hours=1)


class DirectorySettings(_Section):
    files: tuple[FilledPattern, ...] = ("people/*.csv",)  # people, one per row
    heads: dict[str, EmailOrNone] = Field(default_factory=dict)  # department -> its head


class PilotSettings(_Section):
    where: dict[str, Any] = Field(default_factory=dict)  # of requisitions; for every rule


class SinkSettings(_OpenSection):
    kind: Filled
    clearance: Literal["open", "personal", "compensation"] | None = (
        None  # None: the default of its kind
    )


class RulesSettings(_Section):
    packs: tuple[FilledPattern, ...] = (
        "builtin:responsiveness",
        "builtin:intake",
        "builtin:alignment",
        "builtin:market",
        "builtin:transparency",
        "builtin:celebration",
    )
    shadow_for: Duration = "5bd"
    briefs: Pattern = "briefs/*.yaml"
    market: tuple[FilledPattern, ...] = ("market/*.csv",)
