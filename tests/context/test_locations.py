"""Nobody is silently on UTC: the nearest zone counts, the chat's included, or it is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from atsbridge.context.account_context import AccountContext
from atsbridge.context.locations import ASKED, KEPT, find_unplaced, join_names, learn_zones
from atsbridge.errors import RetryableError
from atsbridge.model.organization import Office, User
from atsbridge.settings.settings_loader import load
from atsbridge.settings.settings_model import Settings
from atsbridge.timesource import ManualTime

NOW = datetime(2026, 3, 9, 9, tzinfo=UTC)
TOML = """
[accounts.acme]
connector = "greenhouse"
[offices.Lisbon]
timezone = "Europe/Lisbon"
country = "PT"
[people."kim@acme.example"]
timezone = "Asia/Kolkata"
[sinks.slack]
kind = "slack"
[teams.ops]
sink = "slack"
to = "channel:#ops"
[notify]
dm = ["slack"]
"""


@dataclass
class Chat:
    """A chat that knows the zones of some people."""

    zones: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    broken: bool = False

    def find_zone(self, email: str) -> str:
        self.asked.append(email)
        if self.broken:
            raise RetryableError("is down")
        return self.zones.get(email, "")


class Holidays:
    knows_absences = False

    def holidays(self, country: str, year: int, region: str = "") -> dict[str, str]:
        return {}


class Shelf(dict[str, bytes]):
    """The store as far as it is asked here."""

    users: list[User]

    @property
    def history(self) -> Any:
        return self

    @property
    def run_state(self) -> Any:
        return self

    def read_records(self, account: str, kind: str) -> Iterator[Any]:
        yield from (
            self.users
            if kind == "user"
            else [
                Office(account="acme", id="10", name="Lisbon"),
                Office(account="acme", id="11", name="Oslo", timezone="Europe/Oslo"),
                Office(account="acme", id="12", name="Nowhere", timezone="Mars"),
            ]
        )

    def get(self, key: str) -> bytes | None:
        return super().get(key)

    def put(self, key: str, value: bytes) -> None:
        self[key] = value


@dataclass
class App:
    """What of the wiring is asked here."""

    settings: Settings
    store: Shelf
    chat: Chat = field(default_factory=Chat)
    plugins: Holidays = field(default_factory=Holidays)

    time: ManualTime = field(default_factory=lambda: ManualTime(NOW))

    def account(self, name: str) -> Any:
        return self.settings.accounts[name]

    def sinks(self, account: str) -> dict[str, Any]:
        return {"slack": self.chat}


def person(name: str, office: str | None = None) -> User:
    return User(account="acme", id=name, email=f"{name}@acme.example", office=office, active=True)


@pytest.fixture
def app(tmp_path: Path) -> Any:
    shelf = Shelf()
    shelf.users = [
        person("ana", "10"),
        person("kim", "10"),
        person("ole", "11"),
        person("max", "12"),
        person("new"),
    ]
    return App(settings(tmp_path), shelf)


def settings(folder: Path, text: str = TOML) -> Settings:
    (folder / "atsbridge.toml").write_text(text, "utf-8")
    return load(folder / "atsbridge.toml")


def context(app: Any, now: datetime = NOW) -> AccountContext:
    app.time = ManualTime(now)
    return AccountContext(app, "acme", years=(2026,))


def calendars(app: Any) -> Any:
    return context(app).calendars


def test_the_nearest_zone_counts_and_says_where_it_comes_from(app: Any, tmp_path: Path) -> None:
    """Person, office in the settings, office of the ATS, chat, account; UTC last."""
    app.chat.zones["max@acme.example"] = "America/New_York"
    assert learn_zones(context(app), ["max", "new"])
    found = calendars(app)
    said = {who: (found.of(who, "office").zone, found.origin(who, "office")) for who in ALL}
    assert said == {
        "kim": ("Asia/Kolkata", "[people]"),
        "ana": ("Europe/Lisbon", "[offices.Lisbon]"),
        "ole": ("Europe/Oslo", "the office Oslo in the ATS"),
        "max": ("America/New_York", "the profile in the chat"),
        "new": ("UTC", "nobody knows theirs"),
    }
    app.settings = settings(tmp_path, TOML.replace("[offices", 'timezone = "Asia/Tokyo"\n[offices'))
    found = calendars(app)
    assert (found.of("new", "office").zone, found.origin("new", "office")) == (
        "Asia/Tokyo",
        "[accounts]",
    )


ALL = ("ana", "kim", "ole", "max", "new")


def test_only_those_are_asked_for_of_whom_nothing_nearer_is_known(app: Any) -> None:
    """Once in thirty days, also where the chat does not know."""
    assert not learn_zones(context(app), [*ALL, None, "gone"])
    assert app.chat.asked == ["max@acme.example", "new@acme.example"]
    learn_zones(context(app, NOW + KEPT), ALL)
    assert len(app.chat.asked) == 2
    learn_zones(context(app, NOW + KEPT + timedelta(seconds=1)), ALL)
    assert len(app.chat.asked) == 4


def test_a_run_asks_for_few(app: Any) -> None:
    """The rest is asked for by later runs."""
    app.store.users = [person(f"p{n:03}") for n in range(ASKED * 2)]
    everybody = [user.id for user in app.store.users]
    for run in (1, 2, 3):
        learn_zones(context(app), everybody)
        assert len(app.chat.asked) == min(run, 2) * ASKED


@pytest.mark.parametrize("zone", ["Mars", "\ud800", "x" * 10_000])
def test_a_profile_that_names_no_zone_is_as_none(app: Any, zone: str) -> None:
    """What the chat says is not trusted to be a zone."""
    app.chat.zones["new@acme.example"] = zone
    assert not learn_zones(context(app), ["new"])
    assert calendars(app).of("new", "office").zone == "UTC"


def test_a_chat_that_cannot_be_asked_is_asked_again(app: Any) -> None:
    """Its fault is no answer, and costs the run nothing."""
    app.chat.broken = True
    assert not learn_zones(context(app), ["new"])
    app.chat.broken = False
    app.chat.zones["new@acme.example"] = "Asia/Tokyo"
    assert learn_zones(context(app), ["new"])


def test_who_has_no_zone_or_country_is_named(app: Any) -> None:
    """With the offices to write; a long list is cut and counted."""
    found = find_unplaced(context(app), ALL)
    assert found.zone == ("max@acme.example", "new@acme.example")
    assert found.country == (
        "max@acme.example",
        "new@acme.example",
        "ole@acme.example",
    )
    assert found.offices == ("Nowhere",)
    assert join_names(tuple(f"p{n}" for n in range(12))).endswith("p9 and 2 more")


def test_quiet_hours_of_an_unknown_zone_are_those_of_most_people(app: Any) -> None:
    """Time is counted in UTC; but nobody is woken because their zone was never written down."""
    app.store.users.append(person("amy", "10"))
    found = calendars(app)
    assert found.of("new", "office").zone == "UTC"
    assert found.awake("new", "office").zone == "Europe/Lisbon"
    assert found.awake("kim", "office").zone == "Asia/Kolkata"
