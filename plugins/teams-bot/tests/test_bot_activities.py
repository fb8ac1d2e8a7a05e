"""What Teams sends to the bot: what is believed, what is stored, and what is answered."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from atsbridge.model.notice import Destination, Message
from atsbridge.ports.sink import Reply, ReplyOutcome, SinkRequest, SinkResponse
from atsbridge.presentation.reply_buttons import CASE_BUTTONS
from atsbridge.timesource import ManualTime
from atsbridge_teams_bot.bot_sink import TeamsBot
from atsbridge_teams_bot.fake_bot import FakeBot, read_text

MARA, RAVI = "mara@acme.example", "ravi@acme.example"
TO = Destination("teams_bot", "person", MARA)
MESSAGE = Message(
    "k1", "Feedback is due", "Please submit it.", link="https://ats.example/1", buttons=CASE_BUTTONS
)


@dataclass
class Desk:
    """Takes replies."""

    replies: list[Reply] = field(default_factory=list)
    outcome: ReplyOutcome = field(default_factory=lambda: ReplyOutcome("Noted."))

    def receive(self, reply: Reply) -> ReplyOutcome:
        self.replies.append(reply)
        return self.outcome


@pytest.fixture
def desk() -> Desk:
    return Desk()


def deliver(sink: TeamsBot, desk: Desk, signed: tuple[str, bytes]) -> SinkResponse:
    authorization, body = signed
    return sink.answer_request(SinkRequest({"authorization": authorization}, body), desk.receive)


def test_a_press_is_a_reply_of_that_person(sink: TeamsBot, tenant: FakeBot, desk: Desk) -> None:
    """With the address that the ATS has, and answered in words that only they see."""
    sink.send(TO, MESSAGE)
    for label in ("Seen", "2 working days"):
        answer = deliver(sink, desk, tenant.press(MARA, 0, label))
        assert answer == SinkResponse(
            200,
            {
                "statusCode": 200,
                "type": "application/vnd.microsoft.activity.message",
                "value": "Noted.",
            },
        )
    assert [(one.key, one.text, one.email, one.name) for one in desk.replies] == [
        ("k1", "seen", MARA, "Mara Lind"),
        ("k1", "snooze 2bd", MARA, "Mara Lind"),
    ]
    assert len({one.mark for one in desk.replies}) == 2


def test_who_presses_days_later_is_known_by_the_address_that_the_ats_has(
    sink: TeamsBot, tenant: FakeBot, desk: Desk, time: ManualTime
) -> None:
    """Here the user name, not the mail address; and Teams need not name them in each request."""
    has = "user-0001@tenant.example"
    sink.send(replace(TO, address=has), MESSAGE)
    time.advance(timedelta(days=10))
    deliver(sink, desk, tenant.press(MARA, 0, "Seen", **{"from": {"aadObjectId": "user-0001"}}))
    assert [(one.email, one.name) for one in desk.replies] == [(has, has)]


def test_an_old_client_sends_a_message(sink: TeamsBot, tenant: FakeBot, desk: Desk) -> None:
    """The fallback of a button: its answer is a reply in the chat."""
    sink.send(TO, MESSAGE)
    data = {"atsbridge": {"key": "k1", "reply": "done"}}
    activity = {**tenant.activity(MARA), "value": data}
    assert deliver(sink, desk, tenant.sign(activity)) == SinkResponse(200)
    assert [one.text for one in desk.replies] == ["done"]
    assert read_text(tenant.messages(MARA)[-1]) == "Noted."


def test_what_is_written_is_not_read(sink: TeamsBot, tenant: FakeBot, desk: Desk) -> None:
    sink.send(TO, MESSAGE)
    deliver(sink, desk, tenant.sign({**tenant.activity(MARA), "text": "done"}))
    assert desk.replies == []
    assert "use the buttons" in read_text(tenant.messages(MARA)[-1])


def test_the_chat_that_teams_names_is_used(sink: TeamsBot, tenant: FakeBot, desk: Desk) -> None:
    """From the installation on, nobody has to be opened a chat with."""
    tenant.chats["a:user-0001"] = []
    activity = {**tenant.activity(MARA), "type": "installationUpdate", "action": "add"}
    assert deliver(sink, desk, tenant.sign(activity)) == SinkResponse(200)
    before = [path for _, path, _ in tenant.server.log]
    assert sink.find_address(MARA) == "a:user-0001"
    after = [path for _, path, _ in tenant.server.log][len(before) :]
    assert "/teams/v3/conversations" not in after


def test_somebody_unknown_has_no_address(sink: TeamsBot, tenant: FakeBot, desk: Desk) -> None:
    """Never looked up before: by directory id; a program, and who has left: nobody's address."""
    sink.send(TO, MESSAGE)
    pressed = tenant.press(MARA, 0, "Seen", **{"from": {"aadObjectId": "user-0002", "name": "R"}})
    deliver(sink, desk, pressed)
    deliver(sink, desk, tenant.press(MARA, 0, "Seen", **{"from": {"id": "28:bot"}}))
    unknown = {"aadObjectId": "user-9999", "name": "X"}
    deliver(sink, desk, tenant.press(MARA, 0, "Seen", **{"from": unknown}))
    assert [one.email for one in desk.replies] == [RAVI, "", ""]


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "another-app"},
        {"exp": 1},
        {"nbf": 4_000_000_000},
        {"exp": "soon"},
        {"serviceurl": "https://evil.example/"},
        {"serviceurl": None},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_us_is_refused(
    sink: TeamsBot, tenant: FakeBot, desk: Desk, claims: dict[str, Any]
) -> None:
    sink.send(TO, MESSAGE)
    _, body = tenant.press(MARA, 0, "Seen")
    assert deliver(sink, desk, tenant.sign(json.loads(body), **claims)) == SinkResponse(403)
    assert desk.replies == []


