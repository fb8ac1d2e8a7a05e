"""A field that the vendor retypes costs that field, for as long as it is so, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from atsbridge.errors import RetryableError, SkipRecord
from atsbridge.model.fragment import Fragment
from atsbridge.ports.record_store import StreamStatus
from atsbridge.sync.account_map import parse_map
from atsbridge.sync.freshness import find_unreadable
from atsbridge.sync.rows.tolerant_decoder import TolerantDecoder

MINUTE = timedelta(minutes=1)
LONG_AGO = datetime(2026, 2, 1, tzinfo=UTC)


def dark(world):
    names = [stream.name for stream in world.ats.spec.streams]
    states = {name: world.state(name) for name in names}
    return find_unreadable(states, world.ats.spec, world.time.now(), timedelta(hours=2))


def jobs_of(count):
    return [{"id": n, "name": f"job {n}", "at": LONG_AGO} for n in range(count)]


def retype(world, how):
    for row in world.ats.rows["jobs"]:
        row.update(name=how(row["name"]), at=world.time.now())


def test_a_retyped_field_costs_the_field(world):
    """All rows are stored, the stream is good, and only that field is not believed."""
    world.sync()
    retype(world, lambda name: {"text": name})
    report = world.sync(after=MINUTE)["jobs"]
    assert (report.status, report.bad, report.changed) == (StreamStatus.GOOD, 0, 5)
    assert {f for f in dark(world) if f.endswith((".title", ".custom"))} == {"requisition.title"}


def test_it_is_told_once_a_run_with_an_example_without_values(world):
    """What, in how many records, what hangs on it."""
    for row in world.ats.rows["jobs"]:
        row["name"] = [f"ann{row['id']}@x.example"]
    report = world.sync()["jobs"]
    (told,) = report.lost
    assert told.startswith("name came as nobody expects it in 5 records (a list); unknown")
    assert told.endswith("requisition.title")
    assert "ann" not in f"{report!r}"


def test_what_can_be_read_again_is_believed_once_all_of_it_was(world):
    """One good row proves it; the next sync reads all, and then it counts."""
    world.sync()
    retype(world, lambda name: [name])
    world.sync(after=MINUTE)
    world.sync(after=timedelta(hours=2))
    assert world.ats.asked[-1][1] is not None, "meanwhile only what changed is asked for"
    world.edit("jobs", 1, name="job 1")
    world.sync(after=MINUTE)
    assert "requisition.title" in dark(world)
    retype(world, lambda name: "again")
    world.sync(after=MINUTE)
    assert world.ats.asked[-1][1] is None
    assert "requisition.title" not in dark(world)


def test_rows_that_did_not_change_are_decoded_again_once_a_field_is_back(world):
    """They were stored without it, and their bytes are the same."""
    read = []
    stream = world.ats.streams[0]

    def counted(row):
        read.append(row.id)
        return stream.normalize(row)

    world.ats.spec = replace(world.ats.spec, streams=(replace(stream, normalize=counted),))
    world.sync()
    retype(world, lambda name: [name])
    world.sync(after=MINUTE)
    world.edit("jobs", 1, name="job 1")
    world.sync(after=MINUTE)
    for row in world.ats.rows["jobs"]:
        if row["id"] != 1:
            row.update(name="again", at=world.time.now())
    read.clear()
    world.sync(after=MINUTE)
    assert set(read) == {0, 1, 2, 3, 4}


def test_neither_losing_nor_regaining_is_a_change(remembered):
    """It is the vendor's way of writing that changed, not the job."""
    world = remembered
    world.sync()
    for how in (lambda name: [name], lambda name: name[0]):
        retype(world, how)
        world.sync(after=MINUTE)
    world.sync(after=MINUTE)
    assert {c[3] for c in world.store.log if c[0] == "title"} == {"mapping"}
    assert "requisition.title" not in dark(world)


def test_a_child_that_cannot_be_read_whole_is_no_proof_of_absence(family):
    """The first may be a slip; of the rest the field is lost, and comes back like any other."""
    for n in range(5):
        family.ats.children[str(n)][0]["user"] = {"id": n}
    report = family.sync()["seats"]
    assert (report.new, report.deleted, report.bad) == (4, 0, 1)
    assert "opening.status" in dark(family)
    for n in range(5):
        family.ats.children[str(n)][0]["user"] = "open"
        family.edit("jobs", n, name="new")
    for _ in range(2):
        family.sync(after=MINUTE)
    assert "opening.status" not in dark(family)


