"""Batches of parents whose children are asked for, and the requests that may be spent on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from atsbridge.errors import SourceError
from atsbridge.model import KINDS
from atsbridge.ports import Stream, Work
from atsbridge.sync.rows import parents_are
from atsbridge.sync.sync_context import SyncContext

_NOT_FOUND = (404, 410)


@dataclass(slots=True)
class Batch:
    """Some parents, and all rows of their children, or the error that came instead."""

    parents: Sequence[Work]
    rows: list[Any] = field(default_factory=list)
    unknown: dict[str, str] = field(default_factory=dict)
    error: SourceError | None = None
    missing: bool = False  # the one parent asked for is not found


class Spending:
    """The requests that may still be sent for children in this sync, over all streams.

    A batch counts as one request from when it is handed to a thread, and as what it really took
    once that is known.
    """

    def __init__(self, reading: SyncContext) -> None:
        self._connector = reading.connector
        self._budget = reading.options.budget
        self._begun = 0
        self._booked = 0

    def begin(self) -> None:
        """A stream's requests count from here."""
        self._begun, self._booked = self._connector.requests, 0

    def book(self) -> bool:
        """Take one more request, if there is one left."""
        if self._budget is not None and self._budget - self._spent() < 1:
            return False
        self._booked += 1
        return True

    def end(self) -> None:
        """What the stream took is gone for the streams after it."""
        if self._budget is not None:
            self._budget -= self._spent()

    def _spent(self) -> int:
        return max(self._connector.requests - self._begun, self._booked)


def fetch_batch(reading: SyncContext, stream: Stream, batch: Batch) -> Batch:
    """Read all rows of a batch to its last page; an error is kept in the batch. Thread-safe."""
    try:
        for page in reading.pages(stream, parents=[w.parent for w in batch.parents]):
            batch.rows.extend(page.rows)
            batch.unknown.update(page.unknown)
    except SourceError as error:
        batch.error = error
        named = stream.parent is not None and not stream.parent.param  # its id is in the address
        batch.missing = named and error.status in _NOT_FOUND
    return batch


def links_to_parents(reading: SyncContext, stream: Stream) -> Sequence[tuple[str, str]]:
    """(kind, ref) of the stream's records that lead to its parents."""
    assert stream.parent is not None
    parents = parent_kind(reading, stream)
    return stream.parent.complete or [
        (kind, name)
        for kind in stream.owns
        for name, field in KINDS[kind].fields.items()
        if field.parent and field.ref == parents
    ]


def parent_kind(reading: SyncContext, stream: Stream) -> str:
    """The kind of record that the stream's parents are."""
    assert stream.parent is not None
    return parents_are(stream, reading.connector.spec.stream(stream.parent.stream))
