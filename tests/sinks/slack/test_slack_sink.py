"""The Slack sink over real HTTP, against a fake as strict as the Web API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from atsbridge.errors import AmbiguousError, AuthError, FatalError, RetryableError
from atsbridge.model.notice import Chart, Destination, Message
from atsbridge.ports.connector import Tools
from atsbridge.sandbox.chat import block_rules
from atsbridge.sandbox.chat.fake_slack import FakeSlack, serve
from atsbridge.sinks.slack.slack_sink import SPEC, Slack, SlackSettings
from atsbridge.timesource import ManualTime

MARA = Destination("slack", "person", "mara@acme.example", "u1")
OPS = Destination("slack", "channel", "#recruiting-ops")
MESSAGE = Message(
    key="8f21c0",
    headline="Interview feedback is late",
    body="Feedback for B.K. (R&D <!channel>) was due Mon 9 Mar, 16:00.",
    facts=(("Waiting on", "you since Friday"),),
    why="The candidate waits and memory fades.",
    link="https://app.greenhouse.io/people/7",
    link_text="Open in Greenhouse",
)


@dataclass(frozen=True)
class Member:
    name: str
    email: str
    tz: str = "Europe/Lisbon"


@pytest.fixture
def time() -> ManualTime:
    return ManualTime(datetime(2026, 3, 9, 16, 5, tzinfo=UTC))


@pytest.fixture
def fake(time: ManualTime) -> Iterator[FakeSlack]:
    people = (Member("Mara Lind", "mara@acme.example"), Member("Ravi Sen", "ravi@acme.example"))
    with serve(people, time, closed=("leadership",)) as served:
        yield served


@pytest.fixture
def slack(fake: FakeSlack, time: ManualTime) -> Iterator[Slack]:
    opened = Slack(
        SlackSettings(token=SecretStr(fake.token), base_url=fake.url), Tools("chat", time)
    )
    yield opened
    opened.close()


def test_people_are_found_by_their_address_once(slack: Slack, fake: FakeSlack) -> None:
    """A member has a user id, a stranger None; either is asked for once."""
    for _ in range(2):
        assert slack.find_address("mara@acme.example") == "U000001"
        assert slack.find_address("nobody@acme.example") is None
    assert fake.server.count("/api/users.lookupByEmail") == 2


def test_a_direct_message_arrives_with_text_blocks_and_key(slack: Slack, fake: FakeSlack) -> None:
    """To a person by e-mail; the text is escaped, the key stands in the metadata."""
    slack.send(MARA, MESSAGE)
    (arrived,) = fake.dms("mara@acme.example")
    assert arrived["text"] == (
        "Interview feedback is late. "
        "Feedback for B.K. (R&amp;D &lt;!channel&gt;) was due Mon 9 Mar, 16:00."
    )
    assert arrived["metadata"] == {
        "event_type": "atsbridge_notice",
        "event_payload": {"key": "8f21c0"},
    }
    assert [block["type"] for block in arrived["blocks"]] == [
        "header",
        "section",
        "context",
        "section",
        "context",
    ]


def test_a_channel_is_found_by_its_name(slack: Slack, fake: FakeSlack) -> None:
    """With or without its #, listed once."""
    slack.send(OPS, MESSAGE)
    slack.send(replace(OPS, address="recruiting-ops"), replace(MESSAGE, key="k2"))
    assert len(fake.messages("recruiting-ops")) == 2
    assert fake.server.count("/api/conversations.list") == 1


def test_a_later_message_stands_in_the_thread(slack: Slack, fake: FakeSlack) -> None:
    """Threaded under the first, even when it answers a reply."""
    first = slack.send(MARA, MESSAGE)
    second = slack.send(MARA, replace(MESSAGE, key="k2"), thread=first)
    slack.send(MARA, replace(MESSAGE, key="k3"), thread=second)
    root, *replies = fake.dms("mara@acme.example")
    assert [reply["thread_ts"] for reply in replies] == [root["ts"]] * 2


def test_an_edit_takes_the_place_of_the_message(slack: Slack, fake: FakeSlack) -> None:
    """Same message, new words, same key."""
    first = slack.send(MARA, MESSAGE)
    slack.edit(MARA, first, replace(MESSAGE, headline="Done: interview feedback", facts=()))
    (arrived,) = fake.dms("mara@acme.example")
    assert arrived["blocks"][0]["text"]["text"] == "Done: interview feedback"
    assert arrived["metadata"]["event_payload"] == {"key": "8f21c0"}


