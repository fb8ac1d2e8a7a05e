"""Kind `recurring`: when periods begin and end, in whose zone, and one notice in each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from atsbridge.cases.decisions import DecisionOptions, decide
from atsbridge.cases.recipients import Directory
from atsbridge.model.case import Case
from atsbridge.model.notice import Destination, NoticeState
from atsbridge.model.organization import User
from atsbridge.model.verdict import State, Verdict
from atsbridge.rules.rule import Rule
from atsbridge.worktime.calendar import Calendar, parse_hours

PACK = """\
version: 1
rules:
  - id: waiting
    kind: recurring
    status: live
    title: Candidates wait for you
    each: application
    where: {application.status: active}
    every: "mon 09:30"
    within: 4h
    steps: [{at: due, to: application.recruiter}]
    message: "One waits."
"""
HOURS = parse_hours("mon-fri 09:00-18:00")
LISBON, TOKYO = (Calendar(z, z, HOURS, {}) for z in ("Europe/Lisbon", "Asia/Tokyo"))
FACTS = {"application.status": "active", "application.recruiter": "ana"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


def calendars(user: str | None, _name: str) -> Calendar:
    return TOKYO if user == "yuki" else LISBON


@pytest.mark.parametrize(
    ("now", "state", "look_at"),
    [
        ("2026-03-09T09:29", State.KEPT, "2026-03-09T09:30"),
        ("2026-03-09T09:30", State.WARNED, "2026-03-09T13:30"),
        ("2026-03-09T13:29", State.WARNED, "2026-03-09T13:30"),
        ("2026-03-09T13:30", State.KEPT, "2026-03-16T09:30"),
        ("2026-03-29T12:00", State.KEPT, "2026-03-30T08:30"),  # clocks went forward
    ],
)
def test_a_period_begins_and_its_news_ends(
    rules: Any, verdict: Any, now: str, state: State, look_at: str
) -> None:
    """At its instant in the reader's zone, until `within` is over; the agenda has both."""
    said = verdict(rules(PACK)["waiting"], FACTS, now, calendars=calendars)
    assert (said.state, said.look_at) == (state, at(look_at))


def test_the_reader_says_in_which_zone(rules: Any, verdict: Any) -> None:
    """Half past nine in Tokyo is earlier."""
    facts = FACTS | {"application.recruiter": "yuki"}
    said = verdict(rules(PACK)["waiting"], facts, "2026-03-09T00:30", calendars=calendars)
    assert (said.state, said.started_at) == (State.WARNED, at("2026-03-09T00:30"))


@pytest.mark.parametrize(
    ("every", "begun"),
    [
        ("mon,thu 09:30", "2026-03-05T09:30"),
        ("mon-wed 9:30", "2026-03-04T09:30"),
        ("fri-mon 17:00", "2026-03-02T17:00"),
        ("thu 18:00", "2026-02-26T18:00"),
    ],
)
def test_days_are_listed_or_a_range(rules: Any, verdict: Any, every: str, begun: str) -> None:
    """A range may run over the end of the week."""
    rule = rules(PACK.replace("mon 09:30", every).replace("4h", "7d"))["waiting"]
    said = verdict(rule, FACTS, "2026-03-05T12:00", calendars=calendars)
    assert said.started_at == at(begun)


def run(rule: Rule, said: Verdict, now: datetime, open_case: Case | None) -> Any:
    """What a run decides."""
    ana = User(account="acme", id="ana", name="Ana", email="ana@acme.example", active=True)
    directory = Directory(
        users={"ana": ana}, teams={}, ops=Destination("chat", "channel", "ops"), sinks=("chat",)
    )
    options = DecisionOptions(directory=directory, calendars=calendars)
    cases = [open_case] if open_case else []
    return decide("acme", now, [said], cases, {rule.id: rule}, options)


def test_one_notice_in_each_period_whatever_the_clock_does(rules: Any, verdict: Any) -> None:
    """The clock goes back before the period and forward again: the same key, so nothing new."""
    rule, keys = rules(PACK)["waiting"], []
    case: Case | None = None
    monday = at("2026-03-09T09:30")
    for minutes in (0, 1, -5, 2, 3, 7 * 24 * 60):
        now = monday + timedelta(minutes=minutes)
        opened = {} if case is None else {"opened": lambda *_, c=case: c.opened_at}
        said = verdict(rule, FACTS, now, calendars=calendars, **opened)
        found = run(rule, said, now, case)
        keys += [n.key for n in found.notices if n.state is NoticeState.QUEUED]
        if found.cases:
            case = found.cases[-1]
        case = case if case is not None and case.end is None else None
    assert len(set(keys)) == 2
    assert now.astimezone(UTC) == at("2026-03-16T09:30")
