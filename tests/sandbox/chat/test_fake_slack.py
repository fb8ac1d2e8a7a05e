"""The stand-in for Slack is as strict as Slack."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from atsbridge.sandbox.chat.fake_slack import FakeSlack, serve
from atsbridge.timesource import ManualTime

Call = Callable[..., dict[str, Any]]


@dataclass(frozen=True)
class Somebody:
    name: str = "Ida Falkenby"
    email: str = "ida.falkenby@northwind-looms.example"
    tz: str = "Europe/Berlin"


@pytest.fixture
def slack(time: ManualTime) -> Iterator[FakeSlack]:
    with serve([Somebody()], time, ("recruiting-ops", "wins"), closed=("board",)) as slack:
        yield slack


@pytest.fixture
def call(slack: FakeSlack, wire: requests.Session) -> Call:
    def call(method: str, *, token: str | None = slack.token, **body: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = wire.post(f"{slack.url}/{method}", json=body, headers=headers, timeout=5)
        found: dict[str, Any] = answer.json()
        assert answer.status_code == (429 if found.get("error") == "ratelimited" else 200)
        return found

    return call


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(**more: Any) -> list[dict[str, Any]]:
    label = {"type": "plain_text", "text": "Open"}
    return [{"type": "actions", "elements": [{"type": "button", "text": label, **more}]}]


PLAIN = {"type": "plain_text", "text": "x"}
BAD_BLOCKS = {
    "too many blocks": [{"type": "divider"}] * 51,
    "section too long": [section("x" * 3001)],
    "section empty": [section("")],
    "section without text": [{"type": "section"}],
    "header too long": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
    "header in markup": [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
    "too many fields": [{"type": "section", "fields": [PLAIN] * 11}],
    "field too long": [{"type": "section", "fields": [{**PLAIN, "text": "x" * 2001}]}],
    "too many context elements": [{"type": "context", "elements": [PLAIN] * 11}],
    "context empty": [{"type": "context", "elements": []}],
    "url too long": button(url="https://x.example/" + "x" * 3000),
    "button style": button(style="green"),
    "unknown block": [{"type": "marquee"}],
    "unknown element": [{"type": "actions", "elements": [{"type": "slider"}]}],
    "no list": {"type": "divider"},
    "block id twice": [{"type": "divider", "block_id": "a"}] * 2,
}


@pytest.mark.parametrize("blocks", BAD_BLOCKS.values(), ids=BAD_BLOCKS)
def test_blocks_beyond_the_limits_are_refused(call: Call, slack: FakeSlack, blocks: Any) -> None:
    """invalid_blocks, with the place; nothing is posted."""
    answer = call("chat.postMessage", channel="C000001", text="x", blocks=blocks)
    assert answer["error"] == "invalid_blocks"
    assert answer["response_metadata"]["messages"]
    assert slack.messages("recruiting-ops") == []


def test_blocks_at_the_limits_pass(call: Call) -> None:
    """50 blocks, 3000 characters, ten fields of 2000, ten context elements."""
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "x" * 150}},
        section("x" * 3000),
        {"type": "section", "fields": [{**PLAIN, "text": "x" * 2000}] * 10},
        {"type": "context", "elements": [PLAIN] * 10},
        *button(url="https://x.example/", style="primary"),
        *[{"type": "divider"}] * 45,
    ]
    assert call("chat.postMessage", channel="C000001", text="x", blocks=blocks)["ok"]


REFUSED = [
    ("not_authed", "auth.test", {"token": None}),
    ("invalid_auth", "auth.test", {"token": "xoxb-wrong"}),
    ("unknown_method", "chat.shout", {}),
    ("users_not_found", "users.lookupByEmail", {"email": "nobody@northwind-looms.example"}),
    ("user_not_found", "conversations.open", {"users": "U999999"}),
    ("channel_not_found", "chat.postMessage", {"channel": "C999999", "text": "x"}),
    ("not_in_channel", "chat.postMessage", {"channel": "C000003", "text": "x"}),
    ("not_in_channel", "conversations.history", {"channel": "C000003"}),
    ("no_text", "chat.postMessage", {"channel": "C000001"}),
    ("msg_too_long", "chat.postMessage", {"channel": "C000001", "text": "x" * 40_001}),
    ("invalid_arguments", "chat.postMessage", {"channel": "C000001", "text": "x", "color": 1}),
    (
        "invalid_metadata_format",
        "chat.postMessage",
        {"channel": "C000001", "text": "x", "metadata": {"event_type": "a"}},
    ),
    (
        "thread_not_found",
        "chat.postMessage",
        {"channel": "C000001", "text": "x", "thread_ts": "1.000001"},
    ),
    ("thread_not_found", "conversations.replies", {"channel": "C000001", "ts": "1.000001"}),
    ("message_not_found", "chat.update", {"channel": "C000001", "ts": "1.000001", "text": "x"}),
    ("invalid_cursor", "conversations.list", {"cursor": "next please"}),
    ("invalid_limit", "conversations.list", {"limit": 1001}),
]


@pytest.mark.parametrize(("error", "method", "body"), REFUSED)
def test_what_slack_refuses(call: Call, error: str, method: str, body: dict[str, Any]) -> None:
    """ok: false with Slack's own word, and HTTP 200."""
    answer = call(method, **body)
    assert (answer["ok"], answer["error"]) == (False, error)


def test_a_revoked_token_is_refused_as_such(call: Call, slack: FakeSlack) -> None:
    """token_revoked, from the moment it happened."""
    assert call("auth.test")["ok"]
    slack.revoked = True
    assert call("auth.test")["error"] == "token_revoked"