@pytest.mark.parametrize("change", ["channel", "tenant", "endorsement", "body"])
def test_an_activity_from_elsewhere_is_refused(
    sink: TeamsBot, tenant: FakeBot, desk: Desk, change: str
) -> None:
    """Another channel, another tenant, a key for another channel, another service's body."""
    sink.send(TO, MESSAGE)
    authorization, body = tenant.press(MARA, 0, "Seen")
    activity = json.loads(body)
    if change == "channel":
        activity["channelId"] = "webchat"
    if change == "tenant":
        activity["channelData"]["tenant"]["id"] = "another-tenant"
    if change == "body":
        activity["serviceUrl"] = "https://evil.example/"
    if change == "endorsement":
        tenant.endorsements = ["webchat"]
    assert deliver(sink, desk, (authorization, json.dumps(activity).encode())).status == 403
    assert desk.replies == []


@pytest.mark.parametrize(
    "authorization",
    ["", "Basic x", "Bearer", "Bearer x", "Bearer a.b.c", "Bearer ..", "bearer " + "x" * 9000],
    ids=str,
)
def test_no_token_is_refused(
    sink: TeamsBot, tenant: FakeBot, desk: Desk, authorization: str
) -> None:
    sink.send(TO, MESSAGE)
    _, body = tenant.press(MARA, 0, "Seen")
    assert deliver(sink, desk, (authorization, body)) == SinkResponse(403)
    for broken in (b"", b"[]", b"{", b"[" * 100_000, b"\xff"):
        assert deliver(sink, desk, ("Bearer a.b.c", broken)) == SinkResponse(403)


def test_another_key_and_other_algorithms_are_refused(
    sink: TeamsBot, tenant: FakeBot, desk: Desk
) -> None:
    """A stranger's key under our key's name, and a token that is not signed at all."""
    sink.send(TO, MESSAGE)
    good, body = tenant.press(MARA, 0, "Seen")
    claims = jwt.decode(good.split(" ")[1], options={"verify_signature": False})
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    for key, algorithm in ((stranger, "RS256"), ("x" * 64, "HS256"), (None, "none")):
        token = jwt.encode(claims, key, algorithm=algorithm, headers={"kid": "key-1"})  # type: ignore[arg-type]
        assert deliver(sink, desk, (f"Bearer {token}", body)) == SinkResponse(403)
    assert deliver(sink, desk, (good, body)).status == 200


def test_keys_are_read_once_a_day_and_rarely_for_unknown_ones(
    sink: TeamsBot, tenant: FakeBot, desk: Desk, time: ManualTime
) -> None:
    """A flood of unknown keys costs no request of ours."""
    sink.send(TO, MESSAGE)

    def reads() -> int:
        return sum(path == "/keys" for _, path, _ in tenant.server.log)

    for _ in range(3):
        assert deliver(sink, desk, tenant.press(MARA, 0, "Seen")).status == 200
    assert reads() == 1
    good, body = tenant.press(MARA, 0, "Seen")
    claims = jwt.decode(good.split(" ")[1], options={"verify_signature": False})
    for number in range(5):
        token = jwt.encode(claims, "x" * 64, headers={"kid": f"unknown-{number}"})
        assert deliver(sink, desk, (f"Bearer {token}", body)).status == 403
    assert reads() == 1
    time.advance(timedelta(days=2))
    assert deliver(sink, desk, tenant.press(MARA, 0, "Seen")).status == 200
    assert reads() == 2
