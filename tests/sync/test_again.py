"""What is asked again though nothing says that it changed, and what is told to be deleted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from atsbridge.ports.stream import Page

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HISTORY = {"history": 90 * DAY}


@pytest.fixture
def scanned(world, dated_jobs):
    """Jobs in two legs, the open ones of which are asked for again every hour."""
    shut = replace(
        dated_jobs,
        backfill=replace(
            dated_jobs.backfill,
            repeat_after=lambda _: HOUR,
            past=lambda start, end: {"name": "shut"},
        ),
    )
    world.ats.streams = (shut,)
    world.ats.rows["jobs"] = [
        {"id": n, "name": "shut" if n % 2 else "open", "at": world.time.now() - n * DAY}
        for n in range(6)
    ]
    world.ats.__post_init__()
    return world


def test_the_first_leg_is_asked_again_when_its_interval_begins(scanned):
    """In the first tick of every hour, next to the window."""
    scanned.sync(**HISTORY)
    scanned.sync(**HISTORY, spare=0)
    asked = []
    for _ in range(5):
        scanned.ats.asked.clear()
        report = scanned.sync(after=timedelta(minutes=20), **HISTORY, spare=0)["jobs"]
        asked.append([window is None for _, window, _ in scanned.ats.asked])
        assert report.good
    quiet, both = [False], [False, True]
    assert asked == [quiet, quiet, both, quiet, quiet]


def test_a_change_without_a_sign_is_found_by_asking_again(scanned):
    """The filter does not show it; the next full hour does."""
    scanned.sync(**HISTORY)
    scanned.ats.rows["jobs"][4]["at"] -= HOUR  # its own instant stays out of every window
    assert scanned.sync(after=HOUR / 2, **HISTORY, spare=0)["jobs"].changed == 0
    assert scanned.sync(after=HOUR / 2, **HISTORY, spare=0)["jobs"].changed == 1


def test_the_past_is_asked_for_in_its_own_words(scanned):
    """`past` takes the place of `since` there."""
    wanted = scanned.ats.spec.streams[0].backfill.past
    seen = []
    pages = scanned.ats.pages

    def watched(stream, **how):
        seen.append(stream.incremental.since is wanted)
        return pages(stream, **how)

    scanned.ats.pages = watched
    scanned.sync(**HISTORY)
    scanned.sync(**HISTORY)
    assert seen[:2] == [False, False]
    assert seen[2:] == [True] * 3


def test_what_a_page_says_is_deleted_is_gone(world):
    """At once, without a list being read whole."""
    pages = world.ats.pages

    def with_deleted(stream, **how):
        yield from (replace(page, last=False) for page in pages(stream, **how))
        if how.get("window"):
            yield Page([], last=True, deleted=deleted)
        else:
            yield Page([msgspec.Raw(b'{"id":9,"name":"nine"}')], last=True)

    world.ats.pages = with_deleted
    deleted = []
    world.sync()
    deleted = ["3"]
    assert world.sync(after=HOUR)["jobs"].deleted == 1
    live = list(world.store.records.read_live_ids("acme", "jobs"))
    assert live == ["0", "1", "2", "4", "9"]
