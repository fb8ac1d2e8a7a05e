"""Lists whose changes are asked for by a token: kept, renewed, refused, lost, compared at night."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import msgspec
import pytest
from tests.sync.conftest import JOBS, NOW, Ats, World, jobs

from atsbridge.errors import CursorError, FatalError, RetryableError, SyncTokenError
from atsbridge.ports.record_store import StreamStatus
from atsbridge.ports.stream import Incremental, Page

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TOKENS = replace(JOBS, incremental=Incremental(token="syncToken"))


@dataclass
class TokenAts(Ats):
    """Gives the number of changes so far as its token, with the last page only."""

    gives: bool = True
    refuses: Exception | None = None

    def pages(self, stream, *, window=None, parents=()):
        assert window is None
        self.asked.append((stream.name, window, parents))
        self.params.append(stream.params)
        token = stream.params.get("syncToken", "")
        if token and self.refuses:
            self.requests += 1
            raise self.refuses
        rows = self.rows["jobs"]
        if token:
            rows = [r for r in rows if r["at"].isoformat() > token]
        raws = [msgspec.Raw(msgspec.json.encode({"id": r["id"], "name": r["name"]})) for r in rows]
        newest = max((r["at"] for r in self.rows["jobs"]), default=NOW).isoformat()
        starts = range(0, max(len(raws), 1), self.page_size)
        for number, start in enumerate(starts):
            self._fail(stream, number, parents)
            self.requests += 1
            last = start == starts[-1]
            token = newest if last and self.gives else ""
            yield Page(raws[start : start + self.page_size], last=last, token=token)


@pytest.fixture
def world(store, time):
    return World(TokenAts(streams=(TOKENS,), rows={"jobs": jobs(5)}), store, time)


def sent(world):
    return [params.get("syncToken", "") for params in world.ats.params]


def test_the_token_of_the_last_page_is_sent_the_next_time(world):
    """The first read has none; an unchanged list is one request."""
    first = world.ats.rows["jobs"][0]["at"].isoformat()
    assert world.sync()["jobs"].new == 5
    assert world.state("jobs").token == first
    report = world.sync(after=HOUR)["jobs"]
    assert (sent(world), report.requests, report.changed) == (["", first], 1, 0)


def test_changes_come_by_token_and_absence_deletes_nothing(world):
    """A changed row is stored; rows that did not change are not missing."""
    world.sync()
    world.time.advance(HOUR)
    world.edit("jobs", 3, name="renamed")
    report = world.sync()["jobs"]
    assert (report.changed, report.deleted, report.requests) == (1, 0, 1)
    assert world.state("jobs").token == world.ats.rows["jobs"][3]["at"].isoformat()


@pytest.mark.parametrize("number", [0, 1])
def test_a_read_that_breaks_off_keeps_the_old_token(world, number):
    """Page by page the rows are stored; the token moves with the last of them."""
    world.sync()
    old = world.state("jobs").token
    world.time.advance(HOUR)
    for ident in range(5):
        world.edit("jobs", ident, name=f"renamed {ident}")
    world.ats.faults.append(("jobs", number, RetryableError("down")))
    assert world.sync()["jobs"].error
    assert world.state("jobs").token == old
    report = world.sync(after=HOUR)["jobs"]
    assert (sent(world)[-1], report.error) == (old, "")
    full = world.sync(full=True)["jobs"]
    assert (full.new, full.changed) == (0, 0)


def _refusal(error, status):
    error.status = status
    return error


@pytest.mark.parametrize(
    "error",
    [
        SyncTokenError("expired"),
        *(_refusal(FatalError("no"), status) for status in (400, 404, 409, 410, 422)),
    ],
    ids=lambda error: f"{error.status}",
)
def test_a_refused_token_reads_the_list_whole_once(world, error):
    """Whatever status the vendor has for it; nothing is doubled, and it is reported once."""
    world.sync()
    world.ats.refuses = error
    world.time.advance(HOUR)
    world.edit("jobs", 3, name="renamed")
    report = world.sync()["jobs"]
    assert sent(world)[1:] == [world.ats.rows["jobs"][0]["at"].isoformat(), ""]
    assert (report.changed, report.new, report.deleted, report.error) == (1, 0, 0, "")
    assert "sync token" in report.reread
    world.ats.refuses = None
    report = world.sync(after=HOUR)["jobs"]
    assert (report.reread, report.requests, report.error) == ("", 1, "")


def test_a_token_that_runs_out_as_the_vendor_promises_is_no_news(world):
    """The list is read whole once, and ops hear nothing of it."""
    world.sync()
    world.ats.refuses = SyncTokenError("expired", expected=True)
    report = world.sync(after=HOUR)["jobs"]
    assert (report.reread, report.error, report.unchanged) == ("", "", 5)


def test_a_page_token_refused_after_the_sync_token_was_is_read_again(world):
    """Both within one sync; twice the same is an error."""
    world.sync()
    world.ats.refuses = SyncTokenError("expired")
    world.ats.faults.append(("jobs", 1, CursorError("refused")))
    report = world.sync(after=HOUR)["jobs"]
    assert (report.error, report.new, report.changed) == ("", 0, 0)
    world.ats.faults += [("jobs", 1, CursorError("refused"))] * 2
    assert "refused" in world.sync(after=HOUR)["jobs"].error


@pytest.mark.parametrize("error", [RetryableError("down"), _refusal(FatalError("down"), 405)])
def test_an_error_that_is_no_refusal_of_the_token_is_an_error(world, error):
    """A denied list is not read whole: that would be denied too."""
    world.sync()
    old = world.state("jobs").token
    world.ats.refuses = error
    report = world.sync(after=HOUR)["jobs"]
    assert (report.error, report.reread) == ("down", "")
    assert (world.state("jobs").token, world.state("jobs").status) == (old, StreamStatus.FAILED)


def test_a_vendor_that_gives_no_token_is_read_whole(world):
    """And a token read without a new one keeps the old one, which still holds."""
    world.sync()
    old = world.state("jobs").token
    world.ats.gives = False
    world.sync(after=HOUR)
    assert world.state("jobs").token == old
    world.sync(full=True)
    assert world.state("jobs").token == ""
    world.sync(after=HOUR)
    assert sent(world) == ["", old, "", ""]


def test_the_night_compares_the_whole_list(world):
    """It finds what was deleted, and what a token never showed."""
    world.sync()
    world.ats.rows["jobs"].pop()
    world.ats.rows["jobs"][0]["name"] = "renamed in silence"
    assert world.sync(after=HOUR)["jobs"].changed == 0
    report = world.sync(after=HOUR, nightly=True)["jobs"]
    assert (report.changed, report.deleted, sent(world)[-1]) == (1, 1, "")


def with_incremental(world, how):
    world.ats.streams = (replace(TOKENS, incremental=how),)
    world.ats.__post_init__()


def test_a_vendor_that_promises_more_needs_no_night(world):
    """`Incremental.whole_every` says so."""
    with_incremental(world, Incremental(token="syncToken", whole_every=None))
    world.sync()
    world.sync(after=HOUR, nightly=True)
    assert sent(world)[-1] != ""


def test_a_long_list_is_compared_in_one_night_of_the_week(world):
    """Then it finds what the token never showed; a night that nobody ran is made up for."""
    with_incremental(world, Incremental(token="syncToken", whole_every=7 * DAY))
    world.sync()
    world.ats.rows["jobs"][0]["name"] = "renamed in silence"
    changed = [world.sync(after=DAY, nightly=True)["jobs"].changed for _ in range(7)]
    assert sorted(changed) == [0] * 6 + [1]
    assert sent(world).count("") == 2
    for _ in range(14):
        world.sync(after=DAY, nightly=True)
    assert sent(world).count("") == 4
    assert world.sync(after=8 * DAY)["jobs"].requests == 1, "no night"
    world.sync(after=HOUR, nightly=True)
    assert sent(world)[-1] == ""


def test_exactly_one_way_to_ask_for_changes():
    """Not none, not both."""
    for given in ({}, {"since": lambda *_: {}, "token": "t"}):
        with pytest.raises(ValueError, match="either"):
            Incremental(**given)