def test_a_message_is_found_again_by_its_key(slack: Slack) -> None:
    """In the conversation or in its thread, with the receipt it had; nothing for another key."""
    first = slack.send(MARA, MESSAGE)
    reply = slack.send(MARA, replace(MESSAGE, key="k2"), thread=first)
    found = slack.find(MARA, "8f21c0")
    answer = slack.find(MARA, "k2", thread=first)
    assert found is not None
    assert answer is not None
    assert (found.ids, answer.ids) == (first.ids, reply.ids)
    assert slack.find(MARA, "another") is None
    assert slack.find(OPS, "8f21c0") is None


def test_one_message_a_second_to_a_channel(slack: Slack, fake: FakeSlack, time: ManualTime) -> None:
    """Paced before Slack has to say so; another conversation does not wait."""
    slack.send(OPS, MESSAGE)
    slack.send(MARA, MESSAGE)
    assert time.slept == []
    slack.send(OPS, replace(MESSAGE, key="k2"))
    assert time.slept == [1.0]
    assert fake.server.count("/api/chat.postMessage") == 3


def test_a_rate_limit_is_waited_out(slack: Slack, fake: FakeSlack, time: ManualTime) -> None:
    """Retry-After is honored, and the message arrives once."""
    fake.server.faults.add(
        "chat.postMessage",
        status=429,
        body={"ok": False, "error": "ratelimited"},
        headers={"Retry-After": "30"},
    )
    slack.send(OPS, MESSAGE)
    assert 30.0 in time.slept
    assert len(fake.messages("recruiting-ops")) == 1


def test_a_revoked_token_is_said_without_the_token(slack: Slack, fake: FakeSlack) -> None:
    """AuthError that names the sink and the remedy, and shows no secret."""
    fake.revoked = True
    with pytest.raises(AuthError) as caught:
        slack.send(MARA, MESSAGE)
    assert str(caught.value) == (
        "chat: users.lookupByEmail: Slack says token_revoked. Check the token of sink chat"
    )
    assert fake.token not in repr(slack) + str(caught.value)


@pytest.mark.parametrize(
    ("address", "text"),
    [
        (
            "#leadership",
            (
                "chat: chat.postMessage #leadership: Slack says not_in_channel. "
                "Invite the app: /invite in the channel"
            ),
        ),
        (
            "#renamed",
            (
                "chat: channel #renamed: Slack says channel_not_found. "
                "Check the channel's name, and invite the app if it is private"
            ),
        ),
    ],
)
def test_a_channel_out_of_reach_says_what_to_do(address: str, text: str, slack: Slack) -> None:
    """Not a member, or no such channel: final, with the remedy."""
    with pytest.raises(FatalError) as caught:
        slack.send(replace(OPS, address=address), MESSAGE)
    assert str(caught.value) == text


def test_a_stranger_is_no_destination(slack: Slack) -> None:
    """Sending to somebody Slack does not know is final; the address stays out of the error."""
    with pytest.raises(FatalError) as caught:
        slack.send(replace(MARA, address="nobody@acme.example"), MESSAGE)
    assert "nobody@acme" not in str(caught.value)


def test_a_deleted_message_cannot_be_edited(slack: Slack, fake: FakeSlack) -> None:
    """Somebody removed it: final, and the caller decides."""
    first = slack.send(MARA, MESSAGE)
    gone = replace(first, ids={**first.ids, "ts": "1.000001"})
    with pytest.raises(FatalError, match="message_not_found"):
        slack.edit(MARA, gone, MESSAGE)


def test_a_lost_answer_is_ambiguous_and_never_sent_twice(slack: Slack, fake: FakeSlack) -> None:
    """The connection broke after sending: nobody can tell, so nobody repeats it here."""
    slack.send(MARA, replace(MESSAGE, key="warm-up"))
    fake.server.faults.add("chat.postMessage", drop=True)
    with pytest.raises(AmbiguousError):
        slack.send(MARA, MESSAGE)
    assert fake.server.count("/api/chat.postMessage") == 2


