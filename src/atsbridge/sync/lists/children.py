"""Draining the work queue: children are asked for by their parents, some batches at once.

What puts a parent into the queue is `rows`; lists are read in `lists`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from atsbridge.errors import AuthError, DeniedError
from atsbridge.ports import Stream, StreamState, StreamStatus, Work
from atsbridge.sync.lists.child_batches import Batch, Spending, fetch_batch, parent_kind
from atsbridge.sync.lists.child_evidence import Confirmation, Evidence
from atsbridge.sync.rows import RowReader, Rows, schema_drift
from atsbridge.sync.sync_context import SyncContext, dimmed, page_write, read_to_end, remapped
from atsbridge.sync.sync_report import Tally

WORKERS = 4  # threads that fetch; one thread writes, the caller's
FAILURES = 3  # batches that may fail before the rest is left to the next tick


def read(
    reading: SyncContext, stream: Stream, state: StreamState, tally: Tally, spending: Spending
) -> StreamState:
    """Ask for the children of every waiting parent the budget allows; the state after it.

    A batch is stored in one transaction together with its leaving the queue, so a kill loses
    nothing and repeats at most what was under way. Parents whose batch failed stay queued; after
    three such batches the first error is raised. AuthError and DeniedError are raised at once.

    A single parent that is not found (404) left the ATS, if another one's children are shown: it
    leaves the queue, and its own list says what became of its records. If nobody's children are
    found, the address is wrong. A stream that once returned rows is believed only where its answers
    show evidence that they are our account's (see `Evidence`): without it nothing is stored, the
    parents stay queued, and the state is LOST.
    """
    return _ChildReader(reading, stream, state, tally, spending).read()


class _ChildReader:
    """One stream of children in one sync."""

    def __init__(
        self,
        reading: SyncContext,
        stream: Stream,
        state: StreamState,
        tally: Tally,
        spending: Spending,
    ) -> None:
        self._reading = reading
        self._stream = stream
        self._state = state
        self._tally = tally
        self._spending = spending
        self._evidence = Evidence(reading, stream, state, spending)
        self._decoder = reading.rows(stream)
        self._all_again = schema_drift.BACK in state.fingerprints.values()
        self._failed: list[Batch] = []
        self._asked = False

    def read(self) -> StreamState:
        reading, decoder = self._reading, self._decoder
        if self._state.read_at is None:  # the store must know what waits before the first answer
            reading.store.write_page(page_write(reading, decoder, Rows()))
        _watch(reading, decoder)
        decoder.dim = schema_drift.lost(self._state.fingerprints)
        started = reading.time.now()
        self._spending.begin()
        try:
            waiting = self._read_batches()
            outcome = self._evidence.confirm(waiting) if waiting else Confirmation.BELIEVED
            if outcome is Confirmation.BELIEVED:
                for batch in waiting:
                    self._store(batch)
        finally:
            self._spending.end()
        if self._failed and self._failed[0].error is not None:
            raise self._failed[0].error
        if outcome is Confirmation.REFUSED:
            return self._refuse(waiting)
        return self._finish(started)

    def _read_batches(self) -> list[Batch]:
        """Fetch and store all batches; those that wait for evidence are returned."""
        waiting: list[Batch] = []
        missing: list[Batch] = []
        for batch in _fetched(self._reading, self._stream, self._spending, self._failed):
            if batch.missing:
                missing.append(batch)
                continue
            self._asked = True
            if not self._evidence.allows(batch):
                waiting.append(batch)
                continue
            self._store(batch)
        self._settle_missing(missing)
        return waiting

    def _settle_missing(self, missing: list[Batch]) -> None:
        """Take parents that are not found out of the queue, unless the address is wrong."""
        if missing and (self._asked or self._evidence.is_address_right(missing)):
            done = [work for batch in missing for work in batch.parents]
            write = page_write(self._reading, self._decoder, Rows())
            self._reading.store.write_page(replace(write, done=done))
        else:
            self._failed += missing

    def _finish(self, started: datetime) -> StreamState:
        """The state after a read without a failure; stored where the queue was read to its end."""
        reading, state, decoder = self._reading, self._state, self._decoder
        if reading.store.count_work(reading.account).get(self._stream.name):
            status = StreamStatus.GOOD if state.read_at else StreamStatus.NEVER
            return replace(state, status=status, detail="")  # not to its end: as old as it was
        prints = schema_drift.ended(
            decoder.prints,
            state.fingerprints,
            decoder.dark,
            proved=decoder.proved,
            whole=self._all_again,
        )
        ended = read_to_end(state, prints, started, asked=self._asked)
        if self._tally.rows or replace(state, bookmark=started, read_at=started) != ended:
            reading.store.save_state(reading.account, ended)
        return ended

    def _refuse(self, waiting: Sequence[Batch]) -> StreamState:
        """The state where no answer showed that it is our account's; the parents stay queued."""
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
        self._reading.store.save_state(self._reading.account, state)
        return state

    def _store(self, batch: Batch) -> None:
        """Write the children of a batch, in one transaction with its leaving the queue."""
        reading, decoder, tally = self._reading, self._decoder, self._tally
        parent = self._stream.parent
        assert parent is not None
        decoder.miss(batch.unknown, tally)
        rows = decoder.read(batch.rows, tally, force=self._all_again)
        self._state = state = dimmed(reading, decoder, self._state)
        complete = [
            (kind, ref, work.parent)
            for kind, ref in parent.complete
            for work in batch.parents
            if not rows.flawed  # a bad record is missing from the page, not from the ATS
        ]
        write = page_write(
            reading,
            decoder,
            rows,
            remapped=remapped(state, decoder.prints) | decoder.dark,
            done=batch.parents,
            asked=batch.parents if parent.watch else (),
            complete=complete,
        )
        tally.add(reading.store.write_page(write))
        left = reading.store.count_work(reading.account).get(self._stream.name)
        reading.tell(self._stream, tally, left)


