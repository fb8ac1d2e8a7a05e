"""Decide how to read a list this time: what changed, the whole list, or its first read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from atsbridge.model import Origin, has_turn
from atsbridge.ports import Stream, StreamState, StreamStatus
from atsbridge.sync.lists import backfill
from atsbridge.sync.rows import RowDecoder, schema_drift
from atsbridge.sync.sync_context import SyncContext, find_remapped

# What the first sync of a night asks for again: an answer that was empty by mistake looks like that
# of a list without changes, and no later window would bring what it held back. Two nights, so that
# an outage in one of them hides nothing.
_NIGHT_LOOK_BACK = timedelta(days=2)
_EVERY_NIGHT = timedelta(days=1)
_NO = ""


@dataclass(frozen=True, slots=True)
class ReadPlan:
    """How to read a list once.

    `window`: [start, end) in UTC; None reads the whole list, or its first read if `first_read`, or
    what changed since the read that gave the `token`.
    `force`: decode known rows again. `repeat_first_read`: read the first read as well as the
    window. `remapped`: "kind.field"s whose changes do not come from the ATS.
    """

    started: datetime
    window: tuple[datetime, datetime] | None
    remapped: frozenset[str]
    force: bool
    origin: Origin
    first_read: bool = False
    repeat_first_read: bool = False
    token: str = ""

    @property
    def whole(self) -> bool:
        """Whether the list returns every row it has."""
        return not self.first_read and not self.changes_only

    @property
    def changes_only(self) -> bool:
        """Whether the list is asked for what changed."""
        return self.window is not None or bool(self.token)

    def whole_instead(self) -> ReadPlan:
        """The plan to read the whole list, where its token was refused."""
        return replace(self, token=_NO)


def plan_read(
    context: SyncContext, stream: Stream, state: StreamState, decoder: RowDecoder
) -> ReadPlan:
    """How to read the list this time.

    The window is [bookmark - look_back, now + look_back), so that changes that the vendor shows
    late are read again and a vendor clock ahead of ours hides nothing. At night it begins two days
    ago at the latest. The bookmark moves to the instant at which the read began.

    A list is read whole if it was never read, cannot be filtered, is asked for in full, or one of
    its fields is filled in another way. A list that is not believed is read whole too, as often as
    `WholeRead` says. The first time, a list with a backfill is read by its first read only. A list
    with sync tokens is read whole without one, and in the nights of `Incremental.whole_every`.
    """
    now = context.time.now()
    children = context.child_prints(stream)
    unreadable = schema_drift.find_lost(state.fingerprints)
    back = {field for field in unreadable if state.fingerprints[field] == schema_drift.BACK}
    other = find_remapped(state, {**decoder.prints, **children}) - (unreadable - back)
    decoder.resume(state, unreadable - back)
    wanting = bool(state.fingerprints and other & children.keys()) or context.wants_children(stream)
    options, bookmark = context.options, state.bookmark
    full = options.full or stream.name in options.accept_deleted
    # What replaces rows that were never believed is a first value, and no change in the ATS.
    doubted = frozenset(decoder.prints) if state.doubted else frozenset[str]()
    origin = Origin.FULL_READ if full and bookmark is not None else Origin.POLL
    whole = full or bool(other) or wanting or _retries_whole(context, state, now)
    whole = whole or is_read_whole(context.account, stream, state, now if options.nightly else None)
    if bookmark is None or stream.incremental is None or whole:
        force = wanting or bool(back) or (options.full and bool(children))
        first_read = backfill.is_first_read(context, stream, state)
        remapped = other - children.keys() | unreadable | doubted
        return ReadPlan(now, None, remapped, force, origin, first_read)
    remapped = unreadable | doubted
    if stream.incremental.token:
        return ReadPlan(now, None, remapped, force=False, origin=origin, token=state.token)
    start = bookmark - stream.incremental.look_back
    if options.nightly:
        start = min(start, now - _NIGHT_LOOK_BACK)
    window = (start, now + stream.incremental.look_back)
    repeat = checks_open_records(context, stream) or backfill.repeats_first_read(stream, state, now)
    return ReadPlan(now, window, remapped, force=False, origin=origin, repeat_first_read=repeat)


def rests(stream: Stream, state: StreamState, now: datetime) -> bool:
    """Whether a slow list was read lately enough (`Stream.every`). A clock that went back: no."""
    if not stream.every or state.read_at is None:
        return False
    good = state.status is StreamStatus.GOOD and not state.doubted
    return good and state.read_at <= now < state.read_at + stream.every


def is_skipped(
    context: SyncContext, stream: Stream, state: StreamState, decoder: RowDecoder
) -> bool:
    """Whether this sync leaves the list out, because it is slow and nobody asked for it."""
    options, children = context.options, context.child_prints(stream)
    wanted = options.full or options.nightly or stream.name in options.accept_deleted
    if wanted or not rests(stream, state, context.time.now()):
        return False
    unreadable = schema_drift.find_lost(state.fingerprints)
    other = find_remapped(state, {**decoder.prints, **children}) - unreadable
    back = schema_drift.BACK in state.fingerprints.values()
    return not other and not back and not context.wants_children(stream)


def is_read_whole(account: str, stream: Stream, state: StreamState, night: datetime | None) -> bool:
    """Whether a list with sync tokens has none, or is compared with the whole list this night.

    `night`: the time of a nightly sync; None in others.
    """
    how = stream.incremental
    if how is None or not how.token:
        return False
    if not state.token:
        return True
    if night is None or how.whole_every is None:
        return False
    if how.whole_every <= _EVERY_NIGHT or state.whole_at is None:
        return True
    return has_turn(f"{account}/{stream.name}", state.whole_at, night, how.whole_every)


def _retries_whole(context: SyncContext, state: StreamState, now: datetime) -> bool:
    """Whether a list that is not believed is to be read whole now."""
    lost = state.status is StreamStatus.LOST or (state.doubted and state.since is None)
    accepted = state.stream in context.options.accept_empty
    due = state.whole_read is None or state.whole_read.is_due(now)
    return lost and (due or accepted or context.options.nightly)


def checks_open_records(context: SyncContext, stream: Stream) -> bool:
    """Whether this sync compares the open records of a long list with a repeated first read."""
    return context.options.nightly and stream.reconciliation.open_records is not None
