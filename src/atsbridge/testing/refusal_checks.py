"""Checks of refusals: each is recognized at each list.

The fake lists what its vendor answers (`Fake.refusals`). A fake that lists nothing is tried with
the usual statuses.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from atsbridge.errors import (
    AuthError,
    CursorError,
    DeniedError,
    FatalError,
    RetryableError,
    SourceError,
    SyncTokenError,
)
from atsbridge.ports import Refusal, Stream
from atsbridge.sandbox import RefusalExample, Response
from atsbridge.testing.connector_world import ConnectorWorld, FakeAccount, path_pattern

ERRORS: dict[Refusal, type[SourceError]] = {
    Refusal.CREDENTIAL: AuthError,
    Refusal.PERMISSION: DeniedError,
    Refusal.NOT_FOUND: FatalError,
    Refusal.RATE_LIMIT: RetryableError,
    Refusal.TEMPORARY: RetryableError,
    Refusal.SYNC_TOKEN: SyncTokenError,
    Refusal.PAGE_TOKEN: CursorError,
    Refusal.INVALID: FatalError,
}
USUAL = (
    RefusalExample(Refusal.CREDENTIAL, Response(401, {"message": "no"})),
    RefusalExample(Refusal.PERMISSION, Response(403, {"message": "no"})),
    RefusalExample(Refusal.NOT_FOUND, Response(404, {"message": "no"})),
    RefusalExample(Refusal.RATE_LIMIT, Response(429, {"message": "no"})),
    RefusalExample(Refusal.TEMPORARY, Response(503, {"message": "no"})),
)


class RefusalChecks(ConnectorWorld):
    """A refusal that is taken for an empty list marks records deleted that exist."""

    def test_every_refusal_is_recognized_at_every_list(
        self, world: FakeAccount, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Its error is the one that its meaning has, and shows no secret; nothing is returned."""
        caplog.set_level(logging.DEBUG)
        wrong: list[str] = []
        shown: list[str] = []
        for stream, parents in _askable(world):
            for example in world.fake.refusals or USUAL:
                with _refused(world, stream, self.fallbacks.get(stream.name), example):
                    error = _read(world, stream, parents)
                if error is None:
                    wrong.append(f"{stream.name}: {example.refusal} was read as rows")
                    continue
                shown += traceback.format_exception(error)
                expected = ERRORS[example.refusal]
                if not isinstance(error, expected):
                    what = f"{type(error).__name__}, not {expected.__name__}"
                    wrong.append(f"{stream.name}: {example.refusal} is a {what}")
                elif not error.remedy and expected in (AuthError, DeniedError):
                    wrong.append(f"{stream.name}: {example.refusal} has no remedy")
        assert wrong == []
        text = "\n".join(shown) + caplog.text
        leaked = [name for name, secret in world.secrets.items() if secret in text]
        assert leaked == [], "a secret is in an error or in the log"


def _askable(world: FakeAccount) -> Iterator[tuple[Stream, Sequence[str]]]:
    """Every list with the parents to ask for: the ones of which the fake has children."""
    parents = world.sample_parents()
    for stream in world.asked:
        if stream.parent is None:
            yield stream, ()
        elif parents.get(stream.name):
            yield stream, parents[stream.name][:1]


@contextmanager
def _refused(
    world: FakeAccount, stream: Stream, fallback: str | None, example: RefusalExample
) -> Iterator[None]:
    """Refuse every request of the list, and of what the connector asks instead."""
    answer = example.response
    for path in filter(None, (stream.path, fallback)):
        world.fake.server.faults.add(
            path_pattern(path),
            None,
            method=stream.method,
            status=answer.status,
            body=answer.body,
            headers=answer.headers,
        )
    try:
        yield
    finally:
        world.fake.server.faults.clear()


def _read(world: FakeAccount, stream: Stream, parents: Sequence[str]) -> SourceError | None:
    """The error of the list; None if it had none. A new connector has looked nothing up yet."""
    connector = world.reopened()
    try:
        for _ in connector.pages(stream, parents=parents):
            pass
    except SourceError as error:
        return error
    finally:
        connector.close()
    return None