def test_a_field_of_children_stays_unknown_if_another_parent_fails(family):
    """The children that were read lack it; the failure of one request makes it no fact."""
    family.sync()
    for job in range(5):
        family.edit("jobs", job, name="renamed")
    for rows in family.ats.children.values():
        rows[0]["user"] = 7
    family.ats.faults = [("seats", "2", RetryableError("down"))]
    assert family.sync(after=MINUTE)["seats"].status is StreamStatus.FAILED
    assert "opening.status" in dark(family)


def test_a_single_odd_row_is_left_out(world):
    """It darkens nothing: one of many is a slip, not a new shape."""
    world.ats.page_size = 10
    world.ats.rows["jobs"][0]["name"] = 5
    report = world.sync()["jobs"]
    assert (report.bad, report.lost, report.new) == (1, (), 4)


def test_a_renamed_field_is_noticed(world):
    """It reads as absent; that every row had it and none has it now tells."""
    world.ats.rows["jobs"] = jobs_of(30)
    world.sync()
    for row in world.ats.rows["jobs"]:
        row.update(headline=row.pop("name"), at=world.time.now())
    report = world.sync(after=MINUTE)["jobs"]
    assert (report.status, report.bad) == (StreamStatus.GOOD, 0)
    assert report.lost[0].startswith("name")
    assert "no record has it any more" in report.lost[0]
    assert "requisition.title" in dark(world)
    for row in world.ats.rows["jobs"]:
        row.update(name=row.pop("headline"), at=world.time.now())
    for _ in range(2):
        world.sync(after=MINUTE)
    assert "requisition.title" not in dark(world)


def test_a_mapped_field_that_a_customer_renamed_is_noticed(remembered):
    """Told once with the map's own word; nothing changed, and all is well once the map follows."""
    world = remembered
    streams = world.ats.spec.streams
    world.map = parse_map({"requisition.priority": "custom.level"}, "acme", streams)
    world.ats.rows["jobs"] = [{**job, "custom": {"level": "P1"}} for job in jobs_of(30)]
    world.sync()
    for row in world.ats.rows["jobs"]:
        row.update(custom={"rank": "P1"}, at=world.time.now())
    (told,) = world.sync(after=MINUTE)["jobs"].lost
    assert told.startswith("custom.level")
    assert told.endswith("requisition.priority")
    assert {f for f in dark(world) if "title" in f or "priority" in f} == {"requisition.priority"}
    assert {c[3] for c in world.store.log if c[0] == "priority"} == {"mapping"}
    world.map = parse_map({"requisition.priority": "custom.rank"}, "acme", streams)
    for _ in range(2):
        assert world.sync(after=MINUTE)["jobs"].lost == ()
    assert "requisition.priority" not in dark(world)
    assert {c[3] for c in world.store.log if c[0] == "priority"} == {"mapping"}


def test_a_mapped_field_that_only_some_have_is_not_missed(world):
    """Vendors that leave out what is empty: nothing can be told from its absence."""
    world.map = parse_map({"requisition.priority": "custom.level"}, "acme", world.ats.spec.streams)
    world.ats.rows["jobs"] = [{**job, "custom": {"level": "P1"}} for job in jobs_of(30)]
    world.ats.rows["jobs"][7]["custom"] = {}
    world.sync()
    for row in world.ats.rows["jobs"][:8]:
        row.update(custom={}, at=world.time.now())
    assert world.sync(after=MINUTE)["jobs"].lost == ()


def test_a_few_rows_without_a_field_prove_nothing(world):
    """Nor does a field that was absent now and then before."""
    world.ats.rows["jobs"] = jobs_of(30)
    del world.ats.rows["jobs"][3]["name"]
    world.sync()
    for row in world.ats.rows["jobs"]:
        row.pop("name", None)
        row["at"] = world.time.now()
    assert world.sync(after=MINUTE)["jobs"].lost == ()


class Part(msgspec.Struct):
    at: int | None = None


