"""The Apprise sink, through Apprise's own json:// service to a server on loopback."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from pydantic import SecretStr

from atsbridge.errors import ConfigError, FatalError, RetryableError
from atsbridge.model.notice import Destination, Message
from atsbridge.plugins import discover
from atsbridge.ports.connector import Tools
from atsbridge.testing.sink_contract import SinkContract
from atsbridge.timesource import ManualTime
from atsbridge_apprise.apprise_sink import SPEC, Apprise, AppriseSettings

# What Apprise itself imports on Python 3.11.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

NOW = datetime(2026, 3, 9, 16, 5, tzinfo=UTC)
OPS = Destination("chat", "channel", "#recruiting-ops")
MESSAGE = Message(
    key="8f21c0",
    headline="Interview feedback is late",
    body="Feedback for B.K. (*R&D* <!channel>) was due.",
    facts=(("Waiting on", "Mara Lind since Friday"),),
    why="The candidate waits.",
    link="https://app.greenhouse.io/people/7",
)


class Service:
    """Takes what Apprise posts; answers `status`."""

    def __init__(self) -> None:
        self.posts: list[dict[str, Any]] = []
        self.status = 200
        taken = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                content = json.loads(self.rfile.read(length))
                if taken.status == 200:
                    taken.posts.append(content)
                self.send_response(taken.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    @property
    def url(self) -> str:
        return f"json://user:5ec2e7-token@127.0.0.1:{self.server.server_address[1]}/hook"

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    yield made
    made.close()


@pytest.fixture
def chat(service: Service) -> Apprise:
    settings = AppriseSettings(url=SecretStr(service.url), channel="#recruiting-ops")
    return Apprise(settings, Tools("chat", ManualTime(NOW)))


class TestApprise(SinkContract):
    """Over real HTTP."""

    @pytest.fixture
    def sink(self, chat: Apprise, service: Service) -> Apprise:
        self.service = service
        return chat

    @pytest.fixture
    def to(self) -> Destination:
        return OPS

    def arrived(self, sink: Any) -> list[str]:  # noqa: ARG002  the service is beside it
        return [f"{post['title']} {post['message']}" for post in self.service.posts]


def test_a_message_is_plain_lines_below_its_headline(chat: Apprise, service: Service) -> None:
    """What looks like markup is text, and the link comes last."""
    chat.send(OPS, MESSAGE)
    (post,) = service.posts
    assert post["title"] == "Interview feedback is late"
    assert post["message"] == (
        "Feedback for B.K. (*R&D* <!channel>) was due.\n\nWaiting on: Mara Lind since Friday\n\n"
        "The candidate waits.\n\nOpen in the ATS: https://app.greenhouse.io/people/7"
    )


def test_a_daily_summary_has_its_links_and_a_first_message_its_introduction(
    chat: Apprise, service: Service
) -> None:
    """Each page below its line; a line without one has none."""
    lines = "For you to do:\n• B.K.\n• A.M."
    links = ("https://app.greenhouse.io/people/7", "")
    intro = "This is atsbridge."
    chat.send(
        OPS, replace(MESSAGE, body=lines, links=links, facts=(), why="", link=None, intro=intro)
    )
    (post,) = service.posts
    assert post["message"] == (
        "For you to do:\n• B.K.\n  https://app.greenhouse.io/people/7\n• A.M.\n\nThis is atsbridge."
    )


def test_a_long_text_is_cut_with_a_count_and_keeps_its_link(
    chat: Apprise, service: Service
) -> None:
    """In one message."""
    chat.send(OPS, replace(MESSAGE, body="word " * 2000))
    (post,) = service.posts
    assert len(post["message"]) <= 3000
    assert "characters)" in post["message"]
    assert post["message"].endswith("https://app.greenhouse.io/people/7")


def test_what_is_not_taken_is_tried_again(
    chat: Apprise, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    """Later, by the outbox; nothing of the address or the message is in error or log."""
    service.status = 503
    with pytest.raises(RetryableError) as refused:
        chat.send(OPS, MESSAGE)
    assert str(refused.value) == "chat: the service did not take the message"
    assert "5ec2e7" not in caplog.text
    assert "B.K." not in caplog.text


def test_an_address_nobody_knows_is_a_mistake_of_the_settings() -> None:
    """Told without it."""
    settings = AppriseSettings(url=SecretStr("nowhere://5ec2e7"), channel="#ops")
    with pytest.raises(ConfigError, match="does not know this address") as refused:
        Apprise(settings, Tools("chat", ManualTime(NOW)))
    assert "5ec2e7" not in str(refused.value)


@pytest.mark.parametrize(
    "to", [Destination("chat", "channel", "#sales"), Destination("chat", "person", "a@b.example")]
)
def test_it_posts_to_its_own_place_only(to: Destination, chat: Apprise, service: Service) -> None:
    """A person or another channel is refused, and nobody else is told instead."""
    with pytest.raises(FatalError, match="nowhere else"):
        chat.send(to, MESSAGE)
    assert (service.posts, chat.find_address("a@b.example")) == ([], None)


def test_it_comes_in_by_the_door_of_all_plugins() -> None:
    """Its entry point is found, and its spec is what the core sees."""
    assert discover().sink("apprise") is SPEC


def test_the_sink_is_loaded_when_it_is_used():
    """Every run asks every installed plugin what it has."""
    script = "import sys, atsbridge_apprise; print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)  # noqa: S603
    assert done.stdout.split() == [b"False"]
