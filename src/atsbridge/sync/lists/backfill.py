"""Read a long list in parts: first what live rules need, then its past in later syncs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from atsbridge.ports import Incremental, Page, Stream, StreamState
from atsbridge.sync.lists.lookup_by_id import foreign_error, may_be_new
from atsbridge.sync.lists.seen_ids import SeenIds
from atsbridge.sync.rows import raw_id, schema_drift
from atsbridge.sync.sync_context import SyncContext, check_bad_share, page_write, save_unreadable
from atsbridge.sync.sync_report import Tally

SLICE = timedelta(days=30)  # a slice is always read to its end; `spare` is checked between two


def first_read_streams(stream: Stream, now: datetime) -> tuple[Stream, ...]:
    """The stream once for each request series of its first read. Without a backfill: the stream."""
    if stream.backfill is None:
        return (stream,)
    asked = stream.backfill.first(now)
    return tuple(replace(stream, params={**stream.params, **more}) for more in asked)


def is_first_read(context: SyncContext, stream: Stream, state: StreamState) -> bool:
    """Whether to read only the first read of the list: its past is then read by later syncs."""
    options = context.options
    if stream.backfill is None or options.history is None or options.full:
        return False
    return state.read_at is None


def has_first_read(context: SyncContext) -> bool:
    """Whether this sync is the first read of any list."""
    return any(
        is_first_read(context, stream, state) for stream, state in _states(context, context.streams)
    )


def _states(
    context: SyncContext, streams: Iterable[Stream]
) -> Iterator[tuple[Stream, StreamState]]:
    """These streams with their states, read at once."""
    states = context.store.read_states(context.account)
    for stream in streams:
        yield stream, states.get(stream.name, StreamState(stream=stream.name))


def repeats_first_read(stream: Stream, state: StreamState, now: datetime) -> bool:
    """Whether a new interval of `Backfill.repeat_after` has begun since the bookmark."""
    backfill, bookmark = stream.backfill, state.bookmark
    if backfill is None or backfill.repeat_after is None or bookmark is None:
        return False
    every = backfill.repeat_after(state.open).total_seconds()
    return now.timestamp() // every > bookmark.timestamp() // every


@dataclass(slots=True)
class FirstRead:
    """How many rows a first read returned and, if wanted, their ids."""

    rows: int = 0
    seen: SeenIds | None = None

    def add(self, rows: Sequence[Any]) -> None:
        """Count the rows of one page."""
        self.rows += len(rows)
        if self.seen is not None:
            self.seen.add(map(raw_id, rows))


def pending_streams(context: SyncContext) -> Iterator[Stream]:
    """The streams whose past is not read yet, each again after every slice; newest first.

    Ends when nothing is missing, or when this sync has spent `SyncOptions.spare` requests on the
    past. Children that the past has queued count as requests.
    """
    begun = _sent_or_queued(context)
    given_up: set[str] = set()
    while True:
        states = _unfinished(context)
        unfinished = [(one.since, name) for name, one in states.items() if name not in given_up]
        if not unfinished or _sent_or_queued(context) - begun >= context.options.spare:
            return
        since, name = max(unfinished)
        yield context.connector.spec.stream(name)
        if context.store.read_state(context.account, name).since == since:
            given_up.add(name)  # its slice failed: the next sync tries again


def _sent_or_queued(context: SyncContext) -> int:
    return context.connector.requests + sum(context.store.count_work(context.account).values())


def _unfinished(context: SyncContext) -> Mapping[str, StreamState]:
    with_past = [stream for stream in context.streams if stream.backfill is not None]
    states = (state for _, state in _states(context, with_past))
    return {state.stream: state for state in states if state.since is not None}


def read_slice(
    context: SyncContext, stream: Stream, state: StreamState, tally: Tally
) -> StreamState:
    """Read one slice of the past, the one before `state.since`. Returns the state as stored.

    Raises SourceError, PluginError and StoreError; then `since` has not moved. It does so too if
    too many rows are bad, or if they seem to be another account's: the slice would count as read
    for ever.
    """
    if state.since is None:
        return state
    goal = context.time.now() - (context.options.history or timedelta(0))
    start = max(state.since - SLICE, goal)
    decoder = context.decoder(stream)
    decoder.resume_unreadable(schema_drift.find_lost(state.fingerprints))
    for page in _own_pages(context, stream, state, (start, state.since)):
        decoder.mark_unknown(page.unknown, tally)
        rows = decoder.decode(page.rows, tally)
        state = save_unreadable(context, decoder, state)
        if rows.writes:
            write = page_write(context, decoder, rows)
            tally.add(context.store.write_page(replace(write, remapped=decoder.unreadable)))
        context.report_progress(stream, tally)
    check_bad_share(context, stream, tally)
    state = replace(state, since=None if start <= goal else start)
    context.store.save_state(context.account, state)
    return state


def _own_pages(
    context: SyncContext, stream: Stream, state: StreamState, slice_: tuple[datetime, datetime]
) -> Iterator[Page]:
    """The pages of a slice, the first rows of which may be those of the account.

    `doubt` decides about a list that was never believed.
    """
    if slice_[0] >= slice_[1]:
        return
    accepted = stream.name in context.options.accept_deleted
    shown = accepted or state.doubted or not state.returned
    for page in context.pages(_past_of(stream), slice_):
        if page.rows and not shown:
            shown = may_be_new(context, stream, page.rows)
            if not shown:
                raise foreign_error(context, stream)
        yield page


def _past_of(stream: Stream) -> Stream:
    """The stream with the query parameters of its past."""
    if stream.backfill is None or stream.backfill.past is None:
        return stream
    return replace(stream, incremental=Incremental(since=stream.backfill.past))
