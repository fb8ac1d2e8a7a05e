"""Checks of requests: credentials, pages, time-outs, hosts."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pytest

from atsbridge.errors import CursorError, FatalError
from atsbridge.ports import CheckResult
from atsbridge.sandbox import Request, Response
from atsbridge.testing.connector_world import ConnectorWorld, FakeAccount, list_path
from atsbridge.testing.request_wiretap import wiretap


class WireChecks(ConnectorWorld):
    """Requests have the right form and go to the right host only.

    `reads`: further paths that a connector reads by another method than GET, besides its lists.
    """

    reads: Sequence[str] = ()

    def test_check_succeeds(self, world: FakeAccount) -> None:
        """`doctor` finds nothing wrong with a good account, and writes nothing."""
        lines: list[CheckResult] = list(world.connector.check())
        assert lines, "check() tells nothing"
        assert [line for line in lines if not line.good] == []

    def test_check_fails_on_a_bad_credential(self, world: FakeAccount) -> None:
        """A wrong secret is noticed; the remedy says what to do and shows no secret.

        The secret of webhooks is no credential: the vendor signs with it, and reads need none.
        """
        unread = self.spec.webhooks.secret if self.spec.webhooks else ""
        for name in world.secrets.keys() - {unread}:
            connector = world.reopened(**{name: "not-the-secret-0815"})
            lines = list(connector.check())
            connector.close()
            bad = [line for line in lines if not line.good]
            assert bad, f"check() did not notice a wrong {name}"
            assert bad[0].remedy
            assert len(bad) == 1, "nothing further can work: check() ends there"
            assert "not-the-secret" not in repr(lines)

    def test_check_names_a_missing_permission(self, world: FakeAccount) -> None:
        """A forbidden list is reported with its scope; the other lists are still tried."""
        stream = world.first
        path = f"/{re.escape(stream.path.strip('/'))}$"
        world.fake.server.faults.add(path, times=None, status=403, body={})
        lines = list(world.connector.check())
        (bad,) = [line for line in lines if not line.good]
        assert stream.scope in bad.remedy
        several = sum(s.parent is None for s in world.spec.streams) > 1
        assert lines[-1] is not bad or not several, "one forbidden list is no reason to stop"

    def test_pages_are_read_to_the_end(self, world: FakeAccount) -> None:
        """Small pages return the same rows as large ones, each once."""
        stream, rows = world.in_pages()
        assert world.drain(stream) == rows

    def test_a_repeated_page_is_an_error(self, world: FakeAccount) -> None:
        """A next page that was returned before would never end."""
        stream, _ = world.in_pages()
        before = len(world.fake.server.log)
        world.drain(stream)
        path = world.fake.server.log[before][1]
        world.fake.server.app = _stuck(world.fake.server.app, path)
        with pytest.raises(CursorError):
            world.drain(stream)

    def test_every_request_has_timeouts_and_our_name(self, world: FakeAccount) -> None:
        """Requests have connect and read time-outs, and a user agent that names atsbridge."""
        with wiretap() as wire:
            world.read()
            list(world.connector.check())
        assert wire.sent, "no request went through `requests`"
        for request, timeout in wire.sent:
            assert isinstance(timeout, tuple), f"no (connect, read) time-outs: {request.url}"
            assert all(timeout)
            assert str(request.headers["User-Agent"]).startswith("atsbridge/")

    def test_reading_writes_nothing(self, world: FakeAccount) -> None:
        """Reading and checking an account sends only GET, except for its token and for lists that
        are declared to be read by another method."""
        world.read()
        list(world.connector.check())
        declared = [s for s in world.spec.streams if s.method != "GET"]
        lists = [(s.method, list_path(s)) for s in declared]
        others = {
            (method, path)
            for method, path, _ in world.fake.server.log
            if method != "GET"
            and path not in self.reads
            and not any(m == method and p.search(path) for m, p in lists)
        }
        assert all("token" in path or "introspect" in path for _, path in others), others

    def test_links_to_another_host_are_refused(self, world: FakeAccount) -> None:
        """Neither a next page nor a redirect takes the credential to another host."""
        elsewhere = "https://evil.example/next"
        for fault in (
            {"headers": {"Link": f'<{elsewhere}>; rel="next"'}},
            {"status": 307, "body": {}, "headers": {"Location": elsewhere}},
        ):
            world.drain(world.first)  # the token was requested before
            world.fake.server.faults.add(times=None, **fault)
            with wiretap() as wire:
                message = _refusal(world)
            # A connector that does not follow links reads on; none follows a redirect.
            assert "evil.example" in message or (not message and "status" not in fault)
            world.fake.server.faults.clear()
            assert "evil.example" not in wire.hosts


def _refusal(world: FakeAccount) -> str:
    """Why the first list could not be read; "" if it could."""
    try:
        world.drain(world.first)
    except FatalError as error:
        return str(error)
    return ""


def _stuck(app: Callable[[Request], Response], path: str) -> Callable[[Request], Response]:
    """Answer every request for the path like the first one."""
    first: list[Response] = []

    def answer(request: Request) -> Response:
        if request.path != path:
            return app(request)
        if not first:
            first.append(app(request))
        return first[0]

    return answer
