"""Each notice of a decision: what it holds, when it may go, what it takes the place of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from atsbridge.cases.circuit_breaker import MAX_NEW_CASES
from atsbridge.cases.decisions import DecisionOptions
from atsbridge.cases.recipients import Directory
from atsbridge.model.case import Case, Clock, End, Handling
from atsbridge.model.notice import Destination, DropCode, Hold, Notice, NoticeState, Purpose
from atsbridge.model.reason import ReasonCode, because
from atsbridge.model.record import Key
from atsbridge.model.verdict import State, Verdict
from atsbridge.ports.decision_store import Decision
from atsbridge.rules.rule import Rule

Make = Callable[..., Verdict]
Run = Callable[..., Decision]
SEAT = Key("acme", "seat", "s1")
MARA = Destination("slack", "person", "mara@acme.example", "u1")


@pytest.fixture
def stored(now: datetime) -> Case:
    """Breached, its first two steps taken."""
    return Case(
        number=7,
        rule="feedback-late",
        subject=SEAT,
        opened_at=now - timedelta(hours=5),
        clock=Clock.BREACHED,
        started_at=now - timedelta(days=3),
        due_at=now - timedelta(minutes=5),
        owed_by="u1",
        steps_done=(0, 1),
    )


def sent(**more: Any) -> Notice:
    """What Mara was told of the case."""
    plain = Notice(
        key="k0",
        account="acme",
        case=7,
        rule="feedback-late",
        subject=SEAT,
        destination=MARA,
        purpose=Purpose.SEND,
        step=1,
        state=NoticeState.SENT,
    )
    return replace(plain, **more)


def handed_to_bo(verdict: Make) -> Verdict:
    """Breached as before; the interview is another's now."""
    late = verdict(State.BREACHED, 0, 1, owed_by="u4")
    return replace(late, evidence={**late.evidence, "seat.user": "u4"})


def test_a_notice_says_what_it_belongs_to(
    run: Run, verdict: Make, stored: Case, now: datetime
) -> None:
    """Account, case, rule, subject, step, and when it was decided."""
    case = replace(stored, steps_done=(0,))
    (one,) = run(verdict(State.BREACHED, 0, 1), cases=(case,)).notices
    assert (one.account, one.case, one.rule, one.subject) == ("acme", 7, "feedback-late", SEAT)
    assert (one.step, one.state, one.hold, one.created_at) == (1, NoticeState.QUEUED, None, now)
    assert one.not_before is None
    assert one.destination.person == "u1"


def test_a_decision_holds_the_instant_and_each_change_by_subject_and_rule(
    run: Run, verdict: Make, now: datetime
) -> None:
    """What was judged is stored under the account it was judged for."""
    decided = run(verdict(State.BREACHED, 0, 1))
    assert (decided.account, decided.at) == ("acme", now)
    ((subject, rule, row),) = decided.transitions
    assert (subject, rule, row.at) == (SEAT, "feedback-late", now)


def test_no_two_notices_of_a_case_share_a_key(run: Run, verdict: Make, stored: Case) -> None:
    """Step, end, hand-over and a reminder are told apart; decided again, each keeps its key."""
    told = {"cases": (stored,), "read_notices": lambda _: [sent()]}
    u4 = handed_to_bo(verdict)
    decided = [
        *run(verdict(State.BREACHED, 0, 1)).notices,
        *run(verdict(State.KEPT), **told).notices,
        *run(u4, **told).notices,
    ]
    assert [n.purpose for n in decided] == [
        Purpose.SEND,
        Purpose.RESOLVE,
        Purpose.HANDED_OVER,
        Purpose.SEND,
    ]
    assert len({n.key for n in decided}) == 4
    assert [n.key for n in run(u4, **told).notices] == [n.key for n in decided[2:]]


def test_what_is_said_again_is_sent_again(
    run: Run, verdict: Make, stored: Case, now: datetime
) -> None:
    """A reminder after a promise ran out, and the second hand-over of a case, have new keys."""
    (first,) = run(verdict(State.BREACHED, 0, 1)).notices
    promised = replace(stored, handling=Handling.ACKNOWLEDGED, handling_until=now)
    told = {"read_notices": lambda _: [replace(first, case=7, state=NoticeState.SENT)]}
    opened = {"opened_at": now}
    (again,) = run(
        verdict(State.BREACHED, 0, 1), cases=(replace(promised, **opened),), **told
    ).notices
    assert (again.purpose, again.step) == (Purpose.FOLLOW_UP, 1)
    (unasked,) = run(
        verdict(State.BREACHED, 0, 1), cases=(replace(stored, steps_done=(0,), **opened),), **told
    ).notices
    assert again.key != unasked.key
    u4 = handed_to_bo(verdict)
    one, two = (
        run(u4, cases=(stored,), read_notices=lambda _: [sent()], at=at).notices[0]
        for at in (now, now + timedelta(hours=1))
    )
    assert one.purpose is two.purpose is Purpose.HANDED_OVER
    assert one.key != two.key


