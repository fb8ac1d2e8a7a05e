"""Kind `unusual`: whole weeks, an own past for each group, silence where little is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from atsbridge.model.query import Found, Query
from atsbridge.model.verdict import State

PACK = """\
version: 1
rules:
  - id: unusual
    kind: unusual
    status: live
    title: An unusual fortnight
    each: requisition
    of: stage_stay
    by: stage_stay.entered_at
    per: stage_stay.stage.name
    below_usual: 50%
    above_usual: 200%
    steps: [{at: due, to: requisition.recruiter}]
    message: "{check.found}"
"""
MONDAY = datetime(2026, 6, 1, tzinfo=UTC)
WEEK = timedelta(days=7)


def stays(*weeks: int, stage: str = "Interview") -> list[tuple[datetime, str]]:
    """So many entries in each week, the last number in the week before MONDAY."""
    first = MONDAY - WEEK * len(weeks)
    return [
        (first + WEEK * week + timedelta(hours=n + 1), stage)
        for week, number in enumerate(weeks)
        for n in range(number)
    ]


def world(*entries: tuple[datetime, str]) -> Callable[[Query], Sequence[Found]]:
    """The entries of requisition 1."""

    def others(query: Query) -> Sequence[Found]:
        return [
            Found(
                "acme",
                "stage_stay",
                str(n),
                dict.fromkeys(query.columns)
                | {
                    "application.requisition": "1",
                    "stage_stay.entered_at": at,
                    "stage_stay.stage.name": stage,
                },
            )
            for n, (at, stage) in enumerate(entries)
        ]

    return others


@pytest.mark.parametrize(
    ("weeks", "finding"),
    [
        ([4, 4, 4, 4, 4, 4, 1, 1], "Interview: 1 a week in the last 2 weeks, usually 4"),
        ([4, 4, 4, 4, 4, 4, 0, 3], "Interview: 1.5 a week in the last 2 weeks, usually 4"),
        ([4, 4, 4, 4, 4, 4, 2, 2], ""),  # half is not below half
        ([4, 4, 4, 4, 4, 4, 9, 8], "Interview: 8.5 a week in the last 2 weeks, usually 4"),
        ([4, 4, 4, 4, 4, 0, 0], ""),  # five weeks of past
        ([1, 1, 1, 1, 1, 1, 0, 0], ""),  # two were to be expected: too few to say
        ([0, 0, 4, 4, 4, 4, 0, 0], ""),  # the past begins with the first entry
        ([4, 0, 4, 4, 9, 4, 4, 0, 0], "Interview: 0 a week in the last 2 weeks, usually 4"),
    ],
)
def test_the_last_weeks_against_the_past(
    rules: Any, verdict: Any, weeks: list[int], finding: str
) -> None:
    """The usual number is the median of the past; the last two weeks are compared with it."""
    said = verdict(rules(PACK)["unusual"], {}, MONDAY, others=world(*stays(*weeks)))
    assert (said.state is State.BREACHED, said.finding) == (bool(finding), finding)


def test_each_stage_has_its_own_past(rules: Any, verdict: Any) -> None:
    """One dries up while another is as usual."""
    rows = world(*stays(*[5] * 8), *stays(*[5] * 6, 0, 0, stage="Screen"))
    said = verdict(rules(PACK)["unusual"], {}, MONDAY, others=rows)
    assert said.finding == "Screen: 0 a week in the last 2 weeks, usually 5"


def test_the_answer_changes_on_mondays_alone(rules: Any, verdict: Any) -> None:
    """This week does not count before it is over; then the rule is looked at again."""
    rule, rows = rules(PACK)["unusual"], world(*stays(*[4] * 8, 0, 0)[:-1], *stays(4))
    sunday = MONDAY + WEEK - timedelta(minutes=1)
    first, last = (verdict(rule, {}, now, others=rows) for now in (MONDAY, sunday))
    assert (first.state, first.finding) == (last.state, last.finding)
    assert first.look_at == last.look_at == MONDAY + WEEK


def test_an_entry_that_nobody_dates_is_unknown(rules: Any, verdict: Any) -> None:
    """A stage that cannot be read leaves the count in doubt."""
    unread = frozenset({"stage_stay.entered_at"})
    said = verdict(rules(PACK)["unusual"], {}, MONDAY, others=world(), unreadable=unread)
    assert said.state is State.UNKNOWN
