"""Checks of a connector under the real engine and store: what it asks for, and what is left.

A round trip of values is `roundtrip`'s.
"""

from __future__ import annotations

from datetime import timedelta

from atsbridge.sandbox.hostile import TRICKS, hostile
from atsbridge.store import Store
from atsbridge.sync.estimate import plan
from atsbridge.testing.world import ConnectorWorld, World


class SyncChecks(ConnectorWorld):
    """Few requests, the announced ones, and no row written twice."""

    def test_a_first_sync_is_good(self, world: World, store: Store) -> None:
        """Every stream is read, no record is bad, and no request was refused for its number."""
        report = world.sync(store)
        assert {s.stream: s.error for s in report.streams if s.error} == {}
        assert {s.stream: s.samples for s in report.streams if s.bad} == {}
        assert {s.stream: s.lost for s in report.streams if s.lost} == {}
        assert world.fake.server.statuses[429] == 0

    def test_a_second_sync_writes_nothing(self, world: World, store: Store) -> None:
        """What did not change is neither decoded nor written."""
        world.sync(store)
        report = world.sync(store)
        wrote = {s.stream: (s.new, s.changed, s.gone) for s in report.streams}
        assert {name: w for name, w in wrote.items() if any(w)} == {}

    def test_the_second_sync_asks_only_for_what_changed(self, world: World, store: Store) -> None:
        """A list that can be filtered is asked with its filter."""
        world.sync(store)
        before = len(world.fake.server.log)
        world.sync(store)
        asked = [(path, query.keys()) for _, path, query in world.fake.server.log[before:]]
        now = world.clock.now()
        for stream in world.spec.streams:
            if stream.since is not None and stream.parent is None:
                wanted = stream.since(now - timedelta(hours=1), now).keys()
                assert wanted, f"`since` of {stream.name} filters nothing"
                sent = any(
                    path.endswith("/" + stream.path.strip("/")) and wanted <= query
                    for path, query in asked
                )
                assert sent, f"{stream.name} was asked without {', '.join(wanted)}"

    def test_the_plan_tells_the_requests(self, world: World, store: Store) -> None:
        """What `sync --plan` announces for a tick without changes is what each list takes."""
        world.sync(store)
        announced = {e.stream: e.requests for e in plan(world.spec, store, "acme")}
        report = world.sync(store)
        assert {s.stream: s.requests for s in report.streams} == announced

    def test_a_hostile_vendor_loses_nothing_and_stops_nothing(
        self, world: World, store: Store
    ) -> None:
        """Odd names, repeats, nulls, retyped fields, huge texts: every stream goes on, nothing of
        what was known is gone, and when it is over all is as it was."""
        world.sync(store)
        known = {kind: set(_ids(store, kind)) for kind in _kinds(world)}
        for trick in TRICKS:
            with hostile(world.fake, trick):
                report = world.sync(store, full=True)
            failed = {s.stream: s.error for s in report.streams if s.error}
            assert failed == {}, f"{trick.name} stopped a stream"
            for kind, ids in known.items() if not trick.hides else ():
                gone = ids - set(_ids(store, kind))
                assert not gone, f"{trick.name}: {len(gone)} of kind {kind} were taken for gone"
        for _ in range(2):
            report = world.sync(store, full=True)
        assert [s.error or s.lost for s in report.streams if s.error or s.lost] == []
        lost = {kind: ids - set(_ids(store, kind)) for kind, ids in known.items()}
        assert not any(lost.values()), lost


def _kinds(world: World) -> set[str]:
    return {kind for stream in world.spec.streams for kind in stream.owns}


def _ids(store: Store, kind: str) -> list[str]:
    return [record.id for record in store.records("acme", kind)]
