"""Which "kind.field"s are unknown now because their stream is stale, denied, lost or doubted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from atsbridge.model import LATE_KINDS, every_field
from atsbridge.ports import ConnectorSpec, Stream, StreamState, StreamStatus
from atsbridge.sync.account_map import AccountMap, Owned
from atsbridge.sync.rows import find_lost

_NEVER_READABLE = frozenset({StreamStatus.NEVER, StreamStatus.DENIED, StreamStatus.LOST})


def is_readable(
    stream: Stream,
    states: Mapping[str, StreamState],
    spec: ConnectorSpec,
    now: datetime,
    max_age: timedelta,
) -> bool:
    """Whether the stream was read to its end within `max_age` plus its own lag before `now`.

    A doubted stream is not readable. A failed stream is readable until it is too old. A child
    stream that was read to its end is as old as the list of its parents, which shows changes of
    children. A parent that is still queued makes only its own subjects unknown
    (`SubjectStore.find_unread`).
    """
    state = states.get(stream.name)
    if state is None or state.status in _NEVER_READABLE or state.read_at is None:
        return False
    if state.doubted:
        return False
    if stream.parent is not None and state.status is StreamStatus.GOOD:
        return is_readable(spec.stream(stream.parent.stream), states, spec, now, max_age)
    return now - state.read_at <= max_age + allowed_lag(stream, states, spec)


def allowed_lag(
    stream: Stream, states: Mapping[str, StreamState], spec: ConnectorSpec
) -> timedelta:
    """How old the vendor's answers may be, and how long a slow list rests (`Stream.every`).

    Changes of children may show only when the first read of their parents is repeated, and that
    interval depends on the size of the list.
    """
    if stream.parent is None:
        return max(stream.lag, stream.every)
    parents, state = spec.stream(stream.parent.stream), states.get(stream.parent.stream)
    backfill = parents.backfill
    if backfill is None or backfill.repeat_after is None:
        return stream.lag
    return max(stream.lag, backfill.repeat_after(state.open if state is not None else 0))


def find_unreadable(
    states: Mapping[str, StreamState],
    spec: ConnectorSpec,
    now: datetime,
    max_age: timedelta,
    account_map: AccountMap | None = None,
) -> frozenset[str]:
    """The "kind.field"s that are unknown at `now`, derived ones included.

    `max_age`: how long a stream is believed after it was read.
    """
    owned = (account_map or AccountMap()).owned(spec.streams)
    unreadable = {
        field
        for stream in spec.streams
        if not is_readable(stream, states, spec, now, max_age)
        for field in _needing(stream, owned)
    }
    late: set[str] = set()
    for stream in spec.streams:
        state = states.get(stream.name)
        if state is not None and state.since is not None and stream.backfill is not None:
            unreadable.update(stream.backfill.unknown_until_read)
        if not owned[stream.name].keys() <= LATE_KINDS or state is None or state.doubt is None:
            continue
        believed = replace(state, returned=True, doubt=None)
        if state.doubt.bare and is_readable(
            stream, {**states, stream.name: believed}, spec, now, max_age
        ):
            late |= {f"{kind}.{one}" for kind, its in owned[stream.name].items() for one in its}
    unreadable -= late
    for state in states.values():
        unreadable |= find_lost(state.fingerprints)
    if account_map and any(f"requisition.{one.source}" in unreadable for one in account_map.briefs):
        unreadable |= {"brief.sections", "brief.agreed"}
    # Fields of applications that depend on `late` are unknown only for the applications that such
    # a record may concern: see `find_unread` of the store.
    return _derived(unreadable) | {
        one for one in _derived(late) if not one.startswith("application.")
    }


def find_failing(
    states: Mapping[str, StreamState], spec: ConnectorSpec, account_map: AccountMap
) -> frozenset[str]:
    """The "kind.field"s of streams whose last read failed, derived ones included."""
    trouble = (StreamStatus.FAILED, StreamStatus.DENIED, StreamStatus.LOST)
    names = (name for name, state in states.items() if state.status in trouble)
    return find_supplied(names, spec, account_map)


def find_supplied(
    names: Iterable[str], spec: ConnectorSpec, account_map: AccountMap
) -> frozenset[str]:
    """The "kind.field"s that need one of these streams, derived ones included."""
    owned, wanted = account_map.owned(spec.streams), frozenset(names)
    return _derived(
        {field for s in spec.streams if s.name in wanted for field in _needing(s, owned)}
    )


def find_older(
    states: Mapping[str, StreamState],
    spec: ConnectorSpec,
    before: datetime,
    account_map: AccountMap,
) -> frozenset[str]:
    """The "kind.field"s that were last read before that instant, derived ones included.

    Children are as old as the list of their parents.
    """
    owned = account_map.owned(spec.streams)
    found: set[str] = set()
    for stream in spec.streams:
        source = spec.stream(stream.parent.stream) if stream.parent is not None else stream
        state = states.get(source.name)
        if state is None or state.read_at is None:
            continue
        if state.read_at < before - source.every:
            found |= _needing(stream, owned)
    return _derived(found)


def _needing(stream: Stream, owned: Owned) -> set[str]:
    """The "kind.field"s that are unknown without the stream."""
    if stream.needed_for is not None:
        return set(stream.needed_for)
    return {f"{kind}.{one}" for kind, its in owned[stream.name].items() for one in its}


def _derived(fields: set[str]) -> frozenset[str]:
    """These fields and all fields that are computed from them."""
    before = -1
    while fields and len(fields) != before:
        before = len(fields)
        fields |= {f.path for f in every_field() if any(one in fields for one in f.sources)}
    return frozenset(fields)
