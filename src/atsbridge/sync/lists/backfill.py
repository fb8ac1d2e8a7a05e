"""The two legs of a long list: first what live rules can fire on, then the past.

The past is read backwards, a month at a time, by the syncs after the first one. How a list is
read otherwise is `lists`'.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from atsbridge.ports import Incremental, Stream, StreamState
from atsbridge.sync.lists.seen_ids import Seen
from atsbridge.sync.rows import ident, schema_drift
from atsbridge.sync.sync_context import SyncContext, dimmed, page_write
from atsbridge.sync.sync_report import Tally

SLICE = timedelta(days=30)  # read to its end once begun; the budget is looked at between two


def first(stream: Stream, now: datetime) -> tuple[Stream, ...]:
    """The stream once for each question of its first leg; itself where it has none."""
    if stream.backfill is None:
        return (stream,)
    asked = stream.backfill.first(now)
    return tuple(replace(stream, params={**stream.params, **more}) for more in asked)


def begins(reading: SyncContext, stream: Stream, state: StreamState) -> bool:
    """Whether the list is to be read by its first leg only: an account with a history, once."""
    options = reading.options
    if stream.backfill is None or options.history is None or options.full:
        return False
    return state.read_at is None


@dataclass(slots=True)
class Scan:
    """What the questions of a first leg brought, and the ids of it where they are wanted."""

    rows: int = 0
    seen: Seen | None = None

    def see(self, rows: Sequence[Any]) -> None:
        """Some more of it."""
        self.rows += len(rows)
        if self.seen is not None:
            self.seen.add(map(ident, rows))


def asks_again(stream: Stream, state: StreamState, now: datetime) -> bool:
    """Whether a new interval of the stream's `repeat_after` has begun since the bookmark."""
    backfill, bookmark = stream.backfill, state.bookmark
    if backfill is None or backfill.repeat_after is None or bookmark is None:
        return False
    every = backfill.repeat_after(state.open).total_seconds()
    return now.timestamp() // every > bookmark.timestamp() // every


def begin(reading: SyncContext) -> bool:
    """Whether some list of this sync is at its first leg."""
    account, store = reading.account, reading.store
    return any(
        begins(reading, stream, store.read_state(account, stream.name))
        for stream in reading.streams
    )


def owed(reading: SyncContext) -> Iterator[Stream]:
    """The streams whose past is still to be read, each again after every slice: newest first.

    Ends when nothing is missing, or when this sync has spent what it may on the past; children
    that wait because of it are requests to come.
    """
    begun = _sent_or_queued(reading)
    given_up: set[str] = set()
    while True:
        states = _behind(reading)
        open_ = [(state.since, name) for name, state in states.items() if name not in given_up]
        if not open_ or _sent_or_queued(reading) - begun >= reading.options.spare:
            return
        since, name = max(open_)
        yield reading.connector.spec.stream(name)
        if reading.store.read_state(reading.account, name).since == since:
            given_up.add(name)  # it failed: the next sync tries again


def _sent_or_queued(reading: SyncContext) -> int:
    return reading.connector.requests + sum(reading.store.count_work(reading.account).values())


def _behind(reading: SyncContext) -> Mapping[str, StreamState]:
    states = (
        reading.store.read_state(reading.account, stream.name)
        for stream in reading.streams
        if stream.backfill is not None
    )
    return {state.stream: state for state in states if state.since is not None}


def back(reading: SyncContext, stream: Stream, state: StreamState, tally: Tally) -> StreamState:
    """Read one slice of the past, next to what is known; the state as stored with its last page.

    SourceError, PluginError and StoreError pass; then `since` has not moved.
    """
    if state.since is None:
        return state
    goal = reading.time.now() - (reading.options.history or timedelta(0))
    start = max(state.since - SLICE, goal)
    reader = reading.rows(stream)
    reader.dim = schema_drift.lost(state.fingerprints)
    asked = _of_the_past(stream)
    for page in reading.pages(asked, (start, state.since)) if start < state.since else ():
        reader.miss(page.unknown, tally)
        rows = reader.read(page.rows, tally)
        state = dimmed(reading, reader, state)
        if rows.writes:
            tally.add(
                reading.store.write_page(page_write(reading, reader, rows, remapped=reader.dark))
            )
        reading.tell(stream, tally)
    state = replace(state, since=None if start <= goal else start)
    reading.store.save_state(reading.account, state)
    return state


def _of_the_past(stream: Stream) -> Stream:
    """The stream as it is asked for a slice of the past."""
    if stream.backfill is None or stream.backfill.past is None:
        return stream
    return replace(stream, incremental=Incremental(since=stream.backfill.past))
