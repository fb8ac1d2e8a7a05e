"""Verdicts and open cases become one Decision: who hears what, and what stays silent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from atsbridge.cases.escalation import next_morning
from atsbridge.cases.recipients import Directory, Preferences
from atsbridge.cases.rule_edits import Edits, RulePart
from atsbridge.model.case import Case, Clock, End
from atsbridge.model.notice import Destination, DropCode, DropReason, Hold, NoticeState, Purpose
from atsbridge.model.reason import Reason, ReasonCode, because
from atsbridge.model.record import Key
from atsbridge.model.verdict import State, Verdict
from atsbridge.ports.decision_store import Decision
from atsbridge.rules.rule import Rule
from atsbridge.worktime.calendar import Absence, Calendar, parse_hours

Make = Callable[..., Verdict]
Run = Callable[..., Decision]
SEAT = Key("acme", "seat", "s1")


@pytest.fixture
def stored(now: datetime) -> Case:
    return Case(
        number=7,
        rule="feedback-late",
        subject=SEAT,
        opened_at=now - timedelta(hours=5),
        clock=Clock.WARNED,
        started_at=now - timedelta(days=3),
        due_at=now - timedelta(minutes=5),
        owed_by="u1",
        steps_done=(0,),
    )


def heard(decision: Decision) -> list[tuple[str, Purpose, int, NoticeState]]:
    return [(n.destination.address, n.purpose, n.step, n.state) for n in decision.notices]


def test_of_several_steps_only_the_last_goes_to_each(run: Run, verdict: Make) -> None:
    """All four steps at once: one message to each of three people."""
    assert heard(run(verdict(State.BREACHED, 0, 1, 2, 3))) == [
        ("mara@acme.example", Purpose.SEND, 1, NoticeState.QUEUED),
        ("ravi@acme.example", Purpose.SEND, 2, NoticeState.HELD),
        ("ines@acme.example", Purpose.SEND, 3, NoticeState.QUEUED),
    ]


def test_two_roles_in_one_person_get_one_message(run: Run, verdict: Make) -> None:
    """The last step, and both roles in the reason."""
    both = verdict(State.BREACHED, 2, 3)
    both = replace(both, evidence={**both.evidence, "requisition.hiring_manager": "u2"})
    (notice,) = run(both).notices
    assert notice.step == 3
    assert [why["role"] for why in notice.destination.why] == [
        "requisition.recruiter",
        "requisition.hiring_manager",
    ]


def test_same_inputs_same_decision_and_keys(run: Run, verdict: Make) -> None:
    """Pure; every notice has a key of its own."""
    given = verdict(State.BREACHED, 0, 1, 2, 3)
    first = run(given)
    assert first == run(given)
    assert len({notice.key for notice in first.notices}) == 3


def test_a_later_step_follows_what_was_said(run: Run, verdict: Make, stored: Case) -> None:
    """A follow-up where the person was told; what failed or was dropped counts as nothing."""
    (first,) = run(verdict(State.WARNED, 0)).notices
    for state, purpose in (
        (NoticeState.SENT, Purpose.FOLLOW_UP),
        (NoticeState.DROPPED, Purpose.SEND),
        (NoticeState.DEAD, Purpose.SEND),
    ):
        told = [replace(first, state=state)]
        decision = run(
            verdict(State.BREACHED, 0, 1), cases=(stored,), read_notices=lambda _, t=told: t
        )
        assert heard(decision) == [("mara@acme.example", purpose, 1, NoticeState.QUEUED)]


def test_the_end_is_told_to_whoever_was_told(run: Run, verdict: Make, stored: Case) -> None:
    """Each destination once; a note never; what still waits is dropped instead."""
    sent = [
        replace(n, state=NoticeState.SENT) for n in run(verdict(State.BREACHED, 1, 2, 3)).notices
    ]
    mara, ravi, ines = sent
    note = replace(mara, key="n", destination=Destination("ats", "ats", "acme/seat/s1"))
    told = [mara, replace(mara, key="m2"), note, replace(ravi, state=NoticeState.QUEUED)]
    decision = run(
        verdict(State.KEPT, reason=because(ReasonCode.STOPPED)),
        cases=(stored,),
        read_notices=lambda _: told,
    )
    assert heard(decision) == [
        ("mara@acme.example", Purpose.RESOLVE, -1, NoticeState.QUEUED),
        ("ravi@acme.example", Purpose.SEND, 2, NoticeState.DROPPED),
    ]
    assert decision.notices[1].drop == DropReason(DropCode.CASE_ENDED)
    assert decision.notices[1].key == ravi.key
    assert ines.key not in {notice.key for notice in decision.notices}


def test_a_second_breach_is_a_case_with_keys_of_its_own(
    run: Run, verdict: Make, stored: Case, now: datetime
) -> None:
    """An ended case does not silence the next one."""
    ended = replace(stored, end=End.RESOLVED, ended_at=now)
    again = run(verdict(State.BREACHED, 1), cases=(ended,))
    assert [case.number for case in again.cases] == [0]
    (notice,) = again.notices
    (before,) = run(verdict(State.BREACHED, 0, 1), cases=(stored,)).notices
    assert notice.key != before.key


def test_a_case_without_a_verdict_stays(run: Run, stored: Case) -> None:
    """A subject missing from a result is never a verdict."""
    assert run(cases=(stored,)).cases == []


def test_a_rule_that_is_gone_retires_its_cases(run: Run, stored: Case) -> None:
    """With the reason, and without waiting for a verdict."""
    decision = run(cases=(stored,), rules={})
    assert [(case.end, case.end_reason) for case in decision.cases] == [
        (End.RETIRED, because(ReasonCode.RULE_REMOVED))
    ]
    assert decision.cases[0].ended_at == decision.transitions[0][2].at == decision.at


@pytest.mark.parametrize(("status", "ends"), [("live", 0), ("shadow", 0), ("draft", 1)])
def test_a_rule_that_is_no_longer_evaluated_retires_its_cases(
    run: Run, stored: Case, rule: Rule, status: str, ends: int
) -> None:
    """A shadow rule is evaluated like a live one: its cases wait for their verdict."""
    decision = run(cases=(stored,), rules={rule.id: replace(rule, status=status)})
    reasons = [case.end_reason for case in decision.cases]
    assert reasons == [because(ReasonCode.RULE_DISABLED, status=status)] * ends


def test_a_rule_that_now_watches_another_kind_of_record_ends_its_cases(
    run: Run, stored: Case, rule: Rule
) -> None:
    """No verdict will ever come for them: they would stay open for good."""
    other = replace(rule, subject="application", each="application")
    decision = run(cases=(stored,), rules={rule.id: other})
    (case,) = decision.cases
    assert (case.end, case.end_reason) == (End.RETIRED, because(ReasonCode.RULE_CHANGED))


@pytest.mark.parametrize(
    ("state", "ending", "part", "end", "code"),
    [
        (
            State.OUTSIDE,
            because(ReasonCode.CONDITION),
            RulePart.WHERE,
            End.CANCELLED,
            "rule_changed",
        ),
        (State.OUTSIDE, because(ReasonCode.CONDITION), RulePart.CHECK, End.CANCELLED, "condition"),
        (State.KEPT, because(ReasonCode.STOPPED), RulePart.WHERE, End.RESOLVED, "stopped"),
        (State.KEPT, because(ReasonCode.STOPPED), RulePart.EVENTS, End.CANCELLED, "rule_changed"),
        (State.KEPT, because(ReasonCode.CLEARED), RulePart.CHECK, End.CANCELLED, "rule_changed"),
        (State.OUTSIDE, because(ReasonCode.DELETED), RulePart.WHERE, End.CANCELLED, "deleted"),
    ],
)
def test_an_end_that_an_edit_of_the_rule_brings_is_not_put_down_to_the_ats(
    state: State,
    ending: Reason,
    part: RulePart,
    end: End,
    code: str,
    run: Run,
    verdict: Make,
    stored: Case,
) -> None:
    """Only where the edited part is what decided; nobody is told that something was done."""
    edits = Edits(rules={"feedback-late": frozenset({part})})
    (case,) = run(verdict(state, ending=ending), cases=(stored,), edits=edits).cases
    assert case.end_reason is not None
    assert (case.end, case.end_reason.code) == (end, code)


def test_an_end_by_a_field_of_an_edited_map_is_not_put_down_to_the_ats(
    run: Run, verdict: Make, stored: Case
) -> None:
    """The fact is another because it is read from elsewhere now."""
    ended = verdict(
        State.OUTSIDE, ending=because(ReasonCode.CONDITION, path="requisition.priority")
    )
    edits = Edits(mapped=frozenset({"requisition.priority"}))
    (case,) = run(ended, cases=(stored,), edits=edits).cases
    assert case.end_reason == because(ReasonCode.MAP_CHANGED, path="requisition.priority")
    other = Edits(mapped=frozenset({"requisition.team"}))
    (case,) = run(ended, cases=(stored,), edits=other).cases
    assert case.end_reason == ended.ending


def test_a_first_look_gives_one_summary(run: Run, verdict: Make) -> None:
    """Fifty late subjects: fifty silent cases, and one message to the rule's team."""
    late = [
        replace(verdict(State.BREACHED, 0, 1), subject=Key("acme", "seat", f"s{n}"))
        for n in range(50)
    ]
    decision = run(*late, baseline=frozenset({"feedback-late"}))
    assert len(decision.cases) == 50
    assert all(case.in_summary for case in decision.cases)
    assert heard(decision) == [("#recruiting-ops", Purpose.SUMMARY, -1, NoticeState.QUEUED)]


