"""Records that are asked for by id and are not there: when that is believed."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from atsbridge.errors import RetryableError
from atsbridge.ports.stream import Page, Parent
from atsbridge.sync.rows import schema_drift


@pytest.fixture
def vendor(world):
    """The account synced, and the vendor's answers to ids: which it shows, which it calls gone."""
    world.sync()
    shown = {"0", "1", "2", "3", "4"}
    told: set[str] = set()
    world.asked_by_id = []

    def answer(kind, ids):
        world.asked_by_id.append(list(ids))
        rows = [msgspec.Raw(f'{{"id":{i},"name":"job {i}"}}'.encode()) for i in ids if i in shown]
        yield world.ats.streams[0], Page(rows, last=True, deleted=[i for i in ids if i in told])

    world.ats.refresh = answer
    return world, shown, told


def _refresh(world, *ids):
    from atsbridge.sync.record_refresh import refresh
    from atsbridge.sync.sync_context import SyncTarget

    return refresh(
        SyncTarget("acme", world.ats, world.store.records, world.map, world.time),
        "requisition",
        ids,
    )


def _live(world):
    return set(world.store.records.read_live_ids("acme", "jobs"))


def test_one_that_is_missing_twice_beside_a_witness_is_gone(vendor):
    """The second time it is asked for together with one that must be there."""
    world, shown, _ = vendor
    shown.discard("2")
    asked = _refresh(world, "2")
    assert (asked.deleted, asked.unshown) == (1, frozenset())
    assert _live(world) == {"0", "1", "3", "4"}
    assert world.asked_by_id == [["2"], ["0", "2"]]


def test_a_witness_that_is_no_more_itself_gives_way_to_the_next(vendor):
    """A list may hold what nobody is shown by its id."""
    world, shown, _ = vendor
    shown -= {"0", "2"}
    assert _refresh(world, "2").deleted == 1
    assert _live(world) == {"0", "1", "3", "4"}
    assert world.asked_by_id == [["2"], ["0", "2"], ["1", "2"]]


def test_one_that_is_there_again_the_second_time_is_not_gone(vendor):
    """An answer with fewer rows happens; one sighting proves nothing."""
    world, _, _ = vendor
    answer, first = world.ats.refresh, iter([True])

    def flickers(kind, ids):
        for stream, page in answer(kind, ids):
            yield stream, Page((), last=True) if next(first, False) else page

    world.ats.refresh = flickers
    asked = _refresh(world, "2")
    assert (asked.deleted, asked.unshown) == (0, frozenset())
    assert len(_live(world)) == 5


def test_nothing_is_gone_where_the_witness_is_not_shown_either(vendor):
    """The credential sees less than it did: that is no deletion."""
    world, shown, _ = vendor
    shown.clear()
    asked = _refresh(world, "2", "3")
    assert (asked.deleted, asked.unshown) == (0, {"2", "3"})
    assert len(_live(world)) == 5


def test_one_that_the_vendor_calls_deleted_is_gone_at_once(vendor):
    """A 404 on the record itself needs no witness."""
    world, shown, told = vendor
    shown.discard("2")
    told.add("2")
    assert _refresh(world, "2").deleted == 1
    assert world.asked_by_id == [["2"]]


def test_one_that_was_never_stored_costs_no_second_question(vendor):
    """There is nothing to mark."""
    world, _, _ = vendor
    assert _refresh(world, "77").deleted == 0
    assert world.asked_by_id == [["77"]]


def test_very_many_at_once_are_left_to_the_night(world):
    """More than 20 and 2% of a list, although a witness is shown."""
    world.ats.rows["jobs"] = [{"id": n, "name": f"job {n}"} for n in range(100)]
    world.sync()

    def answer(kind, ids):
        rows = [msgspec.Raw(b'{"id":99,"name":"job 99"}')] if "99" in ids else []
        yield world.ats.streams[0], Page(rows, last=True)

    world.ats.refresh = answer
    asked = _refresh(world, *map(str, range(60)))
    assert (asked.deleted, len(asked.unshown)) == (0, 60)
    assert len(_live(world)) == 100


def test_one_that_comes_back_is_live_again(vendor):
    """Seen by a later refresh, it loses its mark."""
    world, shown, _ = vendor
    shown.discard("2")
    _refresh(world, "2")
    shown.add("2")
    assert _refresh(world, "2").changed == 1
    assert "2" in _live(world)