def _watch(reading: SyncContext, reader: RowReader) -> None:
    """Queue the parents whose children may have changed without a sign."""
    stream = reader.stream
    watched = reading.store.find_watched(reading.account, stream, reading.time.now())
    if watched:
        write = page_write(reading, reader, Rows())
        kind = parent_kind(reading, stream)
        wanted = [Work(stream.name, parent, kind) for parent in watched]
        reading.store.write_page(replace(write, wanted=wanted))


def _fetched(
    reading: SyncContext, stream: Stream, spending: Spending, failed: list[Batch]
) -> Iterator[Batch]:
    """Batches as they come in, from a few threads; `failed` gathers those without an answer."""
    batches = _batches(reading, stream)
    batch = next(batches, None)
    if batch is None:
        return
    from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

    flying: set[Future[Batch]] = set()
    with ThreadPoolExecutor(WORKERS, "atsbridge-children") as pool:
        while True:
            while batch and len(flying) < 2 * WORKERS and len(failed) < FAILURES:
                if not spending.book():
                    batch = None
                    break
                flying.add(pool.submit(fetch_batch, reading, stream, batch))
                batch = next(batches, None)
            if not flying:
                return
            landed, flying = wait(flying, return_when=FIRST_COMPLETED)
            for got in (future.result() for future in landed):
                if got.error is None or got.missing:
                    yield got
                elif isinstance(got.error, AuthError | DeniedError):
                    raise got.error
                else:
                    failed.append(got)


def _batches(reading: SyncContext, stream: Stream) -> Iterator[Batch]:
    """The waiting parents, oldest first, each once, in the batches the stream takes."""
    assert stream.parent is not None
    size = max(1, stream.parent.batch) if stream.parent.param else 1
    asked: set[str] = set()
    while True:
        limit = size * WORKERS * 4 + len(asked)
        waiting = [
            w
            for w in reading.store.read_work(reading.account, stream.name, limit)
            if w.parent not in asked
        ]
        if not waiting:
            return
        for start in range(0, len(waiting), size):
            batch = waiting[start : start + size]
            asked.update(w.parent for w in batch)
            yield Batch(batch)
        gone = {w.parent for w in reading.store.read_work(reading.account, stream.name, limit)}
        asked &= gone  # what left the queue need not be remembered
