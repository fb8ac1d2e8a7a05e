"""Draining the work queue: children are asked for by their parents, some batches at once.

What puts a parent into the queue is `rows`; lists are read in `lists`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from atsbridge.errors import AuthError, DeniedError, SourceError
from atsbridge.ports import Stream, StreamState, StreamStatus, Work
from atsbridge.sync.outcome import Tally
from atsbridge.sync.reading import Reading, page_write, read_to_end, remapped
from atsbridge.sync.rows import RowReader

WORKERS = 4  # threads that fetch; one thread writes, the caller's
FAILURES = 3  # batches that may fail before the rest is left to the next tick
_MISSING = (404, 410)


@dataclass(slots=True)
class _Batch:
    """Some parents, and all rows of their children or why there are none."""

    parents: Sequence[Work]
    rows: list[Any] = field(default_factory=list)
    error: SourceError | None = None


class Spending:
    """What may still be asked for in this sync, over all streams read by parent."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._used = 0
        self._since = 0

    def begin(self) -> None:
        """Requests count from here."""
        self._since = self._reading.connector.requests

    def end(self) -> None:
        """Requests until here were ours."""
        self._used += self._reading.connector.requests - self._since
        self._since = self._reading.connector.requests

    @property
    def left(self) -> int | None:
        """Requests left, None without a budget."""
        budget = self._reading.options.budget
        spent = self._used + self._reading.connector.requests - self._since
        return None if budget is None else budget - spent


def read(
    reading: Reading, stream: Stream, state: StreamState, tally: Tally, spending: Spending
) -> StreamState:
    """Ask for the children of every waiting parent the budget allows; the state after it.

    A batch is stored in one transaction together with its leaving the queue, so a kill loses
    nothing and repeats at most what was under way. Parents whose batch failed stay queued; after
    three such batches the first error is raised. AuthError and DeniedError are raised at once.
    """
    reader = reading.rows(stream)
    started = reading.time.now()
    spending.begin()
    failed: list[_Batch] = []
    try:
        for batch in _fetched(reading, stream, spending, failed):
            _store(reading, reader, state, batch, tally)
            reading.tell(stream, tally, reading.store.work_left(reading.account).get(stream.name))
    finally:
        spending.end()
    if failed and failed[0].error is not None:
        raise failed[0].error
    if reading.store.work_left(reading.account).get(stream.name):
        status = StreamStatus.GOOD if state.read_at else StreamStatus.NEVER
        return replace(state, status=status, detail="")  # not to its end: as old as it was
    ended = read_to_end(state, reader.prints, started)
    if tally.rows or replace(state, mark=started, read_at=started) != ended:
        reading.store.save_state(reading.account, ended)
    return ended


def _fetched(
    reading: Reading, stream: Stream, spending: Spending, failed: list[_Batch]
) -> Iterator[_Batch]:
    """Batches as they come in, from a few threads; `failed` gathers those without an answer."""
    batches = _batches(reading, stream)
    first = next(batches, None)
    if first is None or _spent(spending, 1):
        return
    from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

    with ThreadPoolExecutor(WORKERS, "atsbridge-children") as pool:
        flying: set[Future[_Batch]] = {pool.submit(_fetch, reading, stream, first)}
        while flying:
            while len(flying) < 2 * WORKERS and not _spent(spending, len(flying) + 1):
                more = next(batches, None) if len(failed) < FAILURES else None
                if more is None:
                    break
                flying.add(pool.submit(_fetch, reading, stream, more))
            landed, flying = wait(flying, return_when=FIRST_COMPLETED)
            for batch in (future.result() for future in landed):
                if batch.error is None:
                    yield batch
                elif isinstance(batch.error, AuthError | DeniedError):
                    raise batch.error
                else:
                    failed.append(batch)


def _spent(spending: Spending, flying: int) -> bool:
    return spending.left is not None and spending.left < flying


def _batches(reading: Reading, stream: Stream) -> Iterator[_Batch]:
    """The waiting parents, oldest first, each once, in the batches the stream takes."""
    assert stream.parent is not None
    size = max(1, stream.parent.batch) if stream.parent.param else 1
    asked: set[str] = set()
    while True:
        limit = size * WORKERS * 4 + len(asked)
        waiting = [
            w
            for w in reading.store.work(reading.account, stream.name, limit)
            if w.parent not in asked
        ]
        if not waiting:
            return
        for start in range(0, len(waiting), size):
            batch = waiting[start : start + size]
            asked.update(w.parent for w in batch)
            yield _Batch(batch)
        gone = {w.parent for w in reading.store.work(reading.account, stream.name, limit)}
        asked &= gone  # what left the queue need not be remembered


def _fetch(reading: Reading, stream: Stream, batch: _Batch) -> _Batch:
    """In a thread of the pool: all rows of a batch. A parent that is no more has no children."""
    try:
        for page in reading.pages(stream, parents=[w.parent for w in batch.parents]):
            batch.rows.extend(page.rows)
    except SourceError as error:
        if error.status in _MISSING and len(batch.parents) == 1:
            batch.rows.clear()
        else:
            batch.error = error
    return batch


def _store(
    reading: Reading, reader: RowReader, state: StreamState, batch: _Batch, tally: Tally
) -> None:
    parent = reader.stream.parent
    assert parent is not None
    rows = reader.read(batch.rows, tally)
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
        remapped=remapped(state, reader.prints),
        done=batch.parents,
        complete=complete,
    )
    tally.add(reading.store.write(write))
