"""Answers of Slack that refuse, or have another form: each message arrives once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from atsbridge.errors import AmbiguousError, DeniedError, RetryableError
from atsbridge.model.notice import Destination, Message
from atsbridge.ports.connector import Tools
from atsbridge.ports.sink import DeliveredMessage
from atsbridge.sandbox.chat.fake_slack import FakeSlack, serve
from atsbridge.sinks.slack.slack_sink import Slack, SlackSettings
from atsbridge.timesource import ManualTime

from .test_slack_sink import MARA, MESSAGE, OPS, Member


@pytest.fixture
def fake() -> Iterator[FakeSlack]:
    time = ManualTime(datetime(2026, 3, 9, 16, 5, tzinfo=UTC))
    with serve((Member("Mara Lind", "mara@acme.example"),), time) as served:
        yield served


@pytest.fixture
def slack(fake: FakeSlack) -> Iterator[Slack]:
    settings = SlackSettings(token=SecretStr(fake.token), base_url=fake.url)
    opened = Slack(settings, Tools("chat", fake.time))
    yield opened
    opened.close()


def _refuse(fake: FakeSlack, method: str, code: str, **how: Any) -> None:
    fake.server.faults.add(f"/{method}$", status=200, body={"ok": False, "error": code}, **how)


@pytest.mark.parametrize(
    "code", ["team_added_to_org", "org_login_required", "message_limit_exceeded"]
)
def test_a_workspace_that_moves_or_is_too_busy_closes_no_route(
    slack: Slack, fake: FakeSlack, code: str
) -> None:
    """It passes by itself: the message is tried again here and goes nowhere else."""
    _refuse(fake, "chat.postMessage", code)
    with pytest.raises(RetryableError):
        slack.send(MARA, MESSAGE)
    slack.send(MARA, MESSAGE)
    assert len(fake.dms("mara@acme.example")) == 1


def test_a_refused_network_asks_for_no_scope(slack: Slack, fake: FakeSlack) -> None:
    """The remedy fits the code."""
    _refuse(fake, "chat.postMessage", "accesslimited")
    with pytest.raises(DeniedError) as caught:
        slack.send(MARA, MESSAGE)
    assert "scope" not in caught.value.remedy
    assert caught.value.remedy


@pytest.mark.parametrize(
    "code",
    [
        "cannot_reply_to_message",
        "restricted_action_thread_locked",
        "restricted_action_non_threadable_channel",
    ],
)
def test_a_thread_that_takes_no_reply_is_left(slack: Slack, fake: FakeSlack, code: str) -> None:
    """The message stands by itself in the same conversation."""
    first = slack.send(OPS, MESSAGE)
    _refuse(fake, "chat.postMessage", code)
    later = slack.send(OPS, replace(MESSAGE, key="k2"), thread=first)
    assert "thread" not in later.ids
    assert len(fake.messages("recruiting-ops")) == 2


def test_a_message_whose_thread_was_deleted_is_found_beside_it(
    slack: Slack, fake: FakeSlack
) -> None:
    """It was sent without its thread, and the process died: the next look-up finds it."""
    first = slack.send(MARA, MESSAGE)
    deleted = replace(first, ids={**first.ids, "ts": "1.000001"})
    slack.send(MARA, replace(MESSAGE, key="k2"), thread=deleted)
    assert slack.find(MARA, "k2", thread=deleted) is not None
    assert slack.find(MARA, "k3", thread=deleted) is None


def test_a_channel_that_was_archived_between_two_messages_is_looked_up_again(
    slack: Slack, fake: FakeSlack
) -> None:
    """Another one has its name by now."""
    slack.send(OPS, MESSAGE)
    _refuse(fake, "chat.postMessage", "is_archived")
    before = fake.server.count("/api/conversations.list")
    slack.send(OPS, replace(MESSAGE, key="k2"))
    assert fake.server.count("/api/conversations.list") == before + 1


@pytest.mark.parametrize("body", [{"ok": True}, {"ok": True, "channel": 5, "ts": "soon"}])
def test_a_message_that_was_taken_without_saying_where_is_looked_up(
    slack: Slack, fake: FakeSlack, body: Any
) -> None:
    """Nobody sends it again before: it is in Slack."""
    slack.send(MARA, replace(MESSAGE, key="k0"))
    fake.server.faults.add("chat.postMessage", status=200, body=body, handled=True)
    with pytest.raises(AmbiguousError):
        slack.send(MARA, MESSAGE)
    assert slack.find(MARA, MESSAGE.key) is not None


STRANGE: list[tuple[str, Any]] = [
    ("users.lookupByEmail", {"ok": True, "user": "x"}),
    ("users.lookupByEmail", {"ok": True, "user": {"id": None}}),
    ("users.lookupByEmail", {"ok": True}),
    ("conversations.open", {"ok": True}),
    ("conversations.open", {"ok": True, "channel": {"id": None}}),
    ("conversations.list", {"ok": True, "channels": None}),
    ("conversations.list", {"ok": True, "channels": ["x"]}),
]


@pytest.mark.parametrize(("method", "body"), STRANGE)
def test_an_answer_of_another_form_is_tried_again(
    slack: Slack, fake: FakeSlack, method: str, body: Any
) -> None:
    """It is no fault of the sink, and closes no route."""
    to: Destination = OPS if method == "conversations.list" else MARA
    message: Message = MESSAGE
    fake.server.faults.add(f"/{method}$", status=200, body=body)
    with pytest.raises(RetryableError, match="is not Slack's"):
        slack.send(to, message)
    slack.send(to, message)


@pytest.mark.parametrize(
    "rows",
    [
        [{"ts": "soon", "latest_reply": "late"}],
        [{"reactions": "many", "latest_reply": {"a": 1}}],
        [{"reactions": [None, {"name": 1, "users": "x"}, {"name": "eyes", "users": [None]}]}],
    ],
)
def test_rows_of_another_form_are_no_replies(slack: Slack, fake: FakeSlack, rows: Any) -> None:
    """They cost themselves: the next answer is read as ever."""
    first = slack.send(MARA, MESSAGE)
    sent = [DeliveredMessage(MESSAGE.key, MARA, first, fake.time.now())]
    body = {"ok": True, "messages": [{"ts": first.ids["ts"], **row} for row in rows]}
    fake.server.faults.add("/conversations.history$", status=200, body=body)
    assert list(slack.fetch_replies(sent)) == []
    fake.react(first.ids["channel"], first.ids["ts"], "eyes", "mara@acme.example")
    assert [one.emoji for one in slack.fetch_replies(sent)] == ["eyes"]


@pytest.mark.parametrize("code", ["user_not_visible", "user_not_found", "team_not_found"])
def test_a_visitor_whom_slack_does_not_show_silences_nobody(
    slack: Slack, fake: FakeSlack, code: str
) -> None:
    """A guest of another workspace reacted first: what the others answered is read."""
    first = slack.send(OPS, MESSAGE)
    visitor = {"name": "eyes", "users": ["W9"], "count": 1}
    (row,) = fake._rooms[first.ids["channel"]].messages
    row["reactions"] = [visitor]
    fake.react(first.ids["channel"], first.ids["ts"], "ok_hand", "mara@acme.example")
    _refuse(fake, "users.info", code)
    sent = [DeliveredMessage(MESSAGE.key, OPS, first, fake.time.now())]
    assert [one.emoji for one in slack.fetch_replies(sent)] == ["ok_hand"]


def test_a_refusal_that_nobody_knows_costs_no_reply(slack: Slack, fake: FakeSlack) -> None:
    """Its author may be one of ours: the reply is read once Slack says who they are."""
    first = slack.send(OPS, MESSAGE)
    fake.react(first.ids["channel"], first.ids["ts"], "eyes", "mara@acme.example")
    _refuse(fake, "users.info", "not_today")
    sent = [DeliveredMessage(MESSAGE.key, OPS, first, fake.time.now())]
    assert list(slack.fetch_replies(sent)) == []
    fake.server.faults.clear()
    assert [one.emoji for one in slack.fetch_replies(sent)] == ["eyes"]
