"""What a list no longer holds: marked gone, unless so much is missing that sight was lost of it.

How much is too much is `coverage`'s; which lists are read whole is `lists`'.
"""

from __future__ import annotations

from dataclasses import replace

from atsbridge.ports import Stream, StreamState, StreamStatus
from atsbridge.sync.coverage import Missing, Seen, missing
from atsbridge.sync.outcome import Tally
from atsbridge.sync.reading import Reading
from atsbridge.sync.refresh import refresh
from atsbridge.sync.rows import ident

_BATCH = 500  # records marked gone in one transaction


def nightly(reading: Reading, stream: Stream, state: StreamState, tally: Tally) -> StreamState:
    """Ask for the ids of the list, and mark what it no longer holds; the state after it.

    A list read in two legs is asked for what changed within the account's history: a stored row
    that changed since then is among them, whatever became of it, or it is gone.
    """
    asked = replace(stream, params={**stream.params, **stream.ids})
    now, history = reading.time.now(), reading.options.history
    since = now - history if history is not None and stream.first is not None else None
    window = None if since is None else (since, now + stream.look_back)
    seen = Seen()
    for page in reading.pages(asked, window):
        seen.add(map(ident, page.rows))
    if seen.nameless:
        tally.flaw(f"{stream.name}: {seen.nameless} rows had no id; nothing was marked deleted")
        return state
    kind = next(iter(stream.owns))
    live = reading.store.live(reading.account, stream.name, kind=kind, since=since)
    if lost := mark(reading, stream, missing(live, seen), tally):
        state = replace(state, status=StreamStatus.LOST, detail=lost)
        reading.store.save_state(reading.account, state)
    return state


def unasked(
    reading: Reading, stream: Stream, state: StreamState, tally: Tally, seen: Seen
) -> StreamState:
    """Ask by id for what is open as far as we know and a scan of all that is open did not bring.

    It moved on meanwhile, or was deleted without a trace; the state after it.
    """
    assert stream.open is not None
    if seen.nameless:
        return state
    kind, field, words = stream.open
    account, store = reading.account, reading.store
    found = missing(store.live(account, stream.name, kind=kind, words=(field, words)), seen)
    if found.lost:
        state = replace(state, status=StreamStatus.LOST, detail=_said(found))
        store.save_state(account, state)
    elif found.ids:
        connector, its_map = reading.connector, reading.account_map
        asked = refresh(account, connector, store, its_map, reading.time, kind, found.ids)
        tally.gone += asked.gone
        tally.changed += asked.changed
    return state


def is_due(reading: Reading, stream: Stream, state: StreamState) -> bool:
    """Whether this is the night's sync, for a list that is believed and has ids to ask for."""
    asks = reading.options.nightly and stream.whole and bool(stream.ids)
    return asks and state.status is StreamStatus.GOOD


def mark(reading: Reading, stream: Stream, gone: Missing, tally: Tally) -> str:
    """Mark them gone; where that cannot be believed, say so instead."""
    if gone.lost and stream.name not in reading.options.accept_gone:
        return _said(gone)
    at = reading.time.now()
    for start in range(0, len(gone.ids), _BATCH):
        batch = gone.ids[start : start + _BATCH]
        tally.gone += reading.store.mark_gone(reading.account, stream.name, batch, at)
    return ""


def _said(gone: Missing) -> str:
    return (
        f"{len(gone.ids)} of {gone.stored} records are gone at once: nothing was marked,"
        " and what they say is not believed"
    )
