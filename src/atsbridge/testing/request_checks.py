"""Checks of the number of requests: a sync sends as many as `sync --plan` announces."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from atsbridge.ports import Store, Stream
from atsbridge.sync import Asked, backfill, estimate_requests, raw_id, request_cost
from atsbridge.testing.connector_world import ConnectorWorld, FakeAccount
from atsbridge.testing.decoded_rows import understood

HISTORY = timedelta(days=180)


class EconomyChecks(ConnectorWorld):
    """A sync sends few requests, as many as announced."""

    def looked_up(self, world: FakeAccount) -> Mapping[str, Sequence[int]]:
        """The lookups of a first sync, for lists with `RequestCost.lookups`.

        "list>other" -> how many ids each page looks up there; other -> how many rows it has.

        A list that is missing here may take more requests than it has pages.
        """
        del world
        return {}

    def test_the_plan_tells_the_requests(self, world: FakeAccount, store: Store) -> None:
        """For a run without changes, each list takes the requests that `sync --plan` announces."""
        world.sync(store)
        now = world.clock.now()
        estimates = estimate_requests(world.spec, store.records, "acme", now)
        announced = {e.stream: e.requests for e in estimates}
        report = world.sync(store)
        assert {s.stream: s.requests for s in report.streams} == announced

    def test_a_first_sync_takes_the_requests_its_lists_need(
        self, world: FakeAccount, store: Store
    ) -> None:
        """The first read takes the requests that follow from the lengths of its lists."""
        looked_up = self.looked_up(world)
        asked = replace(world.spec, streams=world.asked)
        planned = request_cost.requests(asked, {**_first_read_sizes(world), **looked_up})
        for took in world.sync(store, history=HISTORY).streams:
            announced, ways = planned[took.stream], world.spec.stream(took.stream).cost.lookups
            silent = any(f"{took.stream}>{other}" not in looked_up for other in ways)
            wrong = took.requests < announced if silent else took.requests != announced
            assert not wrong, f"{took.stream}: planned {announced} requests, took {took.requests}"

    def test_the_limit_of_the_vendor_is_kept(self, world: FakeAccount) -> None:
        """However much there is to read: no request is refused for coming too soon."""
        for _ in range(60):
            world.drain(world.first)
        assert world.fake.server.statuses[429] == 0, "requests came faster than the fake allows"

    def test_the_past_takes_the_requests_announced(self, world: FakeAccount, store: Store) -> None:
        """The sync after a first one goes back to the end of the history: a request for a month
        of a list, and for each further page that its rows fill."""
        world.sync(store, history=HISTORY)
        now, asked = world.clock.now(), Asked(history=HISTORY)
        planned = {
            e.stream: e.requests
            for e in estimate_requests(world.spec, store.records, "acme", now, asked)
        }
        for took in world.sync(store, history=HISTORY, spare=10_000).streams:
            announced, stream = planned[took.stream], world.spec.stream(took.stream)
            assert announced is not None, f"{took.stream}: nothing is announced of it"
            rows = sum(1 for _ in store.records.read_live_ids("acme", stream.name))
            most = announced + rows // stream.page_rows
            wrong = took.requests < announced or (took.requests > most and not stream.cost.lookups)
            assert not wrong, f"{took.stream}: announced {announced} requests, took {took.requests}"


def _first_read_sizes(world: FakeAccount) -> dict[str, Sequence[int]]:
    """The lengths of the lists in a first sync, and the number of queued parents."""
    found: dict[str, Sequence[int]] = {}
    waiting: dict[str, set[str]] = defaultdict(set)
    for stream in world.asked:
        if stream.parent is None:
            questions = [
                world.drain(ask) for ask in backfill.first_read_streams(stream, world.clock.now())
            ]
            found[stream.name] = [len(rows) for rows in questions]
            for raw in (raw for rows in questions for raw in rows):
                for child in _wanted(world, stream, raw):
                    waiting[child].add(raw_id(raw))
    return found | {name: (len(ids),) for name, ids in waiting.items()}


def _wanted(world: FakeAccount, stream: Stream, raw: bytes) -> list[str]:
    """The child streams that a raw row asks for."""
    of = [s for s in world.asked if s.parent is not None and s.parent.stream == stream.name]
    row = understood(stream, raw).row if of else None
    return [s.name for s in of if s.parent is not None and s.parent.wanted(row)]
