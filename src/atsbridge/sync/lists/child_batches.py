"""Batches of parents whose children are read together, and the request budget for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from atsbridge.errors import DeniedError, SourceError, require
from atsbridge.model import KINDS
from atsbridge.ports import Parent, Stream, Work
from atsbridge.sync.rows import parent_kind_of
from atsbridge.sync.sync_context import SyncContext

_NOT_FOUND = (404, 410)


@dataclass(slots=True)
class Batch:
    """Some parents, and all rows of their children or the error of the request."""

    parents: Sequence[Work]
    rows: list[Any] = field(default_factory=list)
    unknown: dict[str, str] = field(default_factory=dict)
    error: SourceError | None = None
    missing: bool = False  # the vendor does not find or show the one parent that was asked for


class Spending:
    """The requests that this sync may still send for children, over all streams.

    A batch counts as one request when it is handed to a thread, and as the requests it needed
    once it is read.
    """

    def __init__(self, context: SyncContext) -> None:
        self._connector = context.connector
        self._budget = context.options.budget
        self._begun = 0
        self._booked = 0

    def begin(self) -> None:
        """Start to count the requests of a stream."""
        self._begun, self._booked = self._connector.requests, 0

    def book(self) -> bool:
        """Reserve one request. False if the budget is spent."""
        if self._budget is not None and self._budget - self._spent() < 1:
            return False
        self._booked += 1
        return True

    def end(self) -> None:
        """Take what the stream has spent from the budget of the streams after it."""
        if self._budget is not None:
            self._budget -= self._spent()

    def _spent(self) -> int:
        return max(self._connector.requests - self._begun, self._booked)


def fetch_batch(context: SyncContext, stream: Stream, batch: Batch) -> Batch:
    """Read all pages of a batch. A SourceError is stored in the batch. Thread-safe."""
    try:
        for page in context.pages(stream, parents=[w.parent for w in batch.parents]):
            batch.rows.extend(page.rows)
            batch.unknown.update(page.unknown)
    except SourceError as error:
        batch.error = error
        named = stream.parent is not None and _names_one(stream, stream.parent)
        batch.missing = named and (error.status in _NOT_FOUND or isinstance(error, DeniedError))
    return batch


def _names_one(stream: Stream, parent: Parent) -> bool:
    """Whether a refusal may mean the one parent that was asked for, and not the list itself.

    So it is if its id is in the path, or in a body: vendors that read by POST answer so.
    """
    return parent.size == 1 and (not parent.param or stream.method != "GET")


def links_to_parents(context: SyncContext, stream: Stream) -> Sequence[tuple[str, str]]:
    """(kind, field) of the stream's records that hold the id of their parent."""
    parents = parent_kind(context, stream)
    return require_parent(stream).complete or [
        (kind, name)
        for kind in stream.owns
        for name, field in KINDS[kind].fields.items()
        if field.parent and field.ref == parents
    ]


def require_parent(stream: Stream) -> Parent:
    """How the rows of the stream hang on parents. TypeError for a list without parents."""
    return require(stream.parent, f"the parent of {stream.name}")


def parent_kind(context: SyncContext, stream: Stream) -> str:
    """The kind of record of the stream's parents."""
    above = context.connector.spec.stream(require_parent(stream).stream)
    return parent_kind_of(stream, above)
