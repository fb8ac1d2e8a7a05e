"""A fake directory of two people, and a bot in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from atsbridge.ports.connector import Tools
from atsbridge.timesource import ManualTime
from atsbridge_teams_bot.bot_settings import TeamsBotSettings
from atsbridge_teams_bot.bot_sink import TeamsBot
from atsbridge_teams_bot.fake_bot import FakeBot, serve

MARA, RAVI = "mara@acme.example", "ravi@acme.example"


@dataclass(frozen=True)
class Member:
    name: str
    email: str


@dataclass
class Shelf:
    """What is kept between runs."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def tools(self, time: ManualTime) -> Tools:
        return Tools("teams_bot", time, recall=self.kept.get, keep=self.kept.__setitem__)


@pytest.fixture
def time() -> ManualTime:
    return ManualTime(datetime(2026, 3, 9, 16, 5, tzinfo=UTC))


@pytest.fixture
def tenant(time: ManualTime) -> Iterator[FakeBot]:
    with serve((Member("Mara Lind", MARA), Member("Ravi Sen", RAVI)), time) as fake:
        yield fake


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def sink(open_again: Callable[..., TeamsBot]) -> Iterator[TeamsBot]:
    opened = open_again()
    yield opened
    opened.close()


@pytest.fixture
def open_again(tenant: FakeBot, time: ManualTime, shelf: Shelf) -> Callable[..., TeamsBot]:
    """Open the sink as another process would; settings differ if given."""

    def go(**changes: str) -> TeamsBot:
        settings = TeamsBotSettings.model_validate({**tenant.settings, **changes})
        return TeamsBot(settings, shelf.tools(time))

    return go
