"""Draining the work queue: children are asked for by their parents, some batches at once.

What puts a parent into the queue is `rows`; lists are read in `lists`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from atsbridge.errors import AuthError, DeniedError, SourceError
from atsbridge.model import KINDS
from atsbridge.ports import Stream, StreamState, StreamStatus, Work
from atsbridge.sync.rows import RowReader, Rows, parents_are, schema_drift
from atsbridge.sync.sync_context import Reading, dimmed, page_write, read_to_end, remapped
from atsbridge.sync.sync_report import Tally

WORKERS = 4  # threads that fetch; one thread writes, the caller's
FAILURES = 3  # batches that may fail before the rest is left to the next tick
_MISSING = (404, 410)
_WITNESSES = 3  # parents asked one after the other, until one is found


@dataclass(slots=True)
class _Batch:
    """Some parents, and all rows of their children or why there are none."""

    parents: Sequence[Work]
    rows: list[Any] = field(default_factory=list)
    unknown: dict[str, str] = field(default_factory=dict)
    error: SourceError | None = None
    missing: bool = False  # the one parent asked for is not found


class Spending:
    """The requests that may still be sent for children in this sync, over all streams.

    A batch counts as one request from when it is handed to a thread, and as what it really took
    once that is known.
    """

    def __init__(self, reading: Reading) -> None:
        self._connector = reading.connector
        self._budget = reading.options.budget
        self._begun = 0
        self._booked = 0

    def begin(self) -> None:
        """A stream's requests count from here."""
        self._begun, self._booked = self._connector.requests, 0

    def book(self) -> bool:
        """Take one more request, if there is one left."""
        if self._budget is not None and self._budget - self._spent() < 1:
            return False
        self._booked += 1
        return True

    def end(self) -> None:
        """What the stream took is gone for the streams after it."""
        if self._budget is not None:
            self._budget -= self._spent()

    def _spent(self) -> int:
        return max(self._connector.requests - self._begun, self._booked)


def read(
    reading: Reading, stream: Stream, state: StreamState, tally: Tally, spending: Spending
) -> StreamState:
    """Ask for the children of every waiting parent the budget allows; the state after it.

    A batch is stored in one transaction together with its leaving the queue, so a kill loses
    nothing and repeats at most what was under way. Parents whose batch failed stay queued; after
    three such batches the first error is raised. AuthError and DeniedError are raised at once.

    A single parent that is not found (404) is no more, where another one's children are shown: it
    leaves the queue, and what became of its records is its own list's to say. Where nobody's
    children are found, it is the address that is wrong. Nor are children gone because parents have
    none now, where nobody else's are shown: then sight was lost of them.
    """
    reader = reading.rows(stream)
    if state.read_at is None:  # the store is to know what waits before the first answer
        reading.store.write_page(page_write(reading, reader, Rows()))
    _watch(reading, reader)
    back = schema_drift.BACK in state.fingerprints.values()  # then every parent was asked for again
    reader.dim = schema_drift.lost(state.fingerprints)
    started = reading.time.now()
    spending.begin()
    failed: list[_Batch] = []
    missing: list[_Batch] = []
    emptied: list[_Batch] = []
    asked = False
    try:
        for batch in _fetched(reading, stream, spending, failed):
            if batch.missing:
                missing.append(batch)
                continue
            asked = True
            if state.returned and _emptied(reading, stream, batch):
                emptied.append(batch)
                continue
            state = _store(reading, reader, state, batch, tally, force=back)
            reading.tell(stream, tally, reading.store.count_work(reading.account).get(stream.name))
        if missing and (asked or _witnessed(reading, stream, spending, missing)):
            done = [work for batch in missing for work in batch.parents]
            reading.store.write_page(replace(page_write(reading, reader, Rows()), done=done))
        else:
            failed += missing
        if emptied and (tally.rows or _shown(reading, stream, spending, emptied)):
            for batch in emptied:
                state = _store(reading, reader, state, batch, tally, force=back)
            emptied = []
    finally:
        spending.end()
    if failed and failed[0].error is not None:
        raise failed[0].error
    if emptied:
        return _lost(reading, state, emptied)
    if reading.store.count_work(reading.account).get(stream.name):
        status = StreamStatus.GOOD if state.read_at else StreamStatus.NEVER
        return replace(state, status=status, detail="")  # not to its end: as old as it was
    prints = schema_drift.ended(
        reader.prints, state.fingerprints, reader.dark, proved=reader.proved, whole=back
    )
    ended = read_to_end(state, prints, started, asked=asked)
    if tally.rows or replace(state, mark=started, read_at=started) != ended:
        reading.store.save_state(reading.account, ended)
    return ended


def _watch(reading: Reading, reader: RowReader) -> None:
    """Queue the parents whose children may have changed without a sign."""
    stream = reader.stream
    watched = reading.store.find_watched(reading.account, stream, reading.time.now())
    if watched:
        write = page_write(reading, reader, Rows())
        kind = _parents(reading, stream)
        wanted = [Work(stream.name, parent, kind) for parent in watched]
        reading.store.write_page(replace(write, wanted=wanted))


