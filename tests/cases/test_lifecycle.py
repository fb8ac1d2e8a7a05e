"""How a case opens, moves and ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    run_state_machine_as_test,
)
from hypothesis.stateful import rule as action

from atsbridge.cases.lifecycle import Moved, move, retire
from atsbridge.model.case import Case, Clock, End, Handling, TransitionName
from atsbridge.model.reason import ReasonCode, because
from atsbridge.model.record import Key
from atsbridge.model.verdict import Due, State, Verdict
from atsbridge.rules.rule import Rule

Make = Callable[..., Verdict]


@pytest.fixture
def opened(rule: Rule, verdict: Make, now: datetime) -> Case:
    """The case as the store gives it back: warned, its first step taken."""
    case = move(None, verdict(State.WARNED, 0), rule, now).case
    assert case is not None
    return replace(case, number=7)


def names(moved: Moved) -> list[TransitionName]:
    return [row.name for row in moved.transitions]


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
    assert moved.case.baseline
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


START = datetime(2026, 3, 2, 9, tzinfo=UTC)
# What a transition of each name may have changed, and nothing else does.
CHANGES = {
    "clock": {
        TransitionName.WARNED,
        TransitionName.BREACHED,
        TransitionName.PAUSED,
        TransitionName.RESUMED,
        TransitionName.BECAME_UNKNOWN,
        TransitionName.KNOWN_AGAIN,
    },
    "owed_by": {TransitionName.HANDED_OVER},
    "time": {TransitionName.RETARGETED},
    "handling": {TransitionName.HANDLING_ENDED},
    "steps_done": {TransitionName.STEP},
    "end": {TransitionName.RESOLVED, TransitionName.CANCELLED, TransitionName.RETIRED},
}


def parts(case: Case) -> dict[str, object]:
    return {
        "clock": case.clock,
        "owed_by": case.owed_by,
        "time": (case.started_at, case.due_at),
        "handling": (case.handling, case.handling_until),
        "steps_done": case.steps_done,
        "end": (case.end, case.ended_at, case.end_reason),
    }


class Lives(RuleBasedStateMachine):
    """A subject whose verdicts come in any order, as a store would feed them to `move`."""

    template: Rule

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.cases: list[Case] = []
        self.sent: dict[int, list[int]] = {}

    def current(self) -> Case | None:
        return next((case for case in self.cases if case.end is None), None)

    @action(
        state=st.sampled_from(State),
        steps=st.sets(st.integers(0, 3)),
        owes=st.sampled_from(["u1", "u2", None]),
        start=st.integers(0, 2),
        due=st.none() | st.integers(0, 2),
        status=st.sampled_from(["live"] * 6 + ["shadow", "draft", "retired"]),
        baseline=st.booleans(),
        hours=st.integers(0, 40),
    )
    def tick(
        self,
        state: State,
        steps: set[int],
        owes: str | None,
        start: int,
        due: int | None,
        status: str,
        baseline: bool,
        hours: int,
    ) -> None:
        """A tick brings any verdict at all; what becomes of the case is accounted for."""
        self.now += timedelta(hours=hours)
        verdict = Verdict(
            rule="feedback-late",
            subject=Key("acme", "seat", "s1"),
            at=self.now,
            state=state,
            started_at=START + timedelta(hours=start),
            due=None if due is None else Due(START + timedelta(days=due), (None,) * 4),
            owed_by=owes,
            steps_due=tuple(sorted(steps)),
        )
        before = self.current()
        rule = replace(self.template, status=status)
        moved = move(before, verdict, rule, self.now, baseline)
        assert moved == move(before, verdict, rule, self.now, baseline)
        if before is None:
            self._open(moved)
        else:
            self._account_for(before, moved)

    def _open(self, moved: Moved) -> None:
        if moved.case is None:
            assert moved == Moved(None)
            return
        assert names(moved) == [TransitionName.OPENED]
        assert moved.case.end is None
        self.cases.append(replace(moved.case, number=len(self.cases) + 1))
        self.sent[len(self.cases)] = list(moved.steps)

    def _account_for(self, before: Case, moved: Moved) -> None:
        after = moved.case
        assert after is not None
        assert (after.number, after.opened_at) == (before.number, before.opened_at)
        old, new = parts(before), parts(after)
        for part, of in CHANGES.items():
            told = [row for row in moved.transitions if row.name in of]
            assert len(told) == (old[part] != new[part]), part
        assert all(row.reason and row.at == self.now for row in moved.transitions)
        reminded = before.owed_by != after.owed_by or before.handling is not after.handling
        self.sent[before.number] += [
            step for step in moved.steps if not (reminded and step in before.steps_done)
        ]
        self.cases[before.number - 1] = after

    @precondition(lambda self: self.current() is not None)
    @action(hours=st.integers(1, 48), how=st.sampled_from(["acknowledged", "snoozed"]))
    def handle(self, hours: int, how: str) -> None:
        """Somebody says they have it."""
        case = self.current()
        assert case is not None
        until = self.now + timedelta(hours=hours)
        self.cases[case.number - 1] = replace(case, handling=Handling(how), handling_until=until)

    @invariant()
    def at_most_one_is_open(self) -> None:
        assert sum(case.end is None for case in self.cases) <= 1

    @invariant()
    def no_rung_is_taken_twice(self) -> None:
        """But for a hand-over, and an acknowledgement that ran out: both bring one reminder."""
        for steps in self.sent.values():
            assert len(steps) == len(set(steps))


def test_any_life_keeps_the_laws(rule: Rule) -> None:
    """Never two open, ended stays ended, each change one transition, same inputs same outputs."""
    Lives.template = rule
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Lives, settings=settings(max_examples=150, stateful_step_count=25, deadline=None)
    )


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
