"""Checks of a connector with the real sync and store: what it requests, and what is stored."""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime, timedelta

from atsbridge.model import Record
from atsbridge.ports import Incremental, Store, Stream
from atsbridge.sandbox import TRICKS, hostile
from atsbridge.testing.connector_world import ConnectorWorld, FakeAccount, RecordKey

MANY = 20  # rows of a list of which only a few may come in a quiet sync
GIVEN_UP = "records could not be read"  # more rows of a stream than `max_bad_records` allows


class SyncChecks(ConnectorWorld):
    """A sync requests what changed, and neither loses a row nor writes one twice."""

    def test_a_first_sync_is_good(self, world: FakeAccount, store: Store) -> None:
        """Every stream is read, no record is bad, and no request was refused for its number."""
        report = world.sync(store)
        assert {s.stream: s.error for s in report.streams if s.error} == {}
        assert {s.stream: s.samples for s in report.streams if s.bad} == {}
        assert {s.stream: s.lost for s in report.streams if s.lost} == {}
        assert world.fake.server.statuses[429] == 0

    def test_a_second_sync_writes_nothing(self, world: FakeAccount, store: Store) -> None:
        """Unchanged rows are neither decoded nor written."""
        world.sync(store)
        report = world.sync(store)
        wrote = {s.stream: (s.new, s.changed, s.deleted) for s in report.streams}
        assert {name: w for name, w in wrote.items() if any(w)} == {}

    def test_the_second_sync_asks_only_for_what_changed(
        self, world: FakeAccount, store: Store
    ) -> None:
        """A list that can be filtered is requested with its filter."""
        world.sync(store)
        before = len(world.fake.server.log)
        report = world.sync(store)
        rows = {s.stream: s.new + s.changed + s.unchanged for s in report.streams}
        asked = [(path, query.keys()) for _, path, query in world.fake.server.log[before:]]
        now = world.clock.now()
        for stream in world.asked:
            doubted = store.records.read_state(
                "acme", stream.name
            ).doubted  # then it is read whole again
            if stream.incremental is not None and stream.parent is None and not doubted:
                wanted = _filters(stream.incremental, now)
                assert wanted, f"`Incremental.since` of {stream.name} filters nothing"
                sent = any(
                    path.endswith("/" + stream.path.strip("/")) and wanted <= query
                    for path, query in asked
                )
                assert sent, f"{stream.name} was asked without {', '.join(wanted)}"
                returned = rows.get(stream.name, 0)
                whole = sum(1 for _ in store.records.read_live_ids("acme", stream.name))
                few = returned < whole / 2 or whole < MANY or _repeats(stream)
                assert few, f"{stream.name}: {returned} of {whole} rows came, and nothing changed"

    def test_a_hostile_vendor_loses_nothing_and_stops_nothing(
        self, world: FakeAccount, store: Store
    ) -> None:
        """Odd names, repeats on a page and across pages, rows that vanish between pages, pages of
        nulls, retyped fields, huge texts: every stream goes on, or says that most of it makes no
        sense; nothing of what was known is gone, and when it is over all is as it was."""
        world.sync(store)
        known = world.known(store)
        for trick in TRICKS:
            with hostile(world.fake, trick) as played:
                report = world.sync(store, full=True)
            assert sum(played.values()), f"{trick.name}: no list could be bent, see hostile.FURTHER"
            assert len(report.streams) == len(world.asked), f"{trick.name} stopped the account"
            failed = {s.stream: s.error for s in report.streams if s.error}
            # There are few children: one bad row may be most of the rows that were read.
            few = {stream.name for stream in world.spec.streams if stream.parent is not None}
            failed = {
                name: why
                for name, why in failed.items()
                if GIVEN_UP not in why or not (trick.spoils or name in few)
            }
            assert failed == {}, f"{trick.name} stopped a stream"
            if trick.hides:
                world.sync(store, full=True)  # what was hidden is shown again
                other = _differing(known, world.known(store))
                assert other == [], f"{trick.name}: these are not what they were before"
            else:
                lost = known.keys() - world.known(store)
                assert not lost, f"{trick.name}: {len(lost)} were taken for gone, as {min(lost)}"
        for _ in range(2):
            report = world.sync(store, full=True)
        assert [s.error or s.lost for s in report.streams if s.error or s.lost] == []
        other = _differing(known, world.known(store))
        assert other == [], "these are not what they were"

    def test_a_row_on_two_pages_is_written_once(self, world: FakeAccount, store: Store) -> None:
        """Lists change while they are read: a row that is returned again is not new."""
        world.sync(store)
        for trick in (trick for trick in TRICKS if trick.repeats):
            with hostile(world.fake, trick):
                report = world.sync(store, full=True)
            wrote = {s.stream: (s.new, s.changed, s.deleted, s.bad) for s in report.streams}
            assert {name: w for name, w in wrote.items() if any(w)} == {}, trick.name


def _differing(known: dict[RecordKey, Record], now: dict[RecordKey, Record]) -> list[RecordKey]:
    """The records that are missing now, or differ."""
    return sorted(key for key, record in known.items() if now.get(key) != record)


def _repeats(stream: Stream) -> bool:
    """Whether all open rows are read again from time to time."""
    return stream.backfill is not None and stream.backfill.repeat_after is not None


def _filters(how: Incremental, now: datetime) -> Set[str]:
    """The parameters that ask for what changed."""
    if how.since is None:
        return {how.token}
    return how.since(now - timedelta(hours=1), now).keys()
