"""The clock evaluator: ends, what is unknown, the next evaluation, and calendars."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from atsbridge.model.reason import Reason, ReasonCode, because
from atsbridge.model.verdict import State
from atsbridge.rules.evaluate.evaluation_context import EvaluationContext, Owner
from atsbridge.rules.evaluate.evaluator import evaluate_rule
from atsbridge.rules.evaluate.verdict_reasons import ended_by
from atsbridge.rules.rule import Rule
from atsbridge.worktime import CalendarSegment, Duration, clock
from atsbridge.worktime.calendar import Calendar, parse_hours
from atsbridge.worktime.clock import Pause

PACK = """\
version: 1
rules:
  - id: late
    kind: sla
    status: live
    title: Feedback
    each: interview.seat
    clock:
      start: interview.ends_at
      stop: seat.scorecard.submitted_at
      reset: [interview.rescheduled_at]
      cancel: [application.closed_at]
      owed_by: seat.user
    target: 10h
    steps: [{at: due, to: seat.user}]
    message: Please write.
"""
START, STOP = "interview.ends_at", "seat.scorecard.submitted_at"
RESET, CANCEL = "interview.rescheduled_at", "application.closed_at"
DAY = "2026-03-03T"


@pytest.fixture(scope="module")
def rule(rules: Callable[..., dict[str, Rule]]) -> Rule:
    return rules(PACK)["late"]


@pytest.mark.parametrize("start", ["09:00", None])
@pytest.mark.parametrize(
    ("path", "state"),
    [(STOP, State.KEPT), (CANCEL, State.CANCELLED)],
)
def test_an_end_names_its_event_and_when_it_came(
    start: str | None, path: str, state: State, rule: Rule, verdict: Any, at: Any
) -> None:
    """Also where the clock had not started."""
    facts = {path: at(DAY + "12:00")} | ({START: at(DAY + start)} if start else {})
    said = verdict(rule, facts, DAY + "20:00")
    assert (said.state, said.reason) == (state, ended_by(path, kept=state is State.KEPT))
    assert said.ended_at == at(DAY + "12:00")
    assert said.ending == ended_by(path, kept=state is State.KEPT)


def test_a_clock_that_was_stopped_before_its_start_needs_no_second_look(
    rule: Rule, verdict: Any, at: Any
) -> None:
    """The start that lies ahead changes nothing any more."""
    facts = {START: at(DAY + "09:00"), STOP: at(DAY + "08:00")}
    said = verdict(rule, facts, DAY + "08:30")
    assert (said.state, said.look_at) == (State.KEPT, None)


def test_a_clock_that_is_stopped_is_evaluated_again_at_a_planned_reset(
    rules: Any, verdict: Any, at: Any
) -> None:
    """From then on the promise counts anew, although nothing in the ATS changes."""
    rule = rules(PACK.replace("interview.rescheduled_at", "interview.starts_at"))["late"]
    facts = {
        START: at(DAY + "09:00"),
        STOP: at(DAY + "10:00"),
        "interview.starts_at": at(DAY + "15:00"),
    }
    said = verdict(rule, facts, DAY + "12:00")
    assert (said.state, said.look_at) == (State.KEPT, at(DAY + "15:00"))
    assert verdict(rule, facts, DAY + "15:00").state is State.RUNNING


def test_a_clock_without_a_start_says_what_has_not_happened(rule: Rule, verdict: Any) -> None:
    """And the case of one whose start was taken back ends because of that."""
    said = verdict(rule, {}, DAY + "12:00")
    assert (said.state, said.reason, said.ending) == (
        State.OUTSIDE,
        because(ReasonCode.NOT_HAPPENED, path=START),
        because(ReasonCode.NOT_STARTED, path=START),
    )


def test_the_day_of_an_interview_without_a_time_needs_no_time(
    rule: Rule, verdict: Any, at: Any
) -> None:
    """The account cannot read when interviews end: those of a whole day are known all the same."""
    facts = {"interview.ends_on": at(DAY + "00:00").date()}
    hidden = frozenset({START})
    assert verdict(rule, facts, DAY + "23:00", unreadable=hidden).state is State.PENDING
    assert verdict(rule, {}, DAY + "23:00", unreadable=hidden).state is State.UNKNOWN


def test_a_clock_that_cannot_be_counted_says_why(
    rule: Rule, verdict: Any, calendar: Any, at: Any
) -> None:
    """The reason is what the calendar says: for the operator, who can mend it."""
    assert rule.clock is not None
    target = Duration.parse("1bd")
    days = replace(rule, clock=replace(rule.clock, target=target))
    empty = replace(calendar(), key="empty", hours=((),) * 7)
    start = at(DAY + "09:00")
    with pytest.raises(ValueError, match=r".+") as error:
        clock.due(target.unit, start, target.span, [CalendarSegment(start, empty)], ())
    said = verdict(days, {START: start}, DAY + "12:00", calendars=lambda *_: empty)
    assert said.state is State.UNKNOWN
    assert said.reason == because(ReasonCode.UNCOUNTABLE, text=str(error.value))


def test_a_rule_without_a_clock_is_a_mistake_of_its_kind(rule: Rule, verdict: Any) -> None:
    """Whoever wrote the kind is shown which rule has none."""
    with pytest.raises(TypeError, match="late"):
        verdict(replace(rule, clock=None), {}, DAY + "12:00")


def test_a_reset_counts_from_its_very_instant(rule: Rule, verdict: Any, at: Any) -> None:
    """The promise starts anew then, not a millisecond later."""
    facts = {START: at(DAY + "09:00"), RESET: at(DAY + "20:00")}
    said = verdict(rule, facts, DAY + "20:00")
    assert (said.state, said.started_at) == (State.RUNNING, at(DAY + "20:00"))


def test_a_doubt_says_whether_reading_is_still_to_come(
    rule: Rule, found: Any, verdict: Any, at: Any, calendar: Any
) -> None:
    """What waits for its turn is looked at by the next run; what failed is not waited for."""
    facts, now = {START: at(DAY + "09:00")}, at(DAY + "20:00")
    around = EvaluationContext(now=now, calendars=lambda *_: calendar())
    waits = evaluate_rule(
        rule, found(rule, facts, unread=frozenset({"scorecard.submitted_at"})), around
    )
    assert (waits.state, waits.look_at) == (State.UNKNOWN, now)
    assert waits.reason == because(ReasonCode.UNREAD, paths=(STOP,))
    lost = verdict(rule, facts, now, unreadable=frozenset({"scorecard.submitted_at"}))
    assert (lost.state, lost.look_at) == (State.UNKNOWN, None)
    assert lost.reason == because(ReasonCode.UNREADABLE, paths=(STOP,))


def test_the_calendar_is_that_of_who_owes_and_of_the_rule(rule: Rule, found: Any, at: Any) -> None:
    """Asked for by person and by the calendar's name; without an owner by nobody."""
    asked: list[tuple[str | None, str]] = []

    def calendars(user: str | None, name: str) -> Calendar:
        asked.append((user, name))
        return Calendar("always", "UTC", parse_hours("mon-sun 00:00-24:00"), {})

    now = at(DAY + "12:00")
    context = EvaluationContext(now=now, calendars=calendars)
    facts = {START: at(DAY + "09:00"), "seat.user": "u7"}
    said = evaluate_rule(rule, found(rule, facts), context)
    assert (said.owed_by, asked) == ("u7", [("u7", "office")])
    asked.clear()
    assert rule.clock is not None
    nobody = replace(rule, clock=replace(rule.clock, owed_by=None, calendar="weekend"))
    said = evaluate_rule(nobody, found(nobody, facts), context)
    assert (said.owed_by, asked) == (None, [(None, "weekend")])
    owned = replace(context, owners=lambda _found, path: [Owner(now, "u7")] if path is None else [])
    assert evaluate_rule(nobody, found(nobody, facts), owned).started_at == at(DAY + "09:00")
    assert (None, "weekend") in asked
    assert ("u7", "weekend") not in asked


