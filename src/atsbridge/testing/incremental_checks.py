"""Checks of incremental syncs: what changed is read, and a token is kept and given up rightly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from atsbridge.ports import Store, Stream
from atsbridge.sync import SyncReport
from atsbridge.testing.connector_world import ConnectorWorld, FakeAccount, list_path

DAYS = (timedelta(hours=5), timedelta(days=1), timedelta(days=3))  # lived between two syncs
LONG = timedelta(days=10)  # enough for changes that fill more than a page
FOREIGN = "a-token-of-nobody"


class IncrementalChecks(ConnectorWorld):
    """What an incremental sync leaves out is lost until somebody reads everything again.

    `late`: streams whose changes the vendor shows only to a full sync, with the reason.
    `incomplete`: streams that are read whole and do not show every record, with the reason.
    """

    late: Mapping[str, str] = {}
    incomplete: Mapping[str, str] = {}

    def test_deleted_records_are_noticed(self, world: FakeAccount, store: Store) -> None:
        """A list that is read whole shows by absence what was deleted."""
        world.sync(store)
        for stream in world.asked:
            if stream.parent is not None or stream.incremental is not None:
                continue
            complete = stream.reconciliation.complete or stream.name in self.incomplete
            assert complete, f"{stream.name} is read whole: say Reconciliation(complete=True)"
            kind = next(iter(stream.owns), "")
            one = self._deletable(world, store, stream, kind)
            if one:
                with world.company.lock:
                    now = world.clock.now()
                    world.company.ledger.change(kind, one, now, deleted_at=now)
                world.sync(store, full=True)
                assert (kind, one) not in world.known(store), f"{stream.name}: {one} was deleted"

    def _deletable(self, world: FakeAccount, store: Store, stream: Stream, kind: str) -> str:
        """A record of the list that the fake makes from one record of the company; or ""."""
        if not kind or not stream.reconciliation.complete:
            return ""
        stored = set(store.records.read_live_ids("acme", stream.name))
        shared = sorted(stored & world.company.records(kind).keys())
        return shared[-1] if len(shared) > 1 else ""

    def test_incremental_syncs_miss_nothing(self, world: FakeAccount, store: Store) -> None:
        """The company lives for hours and days between syncs; a full sync then finds no change."""
        world.sync(store)
        for passed in DAYS:
            world.live(passed)
            report = world.sync(store)
            assert {s.stream: s.error for s in report.streams if s.error} == {}
        report = world.sync(store, full=True)
        missed = {s.stream: (s.new, s.changed) for s in report.streams if s.new or s.changed}
        assert missed.keys() <= self.late.keys(), f"(new, changed) found only in full: {missed}"

    def test_a_sync_token_is_sent_and_renewed(self, world: FakeAccount, store: Store) -> None:
        """Each read sends the token of the read before it, and keeps the one that it is given."""
        if not world.token_streams:
            return
        world.sync(store)
        for stream in world.token_streams:
            first = store.records.read_state("acme", stream.name).token
            assert first, f"{stream.name}: the last page gave no token (Page.token)"
        world.live(timedelta(days=1))
        start = len(world.fake.server.log)
        before = {s.name: _token(store, s) for s in world.token_streams}
        world.sync(store)
        for stream in world.token_streams:
            sent = world.sent(stream, start)
            name = stream.incremental.token if stream.incremental else ""
            assert sent, f"{stream.name} was not read"
            assert all(asked.get(name) == [before[stream.name]] for asked in sent)
            assert _token(store, stream) != before[stream.name], f"{stream.name}: the same token"

    def test_a_refused_sync_token_costs_one_whole_read(
        self, world: FakeAccount, store: Store
    ) -> None:
        """The token of another account, or an expired one: the list is read whole, and said so."""
        if not world.token_streams:
            return
        world.sync(store)
        for stream in world.token_streams:
            state = store.records.read_state("acme", stream.name)
            store.records.save_state("acme", replace(state, token=FOREIGN))
        world.live(timedelta(days=1))
        report = world.sync(store)
        read = {s.stream: s for s in report.streams}
        for stream in world.token_streams:
            one = read[stream.name]
            assert not one.error, f"{stream.name}: {one.error}"
            assert one.reread, f"{stream.name}: the fake must refuse a token that it did not give"
            assert _token(store, stream) not in ("", FOREIGN)
        report = world.sync(store)
        assert [s.stream for s in report.streams if s.reread] == []
        self._shows_no_loss(world, store)

    def test_a_read_that_breaks_off_keeps_its_old_token(
        self, world: FakeAccount, store: Store
    ) -> None:
        """Killed between two pages: the next sync asks with the same token, and misses nothing."""
        if not world.token_streams:
            return
        world.sync(store)
        before = {s.name: _token(store, s) for s in world.token_streams}
        world.live(LONG)
        for stream in world.token_streams:
            path, method = list_path(stream).pattern, stream.method
            world.fake.server.faults.add(path, None, method=method, status=500, body={}, skip=1)
        with pytest.MonkeyPatch.context() as patch:
            world.in_small_pages(patch)
            report = world.sync(store)
        world.fake.server.faults.clear()
        broken = [s for s in world.token_streams if _error(report, s)]
        assert broken, "no list had a second page of changes"
        for stream in broken:
            assert _token(store, stream) == before[stream.name]
        world.sync(store)
        self._shows_no_loss(world, store)

    def _shows_no_loss(self, world: FakeAccount, store: Store) -> None:
        report = world.sync(store, full=True)
        missed = {s.stream: (s.new, s.changed) for s in report.streams if s.new or s.changed}
        assert missed.keys() <= self.late.keys(), f"(new, changed) found only in full: {missed}"


def _error(report: SyncReport, stream: Stream) -> str:
    return next((s.error for s in report.streams if s.stream == stream.name), "")


def _token(store: Store, stream: Stream) -> str:
    return store.records.read_state("acme", stream.name).token
