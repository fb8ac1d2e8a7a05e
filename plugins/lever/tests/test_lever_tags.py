"""Tags on opportunities: once, read back, and without a word to anybody."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from atsbridge.errors import AmbiguousError, DeniedError, FatalError
from atsbridge.model.record import Key
from atsbridge.model.write_actions import Mark, tag
from atsbridge.sandbox.company.fake_company import Company
from atsbridge.sandbox.http.fake_server import Fake
from atsbridge_lever.connector import Lever

LATE = tag("feedback late")


@pytest.fixture
def someone(company: Company) -> Key:
    return Key("acme", "application", next(iter(company.records("application"))))


def test_a_tag_leaves_the_others_and_the_activity_clock_alone(
    lever: Lever, someone: Key, company: Company
) -> None:
    """Only ours comes and goes; it is no interaction."""
    before = company.records("application")[someone.id].last_activity_at  # type: ignore[attr-defined]
    lever.add_mark(someone, tag("silver medalist"))
    receipt = lever.add_mark(someone, LATE)
    assert receipt.ids == {"on": f"application/{someone.id}", "had": False}
    lever.remove_mark(someone, LATE)
    assert lever.find_mark(someone, tag("silver medalist")) is not None
    after = company.records("application")[someone.id].last_activity_at  # type: ignore[attr-defined]
    assert before == after


def test_a_lost_answer_is_read_back(fake: Fake, lever: Lever, someone: Key) -> None:
    """Nobody can tell whether it was written: looked at, it was."""
    fake.server.faults.add("/addTags$", method="POST", drop=True, handled=True)
    with pytest.raises(AmbiguousError):
        lever.add_mark(someone, LATE)
    assert lever.find_mark(someone, LATE) is not None


@pytest.mark.parametrize(
    ("record", "mark"),
    [
        (Key("acme", "requisition", "r1"), LATE),
        (Key("acme", "application", "a1"), Mark("custom.sla", "late")),
    ],
)
def test_nothing_else_is_written(lever: Lever, fake: Fake, record: Key, mark: Mark) -> None:
    """Not one request is sent for it."""
    for ask in (lever.add_mark, lever.remove_mark, lever.find_mark):
        with pytest.raises(FatalError, match="tags on opportunities and nothing else"):
            ask(record, mark)
    assert fake.server.count() == 0


def test_a_key_that_may_not_write_says_how_to_get_one_that_may(
    served: Callable[..., Fake], connected: Callable[..., Lever], someone: Key
) -> None:
    """A Lever key cannot be changed: the remedy is a new one."""
    lever = connected(served(denied=frozenset({"opportunities:write"}), confidential=True))
    with pytest.raises(DeniedError, match="make one with this permission"):
        lever.add_mark(someone, LATE)


def test_what_a_key_may_write_shows_by_writing(lever: Lever, fake: Fake) -> None:
    """Lever tells of no permission without being asked to write."""
    line = lever.check_write("tag")
    assert (line.good, line.detail) == (True, "shows only once it is written")
    assert fake.server.count() == 0
