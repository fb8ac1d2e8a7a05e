"""Read children by their parents: drain the work queue, several batches at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from atsbridge.errors import AtsbridgeError, AuthError, DeniedError, FatalError
from atsbridge.ports import Stream, StreamState, StreamStatus, Work
from atsbridge.sync.lists.child_batches import (
    Batch,
    Spending,
    fetch_batch,
    parent_kind,
    require_parent,
)
from atsbridge.sync.lists.child_evidence import Confirmation, Evidence
from atsbridge.sync.lists.held_writes import HeldWrites
from atsbridge.sync.rows import DecodedRows, RowDecoder, schema_drift
from atsbridge.sync.sync_context import (
    SyncContext,
    check_bad_share,
    find_remapped,
    page_write,
    read_to_end,
    save_unreadable,
)
from atsbridge.sync.sync_report import Tally

WORKERS = 4  # threads that send requests; only the caller's thread writes
FAILURES = 3  # failed batches after which the rest is left to the next run
PIECE = 10_000  # parents that are read from the queue at once: each time, all of it is sorted
PROBES = 4  # batches that a stream that is not believed may read until one shows evidence


def read(
    context: SyncContext, stream: Stream, state: StreamState, tally: Tally, spending: Spending
) -> StreamState:
    """Read the children of the queued parents, within the budget. Returns the state as stored.

    A batch is stored and leaves the queue in one transaction, with those that arrived meanwhile. So
    a kill loses nothing and repeats at most the batches under way. Parents whose batch failed stay
    queued; after three failed batches the first error is raised. AuthError is raised at once.

    A single parent that the vendor does not find (404) or does not show (403: it became
    confidential) leaves the queue if the children of another parent are found: its own list shows
    whether it was deleted. If no parent is found, the path is wrong, or the permission is missing.
    A stream that has returned rows before is believed only if its answers show evidence
    that they belong to the account (see `Evidence`). Without evidence nothing is stored, the
    parents stay queued and the state is LOST; from then on each sync reads a few batches, until
    one of them shows evidence.
    """
    return _ChildReader(context, stream, state, tally, spending).read()


class _ChildReader:
    """One child stream in one sync."""

    def __init__(
        self,
        context: SyncContext,
        stream: Stream,
        state: StreamState,
        tally: Tally,
        spending: Spending,
    ) -> None:
        self._context = context
        self._stream = stream
        self._state = state
        self._tally = tally
        self._spending = spending
        self._evidence = Evidence(context, stream, state, spending)
        self._decoder = context.decoder(stream, first=state.read_at is None)
        self._held = HeldWrites(context, self._decoder, tally)
        self._all_again = schema_drift.BACK in state.fingerprints.values()
        self._is_probe = state.status is StreamStatus.LOST and not self._is_forced()
        self._failed: list[Batch] = []
        self._unreadable: AtsbridgeError | None = None  # too many rows were bad
        self._asked = False
        self._denied = 0  # parents whose children may not be read
        self._left: int | None = None  # parents in the queue, counted at the first batch

    def _is_forced(self) -> bool:
        options = self._context.options
        return options.full or options.nightly or self._stream.name in options.accept_deleted

    def read(self) -> StreamState:
        context, decoder = self._context, self._decoder
        if self._state.read_at is None:  # the store must know the queue before the first answer
            context.store.write_page(page_write(context, decoder, DecodedRows()))
        _queue_watched(context, decoder)
        decoder.resume_unreadable(schema_drift.find_lost(self._state.fingerprints))
        started = context.time.now()
        self._spending.begin()
        try:
            waiting = self._read_batches()
            outcome = self._evidence.confirm(waiting) if waiting else Confirmation.BELIEVED
            if outcome is Confirmation.BELIEVED:
                self._store(waiting)
        finally:
            self._spending.end()
        if self._failed and self._failed[0].error is not None:
            raise self._failed[0].error
        if self._unreadable is not None:
            raise self._unreadable
        if outcome is Confirmation.REFUSED:
            return self._refuse(waiting)
        return self._finish(started)

    def _read_batches(self) -> list[Batch]:
        """Read and store all batches. Returns those that wait for evidence."""
        waiting: list[Batch] = []
        missing: list[Batch] = []
        for batches in self._fetch():
            believed: list[Batch] = []
            for batch in batches:
                if batch.missing:
                    missing.append(batch)
                    continue
                self._asked = True
                (believed if self._evidence.allows(batch) else waiting).append(batch)
            self._store(believed)
        self._settle_missing(missing)
        return waiting

    def _fetch(self) -> Iterator[Sequence[Batch]]:
        """Batches in the order in which they arrive, read by a few threads.

        Those that arrived while others were stored come together. Failed batches are collected in
        `_failed`.
        """
        batches = _batches(self._context, self._stream)
        batch = next(batches, None)
        if batch is None:
            return
        from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

        flying: set[Future[Batch]] = set()
        sent = 0
        with ThreadPoolExecutor(WORKERS, "atsbridge-children") as pool:
            while True:
                while batch and len(flying) < 2 * WORKERS and self._may_send(sent):
                    if not self._spending.book():
                        batch = None
                        break
                    flying.add(pool.submit(fetch_batch, self._context, self._stream, batch))
                    sent += 1
                    batch = next(batches, None)
                if not flying:
                    return
                landed, flying = wait(flying, return_when=FIRST_COMPLETED)
                yield from self._sort([future.result() for future in landed])

    def _sort(self, batches: Sequence[Batch]) -> Iterator[Sequence[Batch]]:
        """Those that were answered, at once. AuthError and DeniedError are raised after them."""
        self._denied += sum(isinstance(one.error, DeniedError) for one in batches)
        yield [one for one in batches if one.error is None or one.missing]
        failed = [one for one in batches if one.error is not None and not one.missing]
        for one in failed:
            if isinstance(one.error, AuthError | DeniedError):
                raise one.error
        self._failed += failed

    def _may_send(self, sent: int) -> bool:
        probing = self._is_probe and not self._evidence.shown
        failed = max(len(self._failed), 0 if self._asked else self._denied)
        return failed < FAILURES and not (probing and sent >= PROBES)

    def _settle_missing(self, missing: list[Batch]) -> None:
        """Take parents that are not found or shown out of the queue, unless none is."""
        if missing and (self._asked or self._evidence.is_address_right(missing)):
            done = [work for batch in missing for work in batch.parents]
            write = page_write(self._context, self._decoder, DecodedRows())
            self._context.store.write_page(replace(write, done=done))
        else:
            self._failed += missing

    def _finish(self, started: datetime) -> StreamState:
        """The state after a read without a failure, stored if the queue is empty."""
        context, state, decoder = self._context, self._state, self._decoder
        if context.store.count_work(context.account).get(self._stream.name):
            status = StreamStatus.GOOD if state.read_at else StreamStatus.NEVER
            return replace(state, status=status, detail="")  # `read_at` has not moved
        prints = schema_drift.update_fingerprints(
            decoder.prints,
            state.fingerprints,
            decoder.unreadable,
            proved=decoder.proved,
            whole=self._all_again,
        )
        ended = read_to_end(state, prints, started, asked=self._asked)
        if self._tally.rows or replace(state, bookmark=started, read_at=started) != ended:
            context.store.save_state(context.account, ended)
        return ended

    def _refuse(self, waiting: Sequence[Batch]) -> StreamState:
        """The state if no answer showed that it belongs to the account; the parents stay queued."""
        if self._is_probe:
            return self._state
        count = sum(len(batch.parents) for batch in waiting)
        detail = (
            f"the answers for {count} parents hold nothing that is known of this account, and those"
            " for others do not either: nothing was stored, and what they say is not believed"
        )
        if not any(batch.rows for batch in waiting):
            detail = (
                f"{count} parents that had some have none now, and nobody else has any: nothing was"
                " marked deleted, and what they say is not believed"
            )
        state = replace(self._state, status=StreamStatus.LOST, detail=detail)
        self._context.store.save_state(self._context.account, state)
        return state

    def _store(self, batches: Sequence[Batch]) -> None:
        """Store the children of these batches and take their parents out of the queue, together."""
        try:
            for batch in batches:
                self._hold(batch)
        finally:
            self._held.store()

    def _hold(self, batch: Batch) -> None:
        """Decode the children of a batch, and hold what it changes.

        If too many rows are bad, the parents of a batch with bad ones stay in the queue: what
        depends on them is unknown.
        """
        context, decoder, tally = self._context, self._decoder, self._tally
        parent = require_parent(self._stream)
        decoder.mark_unknown(batch.unknown, tally)
        bad_before = tally.bad
        rows = decoder.decode(batch.rows, tally, force=self._all_again)
        readable = tally.bad == bad_before or self._is_readable()
        self._state = state = save_unreadable(context, decoder, self._state)
        complete = [
            (kind, ref, work.parent)
            for kind, ref in parent.complete
            for work in batch.parents
            if not rows.flawed  # a bad row is missing here, but it was not deleted in the ATS
        ]
        write = replace(
            page_write(context, decoder, rows),
            remapped=find_remapped(state, decoder.prints) | decoder.unreadable,
            done=batch.parents if readable else (),
            asked=batch.parents if parent.watch or parent.every else (),
            complete=complete,
        )
        if self._left is None:
            self._left = context.store.count_work(context.account).get(self._stream.name, 0)
        self._left -= len(write.done)
        self._held.add(write)
        context.report_progress(self._stream, tally, self._left)

    def _is_readable(self) -> bool:
        try:
            check_bad_share(self._context, self._stream, self._tally)
        except FatalError as error:
            self._unreadable = self._unreadable or error
            return False
        return True


def _queue_watched(context: SyncContext, decoder: RowDecoder) -> None:
    """Queue the parents that `Parent.watch` wants read again now."""
    stream = decoder.stream
    watched = context.store.find_watched(context.account, stream, context.time.now())
    if watched:
        write = page_write(context, decoder, DecodedRows())
        kind = parent_kind(context, stream)
        wanted = [Work(stream.name, parent, kind) for parent in watched]
        context.store.write_page(replace(write, wanted=wanted))


def _batches(context: SyncContext, stream: Stream) -> Iterator[Batch]:
    """The queued parents in batches of the stream's size, oldest first, each parent once."""
    size = require_parent(stream).size
    asked: set[str] = set()
    while True:
        limit = max(size * WORKERS * 4, PIECE) + len(asked)
        queued = context.store.read_work(context.account, stream.name, limit)
        asked &= {w.parent for w in queued}  # forget the parents that have left the queue
        waiting = [w for w in queued if w.parent not in asked]
        if not waiting:
            return
        for start in range(0, len(waiting), size):
            batch = waiting[start : start + size]
            asked.update(w.parent for w in batch)
            yield Batch(batch)
