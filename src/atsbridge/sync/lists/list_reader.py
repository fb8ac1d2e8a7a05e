"""Read one list: what changed since the bookmark, the whole list, or its first read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from atsbridge.errors import (
    CursorError,
    FatalError,
    PluginError,
    SourceError,
    SyncTokenError,
)
from atsbridge.ports import Page, Stream, StreamState, StreamStatus
from atsbridge.sync.lists import backfill, reconciliation
from atsbridge.sync.lists.child_evidence import shows_account
from atsbridge.sync.lists.held_writes import BUNDLE, HeldWrites
from atsbridge.sync.lists.lookup_by_id import FOREIGN, foreign_error, may_be_new
from atsbridge.sync.lists.read_plan import ReadPlan, checks_open_records, is_skipped, plan_read
from atsbridge.sync.lists.seen_ids import SeenIds
from atsbridge.sync.rows import DecodedRows, RowDecoder, raw_id, schema_drift
from atsbridge.sync.sync_context import (
    SyncContext,
    check_bad_share,
    page_write,
    read_to_end,
    save_unreadable,
)
from atsbridge.sync.sync_report import Tally

# Fewer stored rows than these may all have been replaced between two reads.
_FEW = 3
_TOKEN_REFUSED = "the vendor did not accept its sync token, so the list was read whole"  # noqa: S105


def read(context: SyncContext, stream: Stream, state: StreamState, tally: Tally) -> StreamState:
    """Read the list once, page by page into the store. Returns the state as stored.

    A slow list that was read lately is left out (`Stream.every`).

    A page token that the vendor no longer accepts starts the read again, once. A sync token that it
    does not accept makes it read the whole list. Raises SourceError, PluginError and StoreError;
    what was stored until then stays, and neither bookmark nor token moves.
    """
    decoder = context.decoder(stream, first=state.read_at is None)
    if is_skipped(context, stream, state, decoder):
        return state
    plan = plan_read(context, stream, state, decoder)
    checks_open = plan.repeat_first_read and checks_open_records(context, stream)
    first_read = backfill.FirstRead(seen=SeenIds() if checks_open else None)
    restarted = False
    while True:
        try:
            state = _ListReader(context, decoder, plan, tally, first_read).read(state)
            break
        except CursorError:
            if restarted:
                raise
            restarted = True
        except FatalError as error:
            if not plan.token or not _refuses_token(error):
                raise
            plan = plan.whole_instead()
            expected = isinstance(error, SyncTokenError) and error.expected
            tally.reread = "" if expected else _TOKEN_REFUSED
        tally.restart()
        first_read.rows = 0
    if first_read.seen is not None:
        state = reconciliation.check_open_records(context, stream, state, tally, first_read.seen)
    if plan.changes_only and reconciliation.is_due(context, stream, state):
        state = reconciliation.reconcile(context, stream, state, tally)
    return state


def _refuses_token(error: FatalError) -> bool:
    """Whether a refusal may mean that the sync token is no longer valid, or was never."""
    return isinstance(error, SyncTokenError) or error.status in (400, 404, 409, 410, 422)


class _ListReader:
    """One read of one list by its plan."""

    def __init__(
        self,
        context: SyncContext,
        decoder: RowDecoder,
        plan: ReadPlan,
        tally: Tally,
        first_read: backfill.FirstRead,
    ) -> None:
        self._context = context
        self._decoder = decoder
        self._stream = decoder.stream
        self._plan = plan
        self._tally = tally
        self._first_read = first_read
        self._shown = False  # whether a row shows that the answer belongs to the account
        self._held = HeldWrites(context, decoder, tally)

    def read(self, state: StreamState) -> StreamState:
        """Read all pages into the store. Returns the state, stored with the last page."""
        seen = SeenIds() if self._compares(state) else None
        try:
            for page in _bundle(self._pages()):
                rows = self._decode(page)
                if rows.ids and self._is_foreign(state, page, rows):
                    return self._refuse(state)
                if seen is not None:
                    seen.add(rows.ids)
                    seen.nameless += rows.nameless
                state = save_unreadable(self._context, self._decoder, state)
                state = self._store(page, rows, state, seen)
                self._context.report_progress(self._stream, self._tally)
        except (SourceError, PluginError):
            self._held.store()
            raise
        return state

    def _compares(self, state: StreamState) -> bool:
        """Whether to compare the answer with the stored rows: also those of a first read that broke
        off on a later page."""
        if state.read_at is not None:
            return self._plan.whole
        live = self._context.store.read_live_ids(self._context.account, self._stream.name)
        return any(True for _ in live)

    def _decode(self, page: Page) -> DecodedRows:
        """The rows of the page that differ from those that are stored or held."""
        self._decoder.mark_unknown(page.unknown, self._tally)
        return self._decoder.decode(page.rows, self._tally, force=self._plan.force)

    def _store(
        self, page: Page, rows: DecodedRows, state: StreamState, seen: SeenIds | None
    ) -> StreamState:
        """Store what a page changes, or hold it for the next transaction.

        Returns the state, which is stored with the last page.
        """
        context, tally = self._context, self._tally
        if page.deleted or page.last:
            self._held.store()
        if page.deleted:
            name, now = self._stream.name, context.time.now()
            tally.deleted += context.store.delete_rows(context.account, name, page.deleted, now)
        if page.last:
            state = self._end(replace(state, token=self._next_token(state, page)), seen)
        if rows.writes or page.last:
            self._held.add(
                replace(
                    page_write(context, self._decoder, rows),
                    seen=(),  # of no use to a list, whose pages are not complete
                    remapped=self._plan.remapped | self._decoder.unreadable,
                    origin=self._plan.origin,
                    state=state if page.last else None,
                )
            )
        if page.last:
            self._held.store()
        return state

    def _next_token(self, state: StreamState, page: Page) -> str:
        """The sync token for the next read: the old one still holds if the last page gave none."""
        return page.token or (state.token if self._plan.token else "")

    def _is_foreign(self, state: StreamState, page: Page, rows: DecodedRows) -> bool:
        """Whether the first rows of a list that was believed before show nothing of the account.

        `doubt` decides about a list that was never believed.
        """
        context, name = self._context, self._stream.name
        accepted = name in context.options.accept_deleted
        if self._shown or rows.same or accepted or state.doubted or not state.returned:
            self._shown = True
            return False
        if self._plan.whole:
            live = context.store.read_live_ids(context.account, name)
            self._shown = (
                len(list(islice(live, _FEW))) < _FEW
                or shows_account(context, self._stream, page.rows) is True
            )
        else:
            self._shown = may_be_new(context, self._stream, page.rows)
        return not self._shown

    def _refuse(self, state: StreamState) -> StreamState:
        """The state after a refused whole list: nothing is stored, and it is read whole again.

        A refused window raises RetryableError, and the next sync asks for it again.
        """
        context, started = self._context, self._plan.started
        if not self._plan.whole:
            raise foreign_error(context, self._stream)
        state = read_to_end(state, state.fingerprints, started, lost=FOREIGN)
        state = state.after_whole_read(started, self._tally.rows)
        context.store.save_state(context.account, state)
        return state

    def _pages(self) -> Iterator[Page]:
        """All pages of the plan. `last` is set on the very last one only."""
        plan = self._plan
        first_read = plan.first_read or plan.repeat_first_read
        asked = [] if plan.first_read else [(self._asked(), plan.window)]
        if first_read:
            streams = backfill.first_read_streams(self._stream, plan.started)
            asked += [(one, None) for one in streams]
        for number, (stream, window) in enumerate(asked, 1):
            for page in self._context.pages(stream, window):
                if window is None and first_read:
                    self._first_read.add(page.rows)
                yield page if number == len(asked) else replace(page, last=False)
        if not asked:
            yield Page((), last=True)

    def _asked(self) -> Stream:
        """The stream, with its sync token among the parameters if the plan has one."""
        stream, how = self._stream, self._stream.incremental
        if how is None or not self._plan.token:
            return stream
        return replace(stream, params={**stream.params, how.token: self._plan.token})

    def _end(self, state: StreamState, seen: SeenIds | None) -> StreamState:
        """The state after the last page. What a whole list no longer returned is marked deleted."""
        context, decoder, plan, tally = self._context, self._decoder, self._plan, self._tally
        check_bad_share(context, self._stream, tally)
        lost = ""
        if seen is not None:
            lost = reconciliation.check_all_present(
                context, self._stream, seen, tally, doubted=state.doubted
            )
        elif plan.changes_only and state.status is StreamStatus.LOST:
            lost = state.detail  # only a whole read can show that the list is complete again
        prints = {
            **schema_drift.update_fingerprints(
                decoder.prints,
                state.fingerprints,
                decoder.unreadable,
                proved=decoder.proved,
                whole=not plan.changes_only,
                members=decoder.members.dump(),
            ),
            **context.child_prints(self._stream),
        }
        since = state.since if plan.changes_only else plan.started if plan.first_read else None
        state = replace(read_to_end(state, prints, plan.started, lost=lost), since=since)
        if lost and plan.first_read:  # and not the whole list, which may be long
            state = replace(state, bookmark=None, read_at=None)
        if plan.whole:
            state = state.after_whole_read(plan.started, tally.rows)
            state = replace(state, whole_at=plan.started)
        if plan.first_read or plan.repeat_first_read:
            state = replace(state, open=self._first_read.rows)
        return state


def _bundle(pages: Iterator[Page]) -> Iterator[Page]:
    """The same rows in pages of about 2,000.

    One transaction then writes each page of an index once for many rows. A row that a later page
    reports as deleted is left out, because deletions are stored first. If the connector raises,
    the rows before are yielded before the error is raised.
    """
    rows: list[Any] = []
    deleted: list[str] = []
    unknown: dict[str, str] = {}
    try:
        for page in pages:
            rows += page.rows
            deleted += page.deleted
            if page.deleted:
                reported = frozenset(page.deleted)
                rows = [raw for raw in rows if raw_id(raw) not in reported]
            unknown.update(page.unknown)
            if page.last or len(rows) >= BUNDLE:
                yield Page(rows, page.last, deleted, unknown, page.token)
                rows, deleted, unknown = [], [], {}
    except (SourceError, PluginError):
        if rows or deleted:
            yield Page(rows, last=False, deleted=deleted, unknown=unknown)
        raise
