"""The clock judge, case by case: states, order of events, the unknown, when to look again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from atsbridge.model.reason import ReasonCode, because
from atsbridge.model.verdict import State
from atsbridge.rules.evaluate.evaluation_context import Owner
from atsbridge.rules.rule import Rule
from atsbridge.worktime.clock import Pause

PACK = """\
version: 1
rules:
  - id: late
    kind: sla
    status: live
    title: Feedback
    each: interview.seat
    where: {application.status: active}
    clock:
      start: interview.ends_at
      stop: seat.scorecard.submitted_at
      pause: [requisition.on_hold]
      reset: [interview.rescheduled_at]
      cancel: [interview.cancelled_at, application.closed_at]
      owed_by: seat.user
    target: 10h
    steps:
      - {at: "50%", to: seat.user}
      - {at: -2h, to: seat.user}
      - {at: due, to: seat.user}
      - {at: +5h, to: requisition.recruiter}
    message: Please write.
"""
START, STOP = "interview.ends_at", "seat.scorecard.submitted_at"
RESET, CANCEL = "interview.rescheduled_at", "application.closed_at"
DAY = "2026-03-03T"


@pytest.fixture(scope="module")
def rule(rules: Callable[..., dict[str, Rule]]) -> Rule:
    """Ten hours from the interview; steps at 5, 8, 10 and 15 hours."""
    return rules(PACK)["late"]


@pytest.fixture
def judged(rule: Rule, verdict: Any, at: Any) -> Callable[..., Any]:
    """The verdict at an hour of the day on events given as hours, with an active application."""

    def make(now: str, events: dict[str, Any], **around: Any) -> Any:
        facts = {path: at(DAY + h) if ":" in str(h)[:3] else h for path, h in events.items()}
        return verdict(rule, {"application.status": "active", **facts}, DAY + now, **around)

    return make


@pytest.mark.parametrize(
    ("now", "events", "state", "steps"),
    [
        ("08:00", {}, State.OUTSIDE, ()),
        ("08:00", {START: "09:00"}, State.PENDING, ()),
        ("09:00", {START: "09:00"}, State.RUNNING, ()),
        ("13:59", {START: "09:00"}, State.RUNNING, ()),
        ("14:00", {START: "09:00"}, State.WARNED, (0,)),
        ("17:00", {START: "09:00"}, State.WARNED, (0, 1)),
        ("19:00", {START: "09:00"}, State.BREACHED, (0, 1, 2)),
        ("23:59", {START: "08:00"}, State.BREACHED, (0, 1, 2, 3)),
        ("20:00", {START: "09:00", STOP: "19:00"}, State.KEPT, ()),
        ("20:00", {START: "09:00", STOP: "19:30"}, State.KEPT, ()),
        ("20:00", {START: "09:00", STOP: "08:00"}, State.KEPT, ()),
        ("08:30", {START: "09:00", STOP: "08:00"}, State.KEPT, ()),
        ("20:00", {START: "09:00", CANCEL: "10:00"}, State.CANCELLED, ()),
        ("20:00", {START: "09:00", CANCEL: "08:00"}, State.CANCELLED, ()),
        ("20:00", {CANCEL: "08:00"}, State.CANCELLED, ()),
        ("20:00", {START: "09:00", STOP: "10:00", CANCEL: "10:00"}, State.CANCELLED, ()),
        ("20:00", {START: "09:00", STOP: "10:00", CANCEL: "11:00"}, State.KEPT, ()),
        ("20:00", {START: "09:00", STOP: "11:00", CANCEL: "10:00"}, State.CANCELLED, ()),
        ("20:00", {START: "09:00", RESET: "12:00"}, State.WARNED, (0, 1)),
        ("20:00", {START: "09:00", RESET: "08:00"}, State.BREACHED, (0, 1, 2)),
        ("20:00", {START: "09:00", STOP: "10:00", RESET: "10:00"}, State.KEPT, ()),
        ("20:00", {START: "09:00", STOP: "10:00", RESET: "12:00"}, State.WARNED, (0, 1)),
        ("20:00", {START: "09:00", CANCEL: "10:00", RESET: "12:00"}, State.WARNED, (0, 1)),
        ("12:00", {START: "09:00", RESET: "09:00"}, State.RUNNING, ()),
    ],
)
def test_state(judged: Any, now: str, events: dict[str, str], state: State, steps: Any) -> None:
    """Cancel, stop, reset, start: first come, first counted; before the newest reset, forgotten."""
    said = judged(now, events)
    assert (said.state, said.steps_due) == (state, steps)


def test_a_condition_that_fails_is_outside(judged: Any) -> None:
    """The reason says which one, whatever the clock would say."""
    said = judged("20:00", {START: "09:00", "application.status": "rejected"})
    assert (said.state, said.reason) == (
        State.OUTSIDE,
        because(ReasonCode.OUTSIDE, text="application.status is rejected"),
    )


def test_a_condition_nobody_can_answer_is_unknown(judged: Any) -> None:
    """A status that is absent says nothing, nor does one whose fragment never came."""
    absent = judged("20:00", {START: "09:00", "application.status": None})
    missing = judged("20:00", {START: "09:00"}, missing=("application.status",))
    for said in (absent, missing):
        assert (said.state, said.unknown) == (State.UNKNOWN, ("application.status",))


def test_a_pause_nobody_can_answer_is_unknown(judged: Any) -> None:
    """A requisition that was never read may stand still: nobody is late because it is missing."""
    said = judged("20:00", {START: "09:00"}, missing=("requisition.status",))
    assert (said.state, said.unknown) == (State.UNKNOWN, ("requisition.on_hold",))


def test_clock_skew_is_not_the_future(judged: Any) -> None:
    """A scorecard dated an hour ahead has been handed in: its clock runs ahead of ours."""
    said = judged("20:00", {START: "09:00", STOP: "21:00"})
    assert said.state is State.KEPT
    assert said.ended_at == said.at


def test_evidence_and_owner(judged: Any, at: Any) -> None:
    """A verdict carries who owes, since when, until when, and the facts it stands on."""
    said = judged("20:00", {START: "09:00", "seat.user": "ada"})
    assert (said.started_at, said.due.at) == (at(DAY + "09:00"), at(DAY + "19:00"))
    assert said.due.steps == tuple(
        at(day) for day in (DAY + "14:00", DAY + "17:00", DAY + "19:00", "2026-03-04T00:00")
    )
    assert said.evidence[START] == at(DAY + "09:00")
    assert said.owed_by == "ada"


@pytest.mark.parametrize(
    ("now", "events", "look"),
    [
        ("08:00", {START: "09:00"}, "09:00"),
        ("09:00", {START: "09:00"}, "14:00"),
        ("14:00", {START: "09:00"}, "17:00"),
        ("18:00", {START: "09:00"}, "19:00"),
        ("19:00", {START: "08:00"}, "23:00"),
        ("23:00", {START: "08:00"}, None),
        ("12:00", {START: "09:00", STOP: "10:00"}, None),
        ("12:00", {START: "09:00", CANCEL: "10:00"}, None),
        ("12:00", {}, None),
    ],
)
def test_when_to_look_again(judged: Any, at: Any, now: str, events: Any, look: str | None) -> None:
    """The next instant at which time alone changes something; None when it cannot."""
    assert judged(now, events).look_at == (at(DAY + look) if look else None)


@pytest.mark.parametrize(
    ("now", "pauses", "state", "due"),
    [
        ("13:00", [("10:00", None)], State.PAUSED, None),
        ("13:00", [("10:00", "12:00")], State.RUNNING, "21:00"),
        ("11:00", [("10:00", "12:00")], State.PAUSED, None),  # at 11:00 nobody knew the end
        ("09:30", [("10:00", "12:00")], State.RUNNING, "19:00"),
        ("20:00", [("19:00", None)], State.BREACHED, "19:00"),
        ("20:00", [("18:59", None)], State.PAUSED, None),
        ("13:00", [("08:00", "12:00"), ("10:00", "12:30")], State.RUNNING, "22:30"),
        ("16:00", [("15:00", None)], State.PAUSED, None),
    ],
)
def test_pauses(judged: Any, at: Any, now: str, pauses: Any, state: State, due: Any) -> None:
    """The clock stands still while one is open, and due moves on by what was paused."""
    spans = [Pause(at(DAY + a), at(DAY + b) if b else None, "x") for a, b in pauses]
    said = judged(now, {START: "09:00", "application.requisition": "r"}, intervals=lambda *_: spans)
    assert said.state is state
    assert said.due == (None if due is None else replace(said.due, at=at(DAY + due)))


def test_a_pause_keeps_the_steps_that_came_before(judged: Any, at: Any) -> None:
    """Half the time had passed: that stays said, and nothing is looked for until it ends."""
    spans = [Pause(at(DAY + "15:00"), None, "requisition.on_hold")]
    said = judged(
        "16:00", {START: "09:00", "application.requisition": "r"}, intervals=lambda *_: spans
    )
    assert (said.steps_due, said.look_at) == ((0,), None)
    assert said.reason == because(ReasonCode.PAUSED, path="requisition.on_hold")


def test_whose_pause_is_asked_for(judged: Any) -> None:
    """The interval is that of the requisition the application is on; without one, none is."""
    asked: list[Any] = []

    def spans(bearer: Any, word: str) -> list[Pause]:
        asked.append((str(bearer), word))
        return []

    judged("12:00", {START: "09:00", "application.requisition": None}, intervals=spans)
    assert asked == []
    judged("12:00", {START: "09:00", "application.requisition": "r"}, intervals=spans)
    assert asked == [("acme/requisition/r", "requisition.on_hold")]


@pytest.mark.parametrize(
    "field",
    [
        "interview.ends_at",
        "scorecard.submitted_at",
        "seat.scorecard",
        "requisition.on_hold",
        "interview.rescheduled_at",
        "application.closed_at",
        "seat.user",
        "application.status",
    ],
)
def test_what_cannot_be_believed_is_unknown(judged: Any, field: str) -> None:
    """Neither fired nor kept: any field the clock stands on, or a link on the way to it."""
    for events in ({START: "09:00"}, {START: "09:00", STOP: "10:00"}):
        said = judged("20:00", events, unreadable=frozenset({field}))
        assert said.state is State.UNKNOWN
        assert said.unknown
        assert said.look_at is None


def test_what_does_not_matter_may_be_unreadable(judged: Any) -> None:
    """A field that only the message reads decides nothing."""
    said = judged("20:00", {START: "09:00"}, unreadable=frozenset({"requisition.title"}))
    assert said.state is State.BREACHED


@pytest.mark.parametrize("field", ["requisition.recruiter", "user.email", "user.active"])
def test_nobody_is_told_in_place_of_somebody_who_cannot_be_read(judged: Any, field: str) -> None:
    """Where it is not known who a step goes to, or whether they are still there."""
    said = judged("20:00", {START: "09:00"}, unreadable=frozenset({field}))
    assert said.state is State.UNKNOWN
    assert field in said.unknown


def test_a_word_that_never_had_a_source_never_happens(judged: Any) -> None:
    """Pause, reset and cancel words of that sort count as never, even where unreadable."""
    words = frozenset({"requisition.on_hold", RESET, CANCEL, "interview.cancelled_at"})
    said = judged("20:00", {START: "09:00", CANCEL: "10:00"}, never=words, unreadable=words)
    assert said.state is State.BREACHED


def test_all_day_interview_counts_from_the_end_of_the_day(
    rule: Rule, verdict: Any, at: Any, calendar: Any
) -> None:
    """It has a date and no time; the day ends in the zone of who owes."""
    facts = {"application.status": "active", "interview.ends_on": date(2026, 3, 3)}
    said = verdict(rule, facts, "2026-03-04T03:00", calendars=lambda *_: calendar("Asia/Tokyo"))
    assert said.started_at == at("2026-03-04T00:00[Asia/Tokyo]")
    assert said.due.at == at("2026-03-04T10:00[Asia/Tokyo]")


def test_a_date_stops_from_its_beginning(rules: Any, verdict: Any, at: Any, calendar: Any) -> None:
    """An offer known to have gone out on a day counts as sent when that day began."""
    text = PACK.replace("interview.seat", "offer").replace(START, "offer.approved_at")
    text = text.replace(STOP, "offer.sent_on").replace("seat.user", "application.recruiter")
    text = text.replace("      reset: [interview.rescheduled_at]\n", "")
    rule = rules(text.replace("interview.cancelled_at, ", ""))["late"]
    facts = {
        "application.status": "active",
        "offer.approved_at": at("2026-03-03T05:00"),
        "offer.sent_on": date(2026, 3, 4),
    }
    said = verdict(rule, facts, "2026-03-05T00:00", calendars=lambda *_: calendar("Asia/Tokyo"))
    assert said.state is State.KEPT
    assert said.ended_at == at("2026-03-04T00:00[Asia/Tokyo]")


@pytest.mark.parametrize(("stop", "state"), [("08:00", State.RUNNING), ("09:00", State.KEPT)])
def test_a_last_stop_counts_from_the_start_on(
    rules: Any, verdict: Any, at: Any, stop: str, state: State
) -> None:
    """What last happened before the start says nothing of what came after."""
    path = "application.last_human_activity_at"
    rule = rules(PACK.replace(STOP, path))["late"]
    facts = {"application.status": "active", START: at(DAY + "09:00"), path: at(DAY + stop)}
    assert verdict(rule, facts, DAY + "12:00").state is state


def test_a_hand_over_changes_only_time_to_come(
    rules: Any, verdict: Any, at: Any, calendar: Any
) -> None:
    """What was counted for the first stays counted; the rest runs on the second's calendar."""
    rule = rules(PACK.replace("10h", "20bh").replace("-2h", "-2bh"))["late"]
    zones = {"ada": "Europe/Lisbon", "ben": "Asia/Tokyo"}
    history = (
        Owner(at("2026-01-01T00:00"), "ada"),
        Owner(at("2026-03-06T16:00[Europe/Lisbon]"), "ben"),  # a Friday; night in Tokyo
    )
    facts = {
        "application.status": "active",
        START: at("2026-03-05T12:00[Europe/Lisbon]"),
        "seat.user": "ben",
    }
    said = verdict(
        rule,
        facts,
        "2026-03-07T00:00",
        calendars=lambda user, name: calendar(zones[user] if name == "office" else "UTC"),
        owners=lambda of, path: history if (of.id, path) == ("1", "seat.user") else (),
    )
    assert said.due.at == at("2026-03-09T16:00[Asia/Tokyo]")  # 13 hours of Ada, then 7 of Ben