def test_shadow_keeps_cases_and_holds_notices(run: Run, verdict: Make, rule: Rule) -> None:
    """Judged and kept, never sent; its first look has no summary."""
    shadow = {rule.id: replace(rule, status="shadow")}
    decision = run(verdict(State.BREACHED, 1, 2), rules=shadow)
    assert len(decision.cases) == 1
    assert [(n.state, n.hold, n.not_before) for n in decision.notices] == [
        (NoticeState.HELD, Hold.SHADOW, None)
    ] * 2
    first = run(verdict(State.BREACHED, 1), rules=shadow, baseline=frozenset({rule.id}))
    assert first.notices == []


def test_a_rule_that_goes_live_tells_what_it_held_in_one_summary(
    run: Run, verdict: Make, rule: Rule, stored: Case
) -> None:
    """What shadow held is dropped, what is open goes to the owner at once; then it is live."""
    held = run(verdict(State.BREACHED, 1), rules={rule.id: replace(rule, status="shadow")}).notices
    told = {"read_notices": lambda number: held if number == stored.number else []}
    going = run(
        verdict(State.BREACHED, 0, 1, 3), cases=(stored,), baseline=frozenset({rule.id}), **told
    )
    *dropped, summary = going.notices
    assert {(n.state, n.drop) for n in dropped} == {
        (NoticeState.DROPPED, DropReason(DropCode.IN_SUMMARY))
    }
    assert (summary.purpose, summary.summary_cases) == (Purpose.SUMMARY, (7,))
    (case,) = going.cases
    assert case.steps_done == (0, 1, 3)
    after = run(verdict(State.BREACHED, 0, 1, 2, 3), cases=(case,), read_notices=lambda _: dropped)
    assert [(n.purpose, n.step) for n in after.notices] == [(Purpose.SEND, 2)]


