"""What the timeline of a case says of each change, and what goes with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from atsbridge.cases.lifecycle import Moved, move, retire
from atsbridge.model.case import Case, Clock, End, Handling, TransitionName
from atsbridge.model.reason import Reason, ReasonCode, because
from atsbridge.model.verdict import Due, State, Verdict
from atsbridge.rules.rule import Rule

Make = Callable[..., Verdict]


@pytest.fixture
def opened(rule: Rule, verdict: Make, now: datetime) -> Case:
    """The case as the store gives it back: warned, its first step taken."""
    case = move(None, verdict(State.WARNED, 0), rule, now).case
    assert case is not None
    return replace(case, number=7)


STARTED, DUE_AT = "2026-03-06T16:05:00+00:00", "2026-03-09T16:00:00+00:00"


def told(moved: Moved) -> list[tuple[TransitionName, Reason]]:
    return [(row.name, row.reason) for row in moved.transitions]


@pytest.mark.parametrize(
    ("clock", "state", "changes", "name", "reason"),
    [
        (
            Clock.WARNED,
            State.WARNED,
            {"started_at": datetime(2026, 3, 7, 9, tzinfo=UTC)},
            TransitionName.RETARGETED,
            because(ReasonCode.START_SET, old=STARTED, new="2026-03-07T09:00:00+00:00"),
        ),
        (
            Clock.WARNED,
            State.WARNED,
            {"due": Due(datetime(2026, 3, 10, 12, tzinfo=UTC), ())},
            TransitionName.RETARGETED,
            because(ReasonCode.DUE_SET, old=DUE_AT, new="2026-03-10T12:00:00+00:00"),
        ),
        (
            Clock.WARNED,
            State.WARNED,
            {"due": None},
            TransitionName.RETARGETED,
            because(ReasonCode.DUE_SET, old=DUE_AT),
        ),
        (
            Clock.WARNED,
            State.WARNED,
            {"owed_by": None},
            TransitionName.HANDED_OVER,
            because(ReasonCode.HANDED_OVER, old="u1"),
        ),
        (Clock.WARNED, State.BREACHED, {}, TransitionName.BREACHED, because(ReasonCode.DUE)),
        (Clock.BREACHED, State.WARNED, {}, TransitionName.WARNED, because(ReasonCode.DUE_AHEAD)),
        (Clock.WARNED, State.PAUSED, {}, TransitionName.PAUSED, because(ReasonCode.PAUSED)),
        (
            Clock.WARNED,
            State.PAUSED,
            {"reason": because(ReasonCode.PAUSED, path="requisition.on_hold")},
            TransitionName.PAUSED,
            because(ReasonCode.PAUSED, path="requisition.on_hold"),
        ),
        (
            Clock.PAUSED,
            State.BREACHED,
            {},
            TransitionName.RESUMED,
            because(ReasonCode.RESUMED, clock="breached"),
        ),
        (
            Clock.WARNED,
            State.UNKNOWN,
            {},
            TransitionName.BECAME_UNKNOWN,
            because(ReasonCode.UNREADABLE),
        ),
        (
            Clock.WARNED,
            State.UNKNOWN,
            {"unknown": ("a", "b")},
            TransitionName.BECAME_UNKNOWN,
            because(ReasonCode.UNREADABLE, paths=("a", "b")),
        ),
        (
            Clock.WARNED,
            State.UNKNOWN,
            {"reason": because(ReasonCode.UNREAD, paths=("a",)), "unknown": ("a",)},
            TransitionName.BECAME_UNKNOWN,
            because(ReasonCode.UNREAD, paths=("a",)),
        ),
        (
            Clock.UNKNOWN,
            State.PAUSED,
            {"reason": because(ReasonCode.PAUSED, path="x")},
            TransitionName.KNOWN_AGAIN,
            because(ReasonCode.KNOWN_AGAIN, clock="paused"),
        ),
        (
            Clock.WARNED,
            State.WARNED,
            {"finding": "two are missing"},
            TransitionName.FOUND,
            because(ReasonCode.FOUND, text="two are missing"),
        ),
    ],
)
def test_each_change_is_named_with_its_reason(
    clock: Clock,
    state: State,
    changes: dict[str, Any],
    name: TransitionName,
    reason: Reason,
    opened: Case,
    rule: Rule,
    verdict: Make,
    now: datetime,
) -> None:
    """One change, one line, dated and filed under the case."""
    moved = move(replace(opened, clock=clock), verdict(state, 0, **changes), rule, now)
    assert told(moved) == [(name, reason)]
    assert [(row.case, row.at) for row in moved.transitions] == [(7, now)]


def test_several_changes_at_once_come_in_a_fixed_order(
    opened: Case, rule: Rule, verdict: Make, now: datetime
) -> None:
    """Clock, who owes, start, finding, handling, steps; the case holds all of them."""
    until = now - timedelta(minutes=1)
    acked = replace(opened, handling=Handling.ACKNOWLEDGED, handling_until=until)
    start = datetime(2026, 3, 7, 9, tzinfo=UTC)
    late = verdict(State.BREACHED, 0, 1, owed_by="u9", started_at=start, finding="two")
    moved = move(acked, late, rule, now)
    assert [row.name for row in moved.transitions] == [
        TransitionName.BREACHED,
        TransitionName.HANDED_OVER,
        TransitionName.RETARGETED,
        TransitionName.FOUND,
        TransitionName.HANDLING_ENDED,
        TransitionName.STEP,
    ]
    assert moved.case == replace(
        opened,
        clock=Clock.BREACHED,
        owed_by="u9",
        started_at=start,
        finding="two",
        steps_done=(0, 1),
    )


def test_a_new_case_holds_what_its_verdict_says(rule: Rule, verdict: Make, now: datetime) -> None:
    """Whom it is about, since when, until when, who owes, and what was found."""
    given = verdict(State.WARNED, 0, finding="two are missing")
    case = move(None, given, rule, now).case
    assert given.due is not None
    assert case == Case(
        number=0,
        rule="feedback-late",
        subject=given.subject,
        opened_at=now,
        clock=Clock.WARNED,
        started_at=given.started_at,
        due_at=given.due.at,
        owed_by="u1",
        steps_done=(0,),
        finding="two are missing",
    )


@pytest.mark.parametrize("muted", ["", "silenced by ops"])
def test_a_first_look_takes_the_steps_without_acting_on_them(
    muted: str, rule: Rule, verdict: Make, now: datetime
) -> None:
    """A silence changes nothing about that: the summary tells of them."""
    moved = move(None, verdict(State.WARNED, 0), rule, now, baseline=True, suppressed=muted)
    assert moved.case is not None
    assert (moved.case.steps_done, moved.steps) == ((0,), ())
    assert told(moved) == [
        (TransitionName.OPENED, because(ReasonCode.STEPS_AT_BASELINE, steps=("80%",)))
    ]


def test_a_case_that_opens_in_a_silence_keeps_its_steps_for_later(
    rule: Rule, verdict: Make, now: datetime
) -> None:
    """They are acted on when it is over."""
    moved = move(None, verdict(State.WARNED, 0), rule, now, suppressed="silenced by ops")
    assert moved.case is not None
    assert (moved.case.steps_done, moved.case.in_summary, moved.steps) == ((), False, ())
    assert told(moved) == [
        (
            TransitionName.OPENED,
            because(ReasonCode.STEPS_SUPPRESSED, steps=("80%",), text="silenced by ops"),
        )
    ]
    assert move(moved.case, verdict(State.WARNED, 0), rule, now).steps == (0,)


def test_rungs_that_came_before_anybody_looked_are_left_to_the_summary(
    opened: Case, rule: Rule, verdict: Make, now: datetime
) -> None:
    """Taken, not acted on, and said so."""
    moved = move(opened, verdict(State.WARNED, 0, 1), rule, now, baseline=True)
    assert moved.case is not None
    assert (moved.case.steps_done, moved.steps, moved.late) == ((0, 1), (), (1,))
    assert told(moved) == [(TransitionName.STEP, because(ReasonCode.STEPS_LATE, steps=("due",)))]


def test_a_step_is_named_as_it_comes(opened: Case, rule: Rule, verdict: Make, now: datetime):
    """By its label in the rule."""
    assert told(move(opened, verdict(State.WARNED, 0, 1), rule, now)) == [
        (TransitionName.STEP, because(ReasonCode.STEPS_COME, steps=("due",)))
    ]


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (State.KEPT, ReasonCode.STOPPED),
        (State.CANCELLED, ReasonCode.CANCELLED),
        (State.OUTSIDE, ReasonCode.CONDITION),
    ],
)
def test_a_verdict_without_a_reason_of_its_own_still_ends_for_one(
    state: State, code: ReasonCode, opened: Case, rule: Rule, verdict: Make, now: datetime
) -> None:
    """The plain one of its state."""
    case = move(opened, verdict(state), rule, now).case
    assert case is not None
    assert case.end_reason == because(code)


@pytest.mark.parametrize(
    "code", [ReasonCode.RULE_CHANGED, ReasonCode.PILOT, ReasonCode.MAP_CHANGED]
)
def test_what_our_own_settings_end_is_never_called_resolved(
    code: ReasonCode, opened: Case, rule: Rule, verdict: Make, now: datetime
) -> None:
    """Nobody did what was asked: the case is only no longer tracked."""
    moved = move(opened, verdict(State.KEPT, ending=because(code)), rule, now)
    assert moved.case is not None
    assert moved.case.end is End.CANCELLED
    assert [row.name for row in moved.transitions] == [TransitionName.CANCELLED]


def test_a_retired_case_says_why(opened: Case, now: datetime) -> None:
    """And when, in the case and in its timeline."""
    moved = retire(opened, because(ReasonCode.RULE_REMOVED), now)
    assert moved.case == replace(
        opened, end=End.RETIRED, ended_at=now, end_reason=because(ReasonCode.RULE_REMOVED)
    )
    (row,) = moved.transitions
    assert (row.case, row.at, row.name) == (7, now, TransitionName.RETIRED)
    assert row.reason == because(ReasonCode.RULE_REMOVED)


def test_an_acknowledgement_that_runs_out_reminds_once(
    opened: Case, rule: Rule, verdict: Make, now: datetime
) -> None:
    """The last step for the assignee comes again, dated by when the promise ran out."""
    until = now - timedelta(minutes=1)
    acked = replace(opened, handling=Handling.ACKNOWLEDGED, handling_until=until)
    moved = move(acked, verdict(State.WARNED, 0), rule, now)
    assert (moved.steps, moved.reminded) == ((0,), until)
    assert told(moved) == [
        (
            TransitionName.HANDLING_ENDED,
            because(ReasonCode.HANDLING_EXPIRED, handling="acknowledged"),
        )
    ]
    assert moved.case == opened
    assert move(moved.case, verdict(State.WARNED, 0), rule, now) == Moved(opened)


def test_an_acknowledgement_without_an_end_stands(
    opened: Case, rule: Rule, verdict: Make, now: datetime
) -> None:
    """Nothing is said while it does."""
    acked = replace(opened, handling=Handling.ACKNOWLEDGED)
    assert move(acked, verdict(State.WARNED, 0, 1), rule, now) == Moved(acked)


def test_a_false_alarm_sleeps_until_the_facts_it_was_called_on_are_others(
    opened: Case, rule: Rule, verdict: Make, now: datetime
) -> None:
    """A fact that cannot be read is no other fact; then it is asked about as of now."""
    until = now + timedelta(days=30)
    asleep = replace(opened, handling=Handling.SNOOZED, handling_until=until, false_facts="")
    first = move(asleep, verdict(State.WARNED, 0), rule, now)
    assert (told(first), first.steps, first.reminded) == ([], (), None)
    doubt = move(first.case, verdict(State.UNKNOWN, evidence={}), rule, now)
    assert [row.name for row in doubt.transitions] == [TransitionName.BECAME_UNKNOWN]
    again = move(doubt.case, verdict(State.WARNED, 0), rule, now)
    assert again.case == first.case
    other = move(first.case, verdict(State.WARNED, 0, evidence={"seat.user": "u8"}), rule, now)
    assert other.case == opened
    assert (other.steps, other.reminded) == ((0,), until)
    assert told(other) == [(TransitionName.HANDLING_ENDED, because(ReasonCode.FACTS_CHANGED))]


def test_a_hand_over_lifts_what_the_one_before_said(
    opened: Case, rule: Rule, verdict: Make, now: datetime
) -> None:
    """The new assignee gets the step; the false alarm stays recorded."""
    acked = replace(opened, handling=Handling.ACKNOWLEDGED, handling_until=now + timedelta(days=1))
    moved = move(acked, verdict(State.WARNED, 0, owed_by="u9"), rule, now)
    assert moved.case == replace(opened, owed_by="u9")
    assert moved.steps == (0,)
    assert told(moved)[1] == (
        TransitionName.HANDLING_ENDED,
        because(ReasonCode.HANDLING_OF_OTHER, handling="acknowledged"),
    )
    asleep = replace(opened, handling=Handling.SNOOZED, false_facts="")
    slept = move(asleep, verdict(State.WARNED, 0, owed_by="u9"), rule, now)
    assert slept.case is not None
    assert (slept.case.handling, slept.steps) == (Handling.SNOOZED, ())


def test_a_ladder_that_was_shortened_breaks_no_hand_over(
    opened: Case, rule: Rule, verdict: Make, now: datetime
) -> None:
    """Steps taken that the rule no longer has are not repeated."""
    far = replace(opened, steps_done=(0, 1, 2, 3))
    short = replace(rule, steps=rule.steps[:1])
    assert move(far, verdict(State.WARNED, 0, owed_by="u9"), short, now).steps == (0,)


def test_a_hand_over_in_a_silence_is_heard_after_it(
    opened: Case, rule: Rule, verdict: Make, now: datetime
) -> None:
    """Only the step that the new assignee has not seen comes again."""
    found = verdict(State.WARNED, 0, owed_by="u9")
    quiet = move(opened, found, rule, now, suppressed="silenced by ops")
    assert quiet.case is not None
    assert (quiet.case.steps_done, quiet.steps) == ((), ())
    assert move(quiet.case, found, rule, now).steps == (0,)
