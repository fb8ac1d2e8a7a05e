"""The bot as a sink: who is reached, what arrives, and what Microsoft refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from atsbridge.errors import AuthError, FatalError, RetryableError
from atsbridge.model.notice import Destination, Message
from atsbridge.plugins import discover
from atsbridge.presentation.reply_buttons import CASE_BUTTONS
from atsbridge.testing.sink_contract import SinkContract
from atsbridge.timesource import ManualTime
from atsbridge_teams_bot.bot_settings import TeamsBotSettings
from atsbridge_teams_bot.bot_sink import SPEC, TeamsBot
from atsbridge_teams_bot.fake_bot import FakeBot, list_labels, read_text

MARA, RAVI = "mara@acme.example", "ravi@acme.example"
TO = Destination("teams_bot", "person", MARA)
MESSAGE = Message(
    "k1", "Feedback is due", "Please submit it.", link="https://ats.example/1", buttons=CASE_BUTTONS
)


class TestContract(SinkContract):
    """The contract of every sink."""

    @pytest.fixture
    def to(self) -> Destination:
        return TO

    def arrived(self, sink: Any) -> list[str]:  # noqa: ARG002  the tenant knows
        return [read_text(one) for one in self.tenant.messages(MARA)]

    @pytest.fixture(autouse=True)
    def _keep_tenant(self, tenant: FakeBot) -> None:
        self.tenant = tenant


# --- who is reached ---


def test_the_kind_is_known() -> None:
    assert discover().sink("teams-bot") is SPEC


def test_only_who_has_the_app_is_reached(sink: TeamsBot, tenant: FakeBot) -> None:
    """By mail address in any case; not without the app, without account, or after leaving."""
    assert sink.find_address("Mara@ACME.example") == "a:user-0001"
    tenant.installed.discard(RAVI)
    assert sink.find_address(RAVI) is None
    assert sink.find_address("o'neil@stranger.example") is None
    with pytest.raises(FatalError, match="not installed"):
        sink.send(replace(TO, address=RAVI), MESSAGE)
    with pytest.raises(FatalError, match="persons only"):
        sink.send(Destination("teams_bot", "channel", "#ops"), MESSAGE)


def test_who_has_left_is_not_reached(sink: TeamsBot, tenant: FakeBot) -> None:
    tenant.left.add(MARA)
    assert sink.find_address(MARA) is None


def test_a_chat_is_looked_up_once_a_week(
    sink: TeamsBot, tenant: FakeBot, time: ManualTime, open_again: Callable[..., TeamsBot]
) -> None:
    """Another run asks nothing, until a week has passed."""
    sink.send(TO, MESSAGE)
    before = tenant.server.count()
    later = open_again()
    later.find_address(MARA)
    assert tenant.server.count() == before
    time.advance(timedelta(days=8))
    last = open_again()
    assert last.find_address(MARA) == "a:user-0001"
    assert tenant.server.count() > before
    later.close()
    last.close()


def test_somebody_who_removes_the_app_is_no_longer_reached(sink: TeamsBot, tenant: FakeBot) -> None:
    """The message fails for that person; the sink goes on for everybody else."""
    sink.send(TO, MESSAGE)
    tenant.installed.discard(MARA)
    with pytest.raises(FatalError, match="removed or blocked"):
        sink.send(TO, MESSAGE)
    assert sink.find_address(MARA) is None
    assert sink.send(replace(TO, address=RAVI), MESSAGE).ids["chat"] == "a:user-0002"


# --- what arrives ---


def test_buttons_and_menu_arrive(sink: TeamsBot, tenant: FakeBot) -> None:
    """A later message is a reply to the first; an answer without a headline is plain text."""
    first = sink.send(TO, MESSAGE)
    sink.send(TO, replace(MESSAGE, key="k2"), thread=first)
    sink.send(TO, Message("k3", "", "It was due <b>on Monday</b>."), thread=first)
    one, two, three = tenant.messages(MARA)
    assert list_labels(one) == [
        "Seen",
        "Until tomorrow",
        "2 working days",
        "Until next week",
        "Not me",
        "Done",
        "Why?",
    ]
    assert two["replyToId"] == three["replyToId"] == one["id"]
    assert (three["text"], three["textFormat"]) == ("It was due <b>on Monday</b>.", "plain")


def test_the_end_takes_the_place_of_the_message(sink: TeamsBot, tenant: FakeBot) -> None:
    """Without buttons; an edit of what was deleted is refused for good."""
    sent = sink.send(TO, MESSAGE)
    sink.edit(TO, sent, replace(MESSAGE, headline="Done", buttons=()))
    (only,) = tenant.messages(MARA)
    assert (only["edited"], list_labels(only)) == (True, [])
    tenant.chats["a:user-0001"].clear()
    with pytest.raises(FatalError):
        sink.edit(TO, sent, MESSAGE)


def test_limits_and_conflicts_are_waited_for(sink: TeamsBot, tenant: FakeBot) -> None:
    """429 with Retry-After, and 412 twice; the third conflict is left to the next run."""
    sink.find_address(MARA)
    while tenant.limit.take().granted:
        pass
    sink.send(TO, MESSAGE)
    tenant.conflicts = 2
    sink.send(TO, MESSAGE)
    assert len(tenant.messages(MARA)) == 2
    tenant.conflicts = 3
    with pytest.raises(RetryableError):
        sink.send(TO, MESSAGE)


def test_a_deleted_first_message_costs_the_reply_only(sink: TeamsBot, tenant: FakeBot) -> None:
    first = sink.send(TO, MESSAGE)
    tenant.chats["a:user-0001"].clear()
    sink.send(TO, replace(MESSAGE, key="k2"), thread=first)
    (only,) = tenant.messages(MARA)
    assert "replyToId" not in only


def test_an_activity_without_an_id_was_posted_all_the_same(sink: TeamsBot, tenant: FakeBot) -> None:
    """It cannot be looked up, so a second try would show it twice; its end is a new message."""
    tenant.server.faults.add("/activities", status=201, body={}, handled=True)
    first = sink.send(TO, MESSAGE)
    assert len(tenant.messages(MARA)) == 1
    with pytest.raises(FatalError):
        sink.edit(TO, first, MESSAGE)
    sink.send(TO, replace(MESSAGE, key="k2"), thread=first)
    assert len(tenant.messages(MARA)) == 2


def test_a_wrong_secret_names_the_setting(open_again: Callable[..., TeamsBot]) -> None:
    sink = open_again(app_secret="another-secret")  # noqa: S106  invented
    with pytest.raises(AuthError) as caught:
        list(sink.check())
    assert "another-secret" not in str(caught.value)
    sink.close()


def test_doctor_says_what_graph_refuses(sink: TeamsBot, tenant: FakeBot) -> None:
    assert [one.good for one in sink.check()] == [True, True]
    tenant.permitted = False
    registration, directory = sink.check()
    assert (registration.good, directory.good) == (True, False)
    assert "User.Read.All" in directory.remedy


def test_no_secret_is_shown(tenant: FakeBot) -> None:
    settings = TeamsBotSettings.model_validate(tenant.settings)
    assert isinstance(settings.app_secret, SecretStr)
    assert tenant.secret not in repr(settings)


def test_who_installs_the_app_is_reached_without_a_restart(
    sink: TeamsBot, tenant: FakeBot, time: ManualTime
) -> None:
    """A process that lives for weeks asks again for whom it could not reach."""
    tenant.installed.discard(RAVI)
    assert sink.find_address(RAVI) is None
    tenant.installed.add(RAVI)
    time.advance(timedelta(minutes=11))
    assert sink.find_address(RAVI) is not None
