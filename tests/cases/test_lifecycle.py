"""How a case opens, moves and ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from atsbridge.cases.lifecycle import Moved, move, retire
from atsbridge.model.case import Case, Clock, End, Handling, TransitionName
from atsbridge.model.reason import ReasonCode, because
from atsbridge.model.verdict import Due, State, Verdict
from atsbridge.rules.rule import Rule

from .conftest import names

Make = Callable[..., Verdict]


@pytest.fixture
def opened(rule: Rule, verdict: Make, now: datetime) -> Case:
    """The case as the store gives it back: warned, its first step taken."""
    case = move(None, verdict(State.WARNED, 0), rule, now).case
    assert case is not None
    return replace(case, number=7)


def test_a_case_opens_with_its_first_due_step(rule: Rule, verdict: Make, now: datetime) -> None:
    """A breach without a step opens nothing; with one it opens, with one named transition."""
    assert move(None, verdict(State.BREACHED), rule, now).case is None
    moved = move(None, verdict(State.BREACHED, 0, 1), rule, now)
    assert moved.case is not None
    assert (moved.case.clock, moved.case.steps_done) == (Clock.BREACHED, (0, 1))
    assert moved.steps == (0, 1)
    assert [(row.name, row.reason) for row in moved.transitions] == [
        (TransitionName.OPENED, because(ReasonCode.STEPS_COME, steps=("80%", "due")))
    ]
    two = replace(rule, steps=(rule.steps[1], rule.steps[1]))  # both at due, to two people
    assert move(None, verdict(State.BREACHED, 0, 1), two, now).transitions[0].reason == (
        because(ReasonCode.STEPS_COME, steps=("due",))
    )


@pytest.mark.parametrize("state", [s for s in State if s not in (State.WARNED, State.BREACHED)])
def test_nothing_else_opens_a_case(state: State, rule: Rule, verdict: Make, now: datetime) -> None:
    """Running, paused, unknown, settled: nothing to do, so no case, whatever steps are named."""
    assert move(None, verdict(state, 0, 1), rule, now) == Moved(None)


@pytest.mark.parametrize("status", ["draft", "retired"])
def test_a_rule_that_does_not_watch_opens_no_case(
    status: str, rule: Rule, verdict: Make, now: datetime
) -> None:
    """Draft and retired rules keep no cases."""
    assert move(None, verdict(State.BREACHED, 1), replace(rule, status=status), now).case is None


def test_a_first_look_opens_silently(rule: Rule, verdict: Make, now: datetime) -> None:
    """Baseline: the case is there, marked, its steps taken, and none of them acted on."""
    moved = move(None, verdict(State.BREACHED, 0, 1), rule, now, baseline=True)
    assert moved.case is not None
    assert moved.case.in_summary
    assert moved.case.steps_done == (0, 1)
    assert moved.steps == ()


def test_the_next_rung_is_acted_on_once(
    opened: Case, rule: Rule, verdict: Make, now: datetime
) -> None:
    """Breach and step are two changes with two names; the same verdict again changes nothing."""
    later = verdict(State.BREACHED, 0, 1)
    moved = move(opened, later, rule, now)
    assert moved.steps == (1,)
    assert names(moved) == [TransitionName.BREACHED, TransitionName.STEP]
    assert move(moved.case, later, rule, now) == Moved(moved.case)


def test_a_hand_over_is_a_transition_and_the_new_one_hears_of_it(
    opened: Case, rule: Rule, verdict: Make, now: datetime
) -> None:
    """Same case, one transition; the rung for whoever owes is acted on again, no other."""
    moved = move(opened, verdict(State.WARNED, 0, owed_by="u9"), rule, now)
    assert moved.case is not None
    assert (moved.case.number, moved.case.owed_by, moved.steps) == (7, "u9", (0,))
    assert moved.case.steps_done == (0,)
    assert [(row.name, row.reason) for row in moved.transitions] == [
        (TransitionName.HANDED_OVER, because(ReasonCode.HANDED_OVER, old="u1", new="u9"))
    ]
    escalated = replace(opened, clock=Clock.BREACHED, steps_done=(0, 1, 2, 3))
    late = verdict(State.BREACHED, 0, 1, 2, 3, owed_by="u9")
    assert move(escalated, late, rule, now).steps == (1,)


def test_a_pause_neither_ends_nor_escalates(
    opened: Case, rule: Rule, verdict: Make, now: datetime
) -> None:
    """While paused the case stays and steps wait; they are taken when it goes on."""
    paused = move(opened, verdict(State.PAUSED, 0, 1), rule, now)
    assert paused.case is not None
    assert (paused.case.clock, paused.case.end, paused.steps) == (Clock.PAUSED, None, ())
    resumed = move(paused.case, verdict(State.BREACHED, 0, 1), rule, now)
    assert names(resumed) == [TransitionName.RESUMED, TransitionName.STEP]
    assert resumed.steps == (1,)


def test_unknown_neither_escalates_nor_resolves(
    opened: Case, rule: Rule, verdict: Make, now: datetime
) -> None:
    """Doubt is shown as such, keeps what was known, and lifts with a name of its own."""
    doubt = verdict(State.UNKNOWN, 0, 1, owed_by=None, due=None, unknown=("seat.scorecard",))
    moved = move(opened, doubt, rule, now)
    assert moved.case == replace(opened, clock=Clock.UNKNOWN)
    assert [(row.name, row.reason) for row in moved.transitions] == [
        (
            TransitionName.BECAME_UNKNOWN,
            because(ReasonCode.UNREADABLE, paths=("seat.scorecard",)),
        )
    ]
    again = move(moved.case, verdict(State.WARNED, 0), rule, now)
    assert again.case == opened
    assert names(again) == [TransitionName.KNOWN_AGAIN]


@pytest.mark.parametrize(
    ("state", "end", "name"),
    [
        (State.KEPT, End.RESOLVED, TransitionName.RESOLVED),
        (State.CANCELLED, End.CANCELLED, TransitionName.CANCELLED),
        (State.OUTSIDE, End.CANCELLED, TransitionName.CANCELLED),
    ],
)
def test_an_end_carries_the_verdicts_reason(
    state: State,
    end: End,
    name: TransitionName,
    opened: Case,
    rule: Rule,
    verdict: Make,
    now: datetime,
) -> None:
    """Kept resolves; cancelled, or no longer in `where`, cancels; the reason is kept."""
    reason = because(ReasonCode.OTHER, text="because")
    moved = move(opened, verdict(state, ending=reason), rule, now)
    assert moved.case is not None
    assert (moved.case.end, moved.case.ended_at, moved.case.end_reason) == (end, now, reason)
    assert moved.transitions[0].reason == reason
    assert names(moved) == [name]


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"started_at": datetime(2026, 3, 9, 12, tzinfo=UTC)}, ReasonCode.START_MOVED),
        (
            {"due": Due(datetime(2026, 3, 12, tzinfo=UTC), ())},
            ReasonCode.DUE_MOVED,
        ),
        ({}, ReasonCode.STEPS_CHANGED),
    ],
)
@pytest.mark.parametrize("state", [State.RUNNING, State.PENDING, State.BREACHED])
def test_a_clock_before_its_first_step_ends_the_case(
    state: State,
    changes: dict[str, object],
    cause: ReasonCode,
    opened: Case,
    rule: Rule,
    verdict: Make,
    now: datetime,
) -> None:
    """Reset, moved start or new target: cancelled, and the reason says which."""
    moved = move(opened, verdict(state, **changes), rule, now)
    assert moved.case is not None
    assert moved.case.end is End.CANCELLED
    assert moved.case.end_reason == because(cause)


def test_a_retired_rule_retires_its_cases(
    opened: Case, rule: Rule, verdict: Make, now: datetime
) -> None:
    """Retired with the reason, even where the verdict would have kept it open."""
    moved = move(opened, verdict(State.BREACHED, 0, 1), replace(rule, status="retired"), now)
    assert moved.case is not None
    assert (moved.case.end, moved.case.end_reason) == (
        End.RETIRED,
        because(ReasonCode.RULE_DISABLED, status="retired"),
    )
    assert moved.steps == ()


def test_an_acknowledgement_stops_the_ladder_until_it_expires(
    opened: Case, rule: Rule, verdict: Make, now: datetime
) -> None:
    """Acked: no step. Expired and still open: lifted, and the missed steps are acted on."""
    until = now + timedelta(days=2)
    acked = replace(opened, handling=Handling.ACKNOWLEDGED, handling_until=until)
    late = verdict(State.BREACHED, 0, 1, 2)
    quiet = move(acked, late, rule, until - timedelta(minutes=1))
    assert (quiet.steps, names(quiet)) == ((), [TransitionName.BREACHED])
    lifted = move(quiet.case, late, rule, until)
    assert lifted.case is not None
    assert lifted.case.handling is Handling.NONE
    assert names(lifted) == [TransitionName.HANDLING_ENDED, TransitionName.STEP]
    assert lifted.steps == (1, 2)


def test_an_ended_case_stays_ended(opened: Case, rule: Rule, verdict: Make, now: datetime) -> None:
    """A later breach is a new case with its own ladder; without one there is none."""
    ended = retire(opened, because(ReasonCode.RULE_REMOVED), now).case
    assert move(ended, verdict(State.KEPT), rule, now) == Moved(None)
    fresh = move(ended, verdict(State.BREACHED, 0, 1), rule, now)
    assert fresh.case is not None
    assert (fresh.case.number, fresh.case.end, fresh.steps) == (0, None, (0, 1))


def test_a_clock_that_went_back_before_a_case_opened_does_not_end_it(
    opened: Case, rule: Rule, verdict: Make, now: datetime
) -> None:
    """By a clock behind the one that opened it, it is before its first step: it stays."""
    earlier = now - timedelta(minutes=10)
    moved = move(opened, verdict(State.RUNNING), rule, earlier)
    assert moved.case is not None
    assert (moved.case.end, moved.steps, moved.case.steps_done) == (None, (), opened.steps_done)
    done = move(opened, verdict(State.KEPT), rule, earlier).case
    assert done is not None
    assert done.end is End.RESOLVED
    over = move(opened, verdict(State.RUNNING), rule, now).case
    assert over is not None
    assert over.end is End.CANCELLED
