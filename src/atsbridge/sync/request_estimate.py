"""Estimate the requests of a sync from what is stored, without sending any."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from atsbridge.ports import ConnectorSpec, Parent, RecordStore, Stream, StreamState
from atsbridge.sync import request_cost
from atsbridge.sync.account_map import AccountMap
from atsbridge.sync.engine import in_order
from atsbridge.sync.lists import SLICE, is_read_whole, repeats_first_read, rests


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many requests a stream would need, and why. None: its length is not known yet."""

    stream: str
    requests: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The sync to estimate.

    `active`: how many active applications to assume for lists that were never read.
    """

    full: bool = False
    nightly: bool = False
    history: timedelta | None = None
    active: int | None = None


def estimate_requests(
    spec: ConnectorSpec,
    store: RecordStore,
    account: str,
    now: datetime | None = None,
    asked: Asked | None = None,
    account_map: AccountMap | None = None,
) -> tuple[Estimate, ...]:
    """An estimate per stream, in the order of reading. Sends no request."""
    asked = asked or Asked()
    waiting = store.count_work(account)
    typical = _typical(spec, asked.active)
    found: list[Estimate] = []
    for stream in in_order((account_map or AccountMap()).select_streams(spec.streams)):
        state = store.read_state(account, stream.name)
        if state.read_at is None and typical:
            why = f"first read at {asked.active} active applications"
            if stream.backfill is not None and stream.backfill.repeat_after is not None:
                why += f"; repeated later{_often(stream, asked.active or 0)}"
            found.append(Estimate(stream.name, typical[stream.name], why))
        elif stream.parent is not None and _unseen(store, account, stream):
            found.append(_unseen_children(stream, stream.parent))
        elif stream.parent is not None:
            watched = len(store.find_watched(account, stream, now)) if now is not None else 0
            found.append(_children(stream, waiting.get(stream.name, 0), watched))
        else:
            found.append(_list(store, account, stream, state, now, asked))
    return tuple(found)


def _unseen(store: RecordStore, account: str, stream: Stream) -> bool:
    """Whether the parents were never read, so that their number is not known."""
    return (
        stream.parent is not None
        and store.read_state(account, stream.parent.stream).read_at is None
    )


def _unseen_children(stream: Stream, parent: Parent) -> Estimate:
    if parent.skip_first_sync:
        return Estimate(stream.name, 0, "not in the first sync")
    return Estimate(stream.name, None, f"first time: as many as its {parent.stream} need")


def _typical(spec: ConnectorSpec, active: int | None) -> dict[str, int]:
    if active is None or spec.typical is None:
        return {}
    return request_cost.requests(spec, spec.typical(active))


def _list(
    store: RecordStore,
    account: str,
    stream: Stream,
    state: StreamState,
    now: datetime | None,
    asked: Asked,
) -> Estimate:
    forced = asked.full or asked.nightly
    if now is not None and not forced and rests(stream, state, now):
        hours = stream.every.total_seconds() / 3600
        return Estimate(stream.name, 0, f"read every {hours:g} hours, not now")
    if stream.cost.answers == 0:
        return Estimate(stream.name, 0, "read without a request")
    if state.bookmark is None:
        part = "what is open" if stream.backfill and asked.history else "all of it"
        return Estimate(stream.name, None, f"first time: as many pages as {part} fills")
    night = now if asked.nightly else None
    if stream.incremental is None or asked.full or is_read_whole(account, stream, state, night):
        return _whole(stream, sum(1 for _ in store.read_live_ids(account, stream.name)))
    more = ""
    requests = 1 + stream.cost.further(0) + stream.cost.per_window
    nightly = asked.nightly and stream.reconciliation.open_records is not None
    if now is not None and (nightly or repeats_first_read(stream, state, now)):
        requests += request_cost.pages(stream, state.open)
        more += f"; {state.open} open ones, read again{_often(stream, state.open)}"
    if asked.nightly and stream.reconciliation.complete and stream.reconciliation.ids:
        rows = sum(1 for _ in store.read_live_ids(account, stream.name))
        requests += request_cost.pages(stream, rows)
        more += f"; ids of {rows} records, to find deleted ones"
    if state.since is not None and asked.history is not None and now is not None:
        slices = max(1, ceil((state.since - (now - asked.history)) / SLICE))
        requests += slices
        months = "month" if slices == 1 else "months"
        more += f"; {slices} {months} of the past, a page or more each"
    return Estimate(stream.name, requests, f"one page, more where much has changed{more}")


def _whole(stream: Stream, rows: int) -> Estimate:
    """All of a list of so many rows."""
    pages, more = request_cost.pages(stream, rows), ""
    others = pages * stream.cost.joined_lists + stream.cost.further(rows)
    if others:
        more = f", and {others} for lists it is joined with"
    if stream.detail:
        more += f", and one for each record: {rows}"
        others += rows
    size = f"{stream.page_rows} a page" if stream.cost.answers is None else "in one answer"
    return Estimate(stream.name, pages + others, f"{rows} records, {size}{more}")


def _often(stream: Stream, rows: int) -> str:
    """How often a list with so many open rows repeats its first read."""
    every = stream.backfill.repeat_after if stream.backfill is not None else None
    hours = every(rows).total_seconds() / 3600 if every is not None else 0
    return " every hour" if hours == 1 else f" every {hours:g} hours"


def _children(stream: Stream, waiting: int, watched: int) -> Estimate:
    size = stream.parent.size if stream.parent is not None else 1
    each = "a changed parent" if size == 1 else f"{size} changed parents"
    why = f"one for {each}"
    counts = ((waiting, "waiting"), (watched, "watched"))
    if known := [f"{number} {state}" for number, state in counts if number]:
        why += f"; {', '.join(known)} now"
    return Estimate(stream.name, ceil((waiting + watched) / size), why)