NEWS = """\
version: 1
rules:
  - id: hired
    kind: celebrate
    title: Hired
    each: requisition
    event: requisition.closed_at
    cancel: [requisition.opened_at]
    after: 1h
    within: 2h
    steps: [{at: due, to: requisition.recruiter}]
    message: Thank you.
"""


@pytest.mark.parametrize(
    ("now", "state", "look"),
    [
        ("09:30", State.RUNNING, "10:00"),
        ("10:00", State.WARNED, "12:00"),  # news has no breach, and looks again when it is over
        ("12:00", State.KEPT, None),
    ],
)
def test_news_is_over_after_a_while(
    rules: Any, verdict: Any, at: Any, now: str, state: State, look: str | None
) -> None:
    """Due an hour after the event, over two hours later: then nothing is sent any more."""
    rule = rules(NEWS)["hired"]
    said = verdict(rule, {"requisition.closed_at": at(DAY + "09:00")}, DAY + now)
    assert (said.state, said.look_at) == (state, at(DAY + look) if look else None)
    over = state is State.KEPT
    assert said.ended_at == (at(DAY + "12:00") if over else None)
    assert said.ending == (because(ReasonCode.NEWS_OVER) if over else None)
    assert said.due.at == at(DAY + "10:00")


def test_news_stays_news_in_working_time_without_pauses(rules: Any, verdict: Any, at: Any) -> None:
    """One working day from Friday noon is over on Monday noon, a paused day later on Tuesday."""
    rule = rules(NEWS.replace("within: 2h", "within: 1bd"))["hired"]
    facts = {"requisition.closed_at": at("2026-03-06T11:00"), "requisition.status": "open"}

    def over(rule: Rule, *pauses: Pause) -> Any:
        around = {"intervals": lambda _key, _path: pauses}
        return verdict(rule, facts, "2026-03-06T13:00", **around).look_at

    assert over(rule) == at("2026-03-09T12:00")
    assert rule.clock is not None
    paused = replace(rule, clock=replace(rule.clock, pause=("requisition.on_hold",)))
    day = Pause(at("2026-03-06T12:00"), at("2026-03-06T13:00"), "on hold")
    assert over(paused, day) == at("2026-03-09T13:00")


