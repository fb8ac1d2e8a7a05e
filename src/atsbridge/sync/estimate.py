"""What a sync would cost, before anything is sent.

The real count is in the report of `engine`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from atsbridge.ports import ConnectorSpec, RecordStore, Stream
from atsbridge.sync.engine import in_order

_PAGE_PARAMS = ("per_page", "limit", "page_size", "count")
_PAGE = 100  # rows of a page where the stream does not say


@dataclass(frozen=True, slots=True)
class Estimate:
    """Requests a stream would take; None where nothing is known of its length yet."""

    stream: str
    requests: int | None
    why: str


def plan(
    spec: ConnectorSpec, store: RecordStore, account: str, *, full: bool = False
) -> tuple[Estimate, ...]:
    """An estimate per stream, in the order of reading. Asks only the store."""
    waiting = store.work_left(account)
    return tuple(
        _list(store, account, stream, full)
        if stream.parent is None
        else _children(stream, waiting.get(stream.name, 0))
        for stream in in_order(spec.streams)
    )


def _list(store: RecordStore, account: str, stream: Stream, full: bool) -> Estimate:
    if store.state(account, stream.name).mark is None:
        return Estimate(stream.name, None, "first time: as many pages as there are")
    if stream.since is not None and not full:
        return Estimate(stream.name, 1 + stream.besides, "one page, more where much has changed")
    size = next((int(stream.params[p]) for p in _PAGE_PARAMS if p in stream.params), _PAGE)
    rows = sum(1 for _ in store.live(account, stream.name))
    pages = max(1, ceil(rows / size)) + stream.besides
    more = f", and {stream.besides} for lists it is joined with" if stream.besides else ""
    return Estimate(stream.name, pages, f"{rows} records, {size} a page{more}")


def _children(stream: Stream, waiting: int) -> Estimate:
    size = stream.parent.batch if stream.parent is not None and stream.parent.param else 1
    why = f"{waiting} parents wait" if waiting else "one request per batch of changed parents"
    return Estimate(stream.name, ceil(waiting / max(1, size)), why)
