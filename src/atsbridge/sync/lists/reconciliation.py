"""What a list no longer holds: marked gone, unless so much is missing that sight was lost of it.

How much is too much is `coverage`'s; which lists are read whole is `lists`'.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from atsbridge.ports import Stream, StreamState, StreamStatus
from atsbridge.sync.lists.seen_ids import Missing, Seen, missing
from atsbridge.sync.refresh import refresh
from atsbridge.sync.rows import ident
from atsbridge.sync.sync_context import SyncContext
from atsbridge.sync.sync_report import Tally

_BATCH = 500  # records marked gone in one transaction
_UNREAD = 500  # rows of one list that are asked for by id in one night, at most


def nightly(reading: SyncContext, stream: Stream, state: StreamState, tally: Tally) -> StreamState:
    """Ask for the ids of the list, and mark what it no longer holds; the state after it.

    What it holds and we do not is asked for by id. A list read in two legs is asked for what
    changed within the account's history: a stored row that changed since then is among them,
    whatever became of it, or it is gone.
    """
    asked = replace(stream, params={**stream.params, **stream.reconciliation.ids})
    now, history = reading.time.now(), reading.options.history
    since, window = None, None
    if history is not None and stream.backfill is not None and stream.incremental is not None:
        since = now - history
        window = (since, now + stream.incremental.look_back)
    seen = Seen()
    kind = next(iter(stream.owns))
    unread: list[str] = []
    for page in reading.pages(asked, window):
        ids = [ident(row) for row in page.rows]
        seen.add(ids)
        if len(unread) < _UNREAD:
            known = reading.store.read_digests(reading.account, stream.name, [*filter(None, ids)])
            unread += [one for one in ids if one and one not in known]
    if seen.nameless:
        tally.flaw(f"{stream.name}: {seen.nameless} rows had no id; nothing was marked deleted")
        return state
    if unread:
        _read_too(reading, kind, unread[:_UNREAD], tally)
    live = reading.store.read_live_ids(reading.account, stream.name, kind=kind, since=since)
    if lost := mark(reading, stream, missing(live, seen), tally):
        state = replace(state, status=StreamStatus.LOST, detail=lost)
        reading.store.save_state(reading.account, state)
    return state


def _read_too(reading: SyncContext, kind: str, ids: Sequence[str], tally: Tally) -> None:
    """Ask by id for rows that an earlier answer left out: no window would ever bring them."""
    connector, its_map = reading.connector, reading.account_map
    asked = refresh(reading.account, connector, reading.store, its_map, reading.time, kind, ids)
    tally.new += asked.new
    tally.changed += asked.changed


def unasked(
    reading: SyncContext, stream: Stream, state: StreamState, tally: Tally, seen: Seen
) -> StreamState:
    """Ask by id for what is open as far as we know and a scan of all that is open did not bring.

    It moved on meanwhile, or was deleted without a trace; the state after it.
    """
    open_records = stream.reconciliation.open_records
    assert open_records is not None
    if seen.nameless:
        return state
    account, store = reading.account, reading.store
    found = missing(
        store.read_live_ids(
            account,
            stream.name,
            kind=open_records.kind,
            words=(open_records.field, open_records.values),
        ),
        seen,
    )
    if found.lost:
        state = replace(state, status=StreamStatus.LOST, detail=_said(found))
        store.save_state(account, state)
    elif found.ids:
        connector, its_map = reading.connector, reading.account_map
        asked = refresh(
            account, connector, store, its_map, reading.time, open_records.kind, found.ids
        )
        tally.gone += asked.gone
        tally.changed += asked.changed
    return state


def is_due(reading: SyncContext, stream: Stream, state: StreamState) -> bool:
    """Whether this is the night's sync, for a list that is believed and has ids to ask for."""
    by_ids = stream.reconciliation.complete and bool(stream.reconciliation.ids)
    return reading.options.nightly and by_ids and state.status is StreamStatus.GOOD


def mark(
    reading: SyncContext, stream: Stream, gone: Missing, tally: Tally, *, doubted: bool = False
) -> str:
    """Mark them gone; where that cannot be believed, say so instead.

    `doubted`: the stream's rows were not believed while they were there either.
    A list that does not tell what is gone says nothing by what it leaves out, unless it is all.
    """
    believed = doubted or stream.name in reading.options.accept_deleted
    if not stream.reconciliation.complete and not doubted:
        emptied = bool(gone.ids) and len(gone.ids) == gone.stored
        return _said(gone) if emptied and not believed else ""
    if gone.lost and not believed:
        return _said(gone)
    at = reading.time.now()
    for start in range(0, len(gone.ids), _BATCH):
        batch = gone.ids[start : start + _BATCH]
        tally.gone += reading.store.delete_rows(reading.account, stream.name, batch, at)
    return ""


def _said(gone: Missing) -> str:
    return (
        f"{len(gone.ids)} of {gone.stored} records are gone at once: nothing was marked,"
        " and what they say is not believed"
    )