def test_a_rule_that_goes_live_drops_what_it_held_of_every_case(
    run: Run, verdict: Make, rule: Rule, stored: Case
) -> None:
    """Two cases: neither waits for a message any more, and the summary lists both."""
    shadow = {rule.id: replace(rule, status="shadow")}
    subjects = {7: SEAT, 8: Key("acme", "seat", "s2")}
    verdicts = [replace(verdict(State.BREACHED, 0, 1), subject=one) for one in subjects.values()]
    held = {n: run(v, rules=shadow).notices for n, v in zip(subjects, verdicts, strict=True)}
    going = run(
        *verdicts,
        cases=tuple(replace(stored, number=n, subject=one) for n, one in subjects.items()),
        baseline=frozenset({rule.id}),
        read_notices=held.__getitem__,
    )
    *dropped, summary = going.notices
    assert [one.key for one in dropped] == [one.key for told in held.values() for one in told]
    assert {one.state for one in dropped} == {NoticeState.DROPPED}
    assert summary.summary_cases == (7, 8)


def test_what_came_while_nobody_looked_is_told_in_one_summary(
    run: Run, verdict: Make, rule: Rule, stored: Case
) -> None:
    """Two days without a tick: later steps of what was open ping nobody; what stood still is not
    told again."""
    late = {"baseline": frozenset({rule.id})}
    (summary,) = run(verdict(State.BREACHED, 0, 1, 3), cases=(stored,), **late).notices
    assert (summary.purpose, summary.summary_cases) == (Purpose.SUMMARY, (7,))
    breached = replace(stored, clock=Clock.BREACHED, steps_done=(0, 1))
    assert run(verdict(State.BREACHED, 0, 1), cases=(breached,), **late).notices == []


