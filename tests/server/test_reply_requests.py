"""POST /replies/SINK: which sinks are asked, what they get, and what is bounded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import requests
from tests.server.conftest import SERVE, TOKEN, Site, opened, serving

from atsbridge.errors import AuthError, RetryableError
from atsbridge.ports.sink import Reply, ReplyHandler, SinkRequest, SinkResponse
from atsbridge.sinks.console import SPEC as CONSOLE
from atsbridge.timesource import SystemTime

SINK = '\n[sinks.desk]\nkind = "console"\n[sinks.plain]\nkind = "console"\n'


@dataclass
class DeskSink:
    """Takes requests, and passes a reply on."""

    spec: Any
    requests: list[SinkRequest] = field(default_factory=list)
    error: Exception | None = None
    outcomes: list[str] = field(default_factory=list)

    def answer_request(self, request: SinkRequest, receive: ReplyHandler) -> SinkResponse:
        self.requests.append(request)
        if self.error is not None:
            raise self.error
        if request.headers.get("authorization") != "Bearer good":
            return SinkResponse(403)
        reply = Reply("k1", "button seen 1", "mara@acme.example", "Mara", text="seen")
        self.outcomes.append(receive(reply).text)
        return SinkResponse(200, {"answer": self.outcomes[-1]})

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def desk() -> DeskSink:
    return DeskSink(replace(CONSOLE, takes_requests=True))


@pytest.fixture
def site(tmp_path: Path, desk: DeskSink) -> Iterator[Site]:
    """A server with one sink that takes requests and one that does not."""
    with opened(tmp_path, serve=SERVE + SINK) as services:
        specs = {"desk": desk.spec}
        object.__setattr__(
            services, "open_sink", lambda name: desk if name == "desk" else services.open_sink(name)
        )
        plain = type(services).sink_spec
        patched = pytest.MonkeyPatch()
        patched.setattr(
            type(services), "sink_spec", lambda self, name: specs.get(name) or plain(self, name)
        )
        try:
            with serving(services, tmp_path, time=SystemTime()) as made:
                yield made
        finally:
            patched.undo()


def post(site: Site, sink: str, body: bytes = b"{}", **headers: str) -> requests.Response:
    return requests.post(f"{site.url}/replies/{sink}", data=body, headers=headers, timeout=20)


def test_a_genuine_request_reaches_the_inbox(site: Site, desk: DeskSink) -> None:
    """The sink gets the raw body and every header; its answer is returned as JSON."""
    answer = post(site, "desk", b'{"x": 1}', Authorization="Bearer good", **{"X-More": "y"})
    assert (answer.status_code, answer.json()) == (200, {"answer": desk.outcomes[0]})
    assert "do not know this message" in desk.outcomes[0]
    (request,) = desk.requests
    assert (request.body, request.headers["x-more"]) == (b'{"x": 1}', "y")


def test_a_refused_request_learns_nothing(site: Site, desk: DeskSink) -> None:
    answer = post(site, "desk", Authorization=f"Bearer {TOKEN}")
    assert (answer.status_code, answer.content) == (403, b"")
    assert desk.outcomes == []


@pytest.mark.parametrize("name", ["plain", "nothing", "ats"])
def test_other_sinks_look_as_if_there_were_none(site: Site, desk: DeskSink, name: str) -> None:
    answer = post(site, name, Authorization="Bearer good")
    assert (answer.status_code, answer.content) == (404, b"")
    assert desk.requests == []


def test_only_posts_are_taken(site: Site, desk: DeskSink) -> None:
    assert site.plain("/replies/desk").status_code in (401, 404, 405)
    assert desk.requests == []


def test_a_body_beyond_the_bound_is_refused(site: Site, desk: DeskSink) -> None:
    answer = post(site, "desk", b"x" * (site.server.bounds.webhook + 1), Authorization="x")
    assert answer.status_code == 413
    assert desk.requests == []


@pytest.mark.parametrize("error", [RetryableError("the keys"), AuthError("no"), KeyError("secret")])
def test_an_error_is_answered_without_its_text(
    site: Site, desk: DeskSink, error: Exception
) -> None:
    """The service tries again; the log has what an error of ours says, and nothing of a fault."""
    desk.error = error
    answer = post(site, "desk", Authorization="Bearer good")
    assert answer.status_code in (500, 503)
    assert "secret" not in answer.text
    assert "secret" not in site.log.getvalue()
    desk.error = None
    assert post(site, "desk", Authorization="Bearer good").status_code == 200
