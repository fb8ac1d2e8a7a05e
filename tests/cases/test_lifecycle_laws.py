"""Laws of a case's lifecycle, whatever happens to it and in whatever order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    run_state_machine_as_test,
)
from hypothesis.stateful import rule as action

from atsbridge.cases.lifecycle import Moved, move
from atsbridge.model.case import Case, Handling, TransitionName
from atsbridge.model.record import Key
from atsbridge.model.verdict import Due, State, Verdict
from atsbridge.rules.rule import Rule

from .conftest import names

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
        reminded = before.owed_by != after.owed_by or before.handling is not after.handling
        waits = set(before.steps_done) - set(after.steps_done)  # repeated after a pause
        assert not waits or (reminded and not moved.steps)
        new["steps_done"] = tuple(sorted({*after.steps_done, *waits}))
        for part, of in CHANGES.items():
            told = [row for row in moved.transitions if row.name in of]
            assert len(told) == (old[part] != new[part]), part
        assert all(row.reason and row.at == self.now for row in moved.transitions)
        sent = self.sent[before.number]
        self.sent[before.number] = [step for step in sent if step not in waits] + [
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
