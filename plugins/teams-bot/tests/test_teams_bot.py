"""The bot against a fake tenant: who is reached, what arrives, and what is believed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr

from atsbridge.errors import AuthError, FatalError, RetryableError
from atsbridge.model.notice import Destination, Message
from atsbridge.plugins import discover
from atsbridge.ports.connector import Tools
from atsbridge.ports.sink import Reply, ReplyOutcome, SinkRequest, SinkResponse
from atsbridge.presentation.reply_buttons import CASE_BUTTONS
from atsbridge.testing.sink_contract import SinkContract
from atsbridge.timesource import ManualTime
from atsbridge_teams_bot.bot_settings import TeamsBotSettings
from atsbridge_teams_bot.bot_sink import SPEC, TeamsBot
from atsbridge_teams_bot.fake_bot import FakeBot, list_labels, read_text, serve

MARA, RAVI = "mara@acme.example", "ravi@acme.example"
TO = Destination("teams_bot", "person", MARA)
MESSAGE = Message(
    "k1", "Feedback is due", "Please submit it.", link="https://ats.example/1", buttons=CASE_BUTTONS
)


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
def sink(tenant: FakeBot, time: ManualTime, shelf: Shelf) -> Iterator[TeamsBot]:
    opened = open_sink(tenant, time, shelf)
    yield opened
    opened.close()


def open_sink(tenant: FakeBot, time: ManualTime, shelf: Shelf, **changes: str) -> TeamsBot:
    settings = TeamsBotSettings.model_validate({**tenant.settings, **changes})
    return TeamsBot(settings, shelf.tools(time))


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
    sink: TeamsBot, tenant: FakeBot, time: ManualTime, shelf: Shelf
) -> None:
    """Another run asks nothing, until a week has passed."""
    sink.send(TO, MESSAGE)
    before = tenant.server.count()
    later = open_sink(tenant, time, shelf)
    later.find_address(MARA)
    assert tenant.server.count() == before
    time.advance(timedelta(days=8))
    last = open_sink(tenant, time, shelf)
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


def test_a_wrong_secret_names_the_setting(tenant: FakeBot, time: ManualTime, shelf: Shelf) -> None:
    sink = open_sink(tenant, time, shelf, app_secret="another-secret")  # noqa: S106  invented
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


# --- what is believed ---


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