@pytest.mark.parametrize(
    ("error", "kind"),
    [("internal_error", AmbiguousError), ("service_unavailable", RetryableError)],
)
def test_slacks_own_trouble_is_tried_again(
    error: str, kind: type[Exception], slack: Slack, fake: FakeSlack
) -> None:
    """An error that may have happened half-way is ambiguous; the others are plain retries."""
    fake.server.faults.add("chat.postMessage", body={"ok": False, "error": error}, status=200)
    with pytest.raises(kind) as caught:
        slack.send(MARA, MESSAGE)
    assert type(caught.value) is kind


def test_text_beyond_every_limit_still_arrives(slack: Slack, fake: FakeSlack) -> None:
    """What Slack would refuse is cut before."""
    long = replace(
        MESSAGE,
        headline="h" * 500,
        body="&" * 9000,
        facts=(("Role", "<" * 900),) * 5,
        why="w" * 5000,
        link="https://app.example/" + "x" * 4000,
    )
    slack.send(MARA, long)
    assert len(fake.dms("mara@acme.example")) == 1


def test_the_spec_tells_its_powers() -> None:
    """Edits, threads, looks up and reaches people; its fake is named, not imported."""
    assert (SPEC.edits, SPEC.threads, SPEC.looks_up, SPEC.direct_messages) == (True,) * 4
    assert SPEC.fake == "atsbridge.sandbox.chat.fake_slack:serve"


@pytest.mark.parametrize("word", ["invalid_blocks", "msg_too_long", "msg_blocks_too_long"])
def test_a_form_that_slack_refuses_is_left_out(slack: Slack, fake: FakeSlack, word: str) -> None:
    """The message arrives in plain text, with its key; the wait between two is kept."""
    fake.server.faults.add("chat.postMessage", body={"ok": False, "error": word}, status=200)
    slack.send(MARA, MESSAGE)
    (message,) = fake.dms("mara@acme.example")
    assert "blocks" not in message
    assert message["text"].startswith("Interview feedback is late. Feedback for B.K. (R&amp;D")
    assert slack.find(MARA, MESSAGE.key) is not None


def test_text_that_slack_refuses_too_is_an_error(slack: Slack, fake: FakeSlack) -> None:
    """Once without blocks, then it is given up: nothing goes round in circles."""
    refusal = {"ok": False, "error": "msg_too_long"}
    fake.server.faults.add("chat.postMessage", times=2, body=refusal, status=200)
    with pytest.raises(FatalError, match="msg_too_long"):
        slack.send(MARA, MESSAGE)
    assert fake.dms("mara@acme.example") == []


def test_a_thread_that_is_gone_is_not_waited_for(slack: Slack, fake: FakeSlack) -> None:
    """Somebody deleted the first message: the next stands alone."""
    first = slack.send(MARA, MESSAGE)
    gone = replace(first, ids={**first.ids, "ts": "1.000001"})
    later = slack.send(MARA, replace(MESSAGE, key="k2"), thread=gone)
    assert "thread" not in later.ids
    assert len(fake.dms("mara@acme.example")) == 2


CHART = Chart("Promises", ("2 Mar", "9 Mar"), (("On time", (3.0, 4.0)), ("Late", (1.0, 0.0))))


def test_a_chart_is_drawn_where_slack_can(slack: Slack, fake: FakeSlack) -> None:
    """Lines over the same weeks, below the text."""
    slack.send(MARA, replace(MESSAGE, chart=CHART))
    (message,) = fake.dms("mara@acme.example")
    (drawn,) = [one for one in message["blocks"] if one["type"] == "data_visualization"]
    assert drawn["chart"]["axis_config"]["categories"] == ["2 Mar", "9 Mar"]
    assert [one["name"] for one in drawn["chart"]["series"]] == ["On time", "Late"]


def test_a_workspace_without_charts_gets_the_other_blocks(
    slack: Slack, fake: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On `invalid_blocks` the chart alone is left out; the text says the same."""
    monkeypatch.delitem(block_rules._CHECKS, "data_visualization")
    slack.send(MARA, replace(MESSAGE, chart=CHART))
    (message,) = fake.dms("mara@acme.example")
    kinds = [one["type"] for one in message["blocks"]]
    assert "data_visualization" not in kinds
    assert "section" in kinds
