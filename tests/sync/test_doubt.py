"""An empty answer is no proof that nothing exists: what it takes to be believed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from atsbridge.errors import DeniedError, RetryableError
from atsbridge.model.change import Origin
from atsbridge.model.record import Key
from atsbridge.net import SimpleRow
from atsbridge.ports.connector import CheckResult
from atsbridge.ports.record_store import StreamStatus
from atsbridge.ports.stream import Backfill, Parent, Reconciliation, Stream
from atsbridge.sync import doubt
from atsbridge.sync.freshness import find_unreadable

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def _dark(world):
    states = {s.name: world.state(s.name) for s in world.ats.streams}
    return find_unreadable(states, world.ats.spec, world.time.now(), timedelta(hours=2))


def stream_of(name, kind, columns, **more):
    """A list whose rows are the columns of one kind."""
    plain = SimpleRow(kind, columns)
    how = {"row": plain.row, "normalize": plain.normalize, "owns": plain.owns, **more}
    return Stream(name=name, path=f"/{name}", reconciliation=Reconciliation(complete=True), **how)


def jobs(count):
    return [{"id": n, "name": f"job {n}", "at": NOW - timedelta(days=30)} for n in range(count)]


def _seats(count, of=0):
    return [{"id": f"{n}a", "of": of, "user": "open", "at": NOW} for n in range(count)]


def test_a_list_that_never_returned_a_row_is_unknown(world):
    """Read to its end, without an error, and not believed."""
    world.ats.rows["jobs"] = []
    report = world.sync()["jobs"]
    assert (report.status, report.error) == (StreamStatus.GOOD, "")
    assert "has never returned a row" in report.doubt
    assert "atsbridge sync --account acme --accept-empty jobs" in report.doubt
    assert "jobs:read" in report.doubt
    assert {"requisition.title", "requisition.custom"} <= _dark(world)


def test_a_list_with_rows_is_believed(world):
    """And a window without any is a fact ever after."""
    assert world.sync()["jobs"].doubt == ""
    assert _dark(world) == frozenset()
    assert world.sync(after=DAY)["jobs"].doubt == ""
    assert _dark(world) == frozenset()


def test_an_empty_list_is_read_whole_until_it_returns_rows(world):
    """A window would bring only what changed since; then the doubt is over."""
    world.ats.rows["jobs"] = []
    world.sync()
    world.ats.rows["jobs"] = jobs(4)  # none of them changed lately
    report = world.sync(after=MINUTE)["jobs"]
    assert (report.new, report.doubt) == (4, "")
    assert _dark(world) == frozenset()
    assert world.state("jobs").returned


def test_a_fault_keeps_the_doubt(world):
    """An empty list whose next try fails is as unknown as before."""
    world.ats.rows["jobs"] = []
    world.sync()
    world.ats.faults = [("jobs", 0, RetryableError("gave up"))]
    world.sync(after=MINUTE)
    assert "requisition.title" in _dark(world)


def test_another_list_that_refers_to_its_rows_shows_that_it_is_wrong(two_lists):
    """The reason names the field."""
    two_lists.ats.rows["jobs"] = []
    said = two_lists.sync()["jobs"].doubt
    assert "opening.requisition" in said
    assert "the answer is wrong" in said


def test_kinds_that_never_come_without_it_show_that_it_is_wrong(two_lists):
    """What the connector declares of the list (`Stream.required_by`)."""
    two_lists.ats.rows["seats"] = []
    listed, seats = two_lists.ats.streams
    implied = replace(seats, required_by=("requisition",))
    two_lists.ats.spec = replace(two_lists.ats.spec, streams=(listed, implied))
    assert "requisition show that there are some" in two_lists.sync()["seats"].doubt


def test_the_operators_word_holds_until_rows_come(two_lists):
    """Accepted once, it is stored; rows lift it."""
    two_lists.ats.rows["seats"] = []
    two_lists.sync()
    accepted = two_lists.sync(after=MINUTE, accept_empty=frozenset({"seats"}))["seats"]
    assert accepted.doubt == ""
    for _ in range(2):
        assert two_lists.sync(after=DAY)["seats"].doubt == ""
        assert "opening.status" not in _dark(two_lists)
    two_lists.ats.rows["seats"] = _seats(1)
    two_lists.sync(after=MINUTE)
    assert two_lists.state("seats").doubt is None
    two_lists.ats.rows["seats"] = []
    report = two_lists.sync(after=MINUTE, full=True)["seats"]
    assert report.status is StreamStatus.LOST  # what was accepted then is not accepted now


def test_evidence_that_comes_after_the_operators_word_counts(two_lists):
    """They accepted what nothing spoke against."""
    rows = two_lists.ats.rows
    rows["jobs"], rows["seats"] = [], []
    two_lists.sync(accept_empty=frozenset({"jobs"}))
    assert not two_lists.state("jobs").doubted
    rows["seats"] = _seats(2)
    two_lists.sync(after=MINUTE)
    assert two_lists.state("jobs").doubted
    two_lists.sync(after=MINUTE, accept_empty=frozenset({"jobs"}))
    assert not two_lists.state("jobs").doubted  # now they know


def test_a_connector_that_sees_everything_is_believed_after_a_day(two_lists):
    """A permission is no proof that this one answer was whole: it has to stay empty."""
    two_lists.ats.rows["seats"] = []
    asked = []

    def check_visibility(stream):
        asked.append(stream.name)
        return CheckResult("see all", good=True, detail="the token has seats:read")

    two_lists.ats.check_visibility = check_visibility
    two_lists.sync()
    assert two_lists.state("seats").doubted
    two_lists.sync(after=doubt.EMPTY_FOR - MINUTE)
    assert two_lists.state("seats").doubted
    assert asked == []
    two_lists.sync(after=MINUTE)
    assert not two_lists.state("seats").doubted
    two_lists.sync(after=MINUTE)
    assert asked == ["seats"]  # not at every sync
    two_lists.sync(after=MINUTE, nightly=True)
    assert asked == ["seats", "seats"]


@pytest.mark.parametrize(
    "answer", [CheckResult("see all", good=False), RetryableError("away"), None]
)
def test_a_connector_that_cannot_tell_leaves_it_to_the_operator(two_lists, answer):
    """It says no, fails, or is older than the question."""

    def check_visibility(stream):
        if isinstance(answer, Exception):
            raise answer
        return answer

    if answer is not None:
        two_lists.ats.check_visibility = check_visibility
    two_lists.ats.rows["seats"] = []
    two_lists.sync()
    assert two_lists.sync(after=2 * DAY)["seats"].status is StreamStatus.GOOD
    assert two_lists.state("seats").doubted


def test_no_permission_speaks_against_evidence(two_lists):
    """What other lists name exists, whatever a token may read."""
    two_lists.ats.check_visibility = lambda _: CheckResult("see all", good=True)
    two_lists.ats.rows["jobs"] = []
    two_lists.sync()
    two_lists.sync(after=2 * DAY)
    assert two_lists.state("jobs").doubted


def test_rows_that_fit_nothing_are_another_accounts(two_lists):
    """Until rows come that do: then the strangers are gone, and nobody loses sight of them."""
    two_lists.ats.rows["seats"] = _seats(8, of=77)
    said = two_lists.sync()["seats"].doubt
    assert "none of them fits" in said
    assert "opening.status" in _dark(two_lists)
    two_lists.ats.rows["seats"] = [{"id": "z", "of": 1, "user": "open", "at": NOW}]
    report = two_lists.sync(after=MINUTE)["seats"]
    assert (report.new, report.deleted, report.doubt) == (1, 8, "")
    assert _dark(two_lists) == frozenset()


def test_what_replaces_rows_that_were_never_believed_is_no_change(two_lists):
    """The same ids with the account's own values: no rule may report that the ATS changed them."""
    own, other = _seats(8), [{**row, "user": "closed"} for row in _seats(8, of=77)]
    two_lists.ats.rows["seats"] = other
    assert two_lists.sync()["seats"].doubt
    two_lists.ats.rows["seats"] = own
    report = two_lists.sync(after=MINUTE)["seats"]
    assert (report.changed, report.doubt) == (8, "")
    key = Key("acme", "opening", "0a")
    changes = two_lists.store.history.read_changes(key)
    assert {change.field for change in changes} >= {"status"}
    assert {change.origin for change in changes} == {Origin.MAPPING}
    two_lists.ats.rows["seats"] = [{**row, "user": "closed"} for row in own]
    two_lists.sync(after=MINUTE)
    assert Origin.POLL in {c.origin for c in two_lists.store.history.read_changes(key)}


