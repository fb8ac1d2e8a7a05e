"""Children in the course of a sync: unknown fields, progress, long queues, and quiet syncs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from atsbridge.errors import RetryableError
from atsbridge.ports.record_store import StreamStatus
from atsbridge.sync.engine import sync
from atsbridge.sync.freshness import find_unreadable
from atsbridge.sync.lists import children
from atsbridge.sync.sync_context import SyncTarget

MINUTE = timedelta(minutes=1)


def _unknown(world):
    states = {one.name: world.state(one.name) for one in world.ats.streams}
    return find_unreadable(states, world.ats.spec, world.time.now(), timedelta(days=9))


def test_a_field_of_children_that_can_be_read_again_is_believed_once_all_were_read(family):
    """Those of unchanged parents are read again for it, once, though no row changed."""
    family.sync()
    for user in (7, "open"):
        for job in (2, 3):
            family.edit("jobs", job, name=f"renamed {user}")
            family.ats.children[str(job)][0]["user"] = user
        assert bool(family.sync(after=MINUTE)["seats"].lost) is (user == 7)
        assert "opening.status" in _unknown(family), "two parents are not all of them"
    assert family.sync(after=MINUTE)["seats"].requests == 5
    assert _unknown(family) == frozenset()
    assert family.sync(after=MINUTE)["seats"].requests == 0


def test_what_a_page_of_children_cannot_tell_is_unknown(family):
    """With the reason that the connector gives."""
    why = {"opening.status": "states are forbidden (403)"}
    pages = family.ats.pages

    def asked(stream, **how):
        for page in pages(stream, **how):
            yield replace(page, unknown=why) if stream.parent else page

    family.ats.pages = asked
    (lost,) = family.sync()["seats"].lost
    assert why["opening.status"] in lost
    assert "opening.status" in _unknown(family)


def test_a_quiet_sync_writes_nothing_about_children(memory, family):
    """Nobody was asked; a fault that is over is written."""
    family.store = memory
    family.sync()
    saved, save = [], memory.save_state
    memory.save_state = lambda account, state: (saved.append(state.stream), save(account, state))
    family.sync(after=MINUTE)
    assert "seats" not in saved
    family.edit("jobs", 3, name="renamed")
    family.ats.faults = [("seats", "3", RetryableError("down"))]
    assert family.sync(after=MINUTE)["seats"].status is StreamStatus.FAILED
    family.ats.faults = []
    family.ats.children["3"] = []
    family.sync(after=MINUTE, accept_deleted=frozenset({"seats"}))
    assert memory.read_state("acme", "seats").status is StreamStatus.GOOD


def test_progress_counts_rows_and_the_parents_that_are_left(family):
    """After each batch; nobody is left in the end."""
    seen = []
    target = SyncTarget("acme", family.ats, family.store.records, family.map, family.time)
    sync(target, progress=seen.append)
    shown = [(one.records, one.left) for one in seen if one.stream == "seats"]
    assert shown == [(1, 4), (2, 3), (3, 2), (4, 1), (5, 0)]
    seen.clear()
    family.edit("jobs", 3, name="renamed")
    sync(target, progress=seen.append)
    assert [(one.records, one.left) for one in seen if one.stream == "seats"] == [(1, 0)]


def test_a_queue_longer_than_what_is_read_of_it_at_once_is_drained(family, monkeypatch):
    """Parents under way are still queued: they do not hide those behind them."""
    monkeypatch.setattr(children, "PIECE", 1)
    count = 70
    family.ats.rows["jobs"] = [{"id": n, "name": "j"} for n in range(count)]
    family.ats.children = {str(n): [{"id": f"{n}a", "of": n}] for n in range(count)}
    family.ats.page_size = count
    report = family.sync()["seats"]
    assert (report.new, report.requests) == (count, count)
    assert dict(family.store.records.count_work("acme")) == {}
