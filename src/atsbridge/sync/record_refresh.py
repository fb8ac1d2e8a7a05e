"""Read single records again, for example before a message about them is sent."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from atsbridge.errors import RetryableError
from atsbridge.ports import Page, Stream
from atsbridge.sync.lists import COUNT, MissingRecords, shows_account
from atsbridge.sync.rows import find_lost
from atsbridge.sync.sync_context import SyncContext, SyncTarget, main_stream, page_write
from atsbridge.sync.sync_report import Tally

_WITNESSES = 3  # records that are asked for one by one, until one is returned


def refresh(target: SyncTarget, kind: str, ids: Sequence[str]) -> Tally:
    """Read these records and what they depend on, and store what differs. No bookmark moves.

    A record that the vendor reports as deleted is marked deleted. A record that is missing from
    the answer is asked for once more, together with a record that must exist. If only the second
    is returned, the first is marked deleted; otherwise nothing is concluded, and it is `unshown`
    in the tally. So is a record whose row cannot be read.

    Raises SourceError, PluginError and StoreError; then nothing is known to be fresh. An answer
    about children that shows nothing of the account is a RetryableError, and so is one that cannot
    tell a field that is believed.
    """
    context = SyncContext.open(target)
    tally = Tally()
    unread: set[str] = set()
    main = main_stream(target.connector.spec.streams, kind)
    seen = _fetch(context, main, kind, ids, tally, unread)
    if main is not None:
        absent = [one for one in dict.fromkeys(ids) if one not in seen]
        _confirm_deletions(context, main, kind, absent, tally, unread)
    tally.unshown |= unread
    return tally


def _fetch(
    context: SyncContext,
    main: Stream | None,
    kind: str,
    ids: Sequence[str],
    tally: Tally,
    unread: set[str],
) -> set[str]:
    """Read the records once and store them.

    Returns the ids that the main stream returned or reported as deleted. If a row has no id, these
    are all `ids`: the row may be any of them. Adds those that cannot be read to `unread`.
    """
    seen: set[str] = set()
    for stream, page in context.pages_by_id(kind, ids):
        _require_evidence(context, stream, page.rows)
        _require_fields(context, stream, page)
        decoder = context.decoder(stream)
        rows = decoder.decode(page.rows, tally)
        if rows.writes:
            tally.add(context.store.write_page(page_write(context, decoder, rows)))
        _mark_deleted(context, stream, page.deleted, tally)
        if main is not None and stream.name == main.name:
            shown = {*rows.ids, *page.deleted, *(ids if rows.nameless else ())}
            unread |= shown.difference(page.deleted, rows.same, (row.id for row in rows.writes))
            seen |= shown
    return seen


def _require_fields(context: SyncContext, stream: Stream, page: Page) -> None:
    """Raise RetryableError if a page cannot tell a field that is believed: the next sync notes it.

    What is stored stays: a value that cannot be told is no absent one.
    """
    if page.unknown:
        state = context.store.read_state(context.account, stream.name)
        believed = page.unknown.keys() - find_lost(state.fingerprints)
        for field in sorted(believed & context.decoder(stream).prints.keys()):
            raise RetryableError(
                page.unknown[field],
                where=f"{context.account}/{stream.name}",
                remedy="The next sync asks again, and treats it as unknown if this stays",
            )


def _require_evidence(context: SyncContext, stream: Stream, raws: Sequence[Any]) -> None:
    """Raise RetryableError if children of a believed stream show nothing of the account."""
    if stream.parent is None or not raws:
        return
    state = context.store.read_state(context.account, stream.name)
    if state.returned and shows_account(context, stream, raws) is False:
        raise RetryableError(
            "the answer holds nothing that is known of this account",
            where=f"{context.account}/{stream.name}",
            remedy="The next sync compares it with the records of others",
        )


def _confirm_deletions(
    context: SyncContext,
    main: Stream,
    kind: str,
    absent: Sequence[str],
    tally: Tally,
    unread: set[str],
) -> None:
    """Ask again for the absent records, together with a witness, a record that must exist.

    An answer may lack records because the credential sees fewer of them than before. If more are
    absent than deletions explain, the nightly reconciliation decides. A witness that is not
    returned proves nothing, so the next one is tried.
    """
    absent = _stored(context, main, absent)
    tally.unshown = frozenset(absent)
    if len(absent) > COUNT:
        stored = sum(1 for _ in context.store.read_live_ids(context.account, main.name))
        if MissingRecords(tuple(absent), stored).implausible:
            return
    live = context.store.read_live_ids(context.account, main.name) if absent else iter(())
    for witness in list(islice((one for one in live if one not in absent), _WITNESSES)):
        seen = _fetch(context, main, kind, [witness, *absent], tally, unread)
        tally.unshown = tally.unshown.difference(absent if witness in seen else seen)
        if witness in seen:
            _mark_deleted(context, main, [one for one in absent if one not in seen], tally)
            return


def _stored(context: SyncContext, stream: Stream, ids: Sequence[str]) -> Sequence[str]:
    """The ids among these of stored records that are not deleted."""
    if not ids:
        return ()
    known = context.store.read_digests(context.account, stream.name, ids)
    return [one for one in ids if one in known]


def _mark_deleted(context: SyncContext, stream: Stream, ids: Sequence[str], tally: Tally) -> None:
    if found := _stored(context, stream, ids):
        account, now = context.account, context.time.now()
        tally.deleted += context.store.delete_rows(account, stream.name, found, now)