def test_spans_only_when_asked_for(judged: Any, at: Any) -> None:
    """They cover the clock from its start to now without a gap, and add up."""
    assert judged("20:00", {START: "09:00"}).spans == ()
    said = judged("20:00", {START: "09:00"}, explain=True)
    assert [(s.start, s.end, s.reason) for s in said.spans] == [(said.started_at, said.at, "ran")]
    over = judged("20:00", {START: "09:00", STOP: "12:00"}, explain=True)
    assert [(s.start, s.end) for s in over.spans] == [(over.started_at, over.ended_at)]
    pause = [Pause(at(DAY + "10:00"), at(DAY + "11:00"), "requisition.on_hold")]
    facts = {START: "09:00", "application.requisition": "r"}
    said = judged("12:00", facts, explain=True, intervals=lambda *_: pause)
    assert [s.end for s in said.spans] == [at(DAY + f"{hour}:00") for hour in (10, 11, 12)]
    assert said.spans[1].reason != said.spans[0].reason == said.spans[2].reason == "ran"


def test_absurd_dates_are_unknown_not_fatal(judged: Any) -> None:
    """An interview in the year 9999 has a due nobody can count to."""
    said = judged("20:00", {START: datetime(9999, 12, 31, 23, tzinfo=UTC)})
    assert said.state is State.UNKNOWN
    assert said.reason.code is ReasonCode.UNCOUNTABLE


def test_an_exception_leaves_alone_until_its_day(rules: Any, verdict: Any, at: Any) -> None:
    """Until that day ends the subject is outside, and looked at again when it has."""
    rule = rules(
        PACK
        + "exceptions:\n"
        + "  - {rule: late, where: {requisition.code: R7}, until: 2026-03-03, why: agreed pause}\n"
    )["late"]
    facts = {"application.status": "active", START: at(DAY + "09:00"), "requisition.code": "R7"}
    before = verdict(rule, facts, DAY + "20:00")
    assert (before.state, before.look_at) == (State.OUTSIDE, at("2026-03-04T00:00"))
    assert before.reason == because(ReasonCode.EXCEPTION, until="2026-03-04", why="agreed pause")
    assert before.ending == before.reason
    assert verdict(rule, facts, "2026-03-04T00:00").state is State.BREACHED
    other = {**facts, "requisition.code": "R8"}
    assert verdict(rule, other, DAY + "20:00").state is State.BREACHED
    doubt = verdict(rule, other, DAY + "20:00", unreadable=frozenset({"requisition.code"}))
    assert doubt.state is State.UNKNOWN
