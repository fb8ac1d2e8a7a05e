"""What a run weighs besides the rule counts in a backtest too: put off, held, over the limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from atsbridge.cases.circuit_breaker import MAX_NEW_CASES
from atsbridge.cases.escalation import DueStep
from atsbridge.model.notice import Destination
from atsbridge.model.record import Key
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.simulation.backtest_figures import BacktestFigures, MessageHabits, figures
from atsbridge.simulation.backtest_run import BacktestOutcome
from atsbridge.simulation.past_attention import PastAttention, merge_spans, subtract_spans
from atsbridge.simulation.past_rows import BacktestWindow
from atsbridge.simulation.simulated_case import SimulatedCase
from atsbridge.worktime.calendar import Calendar, parse_hours

OFFICE = Calendar("office", "UTC", parse_hours("mon-fri 09:00-18:00"))
START, END = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 16, tzinfo=UTC)  # Mondays
MARA = Destination("chat", "person", "mara@x.example", "7")
HOUR = timedelta(hours=1)
PACK = """\
version: 1
rules:
  - id: late
    kind: sla
    title: Review
    each: application
    clock: {start: application.applied_at, stop: application.decided_at}
    target: 1bd
    steps: [{at: due, to: application.recruiter}]
    message: Please look.
"""
(RULE,) = load([("p.yaml", PACK)], {kind.name: kind for kind in BUILTIN_KINDS}).rules.values()


def at(day: int, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def case(
    subject: str,
    opened: datetime,
    *steps: datetime,
    ended: datetime | None = None,
    via_digest: bool = False,
) -> SimulatedCase:
    """A case whose steps go to Mara at these instants; at its opening, if none is given."""
    reached = [(one, DueStep(0, MARA, morning=via_digest)) for one in steps or (opened,)]
    made = SimulatedCase(Key("acme", "application", subject), opened, baseline=False)
    made.ended_at, made.reached_steps = ended, reached
    return made


def count(cases: Sequence[SimulatedCase], per_day: int = 99, **past: Any) -> BacktestFigures:
    outcome = BacktestOutcome(RULE, BacktestWindow(START, END), (), cases=list(cases))
    habits = MessageHabits(
        calendar=lambda _to: OFFICE, quiet=True, digest_at=time(9, 30), per_day=per_day
    )
    return figures(outcome, habits, PastAttention(**past))


def quiet(*spans: tuple[datetime, datetime]) -> dict[str, Any]:
    """Nobody is to be told about a1 in these spans."""
    return {"quiet": lambda subject: spans if subject.id == "a1" else ()}


def test_a_silence_puts_a_message_off() -> None:
    """It goes when the silence is over; another subject's goes at once."""
    both = [case("a1", at(3)), case("a2", at(3))]
    found = count(both, **quiet((at(3), at(5))))
    assert (found.messages, found.put_off, found.spared) == (2, 1, 0)
    assert found.busiest == (date(2026, 3, 5), 1)


def test_what_ended_during_a_silence_is_told_to_nobody() -> None:
    found = count([case("a1", at(3), ended=at(4))], **quiet((at(2), at(5))))
    assert (found.messages, found.put_off, found.spared) == (0, 1, 1)


def test_of_several_steps_in_a_silence_the_last_is_sent() -> None:
    """As in a run, which finds them all due at once."""
    found = count([case("a1", at(3), at(3), at(4))], **quiet((at(2), at(5))))
    assert (found.messages, found.put_off) == (1, 2)


def test_many_cases_at_once_trip_the_breaker() -> None:
    """In one run; what opens in the next is told."""
    many = [case(f"a{n}", at(3, 12, 1)) for n in range(MAX_NEW_CASES + 1)]
    later = [case("b", at(3, 13))]
    found = count([*many, *later], watched=lambda: 100)
    assert found.trips == ((at(3, 12, 15), MAX_NEW_CASES + 1),)
    assert (found.held, found.messages) == (MAX_NEW_CASES + 1, 1)


@pytest.mark.parametrize(("number", "watched"), [(MAX_NEW_CASES, 10), (MAX_NEW_CASES + 1, 10_000)])
def test_few_of_what_it_watches_trip_nothing(number: int, watched: int) -> None:
    many = [case(f"a{n}", at(3, 12, 1)) for n in range(number)]
    found = count(many, watched=lambda: watched)
    assert (found.trips, found.held, found.messages) == ((), 0, number)


def test_runs_come_as_often_as_the_settings_say() -> None:
    """The same cases over two hours: found by several runs, or by one."""
    many = [case(f"a{n}", at(3) + n * timedelta(minutes=4)) for n in range(30)]
    assert count(many).trips == ()
    assert len(count(many, run_every=timedelta(days=1)).trips) == 1


def test_the_limit_of_a_day_counts_what_other_rules_sent() -> None:
    """Two of three went to other rules: of two messages one joins the digest."""
    both = [case("a1", at(3)), case("a2", at(3, 13))]
    others = {("mara@x.example", date(2026, 3, 3)): 2}
    found = count(both, per_day=3, spent=others)
    assert (found.messages, found.in_digest, found.capped) == (1, 1, 1)
    assert count(both, per_day=3).capped == 0
    assert count(both, per_day=3, spent=others).over_budget == ()  # not by this rule alone


def test_a_digest_takes_a_place() -> None:
    morning = [case("a1", at(3, 8), via_digest=True), case("a2", at(3)), case("a3", at(3, 13))]
    assert count(morning, per_day=2).capped == 1


def test_backlog_is_told_to_nobody_and_counted_apart() -> None:
    old = replace(case("a1", START), baseline=True, backlog=True, reached_steps=[])
    late = replace(case("a2", START), baseline=True, reached_steps=[])
    found = count([old, late, case("a3", at(3))])
    assert (found.backlog, found.baseline, found.opened, found.messages) == (1, 1, 1, 1)


def test_spans_that_touch_are_one() -> None:
    spans = [(at(5), at(6)), (at(2), at(4)), (at(3), at(5)), (at(8), at(8))]
    assert merge_spans(spans) == ((at(2), at(6)),)


@pytest.mark.parametrize(
    ("holes", "left"),
    [
        ([], [(2, 9)]),
        ([(3, 5)], [(2, 3), (5, 9)]),
        ([(1, 3), (8, 12)], [(3, 8)]),
        ([(4, 6), (5, 7), (8, 9)], [(2, 4), (7, 8)]),
        ([(1, 12)], []),
        ([(2, 9)], []),
        ([(9, 12), (1, 2)], [(2, 9)]),
    ],
)
def test_what_is_left_of_a_span(holes: list[tuple[int, int]], left: list[tuple[int, int]]) -> None:
    """A breach without the time in which it was silenced."""
    found = subtract_spans((at(2), at(9)), [(at(start), at(end)) for start, end in holes])
    assert list(found) == [(at(start), at(end)) for start, end in left]
