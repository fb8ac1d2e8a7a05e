"""What was overdue for long at the first look is in nobody's way, until somebody acts on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from atsbridge.cases.acknowledgement import acknowledge
from atsbridge.cases.backlog import BacklogPolicy
from atsbridge.cases.circuit_breaker import MAX_NEW_CASES
from atsbridge.cases.decisions import DecisionOptions, decide
from atsbridge.cases.inhibition import inhibits
from atsbridge.cases.recipients import Directory
from atsbridge.model.case import Case, Clock, End, FirstLook, Handling, TransitionName
from atsbridge.model.notice import Hold, Purpose
from atsbridge.model.reason import ReasonCode
from atsbridge.model.record import Key
from atsbridge.model.verdict import Due, State, Verdict
from atsbridge.ports.decision_store import Decision
from atsbridge.rules.rule import Rule
from atsbridge.worktime.duration import Duration

Make = Callable[..., Verdict]
Run = Callable[..., Decision]
AFTER = Duration.parse("20bd")
POLICY = BacklogPolicy(AFTER)


def old(verdict: Verdict, days: int, subject: str = "s1") -> Verdict:
    """The verdict, due so many days ago."""
    due = verdict.at - timedelta(days=days)
    return replace(
        verdict,
        subject=Key("acme", "seat", subject),
        started_at=due - timedelta(days=1),
        due=Due(due, (due, due, due, due)),
    )


@pytest.fixture
def late(verdict: Make) -> Callable[..., Verdict]:
    """A verdict of which every step has come, due so many days ago."""
    return lambda days, subject="s1": old(verdict(State.BREACHED, 0, 1, 2, 3), days, subject)


@pytest.fixture
def run(rule: Rule, directory: Directory, options: DecisionOptions, now: datetime) -> Run:
    def go(
        *verdicts: Verdict,
        cases: tuple[Case, ...] = (),
        rules: dict[str, Rule] | None = None,
        policy: BacklogPolicy = POLICY,
        **more: Any,
    ) -> Decision:
        given = replace(options, directory=directory, backlog=policy, **more)
        known = {rule.id: rule} if rules is None else rules
        return decide("acme", now, verdicts, cases, known, given)

    return go


@pytest.fixture
def forgotten(now: datetime) -> Case:
    """A stored case of the backlog."""
    return Case(
        number=7,
        rule="feedback-late",
        subject=Key("acme", "seat", "s1"),
        opened_at=now - timedelta(hours=5),
        clock=Clock.BREACHED,
        started_at=now - timedelta(days=61),
        due_at=now - timedelta(days=60),
        owed_by="u1",
        steps_done=(0, 1, 2, 3),
        first_look=FirstLook.PROPOSED,
    )


@pytest.mark.parametrize(
    ("days", "look"),
    [
        (60, FirstLook.BACKLOG),
        (29, FirstLook.BACKLOG),  # 21 working days
        (27, FirstLook.NONE),  # 19 working days: more than 20 days, but no more than 20bd
        (2, FirstLook.NONE),
    ],
)
def test_working_days_decide(
    run: Run, late: Callable[..., Verdict], days: int, look: FirstLook
) -> None:
    """Also in a run that is not the first of its rule: the subject may be read late."""
    (case,) = run(late(days)).cases
    assert case.first_look is look


def test_the_first_run_splits_what_is_late(run: Run, late: Callable[..., Verdict]) -> None:
    """Hundreds of forgotten seats: silent, and not in the summary of what is late."""
    forgotten = [late(90, f"old{n}") for n in range(300)]
    decision = run(*forgotten, late(3), baseline=frozenset({"feedback-late"}))
    looks = [case.first_look for case in decision.cases]
    assert (looks.count(FirstLook.BACKLOG), looks.count(FirstLook.SUMMARY)) == (300, 1)
    assert [one.purpose for one in decision.notices] == [Purpose.SUMMARY]
    reasons = [row.reason.code for _, _, row in decision.transitions]
    assert reasons.count(ReasonCode.STEPS_IN_BACKLOG) == 300


@pytest.mark.parametrize("change", [{"news": True}, {"periodic": True}, {"clock": None}])
def test_what_promises_nothing_has_no_backlog(
    run: Run, rule: Rule, late: Callable[..., Verdict], change: dict[str, Any]
) -> None:
    (case,) = run(late(90), rules={rule.id: replace(rule, **change)}).cases
    assert case.first_look is FirstLook.NONE


def test_what_the_rule_knew_is_no_backlog(run: Run, late: Callable[..., Verdict]) -> None:
    """It looked before: a search that was reopened is a promise again."""
    policy = replace(POLICY, is_first_look=lambda _rule, _subject: False)
    (case,) = run(late(90), policy=policy).cases
    assert case.first_look is FirstLook.NONE


def test_a_recruiter_gets_one_message(
    run: Run, rule: Rule, late: Callable[..., Verdict], forgotten: Case
) -> None:
    """Stored cases are listed by number; a second run has nothing to add."""
    cases = tuple(
        replace(
            forgotten,
            number=n,
            subject=Key("acme", "seat", f"s{n}"),
            first_look=FirstLook.BACKLOG,
        )
        for n in range(1, 201)
    )
    whose = {case.subject: "u2" if case.number % 2 else None for case in cases}
    policy = replace(POLICY, recruiters=lambda subjects: {one: whose[one] for one in subjects})
    verdicts = [late(60, case.subject.id) for case in cases]
    decision = run(*verdicts, cases=cases, policy=policy)
    assert [(one.purpose, one.destination.address) for one in decision.notices] == [
        (Purpose.CLEANUP, "ravi@acme.example"),
        (Purpose.CLEANUP, "#recruiting-ops"),  # nobody is their recruiter
    ]
    assert [len(one.summary_cases) for one in decision.notices] == [100, 100]
    assert {case.first_look for case in decision.cases} == {FirstLook.PROPOSED}
    again = run(*verdicts, cases=tuple(decision.cases), policy=policy)
    assert (again.notices, again.cases) == ([], [])


def test_a_shadow_rule_proposes_when_it_goes_live(
    run: Run, rule: Rule, late: Callable[..., Verdict], forgotten: Case
) -> None:
    """What it found in shadow is no first look any more, and is in no summary."""
    stored = replace(forgotten, first_look=FirstLook.BACKLOG)
    shadow = {rule.id: replace(rule, status="shadow")}
    assert run(late(60), cases=(stored,), rules=shadow).notices == []
    live = run(late(60), cases=(stored,), baseline=frozenset({rule.id}))
    assert [one.purpose for one in live.notices] == [Purpose.CLEANUP]


def test_a_case_that_changes_while_it_is_proposed_keeps_both(
    run: Run, late: Callable[..., Verdict], forgotten: Case
) -> None:
    """It is stored once, with its new assignee, and proposed once."""
    stored = replace(forgotten, first_look=FirstLook.BACKLOG)
    decision = run(replace(late(60), owed_by="u4"), cases=(stored,))
    (case,) = decision.cases
    assert (case.owed_by, case.first_look) == ("u4", FirstLook.PROPOSED)
    again = run(replace(late(60), owed_by="u4"), cases=(case,))
    assert (again.notices, again.cases) == ([], [])


def test_a_rule_that_did_not_run_for_days_lists_no_forgotten_case(
    run: Run, rule: Rule, late: Callable[..., Verdict], forgotten: Case
) -> None:
    """Its later steps are no news: the summary is about promises."""
    fewer = replace(forgotten, steps_done=(0, 1))
    assert run(late(60), cases=(fewer,), baseline=frozenset({rule.id})).notices == []


def test_a_silence_takes_no_step_of_a_forgotten_case(
    run: Run, late: Callable[..., Verdict], forgotten: Case
) -> None:
    """As of any other."""
    fewer = replace(forgotten, steps_done=(0, 1))
    assert run(late(60), cases=(fewer,), find_suppression=lambda *_: "silenced").cases == []


@pytest.mark.parametrize("state", [State.BREACHED, State.PAUSED])
def test_a_silenced_search_gets_no_proposal(
    run: Run, late: Callable[..., Verdict], forgotten: Case, state: State
) -> None:
    stored = replace(forgotten, first_look=FirstLook.BACKLOG)
    verdict = replace(late(60), state=state)
    quiet = run(verdict, cases=(stored,), find_suppression=lambda *_: "silenced by ops")
    assert quiet.notices == []
    assert [one.purpose for one in run(verdict, cases=(stored,)).notices] == [Purpose.CLEANUP]


def test_time_moves_nothing_in_the_backlog(
    run: Run, rule: Rule, late: Callable[..., Verdict], forgotten: Case
) -> None:
    """No escalation, no reminder to another assignee, no inhibition."""
    fewer = replace(forgotten, steps_done=(0, 1))
    decision = run(replace(late(60), owed_by="u4"), cases=(fewer,))
    (case,) = decision.cases
    assert (decision.notices, case.first_look, case.owed_by) == ([], FirstLook.PROPOSED, "u4")
    assert not inhibits(forgotten, rule, forgotten.opened_at)
    assert inhibits(replace(forgotten, first_look=FirstLook.NONE), rule, forgotten.opened_at)


def test_somebody_acts_and_it_is_a_normal_case(
    run: Run, late: Callable[..., Verdict], forgotten: Case
) -> None:
    """Whoever owes it is reminded; those whom later steps would have told weeks ago are not."""
    policy = replace(POLICY, acted_on=frozenset({7}))
    decision = run(late(60), cases=(forgotten,), policy=policy)
    (case,) = decision.cases
    assert (case.first_look, case.steps_done) == (FirstLook.NONE, (0, 1, 2, 3))
    assert [(one.destination.address, one.step) for one in decision.notices] == [
        ("mara@acme.example", 1)
    ]
    assert decision.transitions[0][2].name is TransitionName.LEFT_BACKLOG
    assert {row.at for _, _, row in decision.transitions} == {decision.at}
    assert run(late(60), cases=(case,)).notices == []


def test_whoever_acts_during_a_silence_is_reminded_after_it(
    run: Run, late: Callable[..., Verdict], forgotten: Case
) -> None:
    policy = replace(POLICY, acted_on=frozenset({7}))
    quiet = run(late(60), cases=(forgotten,), policy=policy, find_suppression=lambda *_: "silenced")
    assert quiet.notices == []
    after = run(late(60), cases=tuple(quiet.cases))
    assert [(one.destination.address, one.step) for one in after.notices] == [
        ("mara@acme.example", 1)
    ]


def test_the_end_of_a_forgotten_case_is_told_to_nobody(
    run: Run, verdict: Make, forgotten: Case
) -> None:
    """It was cleaned up, which is an act, too."""
    policy = replace(POLICY, acted_on=frozenset({7}))
    decision = run(verdict(State.KEPT), cases=(forgotten,), policy=policy)
    (case,) = decision.cases
    assert (case.end, case.in_backlog, decision.notices) == (End.RESOLVED, True, [])
    assert case.ended_at == decision.at


def test_many_acts_at_once_trip_the_breaker(
    run: Run, late: Callable[..., Verdict], forgotten: Case
) -> None:
    """Somebody tags all of them: nobody gets hundreds of reminders."""
    many = MAX_NEW_CASES + 1
    cases = tuple(
        replace(forgotten, number=n, subject=Key("acme", "seat", f"s{n}")) for n in range(many)
    )
    policy = replace(POLICY, acted_on=frozenset(range(many)))
    decision = run(*(late(60, f"s{n}") for n in range(many)), cases=cases, policy=policy)
    assert {one.hold for one in decision.notices if one.purpose is Purpose.SEND} == {Hold.BREAKER}


def test_an_answer_brings_it_back(forgotten: Case, now: datetime) -> None:
    """`cases ack 7`: whoever answers for it has acted."""
    (case,) = acknowledge(forgotten, now, now + timedelta(days=2), "ravi", "on it").cases
    assert (case.first_look, case.handling) == (FirstLook.NONE, Handling.ACKNOWLEDGED)


def test_a_month_lies_between_two_proposals(
    run: Run, late: Callable[..., Verdict], forgotten: Case
) -> None:
    """Cases that come meanwhile are covered by the next one; other readers get theirs."""
    stored = replace(forgotten, first_look=FirstLook.BACKLOG)
    ravi = ("console", "person", "ravi@acme.example")
    recruiters = {stored.subject: "u2"}
    asked = replace(
        POLICY, recruiters=lambda _subjects: recruiters, asked=lambda: frozenset({ravi})
    )
    decision = run(late(60), cases=(stored,), policy=asked)
    assert (decision.notices, decision.cases) == ([], [])
    later = replace(asked, asked=frozenset)
    (notice,) = run(late(60), cases=(stored,), policy=later).notices
    assert notice.destination.place == ravi
