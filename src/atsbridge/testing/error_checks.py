"""Checks of a connector against refusals and broken answers of the vendor.

They use `responses`, so that any vendor can be made to answer anything.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import responses

from atsbridge.errors import AuthError, DeniedError, FatalError, RetryableError, SourceError
from atsbridge.testing.connector_world import ConnectorWorld, FakeAccount

CONTACT = "zelda.planted@candidate.example"
DECISIONS: tuple[tuple[int, type[SourceError]], ...] = (
    (400, FatalError),
    (401, AuthError),
    (403, DeniedError),
    (404, FatalError),
    (408, RetryableError),
    (422, FatalError),
    (429, RetryableError),
    (500, RetryableError),
    (502, RetryableError),
    (503, RetryableError),
)
BROKEN: tuple[tuple[str, str], ...] = (
    ("half a list", '[{"id": 1, "email": "' + CONTACT + '"}, {"id"'),
    ("half an object", '{"data": [{"id": 1, "name": "' + CONTACT),
    ("a web page", "<!doctype html><p>Please log in"),
    ("plain words", "OK " + CONTACT),
    ("nothing", ""),
    ("an error in a 200", '{"errors": ["' + CONTACT + '"]}'),
)


@contextmanager
def answering(world: FakeAccount, **how: Any) -> Iterator[responses.RequestsMock]:
    """Answer every request to the API like this; the token host works as before."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for method in sorted({stream.method for stream in world.spec.streams}):
            mock.add(method, re.compile(re.escape(world.base) + ".*"), **how)
        mock.add_passthru(re.compile("http://127"))
        yield mock


class FaultChecks(ConnectorWorld):
    """Each refusal leads to its decision, and no error shows private data."""

    @pytest.mark.parametrize(("status", "decision"), DECISIONS, ids=lambda v: str(v)[:3])
    def test_each_status_has_its_decision(
        self, shared: FakeAccount, status: int, decision: type[SourceError]
    ) -> None:
        """The status of the answer decides: stop the account, lose the field, retry, or give up."""
        with (
            answering(shared, json={"message": "no"}, status=status),
            pytest.raises(SourceError) as caught,
        ):
            shared.drain(shared.first)
        assert isinstance(caught.value, decision)
        if status in (401, 403):
            assert caught.value.remedy

    @pytest.mark.parametrize("body", [b for _, b in BROKEN], ids=[name for name, _ in BROKEN])
    def test_a_broken_answer_is_never_an_empty_list(self, shared: FakeAccount, body: str) -> None:
        """A truncated answer, no JSON or no list is retried later; no record counts as deleted."""
        html = "text/html" if body.startswith("<") else "application/json"
        with answering(shared, body=body, content_type=html), pytest.raises(RetryableError):
            shared.drain(shared.first)

    def test_retry_after_is_waited_for_on_the_given_clock(self, world: FakeAccount) -> None:
        """A run waits as long as the vendor asks, on the given clock; then everything is read."""
        rows = world.drain(world.first)
        world.clock.slept.clear()
        world.fake.server.faults.add(status=429, body={}, headers={"Retry-After": "37"})
        assert world.drain(world.first) == rows
        assert sum(world.clock.slept) >= 37

    def test_a_server_that_is_down_is_tried_again(self, world: FakeAccount) -> None:
        """Two faults in a row cost a few seconds, not the list."""
        rows = world.drain(world.first)
        world.fake.server.faults.add(times=2, status=503, body={})
        assert world.drain(world.first) == rows

    def test_nothing_private_in_errors_logs_and_reprs(
        self, world: FakeAccount, caplog: pytest.LogCaptureFixture
    ) -> None:
        """No failure shows a secret of the settings or a candidate's address."""
        caplog.set_level(logging.DEBUG)
        outputs = [repr(world.connector), repr(world.options), str(world.options)]
        outputs.append(repr(getattr(world.connector, "session", "")))
        bodies = [*(b for _, b in BROKEN), f'{{"message": "no {CONTACT}"}}']
        for status in (200, 401, 404, 500):
            for body in bodies:
                with answering(world, body=body, status=status):
                    try:
                        world.drain(world.first)
                    except SourceError as error:
                        outputs += traceback.format_exception(error)
                        outputs += [repr(error), error.what, error.where, error.remedy]
        text = "\n".join(outputs) + caplog.text
        for name, secret in world.secrets.items():
            assert secret not in text, f"the secret {name} was shown"
        if CONTACT in text:
            raise AssertionError("what a vendor's answer held was shown: it may be a candidate's")