@pytest.mark.parametrize("count", [1, doubt.FEW - 1])
def test_a_few_rows_that_fit_nothing_are_another_accounts_too(two_lists, count):
    """A small company's list is doubted like a large one's, until a row fits or it is accepted."""
    two_lists.ats.rows["seats"] = _seats(count, of=77)
    assert "none of them fits" in two_lists.sync()["seats"].doubt
    assert {"opening.status", "requisition.title"} <= _dark(two_lists)  # whose the jobs are is open
    report = two_lists.sync(after=MINUTE, accept_empty=frozenset({"seats", "jobs"}))
    assert (report["seats"].doubt, report["jobs"].doubt) == ("", "")
    assert _dark(two_lists) == frozenset()


def test_one_reference_that_fits_outweighs_a_few_to_deleted_records(two_lists):
    """Less than FEW of one field may lead nowhere."""
    deleted = [{**row, "id": f"{row['id']}x"} for row in _seats(doubt.FEW - 1, of=77)]
    two_lists.ats.rows["seats"] = [*_seats(1), *deleted]
    assert two_lists.sync()["seats"].doubt == ""


def test_rows_that_refer_to_nothing_are_believed(two_lists):
    """There is nothing that they could fit: a new company has jobs and no seats."""
    two_lists.ats.rows["seats"] = []
    assert two_lists.sync()["jobs"].doubt == ""
    assert "requisition.title" not in _dark(two_lists)


