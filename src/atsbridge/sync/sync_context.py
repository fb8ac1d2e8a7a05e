"""What all streams of one account share while they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from atsbridge.errors import AtsbridgeError, FatalError, PluginError
from atsbridge.ports import (
    Connector,
    Doubt,
    Page,
    PageWrite,
    RecordStore,
    Stream,
    StreamState,
    StreamStatus,
    creators,
)
from atsbridge.sync.account_map import AccountMap, Owned
from atsbridge.sync.rows import DecodedRows, RowDecoder, StreamLayout, fingerprints, schema_drift
from atsbridge.sync.sync_report import Progress, SyncOptions, Tally
from atsbridge.timesource import TimeSource


@dataclass(frozen=True, slots=True)
class SyncTarget:
    """One account to read. The caller holds its lock (`Store.lock`)."""

    account: str
    connector: Connector
    store: RecordStore
    account_map: AccountMap
    time: TimeSource


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncContext:
    """Everything that reading one account needs.

    `streams`: the streams of the connector that are read for this account. `owned`: the columns
    of each stream, mapped ones included. `creates`: stream name -> the kinds that it creates.
    """

    target: SyncTarget
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

    @classmethod
    def open(
        cls,
        target: SyncTarget,
        options: SyncOptions | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> SyncContext:
        """The context of a sync of this account."""
        streams, account_map = target.connector.spec.streams, target.account_map
        return cls(
            target=target,
            account=target.account,
            connector=target.connector,
            streams=account_map.select_streams(streams),
            store=target.store,
            account_map=account_map,
            owned=account_map.owned(streams),
            creates=creators(streams),
            time=target.time,
            options=options or SyncOptions(),
            progress=progress,
        )

    def decoder(self, stream: Stream, *, first: bool = False) -> RowDecoder:
        """The decoder of a stream's rows. `first`: the stream was never read to its end."""
        layout = StreamLayout(
            stream, self.owned[stream.name], self.account_map, self.children(stream)
        )
        return RowDecoder(self.account, layout, self.store, first=first)

    def children(self, stream: Stream) -> list[Stream]:
        """The streams that are read by the ids of this stream's rows."""
        return [s for s in self.streams if s.parent is not None and s.parent.stream == stream.name]

    def wants_children(self, stream: Stream) -> bool:
        """Whether the children of all parents must be read again.

        So it is where one of their fields can be read again, and in the nightly sync where a
        child stream is still doubted.
        """
        states = [self.store.read_state(self.account, c.name) for c in self.children(stream)]
        back = any(schema_drift.BACK in state.fingerprints.values() for state in states)
        return back or (self.options.nightly and any(state.doubted for state in states))

    def child_prints(self, stream: Stream) -> dict[str, str]:
        """The fingerprints of the child streams, stored with the parent stream.

        Where one differs, the parents are read whole once, so that every child is read again.
        """
        return {
            f"<{child.name}>": fingerprints.combine(
                fingerprints.of_fields(child, self.owned[child.name], self.account_map)
            )
            for child in self.children(stream)
        }

    def pages(
        self,
        stream: Stream,
        window: tuple[datetime, datetime] | None = None,
        parents: Sequence[str] = (),
    ) -> Iterator[Page]:
        """The pages of the connector. An exception that is not ours becomes a PluginError."""
        with self._blame(stream.name, "reading"):
            yield from self.connector.pages(stream, window=window, parents=parents)

    def pages_by_id(self, kind: str, ids: Sequence[str]) -> Iterator[tuple[Stream, Page]]:
        """The pages that the connector returns for these records and what they depend on.

        An exception that is not ours becomes a PluginError.
        """
        with self._blame(kind, "refreshing"):
            yield from self.connector.refresh(kind, ids)

    @contextmanager
    def _blame(self, what: str, doing: str) -> Iterator[None]:
        """Turn an exception that is not ours into a PluginError of the connector."""
        try:
            yield
        except AtsbridgeError:
            raise
        except Exception as error:
            name = self.connector.spec.name
            raise PluginError(
                f"connector {name} raised {type(error).__name__} while {doing}",
                where=f"{self.account}/{what}",
                remedy=f"Report it to the author of connector {name}",
            ) from error

    def report_progress(self, stream: Stream, tally: Tally, left: int | None = None) -> None:
        """Call the progress callback, if there is one. `left`: parents still queued."""
        if self.progress is not None:
            self.progress(Progress(stream.name, tally.rows, self.connector.requests, left))


def main_stream(streams: Sequence[Stream], kind: str) -> Stream | None:
    """The stream whose rows are records of that kind."""
    return next((s for s in streams if next(iter(s.owns), "") == kind), None)


def check_bad_share(context: SyncContext, stream: Stream, tally: Tally) -> None:
    """Raise FatalError if more rows are bad than `max_bad` allows. One bad row always passes."""
    if tally.bad > 1 and tally.bad > context.options.max_bad * tally.rows:
        raise FatalError(
            f"{tally.bad} of {tally.rows} records could not be read,"
            f" more than {context.options.max_bad:.0%}",
            where=f"{context.account}/{stream.name}",
            remedy=f"The first is {tally.samples[0]}. `atsbridge doctor` may say more; else"
            " look for a newer connector, or raise [run] max_bad_records to go on without them",
        )


def find_remapped(state: StreamState, prints: Mapping[str, str]) -> frozenset[str]:
    """The fields that are filled differently than when the stream was last read whole.

    On the first read these are all fields: a value that became readable is no change in the ATS.
    """
    return frozenset(f for f, p in prints.items() if state.fingerprints.get(f) != p)


def page_write(context: SyncContext, decoder: RowDecoder, rows: DecodedRows) -> PageWrite:
    """The write of these rows; callers add with `replace` what else their page changes."""
    return PageWrite(
        account=context.account,
        stream=decoder.stream.name,
        at=context.time.now(),
        owns=decoder.columns,
        rows=rows.writes,
        wanted=rows.wanted,
        seen=rows.same,
        creates=context.creates[decoder.stream.name],
        facts=frozenset(decoder.stream.absent_is_fact),
    )


def save_unreadable(context: SyncContext, decoder: RowDecoder, state: StreamState) -> StreamState:
    """Store which fields were just found unreadable, before any row without them is stored.

    Returns the state as stored.
    """
    new = {
        field for field in decoder.unreadable if state.fingerprints.get(field) != schema_drift.LOST
    }
    if new:
        prints = {**state.fingerprints, **dict.fromkeys(new, schema_drift.LOST)}
        state = replace(state, fingerprints=prints)
        context.store.save_state(context.account, state)
    return state


def read_to_end(
    state: StreamState,
    prints: Mapping[str, str],
    started: datetime,
    *,
    lost: str = "",
    asked: bool = True,
) -> StreamState:
    """The state of a stream of which all changes before `started` are stored.

    `prints`: the fingerprints to keep (`schema_drift.update_fingerprints`). `lost`: why the rows
    are not believed. `asked`: whether anything was requested. A first read is doubted until it was
    compared with the other lists (`doubt.review`).
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
