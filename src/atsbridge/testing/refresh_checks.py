"""Checks of single records that are read again, and of the pages of child lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from atsbridge.errors import DeniedError, FatalError, RetryableError, SourceError
from atsbridge.model import Key
from atsbridge.ports import Page, Store, creators
from atsbridge.sync import AccountMap, SyncTarget, in_order, refresh
from atsbridge.testing.connector_world import ConnectorWorld, FakeAccount
from atsbridge.testing.error_checks import answering

NOBODY = "none-such-0815"


class RefreshChecks(ConnectorWorld):
    """`Connector.refresh` confirms facts before a person is told: a wrong one accuses somebody.

    A kind of which `refresh` yields nothing, or raises FatalError, cannot be asked for.
    """

    def test_refresh_returns_what_the_lists_return(self, world: FakeAccount, store: Store) -> None:
        """The same records with the same values, and all that were asked for."""
        world.sync(store)
        known, target = world.known(store), _target(world, store)
        for kind, ids in _refreshable(world):
            tally = refresh(target, kind, ids)
            now = world.known(store)
            other = [k for k in known.keys() | now.keys() if known.get(k) != now.get(k)]
            assert other == [], f"{kind}: these differ from what their lists returned"
            assert not tally.bad, tally.samples
            assert not tally.unshown, f"{kind}: {len(tally.unshown)} were not returned"

    def test_a_record_that_does_not_exist_deletes_no_other(
        self, world: FakeAccount, store: Store
    ) -> None:
        """It is left out or reported as deleted; the others are returned as before."""
        world.sync(store)
        target = _target(world, store)
        for kind, ids in _refreshable(world):
            keys = [Key("acme", kind, one) for one in ids]  # a row may be no record: a template
            stored = [key for key in keys if store.history.read_record(key) is not None]
            tally = refresh(target, kind, [*(key.id for key in stored[:1]), NOBODY])
            assert tally.deleted == 0, kind
            assert all(store.history.read_record(key) is not None for key in stored[:1]), kind

    def test_a_refused_refresh_deletes_nothing(self, world: FakeAccount, store: Store) -> None:
        """Not found for everything is a wrong address; forbidden and half answers are errors."""
        world.sync(store)
        kinds = list(_refreshable(world))
        for status, body, error in (
            (404, "{}", None),
            (403, "{}", DeniedError),
            (500, "{}", RetryableError),
            (200, '{"id": "1", "na', RetryableError),
        ):
            for kind, ids in kinds:
                with answering(world, body=body, status=status, content_type="application/json"):
                    raised, pages = _read(world, kind, ids)
                reported = [one for page in pages for one in page.deleted]
                assert not reported, f"{kind}: a {status} of every request is no deletion"
                if error is not None:
                    assert isinstance(raised, error), f"{kind}: {status} {body}: {raised!r}"

    def test_pages_of_child_lists_are_read_to_the_end(self, world: FakeAccount) -> None:
        """In pages of one row they return the same children as in large ones."""
        for stream, parents in world.sample_children():
            start = len(world.fake.server.log)
            rows = world.drain(stream, parents=parents)
            name = world.find_size_param(stream, start)
            if name:
                small = stream.in_pages_of(1, name)
                what = f"{stream.name}, in pages of one"
                assert world.drain(small, parents=parents) == rows, what


def _target(world: FakeAccount, store: Store) -> SyncTarget:
    return SyncTarget("acme", world.connector, store.records, AccountMap(), world.clock)


def _refreshable(world: FakeAccount) -> Iterator[tuple[str, list[str]]]:
    """The kinds that can be asked for by id, with some ids that exist."""
    seen: set[str] = set()
    creating = creators(world.asked)
    for stream in in_order(world.asked):
        kind = next(iter(stream.owns), "")
        if kind not in creating[stream.name] or kind in seen or stream.parent is not None:
            continue
        seen.add(kind)
        ids = [one for one in world.ids(stream) if one][:3]
        raised, pages = _read(world, kind, ids)
        assert raised is None or isinstance(raised, FatalError), f"{kind}: {raised!r}"
        if raised is None and any(page.rows for page in pages):
            yield kind, ids


def _read(world: FakeAccount, kind: str, ids: list[str]) -> tuple[SourceError | None, list[Page]]:
    """The error of a refresh by a new connector, and its pages so far."""
    connector: Any = world.reopened()
    pages: list[Page] = []
    try:
        for _, page in connector.refresh(kind, ids):
            pages.append(page)
    except SourceError as error:
        return error, pages
    finally:
        connector.close()
    return None, pages
