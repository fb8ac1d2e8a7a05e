"""Whether what a list answered may be believed: an empty answer is no proof that nothing exists.

A list that has never returned a row that fits is doubted, from its first reading on. The doubt ends
when it returns rows; when nothing refers to it, it stayed empty for a day and the connector says
that the credential sees all of it; or when the operator accepts it. What a doubt makes unknown
is in `freshness`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from atsbridge.errors import AtsbridgeError
from atsbridge.model import KINDS
from atsbridge.ports import Doubt, Stream, StreamState
from atsbridge.sync.lists import backfill
from atsbridge.sync.rows import schema_drift
from atsbridge.sync.sync_context import SyncContext

# A permission says what may be seen, not that an answer was whole: a vendor's bad hour must not
# accuse anybody. Whoever knows better accepts the list at once.
STAYED = timedelta(days=1)
# References that lead nowhere before a whole list is taken for another account's: a few may lead
# to records that were deleted.
FEW = 5


def settle(
    reading: SyncContext, states: Mapping[str, StreamState], begun: datetime
) -> dict[str, StreamState]:
    """Look at every doubted stream of this sync again; their states after it, as stored.

    `states`: of the streams that were read in this sync, by name; `begun`: when the sync began.
    Raises StoreError alone.
    """
    weighing = _Weighing(reading, states, begun)
    found: dict[str, StreamState] = {}
    for stream in reading.streams:
        state = states.get(stream.name)
        if state is None or state.returned or state.doubt is None:
            continue
        found[stream.name] = weighed = weighing.state(stream, state, state.doubt)
        if weighed != state:
            reading.store.save_state(reading.account, weighed)
    return found


class _Weighing:
    """What speaks for and against the doubted streams of one sync."""

    def __init__(
        self, reading: SyncContext, states: Mapping[str, StreamState], begun: datetime
    ) -> None:
        self._reading = reading
        self._begun = begun
        self._partly = {name for name, state in states.items() if state.since is not None}
        self._references: dict[str, Mapping[str, tuple[int, int]]] = {}

    def state(self, stream: Stream, state: StreamState, doubt: Doubt) -> StreamState:
        """The state with what is known now; without a doubt where rows came that fit."""
        store, options = self._reading.store, self._reading.options
        rows = any(True for _ in store.read_live_ids(self._reading.account, stream.name))
        incoming = self._incoming(stream)
        partly = state.since is not None
        if rows and not self._strangers(stream, {} if partly else incoming):
            return self._proved(stream, state, doubt)
        naming = sorted(path for path, (_, stored) in incoming.items() if not stored)
        if not rows:
            naming += [k for k in stream.required_by if store.has_records(self._reading.account, k)]
        doubt = replace(doubt, rows=rows, referring=tuple(naming))
        if stream.name in options.accept_empty:
            doubt = replace(doubt, accepted=doubt.referring)
        return replace(state, doubt=replace(doubt, vouched=self._vouched(stream, state, doubt)))

    def _proved(self, stream: Stream, state: StreamState, doubt: Doubt) -> StreamState:
        """Rows came that fit. Where the list came empty before, some may have been missed then:
        its past, or the children of parents that are asked again only when they change."""
        if doubt.since >= self._begun or doubt.settled:
            return replace(state, returned=True, doubt=None)
        if state.since is not None:
            return state  # windows brought them: what the first leg asked for is still missing
        if stream.parent is not None:
            prints = {name: schema_drift.BACK for name in state.fingerprints if "." in name}
            state = replace(state, fingerprints={**state.fingerprints, **prints})
        return replace(state, returned=True, doubt=None)

    def _vouched(self, stream: Stream, state: StreamState, doubt: Doubt) -> str:
        """Why the connector says that all of it was shown; asked once it is of use, and nightly."""
        reading = self._reading
        waits = reading.time.now() - doubt.since < STAYED or state.since is not None
        if waits or doubt.rows or doubt.referring or doubt.accepted is not None:
            return ""
        if doubt.vouched and not reading.options.nightly:
            return doubt.vouched
        ask = getattr(reading.connector, "check_visibility", None)  # others may be older than it
        if ask is None:
            return ""
        try:
            checked = ask(stream)
        except AtsbridgeError:
            return ""
        return (checked.detail or "the credential may read all of it") if checked.good else ""

    def _strangers(self, stream: Stream, incoming: Mapping[str, tuple[int, int]]) -> bool:
        """Whether a list names many of its rows and none is there, or no row fits any other.

        `incoming`: nothing for a list whose past is still to be read: others may name just that.
        """
        if any(named >= FEW and not stored for named, stored in incoming.values()):
            return True
        told = [*incoming.values(), *self._outgoing(stream)]
        named, fit = sum(one for one, _ in told), sum(one for _, one in told)
        return named >= FEW and fit == 0

    def _incoming(self, stream: Stream) -> dict[str, tuple[int, int]]:
        """References of other streams' records to this one's."""
        made = self._reading.creates[stream.name]
        return {
            path: counts
            for kind in made
            for path, counts in self._to(kind).items()
            if path.partition(".")[0] not in made
        }

    def _outgoing(self, stream: Stream) -> Iterable[tuple[int, int]]:
        """References of its records to records of lists that were read whole."""
        made = self._reading.creates[stream.name]
        whole = {
            kind
            for other in self._reading.streams
            if other.name not in self._partly
            for kind in self._reading.creates[other.name]
        } - made
        for kind in made:
            for field in KINDS[kind].fields.values():
                if field.ref in whole and (counts := self._to(field.ref).get(field.path)):
                    yield counts

    def _to(self, kind: str) -> Mapping[str, tuple[int, int]]:
        if kind not in self._references:
            store, account = self._reading.store, self._reading.account
            self._references[kind] = store.count_references(account, kind)
        return self._references[kind]


def tells(stream: Stream, state: StreamState, now: datetime) -> bool:
    """Whether people should hear of the stream's doubt: something was asked, and nothing fits."""
    if state.doubt is None or state.doubt.settled or state.returned:
        return False
    return state.since is None or bool(backfill.first(stream, now))


def reason(stream: Stream, doubt: Doubt) -> str:
    """Why the stream is not believed, for ops."""
    names = " and ".join(doubt.referring)
    if doubt.rows:
        return (
            f"{stream.name} returned rows, and none of them fits what the other lists refer to:"
            " they may be another account's"
        )
    if names:
        return (
            f"{stream.name} has never returned a row, and {names} show that there are some: the"
            " answer is wrong, or the credential may not see them"
        )
    return f"{stream.name} has never returned a row, which does not prove that there is none"


def remedy(stream: Stream, doubt: Doubt, account: str) -> str:
    """What to do about it, with the exact command."""
    command = f"atsbridge sync --account {account} --accept-empty {stream.name}"
    scope = f" ({stream.scope})" if stream.scope else ""
    if doubt.rows:
        check = "Check that the account's credential and address belong together"
        return f"{check}. To accept it: {command}"
    if doubt.referring:
        return f"See that the credential may read it{scope}. To accept it all the same: {command}"
    return f"See that the credential may read it{scope}. If there really is none: {command}"