@pytest.mark.parametrize("fault", [None, DeniedError("not allowed")])
def test_references_to_a_list_that_shows_nothing_are_no_evidence(two_lists, fault):
    """Jobs are empty, or forbidden: that says nothing of the seats that refer to them."""
    two_lists.ats.rows["jobs"] = []
    two_lists.ats.rows["seats"] = _seats(8)
    if fault is not None:
        two_lists.ats.faults = [("jobs", 0, fault)]
    assert two_lists.sync()["seats"].doubt == ""


def test_children_that_no_parent_has_are_unknown(family):
    """Five parents asked, not one child: nothing is known of any."""
    family.ats.children = {}
    assert "seats has never returned a row" in family.sync()["seats"].doubt
    assert "opening.status" in _dark(family)


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_every_parent_is_asked_again_once_a_child_shows(family):
    """They were told to have none when nobody could see any."""
    shown, family.ats.children = family.ats.children, {}
    family.sync()
    family.ats.children = shown
    family.edit("jobs", 3, name="renamed")
    assert family.sync(after=MINUTE)["seats"].new == 1
    assert "opening.status" in _dark(family)  # of the others it is still not known
    assert family.sync(after=MINUTE)["seats"].new == 4
    assert _dark(family) == frozenset()


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_the_night_asks_for_children_that_never_came(family):
    """No parent changes, and they are there at last."""
    shown, family.ats.children = family.ats.children, {}
    family.sync()
    family.ats.children = shown
    assert family.sync(after=MINUTE)["seats"].requests == 0
    assert family.sync(after=MINUTE, nightly=True)["seats"].new == 5
    assert _dark(family) == frozenset(), "it has asked all parents: nothing is left to ask"
    assert family.sync(after=MINUTE)["seats"].requests == 0


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_the_parent_that_was_asked_for_proves_nothing(of_streams):
    """Stays of another account: the connector itself wrote into them whose they are."""
    parent = Parent("apps", into="application")
    stages, apps = stream_of("stages", "stage", "name"), stream_of("apps", "application", "status")
    stays = stream_of("stays", "stage_stay", "application stage", parent=parent)
    world = of_streams(
        (stages, apps, stays),
        stages=[{"id": f"s{n}", "name": "Screen"} for n in range(3)],
        apps=[{"id": f"a{n}", "status": "active"} for n in range(3)],
    )
    own = {f"a{n}": [{"id": f"{n}", "application": f"a{n}", "stage": f"s{n}"}] for n in range(3)}
    theirs = {key: [{**row, "stage": "far away"} for row in rows] for key, rows in own.items()}
    world.ats.children = theirs
    assert "none of them fits" in world.sync()["stays"].doubt
    assert "stage_stay.stage" in _dark(world)
    world.ats.children = own
    assert world.sync(after=MINUTE, nightly=True)["stays"].doubt == ""
    assert _dark(world) == frozenset()


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_a_good_list_vouches_for_no_other_of_its_kind(of_streams):
    """Two lists bring team members; one of them returns another account's."""
    jobs = stream_of("jobs", "requisition", "title")
    owners, managers = (
        stream_of(name, "team_member", "requisition") for name in ("owners", "managers")
    )
    world = of_streams(
        (jobs, owners, managers),
        jobs=[{"id": f"j{n}", "title": "Engineer"} for n in range(3)],
        owners=[{"id": f"o{n}", "requisition": f"j{n}"} for n in range(3)],
        managers=[{"id": f"m{n}", "requisition": "far away"} for n in range(3)],
    )
    first = world.sync()
    assert first["owners"].doubt == ""
    assert "none of them fits" in first["managers"].doubt
    world.ats.rows["managers"] = [{"id": f"m{n}", "requisition": f"j{n}"} for n in range(3)]
    assert world.sync(after=MINUTE, nightly=True)["managers"].doubt == ""


