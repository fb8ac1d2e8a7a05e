"""What is stored together, and what is not."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from atsbridge.ports.record_store import PageCounts, PageWrite, RowWrite, Work
from atsbridge.sync.lists.held_writes import BUNDLE, HeldWrites
from atsbridge.sync.sync_report import Tally

NOW = datetime(2026, 3, 9, 9, tzinfo=UTC)


@dataclass
class Recorder:
    """A store that keeps what it is to write."""

    pages: list[PageWrite] = field(default_factory=list)

    def write_page(self, page: PageWrite) -> PageCounts:
        self.pages.append(page)
        return PageCounts(new=len(page.rows))


@pytest.fixture
def store() -> Recorder:
    return Recorder()


@pytest.fixture
def held(store):
    return HeldWrites(SimpleNamespace(store=store), SimpleNamespace(held={}), Tally())


def write(*ids: str, **more) -> PageWrite:
    rows = [RowWrite(one, b"d", []) for one in ids]
    return PageWrite(account="acme", stream="seats", at=NOW, owns={}, rows=rows, **more)


def test_what_was_held_is_stored_together(held, store):
    """Nothing of either is lost."""
    parents = [Work("seats", parent) for parent in "12"]
    for parent in parents:
        of = ("seat", "interview", parent.parent)
        ids = f"{parent.parent}a", f"{parent.parent}b"
        held.add(write(*ids, done=[parent], asked=[parent], complete=[of], seen=[f"{ids[0]}x"]))
    assert store.pages == []
    held.store()
    held.store()
    (page,) = store.pages
    assert [row.id for row in page.rows] == ["1a", "1b", "2a", "2b"]
    assert (page.done, page.asked, page.seen) == (parents, parents, ["1ax", "2ax"])
    assert page.complete == [("seat", "interview", "1"), ("seat", "interview", "2")]


def test_a_row_that_comes_again_is_stored_after_the_first(held, store):
    held.add(write("1"))
    held.add(write("2", "1"))
    held.store()
    assert [[row.id for row in page.rows] for page in store.pages] == [["1"], ["2", "1"]]


def test_rows_of_another_mapping_are_stored_by_themselves(held, store):
    held.add(write("1"))
    held.add(write("2", remapped=frozenset({"seat.user"})))
    held.store()
    assert [page.remapped for page in store.pages] == [frozenset(), frozenset({"seat.user"})]


def test_enough_rows_are_stored_at_once(held, store):
    held.add(write(*map(str, range(BUNDLE))))
    assert len(store.pages) == 1
    held.add(write("a"))
    held.add(write(*map(str, range(BUNDLE - 1))))
    held.add(write("b"))
    assert [len(page.rows) for page in store.pages] == [BUNDLE, BUNDLE]