def test_who_owed_it_hears_of_the_hand_over_whatever_step_told_them(
    run: Run, verdict: Make, stored: Case
) -> None:
    """They may have been told as the recruiter; others who were told that way owe nothing."""
    u4 = handed_to_bo(verdict)
    ravi = Destination("console", "person", "ravi@acme.example", "u2")
    told = [sent(step=2), sent(key="k1", step=2, destination=ravi)]
    handed = run(u4, cases=(stored,), read_notices=lambda _: told).notices
    assert [n.destination.person for n in handed if n.purpose is Purpose.HANDED_OVER] == ["u1"]


def test_who_stood_in_and_takes_over_does_not_hear_that_it_is_anothers(
    run: Run, verdict: Make, stored: Case
) -> None:
    """Also in a silence, in which nobody is asked anything."""
    bo = Destination("slack", "person", "bo@acme.example", "u4")
    u4 = handed_to_bo(verdict)
    told = {
        "read_notices": lambda _: [sent(destination=bo)],
        "find_suppression": lambda *_: "silenced by ops",
    }
    assert run(u4, cases=(stored,), **told).notices == []


def test_the_digest_comes_in_the_morning_of_its_reader(
    run: Run, verdict: Make, rule: Rule, stored: Case, options: DecisionOptions
) -> None:
    """By their calendar of the name the rule gives; "office" once there is no rule."""
    asked: list[tuple[str | None, str]] = []

    def calendars(user: str | None, name: str) -> Any:
        asked.append((user, name))
        return options.calendars(user, name)

    own = {rule.id: replace(rule, calendar="interviewers")}
    run(verdict(State.BREACHED, 2), rules=own, calendars=calendars)
    line = sent(digest="d1")
    told = {"cases": (stored,), "read_notices": lambda _: [line], "calendars": calendars}
    (over,) = run(verdict(State.KEPT), rules=own, **told).notices
    assert over.not_before == datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
    (over,) = run(rules={}, **told).notices
    assert (over.purpose, over.state, over.hold) == (
        Purpose.RESOLVE,
        NoticeState.HELD,
        Hold.DIGEST,
    )
    assert asked == [("u2", "interviewers"), ("u1", "interviewers"), ("u1", "office")]


def test_shadow_holds_digest_lines_without_a_time(run: Run, verdict: Make, rule: Rule) -> None:
    """Nothing of a shadow rule may go out by itself."""
    shadow = {rule.id: replace(rule, status="shadow")}
    (one,) = run(verdict(State.BREACHED, 2), rules=shadow).notices
    assert (one.state, one.hold, one.not_before) == (NoticeState.HELD, Hold.SHADOW, None)


def test_a_step_that_may_not_be_written_is_kept_with_its_reason(
    run: Run, verdict: Make, rule: Rule, directory: Directory
) -> None:
    """The account allows no note: that is dropped and said, the message goes out."""
    closed = replace(directory, writes=frozenset())
    note = replace(rule.steps[1], to="ats")
    rules = {rule.id: replace(rule, steps=(rule.steps[1], note))}
    message, left = run(verdict(State.BREACHED, 0, 1), rules=rules, who=closed).notices
    assert (message.step, message.state) == (0, NoticeState.QUEUED)
    assert (left.step, left.state, left.purpose) == (1, NoticeState.DROPPED, Purpose.SEND)
    assert left.drop is not None
    assert left.drop.code is DropCode.WRITE_NOT_ALLOWED
    assert left.drop["capabilities"] == "application_note"


def test_an_ended_rule_tells_whoever_was_told(run: Run, stored: Case, rule: Rule) -> None:
    """Drafted or retired: the case ends for that, what waits is dropped, the rest hear of it."""
    waits = sent(key="k1", destination=replace(MARA, address="x@acme.example"))
    waits = replace(waits, state=NoticeState.HELD, hold=Hold.QUIET_HOURS)
    drafts = {rule.id: replace(rule, status="draft")}
    decided = run(cases=(stored,), rules=drafts, read_notices=lambda _: [sent(), waits])
    (case,) = decided.cases
    assert (case.end, case.end_reason) == (
        End.RETIRED,
        because(ReasonCode.RULE_DISABLED, status="draft"),
    )
    assert [(n.purpose, n.state) for n in decided.notices] == [
        (Purpose.RESOLVE, NoticeState.QUEUED),
        (Purpose.SEND, NoticeState.DROPPED),
    ]


def test_a_rule_with_a_mistake_keeps_its_cases(run: Run, stored: Case) -> None:
    """It is not gone: it cannot be read just now."""
    decided = run(cases=(stored,), rules={}, stopped=lambda rule: rule == "feedback-late")
    assert (decided.cases, decided.notices) == ([], [])


def test_nothing_is_kept_of_what_did_not_change(run: Run, verdict: Make, stored: Case) -> None:
    """Nor is the outbox asked, nor whether anybody is to hear of it, where nothing is open."""

    def never(*_: object) -> Any:
        raise AssertionError("asked in vain")

    decided = run(verdict(State.BREACHED, 0, 1), cases=(stored,), read_notices=never)
    assert (decided.cases, decided.transitions, decided.notices) == ([], [], [])
    calm = run(verdict(State.RUNNING), read_notices=never, find_suppression=never)
    assert (calm.cases, calm.notices) == ([], [])


