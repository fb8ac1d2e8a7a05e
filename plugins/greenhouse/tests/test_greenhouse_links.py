"""Facts of other lists, put onto rows: right, asked for once, and harmless where there are none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from atsbridge.sandbox.http.fake_server import Fake
from atsbridge.timesource import ManualTime
from atsbridge_greenhouse import lookups
from atsbridge_greenhouse.connector import Greenhouse
from atsbridge_greenhouse.interviews import Interview
from atsbridge_greenhouse.links import Links


@pytest.fixture
def fake(served: Callable[..., Fake]) -> Fake:
    return served()


@pytest.fixture
def session(fake: Fake, connected: Callable[..., Greenhouse]) -> Any:
    return connected(fake).session


def raw(**members: Any) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(members))


def some_slot(fake: Fake) -> tuple[int, int]:
    """A slot's id and its stage's."""
    stage = fake.company.records("stage")
    from atsbridge_greenhouse.fake.plans import slot

    key = next(iter(stage))
    found = slot(key)
    assert found is not None
    return found, int(key)


def test_a_row_keeps_its_members_and_gets_more(session: Any, fake: Fake) -> None:
    """The raw slice is left as it was received; what is added stands at its end."""
    slot, stage = some_slot(fake)
    given = raw(id=5, job_interview_id=slot, name="Zoë")
    ((found,), _) = Links(session).complete("interviews", Interview, [given])
    assert bytes(found).startswith(bytes(given)[:-1])
    assert msgspec.json.decode(found)["job_interview_stage_id"] == stage


def test_what_was_asked_once_is_not_asked_again(session: Any, fake: Fake) -> None:
    """Neither a slot that is there nor one that is not."""
    slot, _ = some_slot(fake)
    rows = [raw(id=n, job_interview_id=i) for n, i in enumerate((slot, slot, 4), start=1)]
    completes = Links(session)
    first, _ = completes.complete("interviews", Interview, rows)
    assert completes.complete("interviews", Interview, rows) == (first, {})
    assert fake.server.count("/v3/job_interviews") == 1
    assert msgspec.json.decode(first[2])["job_interview_stage_id"] is None


def test_rows_that_name_nothing_ask_for_nothing(session: Any, fake: Fake) -> None:
    """No request for rows without a slot, and none for streams that need no other list."""
    completes = Links(session)
    rows = [raw(id=1, job_interview_id=None), raw(id=2)]
    assert len(completes.complete("interviews", Interview, rows)[0]) == 2
    assert completes.complete("users", Interview, rows) == (rows, {})
    assert fake.server.count("/v3/") == 0


def test_a_row_that_cannot_be_read_passes_as_it_is(session: Any, fake: Fake) -> None:
    """It is counted where it is normalized; its neighbors are completed."""
    slot, stage = some_slot(fake)
    rows = [raw(id=1, job_interview_id={"odd": 1}), raw(id=2, job_interview_id=slot)]
    (odd, good), _ = Links(session).complete("interviews", Interview, rows)
    assert odd is rows[0]
    assert msgspec.json.decode(good)["job_interview_stage_id"] == stage


def test_many_at_once_are_read_from_the_list(
    session: Any, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first sync reads pages of 500 rather than fifty ids at a time; the rest comes by ids."""
    monkeypatch.setattr(lookups, "_LIST_FROM", 10)
    from atsbridge_greenhouse.fake.plans import slot

    stages = list(fake.company.records("stage"))[:60]
    rows = [raw(id=n, job_interview_id=slot(key)) for n, key in enumerate(stages, start=1)]
    found, _ = Links(session).complete("interviews", Interview, rows)
    told = [str(msgspec.json.decode(row)["job_interview_stage_id"]) for row in found]
    assert told == stages
    assert fake.server.count("/v3/job_interviews") == 1


def test_a_permission_that_is_granted_later_counts_without_a_restart(
    fake: Fake, connected: Callable[..., Greenhouse], clock: ManualTime
) -> None:
    """A worker opens its connector once: what other lists said is believed for ten minutes."""
    greenhouse = connected(fake)
    stream = greenhouse.spec.stream("applications")

    def find_unknown() -> bool:
        return "application.source" in next(iter(greenhouse.pages(stream))).unknown

    fake.server.faults.add("/v3/sources", status=403, body={}, times=1)
    assert find_unknown()
    assert find_unknown()
    clock.advance(timedelta(minutes=11))
    assert not find_unknown()