def test_a_message_keeps_its_metadata_for_who_asks(call: Call) -> None:
    """history gives metadata only with include_all_metadata, newest first."""
    metadata = {"event_type": "notice", "event_payload": {"key": "8f21c0"}}
    posted = call("chat.postMessage", channel="C000001", text="one", metadata=metadata)
    bare = call("conversations.history", channel="C000001")["messages"]
    full = call("conversations.history", channel="C000001", include_all_metadata=True)["messages"]
    assert "metadata" not in bare[0]
    assert full[0]["metadata"] == metadata
    assert full[0]["ts"] == posted["ts"]


def test_one_message_a_second_to_a_channel(call: Call, time: ManualTime) -> None:
    """The second at once is ratelimited; another channel is free; a second later it passes."""
    assert call("chat.postMessage", channel="C000001", text="one")["ok"]
    assert call("chat.postMessage", channel="C000001", text="two")["error"] == "ratelimited"
    assert call("chat.postMessage", channel="C000002", text="two")["ok"]
    time.sleep(1)
    assert call("chat.postMessage", channel="C000001", text="two")["ok"]


def test_being_ratelimited_tells_how_long(
    call: Call, slack: FakeSlack, wire: requests.Session
) -> None:
    """HTTP 429 with Retry-After."""
    call("chat.postMessage", channel="C000001", text="one")
    answer = wire.post(
        f"{slack.url}/chat.postMessage",
        data={"channel": "C000001", "text": "two"},
        headers={"Authorization": f"Bearer {slack.token}"},
        timeout=5,
    )
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")


def test_a_direct_message_reaches_the_person(call: Call, slack: FakeSlack) -> None:
    """Looked up by address whatever its case, opened once, written to."""
    user = call("users.lookupByEmail", email=Somebody().email.upper())["user"]
    assert user["tz"] == "Europe/Berlin"
    first = call("conversations.open", users=user["id"])
    again = call("conversations.open", users=user["id"])
    assert (first["already_open"], again["already_open"]) == (False, True)
    call("chat.postMessage", channel=first["channel"]["id"], text="hello")
    assert [m["text"] for m in slack.dms(Somebody().email)] == ["hello"]


def test_threads_and_edits(call: Call, slack: FakeSlack, time: ManualTime) -> None:
    """A reply stands in its thread, not in the channel's history; an edit keeps the ts."""
    first = call("chat.postMessage", channel="C000001", text="one", blocks=[section("one")])
    time.sleep(1)
    reply = call("chat.postMessage", channel="C000001", text="more", thread_ts=first["ts"])
    assert reply["ts"] != first["ts"]
    edited = call("chat.update", channel="C000001", ts=first["ts"], text="done")
    assert edited["ts"] == first["ts"]
    history = call("conversations.history", channel="C000001")["messages"]
    assert [(m["text"], "blocks" in m) for m in history] == [("done", False)]
    thread = call("conversations.replies", channel="C000001", ts=first["ts"])["messages"]
    assert [m["text"] for m in thread] == ["done", "more"]


def test_only_ones_own_messages_can_be_edited(call: Call, slack: FakeSlack) -> None:
    """A person's reply is cant_update_message to the bot."""
    first = call("chat.postMessage", channel="C000001", text="one")
    slack.reply("C000001", first["ts"], "thanks", Somebody().email)
    theirs = slack.messages("recruiting-ops")[1]["ts"]
    answer = call("chat.update", channel="C000001", ts=theirs, text="x")
    assert answer["error"] == "cant_update_message"


def test_lists_come_in_pages(call: Call) -> None:
    """limit and cursor lead through all channels, each once, with who is a member."""
    seen, cursor = [], ""
    for _ in range(3):
        page = call("conversations.list", limit=1, cursor=cursor)
        seen += [(c["name"], c["is_member"]) for c in page["channels"]]
        cursor = page["response_metadata"]["next_cursor"]
    assert seen == [("recruiting-ops", True), ("wins", True), ("board", False)]
    assert cursor == ""


def test_forms_are_read_as_well(slack: FakeSlack, wire: requests.Session) -> None:
    """blocks and metadata of a form are JSON texts, and no JSON is refused."""
    headers = {"Authorization": f"Bearer {slack.token}"}
    form = {"channel": "C000001", "text": "x", "blocks": json.dumps([{"type": "divider"}])}
    url = f"{slack.url}/chat.postMessage"
    assert wire.post(url, data=form, headers=headers, timeout=5).json()["ok"]
    form["blocks"] = "[{"
    bad = wire.post(url, data=form, headers=headers, timeout=5).json()
    assert bad["error"] == "invalid_blocks_format"


def test_listeners_hear_of_every_post(call: Call, slack: FakeSlack) -> None:
    """The room and the message, once per post."""
    heard: list[tuple[str, str]] = []
    slack.listeners.append(lambda room, message: heard.append((room.name, message["text"])))
    call("chat.postMessage", channel="C000002", text="a hire")
    assert heard == [("wins", "a hire")]


def test_reactions_stand_on_the_message(call: Call, slack: FakeSlack) -> None:
    """An emoji of a person is seen in the history."""
    posted = call("chat.postMessage", channel="C000001", text="one")
    slack.react("C000001", posted["ts"], "eyes", Somebody().email)
    seen = call("conversations.history", channel="C000001")["messages"][0]
    assert seen["reactions"] == [{"name": "eyes", "users": ["U000001"], "count": 1}]
