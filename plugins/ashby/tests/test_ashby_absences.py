"""Pauses of interviewers are days off, if they end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from atsbridge.ports import AbsenceSource
from atsbridge.sandbox.company.fake_company import Company
from atsbridge.sandbox.http.fake_server import Fake
from atsbridge.timesource import ManualTime
from atsbridge_ashby.connector import Ashby


def pauses(fake: Fake, ashby: Ashby, *rows: dict[str, Any]) -> list[tuple[date, date]]:
    """The days off that these pauses make."""
    body = {"success": True, "results": list(rows)}
    fake.server.faults.add("listInterviewerPauses", status=200, body=body)
    return list(ashby.read_absences("u1"))


def pause(first: str, last: str | None, **more: Any) -> dict[str, Any]:
    return {"id": "p", "userId": "u1", "startsAt": first, "endsAt": last, **more}


def test_the_company_is_away_as_its_calendar_says(ashby: Ashby, company: Company) -> None:
    """Everybody's leave that has not ended."""
    assert isinstance(ashby, AbsenceSource)
    told = 0
    for person in company.people:
        leave = {(first, last) for first, last, _ in person.away if last >= company.now.date()}
        assert set(ashby.read_absences(person.id)) == leave
        told += len(leave)
    assert told


def test_a_pause_without_an_end_or_a_long_one_is_no_absence(fake: Fake, ashby: Ashby) -> None:
    """It may be that somebody has had enough interviews."""
    first, last = "2026-03-09T00:00:00.000Z", "2026-03-14T00:00:00.000Z"
    assert pauses(
        fake,
        ashby,
        pause(first, last),
        pause(first, None),
        pause(first, "2026-06-01T00:00:00.000Z"),
        pause(last, first),
        pause("soon", last),
        pause(first, last, comment="Private matters"),
    ) == [(date(2026, 3, 9), date(2026, 3, 13))]


def test_pauses_can_be_left_out(
    fake: Fake, connected: Callable[..., Ashby], clock: ManualTime
) -> None:
    """Without a request."""
    clock.advance(timedelta(seconds=1))
    ashby = connected(fake, pauses=False)
    assert list(ashby.read_absences("u1")) == []
    assert fake.server.count("/user.listInterviewerPauses") == 0
