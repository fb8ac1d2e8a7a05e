"""The Teams sink over real HTTP, against a fake that takes only sound cards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from atsbridge.errors import AmbiguousError, AuthError, FatalError
from atsbridge.model.notice import Destination, Message
from atsbridge.ports.connector import Tools
from atsbridge.sandbox.chat.fake_teams import FakeTeams, find_card_errors, serve
from atsbridge.sinks.teams.teams_card import ROOM, adaptive_card, envelope
from atsbridge.sinks.teams.teams_sink import Teams, TeamsSettings
from atsbridge.testing.sink_contract import SinkContract
from atsbridge.timesource import ManualTime

NOW = datetime(2026, 3, 9, 16, 5, tzinfo=UTC)
OPS = Destination("teams", "channel", "#recruiting-ops")
MESSAGE = Message(
    key="8f21c0",
    headline="Interview feedback is late",
    body="Feedback for B.K. was due Mon 9 Mar, 16:00.",
    facts=(("Waiting on", "Mara Lind since Friday"), ("Stage", "Onsite")),
    why="The candidate waits and memory fades.",
    link="https://app.greenhouse.io/people/7",
    link_text="Open in Greenhouse",
)


@pytest.fixture
def time() -> ManualTime:
    return ManualTime(NOW)


@pytest.fixture
def fake(time: ManualTime) -> Iterator[FakeTeams]:
    with serve(time) as served:
        yield served


@pytest.fixture
def teams(fake: FakeTeams, time: ManualTime) -> Iterator[Teams]:
    settings = TeamsSettings(url=SecretStr(fake.url), channel="#recruiting-ops")
    opened = Teams(settings, Tools("teams", time))
    yield opened
    opened.close()


class TestTeams(SinkContract):
    """Over real HTTP, on the fake."""

    @pytest.fixture
    def sink(self, teams: Teams, fake: FakeTeams) -> Teams:
        self.fake = fake
        return teams

    @pytest.fixture
    def to(self) -> Destination:
        return OPS

    def arrived(self, sink):
        return self.fake.texts()


def test_a_card_is_headline_sentence_facts_why_and_a_link(teams: Teams, fake: FakeTeams) -> None:
    """In this order; the button is a link, so that nobody needs a server."""
    teams.send(OPS, MESSAGE)
    (text,) = fake.texts()
    assert text == (
        "Interview feedback is late\n"
        "Feedback for B.K. was due Mon 9 Mar, 16:00.\n"
        "Waiting on: Mara Lind since Friday\n"
        "Stage: Onsite\n"
        "The candidate waits and memory fades.\n"
        "[Open in Greenhouse]"
    )
    assert fake.cards[0]["actions"][0]["url"] == MESSAGE.link


@pytest.mark.parametrize("filling", ["word ", "é\n", "👩🏽‍🚀", '"\\'])
def test_a_card_fits_whatever_it_says(filling: str) -> None:
    """In bytes, with every element it takes."""
    facts = tuple((filling * 99, filling * 999) for _ in range(40))
    huge = Message(
        key="k", headline=filling * 999, body=filling * 9999, facts=facts, why="w" * 9999
    )
    assert len(envelope(huge)) <= ROOM


def test_another_channel_is_refused(teams: Teams, fake: FakeTeams) -> None:
    """A message for #leadership never appears in #recruiting-ops."""
    with pytest.raises(FatalError, match="sink of its own"):
        teams.send(Destination("teams", "channel", "#leadership"), MESSAGE)
    with pytest.raises(FatalError):
        teams.send(Destination("teams", "person", "mara@acme.example"), MESSAGE)
    assert fake.cards == []


def test_nobody_is_reached_in_person(teams: Teams) -> None:
    """So that a person's message goes by e-mail."""
    assert teams.find_address("mara@acme.example") is None
    assert not teams.spec.direct_messages


def test_an_address_that_was_replaced_is_the_credentials_fault(
    fake: FakeTeams, time: ManualTime
) -> None:
    """The signature is in the address; neither is shown."""
    old = SecretStr(fake.url.replace("n0t-a-real", "revoked"))
    sink = Teams(TeamsSettings(url=old, channel="recruiting-ops"), Tools("teams", time))
    with pytest.raises(AuthError, match="Check the url of sink teams") as raised:
        sink.send(OPS, MESSAGE)
    assert "revoked" not in str(raised.value)
    assert "workflows" not in str(raised.value)


def test_too_many_at_once_waits_as_it_is_told(
    teams: Teams, fake: FakeTeams, time: ManualTime
) -> None:
    """429 with Retry-After: the same message goes after the wait."""
    fake.server.faults.add(".*", status=429, headers={"Retry-After": "7"})
    teams.send(OPS, MESSAGE)
    assert time.slept == [7.0]
    assert len(fake.cards) == 1


def test_a_workflow_that_broke_down_leaves_doubt(teams: Teams, fake: FakeTeams) -> None:
    """It may have posted; it is not repeated by itself."""
    fake.server.faults.add(".*", status=502)
    with pytest.raises(AmbiguousError):
        teams.send(OPS, MESSAGE)
    assert len(fake.server.log) == 1


def _bend(**changes: Any) -> dict[str, Any]:
    return {**adaptive_card(MESSAGE), **changes}


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (_bend(version="2.0"), "AdaptiveCard.version"),
        (_bend(color="red"), "has no color"),
        (_bend(body=[{"type": "RichTextBlock"}]), "without inlines"),
        (_bend(body=[{"type": "Marquee", "text": "x"}]), "Marquee where one of"),
        (_bend(actions=[{"type": "Action.OpenUrl", "url": "javascript:alert()"}]), "web address"),
        (_bend(body=[{"type": "TextBlock", "text": 7}]), "cannot be int"),
    ],
)
def test_the_fake_finds_what_is_wrong_with_a_card(bad: dict[str, Any], said: str) -> None:
    """It is worth something that it takes ours."""
    assert any(said in mistake for mistake in find_card_errors(bad))
    assert list(find_card_errors(adaptive_card(MESSAGE))) == []


def test_an_address_in_the_clear_is_refused() -> None:
    """A Workflow's address is https."""
    with pytest.raises(ValidationError, match="https"):
        TeamsSettings(url=SecretStr("http://flows.example/x"), channel="ops")
