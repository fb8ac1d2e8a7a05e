"""Read one account: every stream in its order; a failure ends its stream only."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from atsbridge.errors import (
    AtsbridgeError,
    AuthError,
    DeniedError,
    ErrorCode,
    PluginError,
    SourceError,
)
from atsbridge.ports import Stream, StreamState, StreamStatus
from atsbridge.sync import doubt
from atsbridge.sync.lists import Spending, backfill, children, list_reader
from atsbridge.sync.rows import schema_drift
from atsbridge.sync.sync_context import SyncContext, SyncTarget
from atsbridge.sync.sync_report import Progress, StreamReport, SyncOptions, SyncReport, Tally

# Objects that hold others: ten times those of the rows that are stored in one transaction.
_RARELY = 200_000
_SWITCH = 0.0005  # seconds; Python's own is ten times as long


def sync(
    target: SyncTarget,
    options: SyncOptions | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> SyncReport:
    """Read every stream of the account into the store.

    The caller holds the account's lock (`Store.lock`). A failed request ends its stream and is
    reported; a refused credential ends the sync. Raises StoreError only.
    """
    context = SyncContext.open(target, options, progress)
    with _tuned_interpreter():
        return SyncReport(target.account, _reports(context))


@contextmanager
def _tuned_interpreter() -> Iterator[None]:
    """Look for cycles rarely, and let the thread that fetches pages in quickly.

    The objects of a page form no cycles; looking for some took a tenth of the time of a first sync.
    A page arrives in a dozen pieces, and each had to wait until the thread that stores rows let go
    of the interpreter: with 50 ms per answer that was a fifth of the time of a first sync.
    """
    collector, switch = gc.get_threshold(), sys.getswitchinterval()
    gc.set_threshold(max(collector[0], _RARELY) if collector[0] else 0, *collector[1:])
    sys.setswitchinterval(_SWITCH)
    try:
        yield
    finally:
        gc.set_threshold(*collector)
        sys.setswitchinterval(switch)


def in_order(streams: Sequence[Stream]) -> list[Stream]:
    """Lists as declared, then each child stream after the stream of its parents."""
    ordered = [stream for stream in streams if stream.parent is None]
    waiting = [stream for stream in streams if stream.parent is not None]
    while waiting:
        known = {stream.name for stream in ordered}
        ready = [s for s in waiting if s.parent is not None and s.parent.stream in known]
        if not ready:
            names = ", ".join(s.name for s in waiting)
            raise PluginError(
                f"no stream of this connector has the parents of: {names}",
                remedy="Correct `Parent.stream`: it names another stream of the connector",
            )
        ordered += ready
        waiting = [stream for stream in waiting if stream not in ready]
    return ordered


def _reports(context: SyncContext) -> tuple[StreamReport, ...]:
    """Read all streams, then review the doubted ones."""
    states: dict[str, StreamState] = {}
    begun = context.time.now()
    reports = _read(context, states)
    for name, state in doubt.review(context, states, begun).items():
        reports[name] = replace(reports[name], doubt=_describe_doubt(context, state))
    return tuple(reports.values())


def _describe_doubt(context: SyncContext, state: StreamState) -> str:
    """Why the stream is not believed and what to do, or ""."""
    stream = context.connector.spec.stream(state.stream)
    if state.doubt is None or not doubt.is_reported(stream, state, context.time.now()):
        return ""
    what = doubt.describe(stream, state.doubt)
    return f"{what}. {doubt.suggest_remedy(stream, state.doubt, context.account)}"


def _read(context: SyncContext, states: dict[str, StreamState]) -> dict[str, StreamReport]:
    """Read every stream, and after the first sync some of the past. Fills `states` by name."""
    spending = Spending(context)
    ordered = in_order(context.streams)
    first = backfill.has_first_read(context)
    before = context.store.read_states(context.account)  # a read changes no state but its own
    reports: dict[str, StreamReport] = {}
    for stream in ordered:
        if first and stream.parent is not None and stream.parent.skip_first_sync:
            continue
        if stream.parent is None:
            read = partial(list_reader.read, context, stream)
        else:
            read = partial(children.read, context, stream, spending=spending)
        state = before.get(stream.name) or StreamState(stream=stream.name)
        reports[stream.name], states[stream.name], ended = _read_stream(
            context, stream, state, read
        )
        if ended:
            return reports
    for stream in () if first else backfill.pending_streams(context):
        further = partial(backfill.read_slice, context, stream)
        state = context.store.read_state(context.account, stream.name)
        past, states[stream.name], ended = _read_stream(context, stream, state, further, past=True)
        reports[stream.name] = reports[stream.name].plus(past)
        if ended:
            break
    return reports


def _read_stream(
    context: SyncContext,
    stream: Stream,
    state: StreamState,
    read: Callable[[StreamState, Tally], StreamState],
    *,
    past: bool = False,
) -> tuple[StreamReport, StreamState, bool]:
    """Read one stream. Returns its report, its state, and whether the sync must end.

    `state`: as stored. `past`: a failure while reading the past does not change it.
    """
    started, sent = context.time.monotonic(), context.connector.requests
    tally = Tally()
    failure: AtsbridgeError | None = None
    try:
        state = read(state, tally)
    except (SourceError, PluginError) as error:
        failure = error
        if not past:
            stored = context.store.read_state(context.account, stream.name)
            state = _after_failure(_keep_unreadable(state, stored), error)
            context.store.save_state(context.account, state)
    report = StreamReport(
        stream=stream.name,
        status=state.status,
        requests=context.connector.requests - sent,
        new=tally.new,
        changed=tally.changed,
        unchanged=tally.unchanged,
        deleted=tally.deleted,
        bad=tally.bad,
        error=failure.what if failure else state.detail,
        remedy=_suggest_remedy(context, stream, state, failure),
        seconds=context.time.monotonic() - started,
        samples=tuple(tally.samples),
        losses=tally.describe_lost(),
        kind=_kind_of(state, failure),
        reread=tally.reread,
    )
    return report, state, isinstance(failure, AuthError)


def _keep_unreadable(state: StreamState, stored: StreamState) -> StreamState:
    """The state before the read, with the fields that the read found unreadable until it failed.

    Rows without them are stored already: what is missing there is no fact.
    """
    lost = {field: one for field, one in stored.fingerprints.items() if one == schema_drift.LOST}
    return replace(state, fingerprints={**state.fingerprints, **lost})


def _after_failure(state: StreamState, error: AtsbridgeError) -> StreamState:
    """The state of a stream whose read failed.

    A lost stream stays lost until it is read whole: a failure makes its rows no more believable.
    """
    if isinstance(error, DeniedError):
        bookmark = None if state.status is StreamStatus.LOST else state.bookmark
        return replace(state, status=StreamStatus.DENIED, detail=error.what, bookmark=bookmark)
    if state.status is StreamStatus.LOST:
        return state
    return replace(state, status=StreamStatus.FAILED, detail=error.what)


def _kind_of(state: StreamState, failure: AtsbridgeError | None) -> ErrorCode | StreamStatus | None:
    """The code of the error, or the status that an earlier sync left."""
    if failure is not None:
        return failure.code
    return None if state.status is StreamStatus.GOOD else state.status


def _suggest_remedy(
    context: SyncContext, stream: Stream, state: StreamState, failure: AtsbridgeError | None
) -> str:
    if state.status is StreamStatus.LOST and failure is None:
        command = f"atsbridge sync --account {context.account} --accept-deleted {stream.name}"
        checked = f"Check that the credential still has {stream.scope}. " if stream.scope else ""
        return f"{checked}If they were deleted on purpose: {command}"
    remedy = failure.remedy if failure else ""
    named = isinstance(failure, DeniedError) and failure.names_permission and remedy
    if isinstance(failure, DeniedError) and stream.scope and not named:
        return f"Give the credential of account {context.account} the permission {stream.scope}"
    return remedy
