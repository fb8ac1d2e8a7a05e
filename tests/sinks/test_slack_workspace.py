"""The Slack sink in workspaces as they are: large, busy, and with fewer scopes than hoped for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from atsbridge.errors import AuthError, DeniedError, FatalError
from atsbridge.model.notice import Destination, Message
from atsbridge.ports.connector import Tools
from atsbridge.ports.sink import DeliveredMessage
from atsbridge.sandbox.chat.fake_slack import ALL_SCOPES, FakeSlack, serve
from atsbridge.sinks.slack.slack_scopes import SCOPES
from atsbridge.sinks.slack.slack_sink import Slack, SlackSettings
from atsbridge.timesource import ManualTime

MARA = Destination("slack", "person", "mara@acme.example", "u1")
OPS = Destination("slack", "channel", "#recruiting-ops")
MESSAGE = Message(key="8f21c0", headline="Feedback is due", body="Feedback for B.K. is due.")


@dataclass(frozen=True)
class Member:
    name: str
    email: str
    tz: str = "Europe/Lisbon"


@pytest.fixture
def time() -> ManualTime:
    return ManualTime(datetime(2026, 3, 9, 16, 5, tzinfo=UTC))


@pytest.fixture
def workspace(time: ManualTime) -> Iterator[Callable[..., FakeSlack]]:
    opened: list[FakeSlack] = []

    def make(*channels: str) -> FakeSlack:
        people = (Member("Mara Lind", "mara@acme.example"), Member("Ravi", "ravi@acme.example"))
        opened.append(serve(people, time, channels=channels or ("recruiting-ops",)))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.fixture
def connect(time: ManualTime) -> Iterator[Callable[..., Slack]]:
    """Opens the sink as a new process would; `kept` is what outlasts one."""
    opened: list[Slack] = []
    kept: dict[str, bytes] = {}

    def make(fake: FakeSlack, token: str = "") -> Slack:
        settings = SlackSettings(token=SecretStr(token or fake.token), base_url=fake.url)
        tools = Tools("chat", time, recall=kept.get, keep=kept.__setitem__)
        opened.append(Slack(settings, tools))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


MANY = tuple(f"team-{number}" for number in range(1_000))


def test_a_channel_s_id_is_used_without_a_look_at_the_workspace(workspace, connect) -> None:
    """One request for one message, however many channels there are."""
    fake = workspace(*MANY, "recruiting-ops")
    connect(fake).send(replace(OPS, address="C001001"), MESSAGE)
    assert [message["text"] for message in fake.messages("recruiting-ops")]
    assert fake.server.count("/api/conversations.list") == 0


def test_a_channel_s_name_is_looked_for_once_and_kept_for_later_runs(
    workspace, connect, time
) -> None:
    """The next process asks nothing; after a week the name is looked for again."""
    fake = workspace(*MANY, "recruiting-ops")
    connect(fake).send(OPS, MESSAGE)
    asked = fake.server.count("/api/conversations.list")
    assert asked > 1
    connect(fake).send(OPS, replace(MESSAGE, key="2"))
    assert fake.server.count("/api/conversations.list") == asked
    time.advance(timedelta(days=8))
    connect(fake).send(OPS, replace(MESSAGE, key="3"))
    assert fake.server.count("/api/conversations.list") == 2 * asked
    assert len(fake.messages("recruiting-ops")) == 3


def test_a_channel_made_anew_under_its_name_is_found_again(workspace, connect) -> None:
    """What is kept leads nowhere: the name is looked for, and the message arrives."""
    old, new = workspace("x", "recruiting-ops"), workspace("recruiting-ops")
    connect(old).send(OPS, MESSAGE)
    connect(new).send(OPS, MESSAGE)
    assert len(new.messages("recruiting-ops")) == 1


def test_without_the_scope_for_private_channels_public_ones_work(workspace, connect) -> None:
    """It is optional; a name that is not found says which scope might show it."""
    fake = workspace()
    fake.scopes -= {"groups:read", "groups:history"}
    slack = connect(fake)
    slack.send(OPS, MESSAGE)
    assert len(fake.messages("recruiting-ops")) == 1
    with pytest.raises(FatalError) as caught:
        slack.send(replace(OPS, address="#board"), MESSAGE)
    assert "groups:read" in str(caught.value)


@pytest.mark.parametrize("scope", [scope for scope in SCOPES if not scope.optional])
def test_each_scope_is_needed_for_what_the_list_says(workspace, connect, scope) -> None:
    """Without it the fake, like Slack, refuses one of its methods and names it; doctor says so."""
    fake = workspace()
    slack = connect(fake)
    receipt = slack.send(MARA, MESSAGE)
    slack.send(OPS, MESSAGE)
    fake.react(receipt.ids["channel"], receipt.ids["ts"], "eyes", "mara@acme.example")
    fake.scopes.discard(scope.name)
    slack = connect(fake)
    lines = {line.what: line for line in slack.check()}
    assert not lines[f"scope {scope.name}"].good
    assert "api.slack.com" in lines[f"scope {scope.name}"].remedy
    assert [line.what for line in lines.values() if not line.good] == [f"scope {scope.name}"]
    sent = DeliveredMessage("8f21c0", MARA, receipt, fake.time.now())
    tries = (
        lambda: slack.send(MARA, MESSAGE),
        lambda: slack.send(replace(OPS, address="#unknown"), MESSAGE),
        lambda: slack.find(replace(OPS, address="C000001"), "8f21c0"),
        lambda: slack.find(MARA, "8f21c0"),
        lambda: list(slack.fetch_replies([sent])),
        lambda: slack._web.read("reactions.get", {"channel": "D000001", "timestamp": "1"}),
    )
    needed = set()
    for attempt in tries:
        try:
            attempt()
        except DeniedError as error:
            needed.add(error.remedy)
        except FatalError:
            continue
    assert needed == {f"Give the app the scope {scope.name}"}


def test_doctor_asks_for_nothing_but_the_token(workspace, connect) -> None:
    """All is well: the workspace, and every scope with what it is for. A bad token is refused."""
    fake = workspace()
    lines = list(connect(fake).check())
    assert all(line.good for line in lines)
    assert (lines[0].what, lines[0].detail) == ("token", "Sandbox")
    assert {line.what.removeprefix("scope ") for line in lines[1:]} == ALL_SCOPES
    assert [fake.server.count(f"/api/{m}") for m in ("auth.test", "chat.postMessage")] == [1, 0]
    with pytest.raises(AuthError):
        list(connect(fake, token="xoxb-wrong").check())


def test_the_page_of_sinks_lists_every_scope() -> None:
    """docs/slack.md and doctor tell the same."""
    page = (Path(__file__).parents[2] / "docs/slack.md").read_text("utf-8")
    for scope in SCOPES:
        row = f"| `{scope.name}` | {scope.needed_for} | {'no' if scope.optional else 'yes'} |"
        assert row in page


def _busy(fake: FakeSlack, channel: str, messages: int) -> None:
    """So many messages of other people, as fast as they can write."""
    room = fake._rooms[channel]
    for _ in range(messages):
        fake._put(room, {"user": "U000002", "text": "lunch?"})


@pytest.mark.parametrize("between", [True, False])
def test_an_answer_is_heard_however_much_else_is_written(
    workspace, connect, time, between: bool
) -> None:
    """Newer messages do not matter; with very many between ours, each of ours is asked for."""
    fake = workspace()
    slack = connect(fake)
    first = slack.send(OPS, MESSAGE)
    sent = [DeliveredMessage("8f21c0", OPS, first, time.now())]
    _busy(fake, first.ids["channel"], 700)
    if between:
        second = slack.send(OPS, replace(MESSAGE, key="2"))
        sent.append(DeliveredMessage("2", OPS, second, time.now()))
        fake.react(second.ids["channel"], second.ids["ts"], "zzz", "ravi@acme.example")
    fake.react(first.ids["channel"], first.ids["ts"], "eyes", "mara@acme.example")
    fake.reply(first.ids["channel"], first.ids["ts"], "snooze 2d", "ravi@acme.example")
    before = fake.server.count("/api/")
    heard = {(one.key, one.emoji or one.text) for one in slack.fetch_replies(sent)}
    expected = {("8f21c0", "eyes"), ("8f21c0", "snooze 2d")}
    assert heard == (expected | {("2", "zzz")} if between else expected)
    assert fake.server.count("/api/") - before <= (9 if between else 4)


@pytest.mark.parametrize("subtype", ["thread_broadcast", "file_share", "me_message", None])
def test_a_reply_is_heard_in_whatever_form_a_person_writes_it(
    workspace, connect, time, subtype: str | None
) -> None:
    """Also sent to the channel, with a file, or with /me; an event of the channel is none."""
    fake = workspace()
    slack = connect(fake)
    receipt = slack.send(OPS, MESSAGE)
    room, ts = fake._rooms[receipt.ids["channel"]], receipt.ids["ts"]
    words = {"user": "U000001", "thread_ts": ts, "text": "seen"}
    fake._put(room, words | ({"subtype": subtype} if subtype else {}))
    fake._put(room, {**words, "text": "joined", "subtype": "channel_join"})
    answers = list(slack.fetch_replies([DeliveredMessage("8f21c0", OPS, receipt, time.now())]))
    assert [(one.email, one.text) for one in answers] == [("mara@acme.example", "seen"), ("", "")]
