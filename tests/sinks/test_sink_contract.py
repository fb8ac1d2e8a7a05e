"""The built-in sinks keep the contract of every sink."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from atsbridge.model.notice import Destination, Receipt
from atsbridge.model.write_actions import CAPABILITIES
from atsbridge.ports.connector import Tools
from atsbridge.sandbox.chat.fake_slack import serve
from atsbridge.sinks import ats_note
from atsbridge.sinks.console import Console
from atsbridge.sinks.slack.slack_sink import Slack, SlackSettings
from atsbridge.testing.sink_contract import SinkContract
from atsbridge.timesource import ManualTime

NOW = datetime(2026, 3, 9, 16, 5, tzinfo=UTC)
MARA = "mara@acme.example"


@dataclass(frozen=True)
class Member:
    name: str
    email: str
    tz: str = "Europe/Lisbon"


class TestSlack(SinkContract):
    """Over real HTTP, on the fake."""

    @pytest.fixture
    def sink(self) -> Iterator[Slack]:
        clock = ManualTime(NOW)
        with serve((Member("Mara Lind", MARA),), clock) as fake:
            settings = SlackSettings(token=SecretStr(fake.token), base_url=fake.url)
            opened = Slack(settings, Tools("chat", clock))
            opened.fake = fake
            yield opened
            opened.close()

    @pytest.fixture
    def to(self) -> Destination:
        return Destination("slack", "person", MARA, "u1")

    def arrived(self, sink):
        return [f"{m['text']} {m.get('blocks')}" for m in sink.fake.dms(MARA)]


class TestConsole(SinkContract):
    """Into a file."""

    @pytest.fixture
    def sink(self) -> Console:
        self.out = io.StringIO()
        return Console(ManualTime(NOW), self.out)

    @pytest.fixture
    def to(self) -> Destination:
        return Destination("console", "person", MARA, "u1")

    def arrived(self, sink):
        return [text for text in self.out.getvalue().split("To ")[1:] if text]


class Noting:
    """The notes of one ATS."""

    spec = SimpleNamespace(writes=CAPABILITIES)

    def __init__(self):
        self.notes = []

    def write_note(self, note):
        self.notes.append(note)
        return Receipt({"note": len(self.notes)}, NOW)

    def find_note(self, note):
        there = [n.key for n in self.notes if n.subject == note.subject]
        return Receipt({"note": there.index(note.key) + 1}, NOW) if note.key in there else None


class TestAtsNote(SinkContract):
    """Through a connector."""

    @pytest.fixture
    def sink(self):
        self.ats = Noting()
        tools = Tools("ats", ManualTime(NOW), {"acme": self.ats}, lambda _: CAPABILITIES)
        return ats_note.SPEC.open(ats_note.AtsNoteSettings(), tools)

    @pytest.fixture
    def to(self) -> Destination:
        return Destination("ats", "ats", "acme/application/a/1")

    def arrived(self, sink):
        return [note.text for note in self.ats.notes]


class _Settings(BaseModel):
    """Settings with a token that may be left out, and a repr of their own."""

    token: SecretStr = SecretStr("")

    def __repr__(self) -> str:
        return f"Settings({self.token.get_secret_value()})"


def _sink_of(**held: Any) -> Any:
    return SimpleNamespace(spec=SimpleNamespace(settings=_Settings), **held)


def test_a_secret_that_is_not_set_is_not_shown() -> None:
    """An empty text is in every text."""
    SinkContract().test_nothing_secret_is_shown(_sink_of(token=SecretStr("")))


def test_the_secrets_of_a_sinks_settings_are_looked_for() -> None:
    """Most sinks keep their settings, and no secret of their own."""
    with pytest.raises(AssertionError, match="a repr shows token"):
        SinkContract().test_nothing_secret_is_shown(
            _sink_of(settings=_Settings(token=SecretStr("hush")))
        )