def test_a_pause_that_is_not_over_now_has_no_end_yet(rules: Any, verdict: Any, at: Any) -> None:
    """A pause that begins later is not known; one that ends later still stands."""
    text = PACK.replace("      reset:", "      pause: [requisition.on_hold]\n      reset:")
    rule = rules(text)["late"]
    facts = {START: at(DAY + "09:00"), "application.requisition": "r1"}

    def state(*spans: tuple[str, str | None]) -> tuple[State, Reason | None]:
        pauses = [Pause(at(DAY + a), at(DAY + b) if b else None, "on hold") for a, b in spans]
        said = verdict(rule, facts, DAY + "12:00", intervals=lambda _key, _path: pauses)
        return said.state, said.reason

    paused = (State.PAUSED, because(ReasonCode.PAUSED, path="requisition.on_hold"))
    assert state(("10:00", None)) == paused
    assert state(("10:00", "13:00")) == paused
    assert state(("10:00", "12:00")) == (State.RUNNING, None)
    assert state(("12:00", None)) == paused
    assert state(("12:01", None)) == (State.RUNNING, None)


def test_a_start_ahead_is_pending_until_a_step_comes(rules: Any, verdict: Any, at: Any) -> None:
    """A promise about a planned event warns before it."""
    text = PACK.replace("kind: sla", "kind: order").replace("    target: 10h\n", "")
    text = text.replace(f"start: {START}", "then: interview.starts_at")
    text = text.replace(f"stop: {STOP}", "first: application.decided_at")
    text = text.replace("      reset: [interview.rescheduled_at]\n", "")
    text = text.replace("at: due", "at: -2h")
    rule = rules(text)["late"]
    facts = {"interview.starts_at": at(DAY + "12:00")}
    early = verdict(rule, facts, DAY + "09:00")
    assert (early.state, early.reason) == (State.PENDING, because(ReasonCode.START_AHEAD))
    assert (early.steps_due, early.look_at) == ((), at(DAY + "10:00"))
    warned = verdict(rule, facts, DAY + "10:00")
    assert (warned.state, warned.reason) == (State.WARNED, because(ReasonCode.START_AHEAD))
    assert (warned.steps_due, warned.look_at) == ((0,), at(DAY + "12:00"))
    late = verdict(rule, facts, DAY + "12:00")
    assert (late.state, late.reason) == (State.BREACHED, because(ReasonCode.DUE))
    assert late.look_at is None


def test_a_segment_that_nobody_can_read_is_unknown_only_where_it_has_a_source(
    rules: Any, verdict: Any, at: Any
) -> None:
    """Where an account has no source for it, all have the one target."""
    by = "    target_by: {field: requisition.priority, by: {High: 1h}}\n    steps"
    rule = rules(PACK.replace("    steps", by))["late"]
    field = frozenset({"requisition.priority"})
    facts = {START: at(DAY + "09:00")}
    assert verdict(rule, facts, DAY + "10:00", unreadable=field).state is State.UNKNOWN
    silent = verdict(rule, facts, DAY + "10:00", unreadable=field, never=field)
    assert (silent.state, silent.due.at) == (State.RUNNING, at(DAY + "19:00"))
    high = facts | {"requisition.priority": "High"}
    assert verdict(rule, high, DAY + "10:00").state is State.BREACHED
    doubted = verdict(rule, high, DAY + "10:00", unreadable=field, never=field)
    assert doubted.state is State.UNKNOWN  # it was read, and cannot be believed