def test_cases_that_have_ended_are_left_alone(run: Run, verdict: Make, stored: Case) -> None:
    """A later breach opens a case of its own; nothing is said of the old one."""
    over = replace(stored, end=End.RESOLVED)
    assert run(cases=(over,), rules={}).cases == []
    (case,) = run(verdict(State.BREACHED, 0, 1), cases=(over,)).cases
    assert case.number == 0


def test_a_verdict_of_a_rule_nobody_has_decides_nothing(run: Run, verdict: Make) -> None:
    """The others are met all the same."""
    strange = replace(verdict(State.BREACHED, 0, 1), rule="unheard-of")
    assert [case.rule for case in run(strange, verdict(State.BREACHED, 0, 1)).cases] == [
        "feedback-late"
    ]


def test_the_order_of_a_decision_does_not_depend_on_that_of_its_verdicts(
    run: Run, verdict: Make, rule: Rule, stored: Case
) -> None:
    """By rule and subject; so too for the cases that end without a verdict."""
    other = replace(rule, id="another")
    rules = {rule.id: rule, other.id: other}
    seats = [Key("acme", "seat", f"s{n}") for n in range(3)]
    verdicts = [
        replace(verdict(State.BREACHED, 1), rule=name, subject=seat)
        for name in rules
        for seat in seats
    ]
    once, back = run(*verdicts, rules=rules), run(*verdicts[::-1], rules=rules)
    assert once == back
    assert [case.rule for case in once.cases] == ["another"] * 3 + ["feedback-late"] * 3
    cases = tuple(
        replace(stored, number=n, rule=v.rule, subject=v.subject) for n, v in enumerate(verdicts, 1)
    )
    ended = run(cases=cases, rules={})
    assert ended == run(cases=cases[::-1], rules={})
    assert len(ended.cases) == 6


@pytest.mark.parametrize("purpose", [Purpose.SEND, Purpose.FOLLOW_UP])
def test_the_breaker_holds_messages_and_lets_ends_pass(
    purpose: Purpose, run: Run, verdict: Make, stored: Case, rule: Rule
) -> None:
    """Who was told hears that it is over; what waits for quiet hours keeps its own reason."""
    tripped = {"tripped": frozenset({rule.id})}
    earlier = [sent()] if purpose is Purpose.FOLLOW_UP else []
    case = replace(stored, steps_done=(0,))
    (one,) = run(
        verdict(State.BREACHED, 0, 1), cases=(case,), read_notices=lambda _: earlier, **tripped
    ).notices
    assert (one.purpose, one.state, one.hold) == (purpose, NoticeState.HELD, Hold.BREAKER)
    (over,) = run(
        verdict(State.KEPT), cases=(stored,), read_notices=lambda _: [sent()], **tripped
    ).notices
    assert (over.purpose, over.state) == (Purpose.RESOLVE, NoticeState.QUEUED)


def test_the_breaker_counts_what_would_have_been_told(run: Run, verdict: Make, rule: Rule) -> None:
    """Not what is silenced, nor a shadow rule's; more than its share of a large rule trips it."""
    seats = [Key("acme", "seat", f"s{n:03d}") for n in range(61)]
    many = [replace(verdict(State.BREACHED, 0, 1), subject=seat) for seat in seats]

    def ops(decided: Decision) -> int:
        return len(decided.trips)

    assert ops(run(*many, live=lambda _: 1200)) == 1
    assert ops(run(*many[:60], live=lambda _: 1200)) == 0
    assert ops(run(*many[: MAX_NEW_CASES + 1], live=lambda _: 0)) == 1
    assert ops(run(*many, find_suppression=lambda *_: "silenced by bo")) == 0
    assert ops(run(*many, rules={rule.id: replace(rule, status="shadow")})) == 0
    assert ops(run(*many, baseline=frozenset({rule.id}))) == 0
    assert ops(run(*many, tripped=frozenset({rule.id}))) == 0


@pytest.mark.parametrize("known", [True, False])
def test_a_cause_without_a_verdict_still_keeps_its_consequences_quiet(
    known: bool, run: Run, verdict: Make, rule: Rule, stored: Case
) -> None:
    """It is open as before; so too where its rule has a mistake just now."""
    seen: list[set[tuple[str, Key]]] = []

    def muted(_rule: Rule, _subject: Key, breaches: set[tuple[str, Key]]) -> str:
        seen.append(set(breaches))
        return ""

    other = replace(rule, id="other")
    rules = {"other": other} | ({rule.id: rule} if known else {})
    one = replace(verdict(State.BREACHED, 0, 1), rule="other")
    run(
        one,
        cases=(stored,),
        rules=rules,
        find_suppression=muted,
        stopped=lambda r: not known and r == rule.id,
    )
    assert seen == [{("feedback-late", SEAT)}]