def _fetched(
    reading: Reading, stream: Stream, spending: Spending, failed: list[_Batch]
) -> Iterator[_Batch]:
    """Batches as they come in, from a few threads; `failed` gathers those without an answer."""
    batches = _batches(reading, stream)
    batch = next(batches, None)
    if batch is None:
        return
    from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

    flying: set[Future[_Batch]] = set()
    with ThreadPoolExecutor(WORKERS, "atsbridge-children") as pool:
        while True:
            while batch and len(flying) < 2 * WORKERS and len(failed) < FAILURES:
                if not spending.book():
                    batch = None
                    break
                flying.add(pool.submit(_fetch, reading, stream, batch))
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


def _batches(reading: Reading, stream: Stream) -> Iterator[_Batch]:
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
            yield _Batch(batch)
        gone = {w.parent for w in reading.store.read_work(reading.account, stream.name, limit)}
        asked &= gone  # what left the queue need not be remembered


def _fetch(reading: Reading, stream: Stream, batch: _Batch) -> _Batch:
    """In a thread of the pool: all rows of a batch, or why there are none."""
    try:
        for page in reading.pages(stream, parents=[w.parent for w in batch.parents]):
            batch.rows.extend(page.rows)
            batch.unknown.update(page.unknown)
    except SourceError as error:
        batch.error = error
        named = stream.parent is not None and not stream.parent.param  # its id is in the address
        batch.missing = named and error.status in _MISSING
    return batch


def _emptied(reading: Reading, stream: Stream, batch: _Batch) -> bool:
    """Whether parents that had children, or must have some, have none by this answer."""
    if batch.rows:
        return False
    ids = [work.parent for work in batch.parents]
    return _parents(reading, stream) in stream.implied or any(
        reading.store.find_parents(reading.account, kind, ref, ids, 1)
        for kind, ref in _links(reading, stream)
    )


def _links(reading: Reading, stream: Stream) -> Sequence[tuple[str, str]]:
    """(kind, ref) of the stream's records that lead to its parents."""
    assert stream.parent is not None
    parents = _parents(reading, stream)
    return stream.parent.complete or [
        (kind, name)
        for kind in stream.owns
        for name, field in KINDS[kind].fields.items()
        if field.parent and field.ref == parents
    ]


def _parents(reading: Reading, stream: Stream) -> str:
    """The kind of record that the stream's parents are."""
    assert stream.parent is not None
    return parents_are(stream, reading.connector.spec.stream(stream.parent.stream))


def _shown(reading: Reading, stream: Stream, spending: Spending, emptied: Sequence[_Batch]) -> bool:
    """Whether it may be believed that they have none: somebody else's children are shown.

    Nobody else may have any: one parent alone may well have lost its children.
    """
    if stream.name in reading.options.accept_gone:
        return True
    absent = {work.parent for batch in emptied for work in batch.parents}
    links = _links(reading, stream)
    if not links:
        return False
    kind, ref = links[0]
    limit = len(absent) + _WITNESSES
    held = reading.store.find_parents(reading.account, kind, ref, None, limit)
    others = [one for one in held if one not in absent][:_WITNESSES]
    for witness in others:
        if not spending.book():
            return False
        if _fetch(reading, stream, _Batch([Work(stream.name, witness)])).rows:
            return True
    return not others and len(absent) == 1


def _lost(reading: Reading, state: StreamState, emptied: Sequence[_Batch]) -> StreamState:
    """The state of a stream whose children nobody shows any more; their parents stay queued."""
    count = sum(len(batch.parents) for batch in emptied)
    detail = (
        f"{count} parents that had some have none now, and nobody else has any: nothing was marked,"
        " and what they say is not believed"
    )
    state = replace(state, status=StreamStatus.LOST, detail=detail)
    reading.store.save_state(reading.account, state)
    return state


def _witnessed(
    reading: Reading, stream: Stream, spending: Spending, missing: Sequence[_Batch]
) -> bool:
    """Whether the children of some other parent are shown, who is asked for that alone."""
    assert stream.parent is not None
    absent = {work.parent for batch in missing for work in batch.parents}
    live = reading.store.read_live_ids(reading.account, stream.parent.stream)
    for witness in islice((one for one in live if one not in absent), _WITNESSES):
        if not spending.book():
            return False
        if _fetch(reading, stream, _Batch([Work(stream.name, witness)])).error is None:
            return True
    return False


def _store(
    reading: Reading,
    reader: RowReader,
    state: StreamState,
    batch: _Batch,
    tally: Tally,
    *,
    force: bool,
) -> StreamState:
    parent = reader.stream.parent
    assert parent is not None
    reader.miss(batch.unknown, tally)
    rows = reader.read(batch.rows, tally, force=force)
    state = dimmed(reading, reader, state)
    complete = [
        (kind, ref, work.parent)
        for kind, ref in parent.complete
        for work in batch.parents
        if not rows.flawed  # a bad record is missing from the page, not from the ATS
    ]
    write = page_write(
        reading,
        reader,
        rows,
        remapped=remapped(state, reader.prints) | reader.dark,
        done=batch.parents,
        asked=batch.parents if parent.watch else (),
        complete=complete,
    )
    tally.add(reading.store.write_page(write))
    return state