@pytest.mark.parametrize(
    "row", [b'{"id":2,"name":[]}', b'{"name":"job 2"}'], ids=["bad", "nameless"]
)
def test_one_whose_row_cannot_be_read_is_neither_fresh_nor_gone(vendor, row):
    """Nobody knows what has become of it, so that no message about it is confirmed."""
    world, _, _ = vendor
    world.ats.refresh = lambda kind, ids: iter(
        [(world.ats.streams[0], Page([msgspec.Raw(row)], last=True))]
    )
    asked = _refresh(world, "2")
    assert (asked.bad, asked.deleted, asked.unshown) == (1, 0, {"2"})
    assert len(_live(world)) == 5


def test_what_an_answer_cannot_tell_replaces_nothing(vendor):
    """Another list that completes its rows is forbidden now: the value that is stored stays, until
    a sync has noted that nobody can tell it."""
    world, _, _ = vendor
    stream, title = world.ats.streams[0], "requisition.title"
    page = Page([msgspec.Raw(b'{"id":2}')], last=True, unknown={title: "titles are forbidden"})
    world.ats.refresh = lambda kind, ids: iter([(stream, page)])
    before = world.store.records.read_digests("acme", "jobs", ["2"])
    with pytest.raises(RetryableError, match="titles are forbidden"):
        _refresh(world, "2")
    assert world.store.records.read_digests("acme", "jobs", ["2"]) == before
    state = world.state("jobs")
    prints = {**state.fingerprints, title: schema_drift.LOST}
    world.store.records.save_state("acme", replace(state, fingerprints=prints))
    assert _refresh(world, "2").changed == 1


@pytest.fixture
def children(family):
    """A family that was synced; by id, the vendor answers with these children's rows."""
    family.sync()

    def asked(*rows):
        raws = [msgspec.json.encode(row) for row in rows]
        page = Page([msgspec.Raw(one) for one in raws], last=True)
        family.ats.refresh = lambda kind, ids: iter([(family.ats.streams[0], page)])
        return _refresh(family, "3")

    family.ask = asked
    return family


def _seat(ident, of, **more):
    return {"id": ident, "of": of, "user": "open", **more}


def _live_seats(family):
    return set(family.store.records.read_live_ids("acme", "seats"))


def _by_many_parents(family):
    """Children whose vendor names the parent in each row: several are asked for in one request."""
    seats, jobs = family.ats.streams
    seats = replace(seats, parent=Parent("jobs", param="job_ids", batch=3))
    family.ats.streams = (seats, jobs)
    family.ats.spec = replace(family.ats.spec, streams=family.ats.streams)


def test_a_known_child_shows_that_the_answer_is_ours(children):
    """What else comes with it is new."""
    assert children.ask(_seat("3a", 3, user="closed"), _seat("3b", 3)).new == 1
    assert "3b" in _live_seats(children)


def test_children_of_another_account_are_refused_before_a_message(children):
    """No id of theirs is known, nor any parent that they name: nothing is stored of them."""
    _by_many_parents(children)
    before = _live_seats(children)
    with pytest.raises(RetryableError, match="nothing that is known of this account") as refused:
        children.ask(_seat("x1", 903), _seat("x2", 904))
    assert refused.value.where == "acme/seats"
    assert _live_seats(children) == before


def test_new_children_of_a_known_parent_are_believed(children):
    """The row names a parent that is stored."""
    _by_many_parents(children)
    assert children.ask(_seat("3b", 3)).new == 1


def test_an_answer_without_children_is_not_refused(children):
    """It shows no other account, and it deletes nothing."""
    before = _live_seats(children)
    assert children.ask().deleted == 0
    assert _live_seats(children) == before


def test_children_of_a_list_that_never_showed_one_are_left_to_the_doubt(family):
    """Nothing of it is believed yet, so nothing can be refused."""
    family.ats.children = {}
    family.sync()
    _by_many_parents(family)
    page = Page([msgspec.Raw(msgspec.json.encode(_seat("x1", 903)))], last=True)
    family.ats.refresh = lambda kind, ids: iter([(family.ats.streams[0], page)])
    assert _refresh(family, "3").new == 1
