"""Reading a list: in a window of what changed, whole, or by the questions of its first leg.

Children of parents are in `children`, the past in `legs`; rows are understood in `rows`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from atsbridge.errors import CursorError, FatalError, PluginError, SourceError
from atsbridge.model import Origin
from atsbridge.ports import Page, Stream, StreamState, StreamStatus
from atsbridge.sync.lists import backfill, reconciliation
from atsbridge.sync.lists.seen_ids import Seen, missing
from atsbridge.sync.rows import RowReader, ident, schema_drift
from atsbridge.sync.sync_context import SyncContext, dimmed, page_write, read_to_end, remapped
from atsbridge.sync.sync_report import Tally

_BUNDLE = 2_000  # rows stored at a time


@dataclass(frozen=True, slots=True)
class Pass:
    """One way through a list. No window: all of it, or its first leg if it is read in `part`.

    `force`: known rows are decoded as well. `again`: the first leg besides the window.
    """

    started: datetime
    window: tuple[datetime, datetime] | None
    remapped: frozenset[str]
    force: bool
    origin: Origin
    part: bool = False
    again: bool = False

    @property
    def whole(self) -> bool:
        """Whether every row there is will be seen."""
        return self.window is None and not self.part


def plan(reading: SyncContext, stream: Stream, state: StreamState, reader: RowReader) -> Pass:
    """How to read the list this time.

    The window is [bookmark - look_back, now + look_back): what the vendor shows late is seen again,
    and a vendor's clock ahead of ours hides nothing. The bookmark moves to the instant at which
    reading began. Whole: the first time, where there is no `since`, when asked, when something
    is filled in another way, and as long as coverage is lost or the list is doubted. The first time
    of a list that has
    two legs, only the first one is read.
    """
    now = reading.time.now()
    children = reading.child_prints(stream)
    dim = schema_drift.lost(state.fingerprints)
    back = {field for field in dim if state.fingerprints[field] == schema_drift.BACK}
    other = remapped(state, {**reader.prints, **children}) - (dim - back)
    reader.dim = dim - back
    reader.remember(state)
    wanting = bool(state.fingerprints and other & children.keys()) or reading.wants_children(stream)
    bookmark = state.bookmark
    lost = state.status is StreamStatus.LOST or (state.doubted and state.since is None)
    full = reading.options.full or stream.name in reading.options.accept_deleted
    origin = Origin.SWEEP if full and bookmark is not None else Origin.POLL
    if bookmark is None or stream.incremental is None or full or other or wanting or lost:
        force = wanting or bool(back) or (reading.options.full and bool(children))
        part = backfill.begins(reading, stream, state)
        return Pass(now, None, other - children.keys() | dim, force, origin, part)
    window = (bookmark - stream.incremental.look_back, now + stream.incremental.look_back)
    nightly = reading.options.nightly and stream.reconciliation.open_records is not None
    again = nightly or backfill.asks_again(stream, state, now)
    return Pass(now, window, dim, force=False, origin=origin, again=again)


def read(reading: SyncContext, stream: Stream, state: StreamState, tally: Tally) -> StreamState:
    """Read the list once, page by page into the store; its state as stored with the last page.

    A page token that no longer holds sends it back to the first page, once. SourceError,
    PluginError and StoreError pass; what was stored until then stays, the bookmark does not move.
    """
    reader = reading.rows(stream, first=state.read_at is None)
    way = plan(reading, stream, state, reader)
    nightly = (
        way.again and reading.options.nightly and stream.reconciliation.open_records is not None
    )
    scan = backfill.Scan(seen=Seen() if nightly else None)
    try:
        state = _through(reading, reader, way, state, tally, scan)
    except CursorError:
        tally.rows = tally.bad = 0
        tally.samples.clear()
        tally.retyped.clear()
        tally.untold.clear()
        tally.left_out.clear()
        scan.rows = 0
        state = _through(reading, reader, way, state, tally, scan)
    if scan.seen is not None:
        state = reconciliation.unasked(reading, stream, state, tally, scan.seen)
    if way.window is not None and reconciliation.is_due(reading, stream, state):
        state = reconciliation.nightly(reading, stream, state, tally)
    return state


def _through(
    reading: SyncContext,
    reader: RowReader,
    way: Pass,
    state: StreamState,
    tally: Tally,
    scan: backfill.Scan,
) -> StreamState:
    stream = reader.stream
    seen = Seen() if way.whole and state.read_at else None
    for page in _bundled(_pages(reading, stream, way, scan)):
        reader.miss(page.unknown, tally)
        rows = reader.read(page.rows, tally, force=way.force)
        if page.deleted:
            account, now = reading.account, reading.time.now()
            tally.gone += reading.store.delete_rows(account, stream.name, page.deleted, now)
        if seen is not None:
            seen.add(rows.ids)
            seen.nameless += rows.nameless
        state = dimmed(reading, reader, state)
        if page.last:
            _judge_flaws(reading, stream, tally)
            state = _end(reading, reader, way, state, seen, tally)
            if way.part or way.again:
                state = replace(state, open=scan.rows)
        if rows.writes or page.last:
            write = page_write(
                reading,
                reader,
                rows,
                remapped=way.remapped | reader.dark,
                origin=way.origin,
                state=state if page.last else None,
            )
            tally.add(reading.store.write_page(write))
        reading.tell(stream, tally)
    return state


def _pages(reading: SyncContext, stream: Stream, way: Pass, scan: backfill.Scan) -> Iterator[Page]:
    """All pages of the way; `last` only the very last one."""
    asked = [] if way.part else [(stream, way.window)]
    if way.part or way.again:
        asked += [(question, None) for question in backfill.first(stream, way.started)]
    for number, (question, window) in enumerate(asked, 1):
        for page in reading.pages(question, window):
            if window is None and (way.part or way.again):
                scan.see(page.rows)
            yield page if number == len(asked) else replace(page, last=False)
    if not asked:
        yield Page((), last=True)


def _bundled(pages: Iterator[Page]) -> Iterator[Page]:
    """The same rows in pages of some 2,000: one transaction then touches each page of an index
    once for many rows. What came before a fault is handed on before the fault is.

    A row that a later page says is deleted is left out: what is deleted is marked first.
    """
    rows: list[Any] = []
    gone: list[str] = []
    unknown: dict[str, str] = {}
    try:
        for page in pages:
            rows += page.rows
            gone += page.deleted
            if page.deleted:
                deleted = frozenset(page.deleted)
                rows = [raw for raw in rows if ident(raw) not in deleted]
            unknown.update(page.unknown)
            if page.last or len(rows) >= _BUNDLE:
                yield Page(rows, page.last, gone, unknown)
                rows, gone, unknown = [], [], {}
    except (SourceError, PluginError):
        if rows or gone:
            yield Page(rows, last=False, deleted=gone, unknown=unknown)
        raise


def _judge_flaws(reading: SyncContext, stream: Stream, tally: Tally) -> None:
    """One bad record is never fatal; more of them than the configured share are."""
    if tally.bad > 1 and tally.bad > reading.options.max_bad * tally.rows:
        raise FatalError(
            f"{tally.bad} of {tally.rows} records could not be read,"
            f" more than {reading.options.max_bad:.0%}",
            where=f"{reading.account}/{stream.name}",
            remedy=f"The first is {tally.samples[0]}. Look for a newer connector, or raise"
            " [run] max_bad_records to go on without them",
        )


def _end(
    reading: SyncContext,
    reader: RowReader,
    way: Pass,
    state: StreamState,
    seen: Seen | None,
    tally: Tally,
) -> StreamState:
    """The stream's new state at the end of its list, the gone marked or coverage found lost."""
    lost = ""
    if seen is not None and not seen.nameless:
        live = reading.store.read_live_ids(reading.account, reader.stream.name)
        known = missing(live, seen)
        lost = reconciliation.mark(reading, reader.stream, known, tally, doubted=state.doubted)
    prints = {
        **schema_drift.ended(
            reader.prints,
            state.fingerprints,
            reader.dark,
            proved=reader.proved,
            whole=way.window is None,
            members=reader.members.kept(),
        ),
        **reading.child_prints(reader.stream),
    }
    since = state.since if way.window else way.started if way.part else None
    return replace(read_to_end(state, prints, way.started, lost=lost), since=since)
