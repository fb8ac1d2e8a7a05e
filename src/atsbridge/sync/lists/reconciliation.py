"""Find deleted records: compare the ids of a complete list with the stored ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from atsbridge.errors import require
from atsbridge.ports import Stream, StreamState, StreamStatus
from atsbridge.sync.lists.lookup_by_id import confirm_missing
from atsbridge.sync.lists.seen_ids import MissingRecords, SeenIds, find_missing
from atsbridge.sync.record_refresh import refresh
from atsbridge.sync.rows import raw_id
from atsbridge.sync.sync_context import SyncContext
from atsbridge.sync.sync_report import Tally

_BATCH = 500  # records marked deleted in one transaction
_UNREAD = 500  # rows of one list that one nightly sync reads by id, at most


def reconcile(
    context: SyncContext, stream: Stream, state: StreamState, tally: Tally
) -> StreamState:
    """Ask for the ids of a list, and mark deleted the stored records that it does not return.

    Rows that it returns and that are not stored are read by id. A list with a backfill is asked
    for what changed within the account's history only: a record that changed since then is
    returned unless it was deleted. Returns the state as stored.
    """
    asked = replace(stream, params={**stream.params, **stream.reconciliation.ids})
    now, history = context.time.now(), context.options.history
    since, window = None, None
    if history is not None and stream.backfill is not None and stream.incremental is not None:
        since = now - history
        window = (since, now + stream.incremental.look_back)
    seen = SeenIds()
    kind = next(iter(stream.owns), "")
    unread: list[str] = []
    for page in context.pages(asked, window):
        ids = [raw_id(row) for row in page.rows]
        seen.add(ids)
        if len(unread) < _UNREAD:
            known = context.store.read_digests(context.account, stream.name, [*filter(None, ids)])
            unread += [one for one in ids if one and one not in known]
    if seen.nameless:
        tally.add_bad(f"{stream.name}: {seen.nameless} rows had no id; nothing was marked deleted")
        return state
    if unread and kind:
        found = refresh(context.target, kind, unread[:_UNREAD])
        tally.new += found.new
        tally.changed += found.changed
    live = partial(
        context.store.read_live_ids, context.account, stream.name, kind=kind, since=since
    )
    if lost := delete_missing(context, stream, find_missing(live, seen), tally):
        state = replace(state, status=StreamStatus.LOST, detail=lost)
        context.store.save_state(context.account, state)
    return state


def check_open_records(
    context: SyncContext, stream: Stream, state: StreamState, tally: Tally, seen: SeenIds
) -> StreamState:
    """Read by id the stored open records that a repeated first read did not return.

    They were closed or deleted meanwhile. `seen`: the ids that the first read returned. Returns
    the state as stored.
    """
    open_records = require(
        stream.reconciliation.open_records, f"what {stream.name} has of open records"
    )
    if seen.nameless:
        return state
    account, store = context.account, context.store
    missing = find_missing(
        partial(
            store.read_live_ids,
            account,
            stream.name,
            kind=open_records.kind,
            where=(open_records.field, open_records.values),
        ),
        seen,
    )
    if missing.implausible:
        state = replace(state, status=StreamStatus.LOST, detail=_describe(missing))
        store.save_state(account, state)
    elif missing.ids:
        found = refresh(context.target, open_records.kind, missing.ids)
        tally.deleted += found.deleted
        tally.changed += found.changed
    return state


def is_due(context: SyncContext, stream: Stream, state: StreamState) -> bool:
    """Whether to compare ids now: in the nightly sync, for a believed list that offers its ids."""
    by_ids = stream.reconciliation.complete and bool(stream.reconciliation.ids)
    return context.options.nightly and by_ids and state.status is StreamStatus.GOOD


def check_all_present(
    context: SyncContext, stream: Stream, seen: SeenIds, tally: Tally, *, doubted: bool
) -> str:
    """Mark deleted what a list that was just read whole did not return.

    `doubted`: the stored rows of the list were not believed. Returns why the answer is not
    believed, or "".
    """
    if seen.nameless:
        return ""
    live = partial(context.store.read_live_ids, context.account, stream.name)
    return delete_missing(context, stream, find_missing(live, seen), tally, doubted=doubted)


def delete_missing(
    context: SyncContext,
    stream: Stream,
    missing: MissingRecords,
    tally: Tally,
    *,
    doubted: bool = False,
) -> str:
    """Mark the missing records deleted. If that is implausible, return why, and mark nothing.

    Records that the vendor still shows by id are not marked. Records of a doubted list, and of a
    list whose deletions the operator accepts, are always marked. A list that is not complete proves
    no deletion; it is implausible only if it no longer returns any of its records.
    """
    believed = doubted or stream.name in context.options.accept_deleted
    if not stream.reconciliation.complete and not doubted:
        emptied = bool(missing.ids) and len(missing.ids) == missing.stored
        return _describe(missing) if emptied and not believed else ""
    if missing.implausible and not believed:
        return _describe(missing)
    missed: Sequence[str] = missing.ids
    if not believed:
        missed = confirm_missing(context, stream, missed, tally)
    at = context.time.now()
    for start in range(0, len(missed), _BATCH):
        batch = missed[start : start + _BATCH]
        tally.deleted += context.store.delete_rows(context.account, stream.name, batch, at)
    return ""


def _describe(missing: MissingRecords) -> str:
    return (
        f"{len(missing.ids)} of {missing.stored} records are missing at once: none was marked"
        " deleted, and the list is not believed"
    )
