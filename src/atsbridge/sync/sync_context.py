"""What the reading of every stream of one account has in common.

How a list is read is in `lists`, how children are in `children`, in which order in `engine`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from atsbridge.errors import AtsbridgeError, PluginError
from atsbridge.model import Origin
from atsbridge.ports import (
    Connector,
    Doubt,
    Page,
    PageWrite,
    RecordStore,
    Stream,
    StreamState,
    StreamStatus,
    Work,
)
from atsbridge.sync.account_map import AccountMap, Owned
from atsbridge.sync.rows import RowReader, Rows, fingerprints, schema_drift
from atsbridge.sync.sync_report import Progress, SyncOptions, Tally
from atsbridge.timesource import TimeSource


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncContext:
    """One account, at work: what is read from, written to, and asked for.

    `streams`: those of the connector that are asked for this account; `creates`: by the name of
    a stream, the kinds of record that it creates.
    """

    account: str
    connector: Connector
    streams: Sequence[Stream]
    store: RecordStore
    account_map: AccountMap
    owned: Owned
    creates: Mapping[str, frozenset[str]]
    time: TimeSource
    options: SyncOptions
    progress: Callable[[Progress], None] | None = None

    def rows(self, stream: Stream, *, first: bool = False) -> RowReader:
        """The reader of a stream's rows; `first`: of one never read to its end."""
        columns, children = self.owned[stream.name], self.children(stream)
        account_map, store = self.account_map, self.store
        return RowReader(self.account, stream, columns, account_map, store, children, first=first)

    def children(self, stream: Stream) -> list[Stream]:
        """The streams that are read by this one's rows."""
        return [s for s in self.streams if s.parent is not None and s.parent.stream == stream.name]

    def wants_children(self, stream: Stream) -> bool:
        """Whether all children are to be asked for: a field of them can be read again, or, at
        night, whether a list of them that never returned a row does now."""
        states = [self.store.read_state(self.account, c.name) for c in self.children(stream)]
        back = any(schema_drift.BACK in state.fingerprints.values() for state in states)
        return back or (self.options.nightly and any(state.doubted for state in states))

    def child_prints(self, stream: Stream) -> dict[str, str]:
        """The children's fingerprints, kept with the parent: where one differs, parents are read
        whole once, so that every child is asked for again."""
        return {
            f"<{child.name}>": fingerprints.of(
                fingerprints.fields(child, self.owned[child.name], self.account_map)
            )
            for child in self.children(stream)
        }

    def pages(
        self,
        stream: Stream,
        window: tuple[datetime, datetime] | None = None,
        parents: Sequence[str] = (),
    ) -> Iterator[Page]:
        """The connector's pages; whatever else but our own errors it raises becomes one."""
        try:
            yield from self.connector.pages(stream, window=window, parents=parents)
        except AtsbridgeError:
            raise
        except Exception as error:
            name = self.connector.spec.name
            raise PluginError(
                f"connector {name} raised {type(error).__name__} while reading",
                where=f"{self.account}/{stream.name}",
                remedy=f"Report it to the author of connector {name}",
            ) from error

    def tell(self, stream: Stream, tally: Tally, left: int | None = None) -> None:
        """Let whoever watches know."""
        if self.progress is not None:
            self.progress(Progress(stream.name, tally.rows, self.connector.requests, left))


def remapped(state: StreamState, prints: Mapping[str, str]) -> frozenset[str]:
    """The fields that are filled in another way than when the stream was last read whole.

    The first time all of them: what just became readable is no change of the ATS's.
    """
    return frozenset(f for f, p in prints.items() if state.fingerprints.get(f) != p)


def page_write(
    reading: SyncContext,
    reader: RowReader,
    rows: Rows,
    *,
    remapped: frozenset[str] = frozenset(),
    origin: Origin = Origin.POLL,
    done: Sequence[Work] = (),
    asked: Sequence[Work] = (),
    complete: Sequence[tuple[str, str, str]] = (),
    state: StreamState | None = None,
) -> PageWrite:
    """What the store is to write of these rows."""
    return PageWrite(
        account=reading.account,
        stream=reader.stream.name,
        at=reading.time.now(),
        owns=reader.columns,
        rows=rows.writes,
        origin=origin,
        remapped=remapped,
        wanted=rows.wanted,
        done=done,
        asked=asked,
        complete=complete,
        seen=rows.same,
        state=state,
        creates=reading.creates[reader.stream.name],
    )


def dimmed(reading: SyncContext, reader: RowReader, state: StreamState) -> StreamState:
    """The state with what was just found unreadable, stored before any row that lacks it."""
    new = {field for field in reader.dark if state.fingerprints.get(field) != schema_drift.LOST}
    if new:
        prints = {**state.fingerprints, **dict.fromkeys(new, schema_drift.LOST)}
        state = replace(state, fingerprints=prints)
        reading.store.save_state(reading.account, state)
    return state


def read_to_end(
    state: StreamState,
    prints: Mapping[str, str],
    started: datetime,
    *,
    lost: str = "",
    asked: bool = True,
) -> StreamState:
    """The state of a stream all of whose changes before `started` are stored.

    Believed again is only what can be read: see `salvage`. A first reading is doubted until the
    sync has compared it with the other lists: see `doubt`. `asked`: whether anything was asked.
    """
    known = state.returned or state.doubt is not None or not asked
    return replace(
        state,
        status=StreamStatus.LOST if lost else StreamStatus.GOOD,
        bookmark=started,
        read_at=started,
        detail=lost,
        fingerprints=dict(prints),
        doubt=state.doubt if known else Doubt(since=started),
    )