class Nest(msgspec.Struct):
    id: int
    word: str
    parts: list[Part] | None = None
    bag: dict[str, int] | None = None


def _nest(row):
    if row.word == "never":
        raise SkipRecord("word is never", field="word")
    at = [part.at for part in row.parts or ()]
    yield Fragment("requisition", str(row.id), {"title": row.word, "custom": row.bag, "tags": at})


@pytest.mark.parametrize(
    ("raw", "lost", "dark"),
    [
        (b'{"id":1,"word":"x","parts":[{"at":"soon"},{"at":2}]}', "parts[].at", "tags"),
        (b'{"id":1,"word":"x","parts":[5,{"at":2}]}', "parts[]", "tags"),
        (b'{"id":1,"word":"x","parts":{}}', "parts", "tags"),
        (b'{"id":1,"word":"x","bag":{"k":"v"}}', "bag", "custom"),
    ],
)
def test_the_odd_place_is_found_however_deep(raw, lost, dark):
    """Only that is taken out, and what hangs on it is found by trying."""
    columns = {"requisition": ("title", "custom", "tags")}
    saved = TolerantDecoder(Nest, _nest, columns).decode(raw)
    assert list(saved.fields) == [lost]
    assert f"requisition.{dark}" in saved.unreadable
    assert "requisition.title" not in saved.unreadable
    assert saved.fragments[0].values["title"] == "x"


@pytest.mark.parametrize(
    "raw",
    [
        b'{"id":1,"word":5}',
        b'{"id":1,"word":"never"}',
        b'{"id":"one","word":"x"}',
        b'["x"]',
        b'{"id":1,',
    ],
)
def test_what_cannot_be_spared_cannot_be_taken_out(raw):
    """A row whose id or needed field is odd stays a bad record."""
    assert (
        TolerantDecoder(Nest, _nest, {"requisition": ("title", "custom", "tags")}).decode(raw)
        is None
    )


def test_a_list_of_nothing_but_ids_is_not_believed(world):
    """Nobody loses everything at once: ops are told once, with an example, and nothing fires."""
    world.ats.rows["jobs"] = jobs_of(30)
    world.sync()
    for row in world.ats.rows["jobs"]:
        row.update(name=None, custom=None, at=world.time.now())
    (told,) = world.sync(after=MINUTE)["jobs"].lost
    assert "jobs/0" in told
    assert "nothing but its id" in told
    assert dark(world) >= {"requisition.title", "requisition.custom"}
    for row in world.ats.rows["jobs"]:
        row.update(name="again", custom={}, at=world.time.now())
    assert world.sync(after=MINUTE)["jobs"].lost == ()
    assert world.sync(after=MINUTE)["jobs"].lost == ()
    assert dark(world) == frozenset()


def test_a_row_of_nothing_among_good_ones_is_left_out(world):
    """One that tells nothing of anybody is no news of them: it is counted, what was known stays."""
    world.ats.rows["jobs"] = jobs_of(30)
    world.sync()
    jobs = world.ats.rows["jobs"]
    jobs[-1].update(name=None, custom=None)
    for row in jobs:
        row["at"] = world.time.now()
    report = world.sync(after=MINUTE)["jobs"]
    assert (report.status, report.bad, report.changed) == (StreamStatus.GOOD, 1, 0)
    assert "nothing but its id" in report.samples[0]


def test_what_a_page_says_it_cannot_tell_is_unknown_until_it_can(world):
    """A connector whose further list is forbidden loses what is in it, and says why."""
    told = {"requisition.custom": "fields are forbidden (403): ask for jobs:fields"}
    pages = world.ats.pages

    def asked(stream, **how):
        return (replace(page, unknown=told) for page in pages(stream, **how))

    world.sync()
    world.ats.pages = asked
    world.edit("jobs", 2, name="renamed")
    (why,) = world.sync(after=MINUTE)["jobs"].lost
    assert why == f"{told['requisition.custom']}; unknown until then: requisition.custom"
    assert "requisition.custom" in dark(world)
    assert "requisition.title" not in dark(world)
    world.ats.pages = pages
    world.edit("jobs", 2, name="again")
    for _ in range(2):
        assert world.sync(after=MINUTE)["jobs"].lost == ()
    assert dark(world) == frozenset()
