"""What cannot be believed now: streams too old, denied, lost, or never read; fields retyped.

Judging under it is the rules'; a parent whose children still wait is in the store's work queue.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from atsbridge.model import LATE_KINDS, every_field
from atsbridge.ports import ConnectorSpec, Stream, StreamState, StreamStatus
from atsbridge.sync.account_map import AccountMap, Owned
from atsbridge.sync.rows import lost

_BLIND = frozenset({StreamStatus.NEVER, StreamStatus.DENIED, StreamStatus.LOST})


def readable(
    stream: Stream,
    states: Mapping[str, StreamState],
    spec: ConnectorSpec,
    now: datetime,
    max_age: timedelta,
) -> bool:
    """Whether the stream was read to its end within `max_age` and its own lag before `now`.

    One that never returned a row that fits is not (`doubt`). A failed stream is believed until it
    is too old. Children are as old as their parents' list
    once they have been read to the end: since then nothing on it said that they changed. What is
    watched was asked for within its interval; any parent whose turn is still to come is unknown
    by itself (`store.waiting`).
    """
    state = states.get(stream.name)
    if state is None or state.status in _BLIND or state.read_at is None:
        return False
    if state.doubted:
        return False
    if stream.parent is not None and state.status is StreamStatus.GOOD:
        return readable(spec.stream(stream.parent.stream), states, spec, now, max_age)
    return now - state.read_at <= max_age + lag(stream, states, spec)


def lag(stream: Stream, states: Mapping[str, StreamState], spec: ConnectorSpec) -> timedelta:
    """How old the stream's own answers may be: children show no sooner than a scan of parents,
    whose interval follows the size of their list."""
    if stream.parent is None:
        return stream.lag
    parents, state = spec.stream(stream.parent.stream), states.get(stream.parent.stream)
    backfill = parents.backfill
    if backfill is None or backfill.repeat_after is None:
        return stream.lag
    return max(stream.lag, backfill.repeat_after(state.open if state is not None else 0))


def unreadable(
    states: Mapping[str, StreamState],
    spec: ConnectorSpec,
    now: datetime,
    max_age: timedelta,
    account_map: AccountMap | None = None,
) -> frozenset[str]:
    """The "kind.field"s that cannot be believed at `now`, derived ones included."""
    owned = (account_map or AccountMap()).owned(spec.streams)
    dark = {
        field
        for stream in spec.streams
        if not readable(stream, states, spec, now, max_age)
        for field in _needing(stream, owned)
    }
    late: set[str] = set()
    for stream in spec.streams:
        state = states.get(stream.name)
        if state is not None and state.since is not None and stream.backfill is not None:
            dark.update(stream.backfill.unknown_until_read)
        if not owned[stream.name].keys() <= LATE_KINDS or state is None or state.doubt is None:
            continue
        believed = replace(state, returned=True, doubt=None)
        if state.doubt.bare and readable(
            stream, {**states, stream.name: believed}, spec, now, max_age
        ):
            late |= {f"{kind}.{one}" for kind, its in owned[stream.name].items() for one in its}
    dark -= late
    for state in states.values():
        dark |= lost(state.fingerprints)
    if account_map and any(f"requisition.{one.source}" in dark for one in account_map.briefs):
        dark |= {"brief.sections", "brief.agreed"}
    # What hangs on `late` of an application is unknown for those it may concern: `store.waiting`.
    return _derived(dark) | {one for one in _derived(late) if not one.startswith("application.")}


def failing(
    states: Mapping[str, StreamState], spec: ConnectorSpec, account_map: AccountMap
) -> frozenset[str]:
    """The "kind.field"s of streams whose last try failed, derived ones included."""
    trouble = (StreamStatus.FAILED, StreamStatus.DENIED, StreamStatus.LOST)
    names = (name for name, state in states.items() if state.status in trouble)
    return supplied(names, spec, account_map)


def supplied(names: Iterable[str], spec: ConnectorSpec, account_map: AccountMap) -> frozenset[str]:
    """The "kind.field"s that hang on these streams of the connector, derived ones included."""
    owned, wanted = account_map.owned(spec.streams), frozenset(names)
    return _derived(
        {field for s in spec.streams if s.name in wanted for field in _needing(s, owned)}
    )


def older(
    states: Mapping[str, StreamState],
    spec: ConnectorSpec,
    before: datetime,
    account_map: AccountMap,
) -> frozenset[str]:
    """The "kind.field"s last read before that instant, derived ones included.

    What is read by parent is as old as the parents' list, on which changes show.
    """
    owned = account_map.owned(spec.streams)
    found: set[str] = set()
    for stream in spec.streams:
        source = spec.stream(stream.parent.stream) if stream.parent is not None else stream
        state = states.get(source.name)
        if state is not None and state.read_at is not None and state.read_at < before:
            found |= _needing(stream, owned)
    return _derived(found)


def _needing(stream: Stream, owned: Owned) -> set[str]:
    """The "kind.field"s that cannot be believed without the stream."""
    if stream.needed_for is not None:
        return set(stream.needed_for)
    return {f"{kind}.{one}" for kind, its in owned[stream.name].items() for one in its}


def _derived(fields: set[str]) -> frozenset[str]:
    """These fields and all that are computed from them."""
    before = -1
    while fields and len(fields) != before:
        before = len(fields)
        fields |= {f.path for f in every_field() if any(one in fields for one in f.sources)}
    return frozenset(fields)
