"""The webhook sink over real HTTP."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from atsbridge.errors import AmbiguousError, DeniedError, FatalError
from atsbridge.model.notice import Destination, Message
from atsbridge.model.recipient_codes import RecipientCode, recipient_reason
from atsbridge.ports.connector import Tools
from atsbridge.sandbox.http.fake_server import FakeServer, Request, Response
from atsbridge.sinks.webhook import Webhook, WebhookSettings, payload
from atsbridge.testing.sink_contract import SinkContract
from atsbridge.timesource import ManualTime

NOW = datetime(2026, 3, 9, 16, 5, tzinfo=UTC)
OPS = Destination(
    "hook",
    "channel",
    "#recruiting-ops",
    why=(recipient_reason(RecipientCode.TEAM, name="recruiting_ops"),),
)
SECRET = "a secret nobody guesses"
DOCS = Path(__file__).parents[2] / "docs" / "webhook.md"
MESSAGE = Message(
    key="8f21c0",
    headline="Interview feedback is late",
    body="Feedback for B.K. was due Mon 9 Mar, 16:00.",
    facts=(("Waiting on", "Mara Lind since Friday"),),
    link="https://app.greenhouse.io/people/7",
)


class Receiver:
    """Takes what is signed as docs/webhook.md says, and nothing else."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []

    def __call__(self, request: Request) -> Response:
        id_, stamp = request.headers["webhook-id"], request.headers["webhook-timestamp"]
        signed = f"{id_}.{stamp}.".encode() + request.body
        digest = hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()
        signature = "v1," + base64.b64encode(digest).decode()
        if not hmac.compare_digest(request.headers["webhook-signature"], signature):
            return Response(400, {"error": "signature"})
        self.taken.append(request.json())
        return Response(200, b"OK")


@pytest.fixture
def time() -> ManualTime:
    return ManualTime(NOW)


@pytest.fixture
def server(time: ManualTime) -> Iterator[FakeServer]:
    with FakeServer(Receiver(), time=time) as served:
        yield served


def open_hook(
    server: FakeServer, time: ManualTime, secret: str = SECRET, **more: object
) -> Webhook:
    url = SecretStr(f"{server.url}/services/T0/hidden-path?sig=hidden-too")
    settings = WebhookSettings(url=url, secret=SecretStr(secret), **more)
    return Webhook(settings, Tools("hook", time))


@pytest.fixture
def hook(server: FakeServer, time: ManualTime) -> Iterator[Webhook]:
    opened = open_hook(server, time)
    yield opened
    opened.close()


class TestWebhook(SinkContract):
    """Over real HTTP, to a receiver that verifies."""

    @pytest.fixture
    def sink(self, hook: Webhook, server: FakeServer) -> Webhook:
        self.receiver = server.app
        return hook

    @pytest.fixture
    def to(self) -> Destination:
        return OPS

    def arrived(self, sink):
        return [f"{one['headline']} {one['body']}" for one in self.receiver.taken]


def _documented() -> dict[str, str]:
    """Member -> type, from the table of the body."""
    table = DOCS.read_text().partition("## Body")[2]
    return dict(re.findall(r"^\| `([\w.]+)` \| ([\w ]+) \|", table, re.MULTILINE))


def _type(value: object) -> str:
    return {str: "text", int: "number", list: "list", type(None): "null"}[type(value)]


def test_the_body_is_what_is_documented() -> None:
    """Each member by name and type, in full and with everything left out that may be."""
    bare = Message(key="k", headline="h", body="b")
    for message, thread in ((MESSAGE, "k0"), (bare, None)):
        sent = payload(OPS, message, NOW, thread)
        flat = {**sent, **{f"to.{name}": value for name, value in sent["to"].items()}}
        del flat["to"]
        documented = _documented()
        assert flat.keys() == documented.keys()
        assert all(_type(value) in documented[name].split(" or ") for name, value in flat.items())
        assert all(fact.keys() == {"label", "value"} for fact in sent["facts"])


def test_a_later_message_names_the_one_it_follows(hook: Webhook, server: FakeServer) -> None:
    """The first of the thread, however many there are."""
    first = hook.send(OPS, MESSAGE)
    second = hook.send(OPS, replace(MESSAGE, key="k2"), thread=first)
    hook.send(OPS, replace(MESSAGE, key="k3"), thread=second)
    assert [one["thread"] for one in server.app.taken] == [None, "8f21c0", "8f21c0"]


def test_a_wrong_secret_is_refused(server: FakeServer, time: ManualTime) -> None:
    """The receiver's no is final; the error shows neither address nor secret."""
    with pytest.raises(FatalError, match="Check the url of sink hook") as raised:
        open_hook(server, time, "another secret, as long").send(OPS, MESSAGE)
    assert "hidden" not in str(raised.value)
    assert server.app.taken == []


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"status": 503}, AmbiguousError),
        ({"drop": True}, AmbiguousError),
        ({"status": 403}, DeniedError),
    ],
)
def test_what_went_wrong_is_told_without_the_address(
    hook: Webhook, server: FakeServer, fault: dict[str, Any], error: type[Exception]
) -> None:
    """A receiver that broke down may have taken it; nothing is repeated by itself."""
    server.faults.add(".*", **fault)
    with pytest.raises(error) as raised:
        hook.send(OPS, MESSAGE)
    assert "hidden" not in str(raised.value)
    assert len(server.log) == 1


def test_people_are_reached_only_if_the_receiver_knows_them(
    hook: Webhook, server: FakeServer, time: ManualTime
) -> None:
    """By itself only channels; `people = true` takes every person."""
    assert hook.find_address("mara@acme.example") is None
    assert (
        open_hook(server, time, people=True).find_address("mara@acme.example")
        == "mara@acme.example"
    )


@pytest.mark.parametrize(
    ("url", "secret", "match"),
    [
        ("http://hooks.acme.example/x", SECRET, "https"),
        ("hooks.acme.example", SECRET, "https"),
        ("https://acme.example:port/x", SECRET, "no address"),
        ("https://acme.example/x", "short", "at least 16"),
        ("https://acme.example/x", "whsec_not!base64", "base64"),
    ],
)
def test_unsafe_settings_are_refused(url: str, secret: str, match: str) -> None:
    """No personal data in the clear, no signature that can be guessed."""
    with pytest.raises(ValidationError, match=match):
        WebhookSettings(url=SecretStr(url), secret=SecretStr(secret))
