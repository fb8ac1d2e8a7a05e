"""Values that no database takes: what is left out, who hears of it, and what is not concluded."""

from __future__ import annotations

import json
from datetime import timedelta

import msgspec
import pytest

from atsbridge.model.fragment import Fragment
from atsbridge.ports.stream import Incremental, Reconciliation, Stream
from atsbridge.store.sql_store import open_store

from ..conftest import NOW, Ats, World, jobs

HOUR = timedelta(hours=1)
HALF = "\ud800"


class Row(msgspec.Struct):
    id: int | str
    name: str | None = None
    headcount: int | float | str | None = None
    closed: float | None = None
    parts: list[str] | None = None


def _fragments(row):
    values = {
        "title": row.name,
        "headcount": row.headcount,
        "closed_at": None if row.closed is None else NOW + timedelta(days=row.closed),
    }
    yield Fragment("requisition", str(row.id), values)
    for part in row.parts or ():
        yield Fragment("opening", part, {"requisition": str(row.id)})


STREAM = Stream(
    name="jobs",
    path="/jobs",
    row=Row,
    normalize=_fragments,
    owns={
        "requisition": ("title", "headcount", "closed_at"),
        "opening": ("requisition",),
    },
    incremental=Incremental(
        since=lambda start, end: {"from": start.isoformat(), "to": end.isoformat()}
    ),
    reconciliation=Reconciliation(complete=True),
)


@pytest.fixture
def world(time, tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/bounds.db", time)
    rows = [{**one, "headcount": 2} for one in jobs(30)]
    yield World(Ats(streams=(STREAM,), rows={"jobs": rows}), store, time)
    store.close()


def stored(world, kind="requisition"):
    return {record.id: record for record in world.store.history.read_records("acme", kind)}


def bend(world, number, **values):
    world.ats.rows["jobs"][number].update(values, at=world.time.now())


@pytest.mark.parametrize("huge", [10**20, -(10**19), 1e300, 0.5, "many"])
def test_a_number_no_column_holds_is_unknown_for_its_record(world, huge):
    """An absent headcount says that nobody knows; the row is there, and ops hear of it."""
    bend(world, 3, headcount=huge)
    report = world.sync()["jobs"]
    assert (report.new, report.bad, report.error) == (30, 0, "")
    assert [line for line in report.lost if "requisition.headcount" in line and "jobs/3" in line]
    found = stored(world)
    assert (found["3"].title, found["3"].headcount, found["4"].headcount) == ("job 3", None, 2)


@pytest.mark.parametrize("days", [1_000_000.0, -800_000 + 70_000.0])
def test_a_day_that_cannot_be_costs_its_row_where_absence_is_a_fact(world, days):
    """Left out, "closed" would read as "not closed": what was known of that row stays."""
    world.sync()
    bend(world, 3, closed=days, name="new name")
    report = world.sync(after=HOUR)["jobs"]
    assert (report.bad, report.error) == (1, "")
    assert "jobs/3: requisition.closed_at is in the year" in report.samples[0]
    assert stored(world)["3"].title == "job 3"


def test_a_field_that_is_refused_in_many_rows_is_unknown(world):
    """Then the rows are taken without it: it is the vendor who changed."""
    world.sync()
    for number in range(30):
        bend(world, number, closed=900_000.0, name=f"new {number}")
    report = world.sync(after=HOUR)["jobs"]
    assert report.error == ""
    assert [line for line in report.lost if "unknown until it can be read" in line]
    assert sum(r.title.startswith("new") for r in stored(world).values()) >= 28
    assert world.state("jobs").fingerprints["requisition.closed_at"] == "lost"


@pytest.mark.parametrize(
    "raw",
    [
        b'{"id":"","name":"x"}',
        b'{"id":"  ","name":"x"}',
        b'{"id":true,"name":"x"}',
        b'{"id":null,"name":"x"}',
        b'{"id":3.5,"name":"x"}',
        b'{"id":1e3,"name":"x"}',
        b'{"id":"a\\u0000","name":"x"}',
        b'{"id":"a\\u0001","name":"x"}',
        b'{"name":"x"}',
        b"[]",
        b"null",
        b'"x"',
        b'{"id":"' + b"9" * 5000 + b'","name":"x"}',
        b'{"id":' + b"9" * 5000 + b',"name":"x"}',
    ],
)
def test_a_row_without_an_id_is_left_out_and_proves_nothing(world, raw):
    """It may be of any record: none is marked deleted because of a list that has one."""
    world.sync()
    world.ats.rows["jobs"][3] = raw
    report = world.sync(after=HOUR, full=True)["jobs"]
    assert (report.bad, report.deleted, report.error) == (1, 0, "")
    assert stored(world).keys() == {str(n) for n in range(30)}
    world.ats.rows["jobs"].pop(3)
    assert world.sync(after=HOUR, full=True)["jobs"].deleted == 1


def test_a_part_whose_id_cannot_be_one_costs_its_row(world):
    """What it would be called by cannot be stored, nor found again."""
    bend(world, 3, parts=["a\0b"])
    bend(world, 4, parts=["4a"])
    report = world.sync()["jobs"]
    assert (report.bad, report.error) == (1, "")
    assert stored(world, "opening").keys() == {"4a"}
    assert "3" not in stored(world)


def test_a_long_title_is_cut_and_half_a_character_replaced(world):
    """Both databases hold it, and nobody need hear of it."""
    world.ats.rows["jobs"][3] = json.dumps({"id": 3, "name": "x" * 1_000_000}).encode()
    world.ats.rows["jobs"][4] = json.dumps({"id": 4, "name": "a\0b"}).encode()
    report = world.sync()["jobs"]
    assert (report.new, report.bad, report.lost) == (30, 0, ())
    found = stored(world)
    assert (len(found["3"].title), found["4"].title) == (10_000, "a\ufffdb")
