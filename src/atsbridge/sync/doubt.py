"""Whether to believe the rows of a list: an empty answer does not prove that nothing exists.

A list is doubted until it returns rows that fit the other lists. A list whose first answer left out
rows is doubted until it returns them. The doubt also ends if the
operator accepts the answer, or if no record refers to the list, it was empty for a day, and the
connector says that the credential sees all of it. `freshness` makes the fields of a doubted list
unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from atsbridge.errors import AtsbridgeError
from atsbridge.model import KINDS, Field
from atsbridge.ports import Doubt, Parent, Stream, StreamState, StreamStatus
from atsbridge.sync.lists import ask_by_id, backfill
from atsbridge.sync.rows import parent_kind_of, schema_drift
from atsbridge.sync.sync_context import SyncContext

_FAILED = frozenset({StreamStatus.FAILED, StreamStatus.DENIED, StreamStatus.LOST})
# How long a list must stay empty before a permission is taken as proof. A permission says what a
# credential may see, not that one answer was complete: an outage of the vendor must accuse nobody.
EMPTY_FOR = timedelta(days=1)
# How many references of one field must lead nowhere before a list is taken for another account's
# although other references fit. Fewer may lead to deleted records.
FEW = 5
# How many records that other lists refer to, and that the list did not return, are asked for by id.
# A list that leaves out rows left out some of any twenty.
_ASKED = 20


def review(
    context: SyncContext, states: Mapping[str, StreamState], begun: datetime
) -> dict[str, StreamState]:
    """Look again at every doubted stream that this sync has read. Returns their stored states.

    The doubt about a stream whose read failed stays, and so if it left out rows that it returned
    before: what is stored is no whole list.
    `states`: stream name -> state after the read. `begun`: when the sync began. Raises StoreError.
    """
    one = _Review(context, states, begun)
    found: dict[str, StreamState] = {}
    for stream in context.streams:
        state = states.get(stream.name)
        if state is None or state.returned or state.doubt is None:
            continue
        failed = state.status in _FAILED
        reviewed = state if failed else one.update(stream, state, state.doubt)
        found[stream.name] = reviewed
        if reviewed != state:
            context.store.save_state(context.account, reviewed)
    return found


class _Review:
    """The evidence for and against the doubted streams of one sync."""

    def __init__(
        self, context: SyncContext, states: Mapping[str, StreamState], begun: datetime
    ) -> None:
        self._context = context
        self._begun = begun
        self._states = states
        self._references: dict[str, Mapping[str, tuple[int, int]]] = {}

    def update(self, stream: Stream, state: StreamState, doubt: Doubt) -> StreamState:
        """The state with the present evidence; without a doubt if it returned rows that fit."""
        store, options = self._context.store, self._context.options
        rows = any(True for _ in store.read_live_ids(self._context.account, stream.name))
        incoming = self._incoming(stream)
        partly = state.since is not None
        if rows and not self._is_foreign(stream, {} if partly else incoming):
            return self._prove(stream, state, doubt)
        naming = sorted(path for path, (_, stored) in incoming.items() if not stored)
        if not rows:
            naming += [k for k in stream.required_by if store.has_records(self._context.account, k)]
        doubt = replace(doubt, rows=rows, referring=tuple(naming))
        if stream.name in options.accept_empty:
            doubt = replace(doubt, accepted=doubt.referring)
        return replace(state, doubt=replace(doubt, vouched=self._vouched(stream, state, doubt)))

    def _prove(self, stream: Stream, state: StreamState, doubt: Doubt) -> StreamState:
        """The state of a list that has returned rows that fit.

        If it returned none before, some may be missing: then it is read whole once more, or the
        children of all parents are, if this sync did not read them. If the vendor shows rows by
        id that it did not return, it is doubted until it returns them.
        """
        if self._left_out_rows(stream, state, doubt):
            return replace(state, doubt=replace(doubt, rows=True, referring=(), partial=True))
        if doubt.since >= self._begun or doubt.settled:
            return replace(state, returned=True, doubt=None, whole_read=None)
        if state.since is not None:
            return state  # a window returned them: the rows of the first read are still missing
        if state.whole_read is not None and state.whole_read.at < self._begun:
            return replace(state, whole_read=None)  # the next sync reads it whole
        if stream.parent is not None and not self._read_all_children(stream, stream.parent):
            prints = {name: schema_drift.BACK for name in state.fingerprints if "." in name}
            state = replace(state, fingerprints={**state.fingerprints, **prints})
        return replace(state, returned=True, doubt=None, whole_read=None)

    def _read_all_children(self, stream: Stream, parent: Parent) -> bool:
        """Whether this sync has read the children of all parents: the nightly one asks for those
        of a doubted list."""
        context, above = self._context, self._states.get(parent.stream)
        if not context.options.nightly or above is None or above.status is not StreamStatus.GOOD:
            return False
        waiting = context.store.count_work(context.account).get(stream.name, 0)
        return above.read_at is not None and above.read_at >= self._begun and not waiting

    def _left_out_rows(self, stream: Stream, state: StreamState, doubt: Doubt) -> bool:
        """Whether the list, read whole, left out rows that others refer to and the vendor shows.

        Only its first answer is checked, and those after one that left out rows: later reads are
        compared with what is stored.
        """
        context = self._context
        first = doubt.since >= self._begun or doubt.partial
        whole = stream.reconciliation.complete and state.since is None
        if not first or not whole or stream.name in context.options.accept_empty:
            return False
        created = context.creates[stream.name]
        kind = next(iter(stream.owns), "")
        if not kind:
            return False
        missing = context.store.find_unstored(context.account, kind, created, _ASKED)
        answer = ask_by_id(context, stream, missing) if missing else None
        return answer is not None and not answer.rows.keys().isdisjoint(missing)

    def _vouched(self, stream: Stream, state: StreamState, doubt: Doubt) -> str:
        """Why the connector says that the list was shown in full, or "".

        It is asked when its answer can end the doubt, and then in every nightly sync.
        """
        context = self._context
        early = context.time.now() - doubt.since < EMPTY_FOR or state.since is not None
        if early or doubt.rows or doubt.referring or doubt.accepted is not None:
            return ""
        if doubt.vouched and not context.options.nightly:
            return doubt.vouched
        ask = getattr(context.connector, "check_visibility", None)  # older connectors lack it
        if ask is None:
            return ""
        try:
            checked = ask(stream)
        except AtsbridgeError:
            return ""
        return (checked.detail or "the credential may read all of it") if checked.good else ""

    def _is_foreign(self, stream: Stream, incoming: Mapping[str, tuple[int, int]]) -> bool:
        """Whether the rows look like another account's.

        So it is if another list names many rows of this one and none of them is stored, or if there
        are references and none at all fits. `incoming`: see `_incoming`; empty for a list whose
        past is not read yet, because other lists may name rows of the past.
        """
        if any(named >= FEW and not stored for named, stored in incoming.values()):
            return True
        counts = [*incoming.values(), *self._outgoing(stream)]
        named, fit = sum(one for one, _ in counts), sum(one for _, one in counts)
        return named > 0 and fit == 0

    def _incoming(self, stream: Stream) -> dict[str, tuple[int, int]]:
        """References of other streams' records to this stream's: "kind.field" -> (number of
        references, how many of them lead to a stored record)."""
        created = self._context.creates[stream.name]
        return {
            path: counts
            for kind in created
            for path, counts in self._references_to(kind).items()
            if path.partition(".")[0] not in created
        }

    def _outgoing(self, stream: Stream) -> Iterable[tuple[int, int]]:
        """References of this stream's records to records of lists that were read whole and hold
        some. One to the parent that was asked for proves nothing, if the connector fills it."""
        created, filled = self._context.creates[stream.name], set[str]()
        if stream.parent is not None and not stream.parent.named_in_rows:
            above = self._context.connector.spec.stream(stream.parent.stream)
            filled = {parent_kind_of(stream, above)}
        whole = {
            kind
            for other in self._context.streams
            if self._is_whole(other)
            for kind in self._context.creates[other.name]
        }
        whole -= created | filled
        for kind in created:
            references = self._references_from(stream, kind)
            for field in KINDS[kind].fields.values():
                if field.ref in whole and (counts := references(field)):
                    yield counts

    def _references_from(
        self, stream: Stream, kind: str
    ) -> Callable[[Field], tuple[int, int] | None]:
        """A function field -> the references of this stream's records of that kind.

        Where several streams create the kind, the rows of another prove nothing about this one.
        """
        creates = self._context.creates
        if not any(kind in creates[one.name] for one in self._context.streams if one is not stream):
            return lambda field: self._references_to(field.ref).get(field.path)
        own = self._context.store.count_row_references(self._context.account, stream.name, kind)
        return lambda field: own.get(field.path)

    def _is_whole(self, stream: Stream) -> bool:
        """Whether a reference to a record of this list that is not stored says anything."""
        state, store = self._states.get(stream.name), self._context.store
        if state is None or state.since is not None or state.status is not StreamStatus.GOOD:
            return False
        return any(True for _ in store.read_live_ids(self._context.account, stream.name))

    def _references_to(self, kind: str) -> Mapping[str, tuple[int, int]]:
        if kind not in self._references:
            store, account = self._context.store, self._context.account
            self._references[kind] = store.count_references(account, kind)
        return self._references[kind]


def is_reported(stream: Stream, state: StreamState, now: datetime) -> bool:
    """Whether to report the doubt: the list was requested, and no row fits."""
    if state.doubt is None or state.doubt.settled or state.returned:
        return False
    return state.since is None or bool(backfill.first_read_streams(stream, now))


def describe(stream: Stream, doubt: Doubt) -> str:
    """Why the stream is not believed, as a sentence for ops."""
    names = " and ".join(doubt.referring)
    if doubt.partial:
        return (
            f"{stream.name} left out rows that others refer to and that exist: what it returned"
            " is not believed before it returns them"
        )
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
    return f"{stream.name} has never returned a row. That alone does not prove that there are none"


def suggest_remedy(stream: Stream, doubt: Doubt, account: str) -> str:
    """What ops can do about it, with the exact command."""
    command = f"atsbridge sync --account {account} --accept-empty {stream.name}"
    scope = f" ({stream.scope})" if stream.scope else ""
    if doubt.partial:
        return f"Every sync asks again. To accept it without them: {command}"
    if doubt.rows:
        check = "Check that the account's credential and address belong together"
        return f"{check}. To accept it: {command}"
    check = f"Check that the credential may read it{scope}"
    if doubt.referring:
        return f"{check}. To accept it all the same: {command}"
    return f"{check}. If there really is none: {command}"