def test_a_digest_step_waits_for_the_morning(run: Run, verdict: Make) -> None:
    """Monday 16:05: Tuesday 09:30 in Lisbon; the direct message goes at once."""
    decision = run(verdict(State.BREACHED, 1, 2))
    assert [(n.step, n.hold, n.not_before) for n in decision.notices] == [
        (1, None, None),
        (2, Hold.DIGEST, datetime(2026, 3, 10, 9, 30, tzinfo=UTC)),
    ]


def test_who_wants_everything_in_the_morning_gets_it_then(
    run: Run, verdict: Make, directory: Directory
) -> None:
    """prefer = "digest"."""
    wishes = {"mara@acme.example": Preferences(morning=True)}
    decision = run(verdict(State.BREACHED, 1), who=replace(directory, preferences=wishes))
    assert [n.hold for n in decision.notices] == [Hold.DIGEST]


@pytest.mark.parametrize(
    ("now", "morning"),
    [
        ("2026-03-09T08:00", "2026-03-09T09:30"),
        ("2026-03-09T09:30", "2026-03-09T09:30"),
        ("2026-03-09T09:31", "2026-03-12T09:30"),
        ("2026-03-13T18:00", "2026-03-16T09:30"),
        ("2026-03-28T12:00", "2026-03-30T08:30"),
    ],
)
def test_the_next_morning_is_on_a_working_day(now: str, morning: str) -> None:
    """Today until 09:30, then past absence, weekend and the change to summer time."""
    away = Absence(datetime(2026, 3, 10).date(), datetime(2026, 3, 11).date(), "away")  # noqa: DTZ001
    hours = parse_hours("mon-fri 09:00-18:00")
    calendar = Calendar("c", "Europe/Lisbon", hours, absences=(away,))
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    expected = datetime.fromisoformat(morning).replace(tzinfo=UTC)
    assert next_morning(at, calendar, time(9, 30)) == expected


def test_somebody_who_never_works_is_told_at_once() -> None:
    """Two months ahead without a working day: no reason to wait."""
    never = Absence(datetime(2026, 1, 1).date(), datetime(2027, 1, 1).date(), "leave")  # noqa: DTZ001
    calendar = Calendar("c", "UTC", parse_hours("mon-fri 09:00-18:00"), absences=(never,))
    at = datetime(2026, 3, 9, 12, tzinfo=UTC)
    assert next_morning(at, calendar, time(9, 30)) == at
