"""One account's sync: every stream in the order of dependence, each fault kept to its stream.

Locking the account is the caller's, other accounts are its loop; how a stream is read is `lists`,
`children` and, of its past, `legs`.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from atsbridge.errors import AtsbridgeError, AuthError, DeniedError, PluginError, SourceError
from atsbridge.net import PERMISSION
from atsbridge.ports import Connector, RecordStore, Stream, StreamState, StreamStatus, creators
from atsbridge.sync import doubt
from atsbridge.sync.account_map import AccountMap
from atsbridge.sync.lists import Spending, backfill, children, list_reader
from atsbridge.sync.sync_context import SyncContext
from atsbridge.sync.sync_report import Progress, StreamReport, SyncOptions, SyncReport, Tally
from atsbridge.timesource import TimeSource

__all__ = ["Progress", "StreamReport", "SyncOptions", "SyncReport", "in_order", "sync"]


def sync(
    account: str,
    connector: Connector,
    store: RecordStore,
    account_map: AccountMap,
    time: TimeSource,
    options: SyncOptions | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> SyncReport:
    """Read every stream of the account into the store; what came of each.

    The caller holds `store.lock(account)`. A source's fault ends its stream and is reported; a
    refused credential ends the account. Raises StoreError, and nothing of the source's.
    """
    reading = SyncContext(
        account=account,
        connector=connector,
        streams=account_map.asked(connector.spec.streams),
        store=store,
        account_map=account_map,
        owned=account_map.owned(connector.spec.streams),
        creates=creators(connector.spec.streams),
        time=time,
        options=options or SyncOptions(),
        progress=progress,
    )
    with _rare_collections():
        return SyncReport(account, _reports(reading))


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Let the cycle collector look thirty times less often meanwhile: what a page makes dies with
    it by itself, and looking took a tenth of a first sync's time."""
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], 20_000) if before[0] else 0, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def in_order(streams: Sequence[Stream]) -> list[Stream]:
    """Lists first as declared, then every stream after the one that holds its parents."""
    ordered = [stream for stream in streams if stream.parent is None]
    waiting = [stream for stream in streams if stream.parent is not None]
    while waiting:
        known = {stream.name for stream in ordered}
        ready = [s for s in waiting if s.parent is not None and s.parent.stream in known]
        if not ready:
            names = ", ".join(s.name for s in waiting)
            raise PluginError(f"streams without a way to their parents: {names}")
        ordered += ready
        waiting = [stream for stream in waiting if stream not in ready]
    return ordered


def _reports(reading: SyncContext) -> tuple[StreamReport, ...]:
    """Every stream up to now; then, unless this sync was somebody's first, some of the past."""
    states: dict[str, StreamState] = {}
    begun = reading.time.now()
    reports = _read(reading, states)
    for name, state in doubt.settle(reading, states, begun).items():
        reports[name] = replace(reports[name], doubt=_doubted(reading, state))
    return tuple(reports.values())


def _doubted(reading: SyncContext, state: StreamState) -> str:
    """Why the stream is not believed and what to do; "" where there is nothing to say."""
    stream = reading.connector.spec.stream(state.stream)
    if state.doubt is None or not doubt.tells(stream, state, reading.time.now()):
        return ""
    what = doubt.reason(stream, state.doubt)
    return f"{what}. {doubt.remedy(stream, state.doubt, reading.account)}"


def _read(reading: SyncContext, states: dict[str, StreamState]) -> dict[str, StreamReport]:
    """Read every stream; `states` is filled with how each stands after it."""
    spending = Spending(reading)
    ordered = in_order(reading.streams)
    first = backfill.begin(reading)
    reports: dict[str, StreamReport] = {}
    for stream in ordered:
        if first and stream.parent is not None and stream.parent.skip_first_sync:
            continue
        if stream.parent is None:
            read = partial(list_reader.read, reading, stream)
        else:
            read = partial(children.read, reading, stream, spending=spending)
        reports[stream.name], states[stream.name], ended = _report(reading, stream, read)
        if ended:
            return reports
    for stream in () if first else backfill.owed(reading):
        further = partial(backfill.back, reading, stream)
        past, states[stream.name], ended = _report(reading, stream, further, past=True)
        reports[stream.name] = reports[stream.name].plus(past)
        if ended:
            break
    return reports


def _kind(state: StreamState, fault: AtsbridgeError | None) -> str:
    """The class of the error, or the status that an earlier one left the stream in."""
    if fault is not None:
        return type(fault).__name__
    return "" if state.status is StreamStatus.GOOD else str(state.status)


def _report(
    reading: SyncContext,
    stream: Stream,
    read: Callable[[StreamState, Tally], StreamState],
    *,
    past: bool = False,
) -> tuple[StreamReport, StreamState, bool]:
    """One stream, read; its state after it; and whether the account ends with it.

    A fault while reading the past says nothing of what is known of the present.
    """
    started, sent = reading.time.monotonic(), reading.connector.requests
    state = reading.store.read_state(reading.account, stream.name)
    tally = Tally()
    fault: AtsbridgeError | None = None
    try:
        state = read(state, tally)
    except (SourceError, PluginError) as error:
        fault = error
        # A lost stream is read whole again until it is complete, whatever comes between.
        bookmark = None if state.status is StreamStatus.LOST else state.bookmark
        if not past:
            state = replace(state, status=_status(error), detail=error.what, bookmark=bookmark)
            reading.store.save_state(reading.account, state)
    report = StreamReport(
        stream=stream.name,
        status=state.status,
        requests=reading.connector.requests - sent,
        new=tally.new,
        changed=tally.changed,
        unchanged=tally.unchanged,
        gone=tally.gone,
        bad=tally.bad,
        error=fault.what if fault else state.detail,
        remedy=_remedy(reading, stream, state, fault),
        seconds=reading.time.monotonic() - started,
        samples=tuple(tally.samples),
        lost=tally.lost(),
        kind=_kind(state, fault),
    )
    return report, state, isinstance(fault, AuthError)


def _status(error: AtsbridgeError) -> StreamStatus:
    return StreamStatus.DENIED if isinstance(error, DeniedError) else StreamStatus.FAILED


def _remedy(
    reading: SyncContext, stream: Stream, state: StreamState, fault: AtsbridgeError | None
) -> str:
    if state.status is StreamStatus.LOST:
        command = f"atsbridge sync --account {reading.account} --accept-deleted {stream.name}"
        seen = f"Look whether the credential still has {stream.scope}. " if stream.scope else ""
        return f"{seen}If they were deleted on purpose: {command}"
    remedy = fault.remedy if fault else ""
    if isinstance(fault, DeniedError) and stream.scope:
        remedy = remedy or f"Give the credential of account {reading.account} {PERMISSION}"
        return remedy.replace(PERMISSION, f"the permission {stream.scope}")
    return remedy