def test_children_that_nobody_was_asked_for_are_no_news(family):
    """Without parents there is nothing to doubt."""
    family.ats.rows["jobs"] = []
    assert family.sync()["seats"].doubt == ""
    assert family.state("seats").doubt is None


def test_a_first_leg_without_questions_is_not_a_reading(of_streams, dated_jobs):
    """All of it is the past: nothing is known before that was read, and nobody is alarmed."""
    unasked = replace(dated_jobs, backfill=Backfill(first=lambda now: ()))
    world = of_streams((unasked,), jobs=jobs(5))
    assert world.sync(history=180 * DAY)["jobs"].doubt == ""
    assert "requisition.title" in _dark(world)
    assert world.sync(after=MINUTE, history=180 * DAY)["jobs"].new == 5
    assert "requisition.title" not in _dark(world)


def test_rows_that_windows_bring_do_not_make_up_for_an_empty_first_leg(of_streams, dated_jobs):
    """What it asked for and was not given is known only once the past was read."""
    world = of_streams((dated_jobs,), jobs=[])
    world.sync(history=180 * DAY)
    world.ats.rows["jobs"] = [
        {**row, "name": "open", "at": NOW + MINUTE if row["id"] == 1 else row["at"]}
        for row in jobs(5)
    ]
    world.sync(after=2 * MINUTE, history=180 * DAY, spare=0)
    assert "requisition.title" in _dark(world)
    world.sync(after=MINUTE, history=180 * DAY)
    assert "requisition.title" not in _dark(world)
