"""A deleted record through whole syncs: what other lists say of it, and its return."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from atsbridge.model.fragment import Fragment
from atsbridge.ports.stream import Page, Stream, creators
from atsbridge.testing.spec_checks import unclear

from .conftest import JOBS, Ats, World, jobs, replace

HOUR = timedelta(hours=1)


class Note(msgspec.Struct):
    id: int | str
    job: int | str
    text: str | None = None


def _note(row):
    yield Fragment("requisition", str(row.job), {"priority": row.text})


NOTES = Stream(
    name="notes",
    path="/notes",
    row=Note,
    normalize=_note,
    owns={"requisition": ("priority",)},
)


@pytest.fixture
def noted(store, time):
    """Jobs, and notes on them in a list of its own that is read after them."""
    rows = {"jobs": jobs(5), "notes": [{"id": 1, "job": 3, "text": "first"}]}
    return World(Ats(streams=(JOBS, NOTES), rows=rows), store, time)


def live(world):
    if hasattr(world.store, "aside"):
        found = world.store.kept.items()
        return {key[2]: one.get("priority") for key, one in found if "deleted_at" not in one}
    return {r.id: r.priority for r in world.store.history.read_records("acme", "requisition")}


def test_a_note_on_a_deleted_job_does_not_bring_it_back(noted):
    """Nor is it lost to the next reconciliation: the job is back when the jobs' list shows it,
    with the note, and found missing when it vanishes once more."""
    noted.sync()
    noted.sync(after=HOUR)
    job = noted.ats.rows["jobs"].pop(3)
    assert noted.sync(after=HOUR, full=True)["jobs"].deleted == 1
    noted.ats.rows["notes"][0]["text"] = "other:second"
    noted.sync(after=HOUR)
    assert live(noted).keys() == {"0", "1", "2", "4"}
    noted.ats.rows["jobs"].insert(3, {**job, "at": noted.time.now()})
    noted.sync(after=HOUR)
    assert live(noted)["3"] == "other:second"
    noted.ats.rows["jobs"].pop(3)
    assert noted.sync(after=HOUR, full=True)["jobs"].deleted == 1
    assert live(noted).keys() == {"0", "1", "2", "4"}


def test_a_note_on_a_job_not_yet_read_waits_for_it(noted):
    """It makes no job, and is there once the job is: the note is not read again for it."""
    noted.ats.rows["notes"].append({"id": 2, "job": 77, "text": "other:early"})
    noted.sync()
    assert "77" not in live(noted)
    noted.ats.rows["jobs"].append({"id": 77, "name": "late", "at": noted.time.now() + HOUR})
    assert noted.sync(after=HOUR)["jobs"].new == 1
    assert live(noted)["77"] == "other:early"


class Deleting(Ats):
    """Its last page says what was deleted while the ones before it were read."""

    def pages(self, stream, **how):
        for page in super().pages(stream, **how):
            gone = ["3"] if page.last and self.deleted else []
            yield Page(page.rows, page.last, gone)

    deleted = False


def test_what_is_deleted_while_a_list_is_read_is_deleted(store, time):
    """The row came first, and the list of what was deleted after it."""
    world = World(Deleting(rows={"jobs": jobs(5)}), store, time)
    world.sync()
    world.ats.deleted = True
    world.edit("jobs", 3, name="edited just before")
    world.sync(after=HOUR)
    assert live(world).keys() == {"0", "1", "2", "4"}


def test_who_creates_a_record_is_derived_or_declared():
    """The list with most columns of a kind; a declaration overrules it for that kind alone."""
    assert creators((JOBS, NOTES)) == {"jobs": {"requisition"}, "notes": frozenset()}
    named = replace(NOTES, creates=("requisition",))
    assert creators((JOBS, named)) == {"jobs": frozenset(), "notes": {"requisition"}}
    archive = replace(JOBS, name="archive")
    assert creators((JOBS, archive)) == {"jobs": {"requisition"}, "archive": {"requisition"}}


@pytest.mark.parametrize(
    ("streams", "told"),
    [
        ((JOBS, replace(NOTES, owns={"requisition": ("priority", "kind")})), "as many columns"),
        ((replace(JOBS, creates=()),), "must create requisition"),
        ((replace(NOTES, creates=()),), "no stream creates a requisition"),
        ((JOBS, replace(NOTES, creates=("opening",))), "owns no column"),
    ],
)
def test_a_connector_that_leaves_it_unclear_fails_its_contract(streams, told):
    """Where two lists could be meant, or none, the author says which."""
    assert any(told in why for why in unclear(streams))
    assert list(unclear((JOBS, NOTES))) == []
