"""Messages read aloud: what each reader sees, word for word."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from atsbridge.cases.lifecycle import UNTRACKED
from atsbridge.cases.recipients import Directory
from atsbridge.model.case import Case, End
from atsbridge.model.fields import Sensitivity
from atsbridge.model.notice import Destination, Message, Notice, Purpose
from atsbridge.model.query import Found
from atsbridge.model.reason import END_CODES, Reason, ReasonCode, because
from atsbridge.model.record import Key
from atsbridge.presentation import resolution_text
from atsbridge.presentation.case_message import render
from atsbridge.presentation.message_context import MessageContext
from atsbridge.rules.rule import Rule

NOW = datetime(2026, 3, 9, 16, 5, tzinfo=UTC)
SEAT = Key("acme", "seat", "s1")
APPLICATION = Key("acme", "application", "a1")
READERS = {
    "mara": Destination("post", "person", "mara@acme.example", "u1", "interviewer"),
    "ravi": Destination(
        "post", "person", "ravi@acme.example", "u2", "recruiter of the requisition"
    ),
    "ines": Destination(
        "post", "person", "ines@acme.example", "u3", "hiring manager whose turn it is"
    ),
    "ops": Destination("post", "channel", "#ops", None, "the interviewer is away: parental leave"),
}


class Desk:
    """Renders for a reader at an instant."""

    def __init__(self, rules: dict[str, Rule], directory: Directory, facts: Any, case: Any):
        self.rules, self.directory, self.facts, self.case = rules, directory, facts, case

    def say(
        self,
        subject: Key,
        reader: str,
        step: int = 1,
        now: datetime = NOW,
        clearance: Sensitivity = Sensitivity.PERSONAL,
        rule: dict[str, Any] | None = None,
        facts: dict[str, Any] | None = None,
        **case: Any,
    ) -> Message:
        of: Case = self.case(subject, **case)
        notice = Notice(
            key="8f21c0",
            account="acme",
            case=1,
            rule=of.rule,
            subject=subject,
            destination=READERS[reader],
            purpose=Purpose.SEND,
            step=step,
        )
        found = Found(*subject, {**self.facts[subject], **(facts or {})})
        chosen = replace(self.rules[of.rule], **(rule or {}))
        return render(chosen, notice, of, found, MessageContext(self.directory, now, clearance))


@pytest.fixture
def desk(rules: dict[str, Rule], directory: Directory, given: tuple[Any, Any]) -> Desk:
    facts, case = given
    return Desk(rules, directory, facts, case)


def aloud(message: Message) -> str:
    facts = " · ".join(f"{label} {value}" for label, value in message.facts)
    link = f"[{message.link_text}]"
    parts = (message.headline, message.body, facts, message.why, link)
    return "\n".join(part for part in parts if part)


def test_the_interviewer_hears_that_feedback_is_late(desk: Desk) -> None:
    """At due: what, about whom, since when, why, and where to do it; in the reader's zone."""
    assert aloud(desk.say(SEAT, "mara")) == (
        "Interview feedback is late\n"
        "Feedback for B.K. (Data Engineer) was due Mon 9 Mar, 16:00. "
        "A few honest lines are enough, and the candidate can hear back.\n"
        "Waiting on you since Friday · Req REQ-104 · Stage Onsite\n"
        "The candidate waits and memory fades. You get this as interviewer.\n"
        "[Open in Greenhouse]"
    )


def test_before_due_nothing_is_called_late(desk: Desk) -> None:
    """The early step speaks of a due that lies ahead."""
    early = desk.say(SEAT, "mara", step=0, now=datetime(2026, 3, 9, 11, 30, tzinfo=UTC))
    assert aloud(early) == (
        "Interview feedback is due Mon 9 Mar, 16:00\n"
        "Feedback for B.K. (Data Engineer) is due Mon 9 Mar, 16:00. "
        "A few honest lines are enough, and the candidate can hear back.\n"
        "Waiting on you since Friday · Req REQ-104 · Stage Onsite\n"
        "The candidate waits and memory fades. You get this as interviewer.\n"
        "[Open in Greenhouse]"
    )
    assert early.tone == "ahead"


def test_each_time_and_step_has_its_own_text(desk: Desk) -> None:
    """Before due, at due, after it, and of a step with its own text."""
    steps = desk.rules["feedback-late"].steps
    own = replace(steps[3], message="{clock.owed_by} owes it.")
    texts = {"message": "Now.", "message_ahead": "Soon.", "message_late": "Late."}
    rule = {**texts, "steps": (*steps[:3], own)}
    early = datetime(2026, 3, 9, 11, 30, tzinfo=UTC)
    assert desk.say(SEAT, "mara", step=0, now=early, rule=rule).body == "Soon."
    assert desk.say(SEAT, "mara", step=1, rule=rule).body == "Now."
    assert desk.say(SEAT, "mara", step=2, rule=rule).body == "Late."
    assert desk.say(SEAT, "ravi", step=3, rule=rule).body == "Mara Lind owes it."


def test_the_recruiter_hears_who_is_waited_for(desk: Desk) -> None:
    """Another reader: the person's name instead of "you", and Berlin's clock."""
    message = desk.say(SEAT, "ravi", step=2)
    assert message.facts[0] == ("Waiting on", "Mara Lind since Friday")
    assert "was due Mon 9 Mar, 17:00." in message.body
    assert message.tone == "late"


def test_the_holder_hears_that_the_next_step_is_late(desk: Desk) -> None:
    """stalled-in-stage, to the hiring manager in Dubai who has the ball."""
    start = datetime(2026, 3, 4, 10, tzinfo=UTC)
    message = desk.say(APPLICATION, "ines", owed_by="u3", started_at=start)
    assert aloud(message) == (
        "The next step is late\n"
        "A.M. (Account Executive) has been in Hiring Manager Review since Wed 4 Mar, 14:00. "
        "Could you move them on, decide, or say when they will hear?\n"
        "Waiting on you since Wednesday · Due Mon 9 Mar, 20:00 · Req REQ-88\n"
        "Good candidates take the offer that comes first. "
        "You get this as hiring manager whose turn it is.\n"
        "[Open in Greenhouse]"
    )


def test_who_does_not_owe_is_not_asked_to_do_it(desk: Desk) -> None:
    """The recruiter hears whom the question is for."""
    body = desk.say(APPLICATION, "ravi", owed_by="u3").body
    assert "Could you" not in body
    assert f"Could {desk.directory.name('u3')} move them on, decide, or say when" in body


def test_done_is_said_with_thanks(desk: Desk) -> None:
    """The edit of the first message: short, when it was done, and nothing to do."""
    message = desk.say(
        SEAT,
        "mara",
        end=End.RESOLVED,
        end_reason=because(ReasonCode.STOPPED, path="seat.scorecard.submitted_at"),
        facts={"seat.scorecard.submitted_at": datetime(2026, 3, 10, 10, 12, tzinfo=UTC)},
    )
    assert aloud(message) == (
        "Done: interview feedback\n"
        "B.K. (Data Engineer): it was done Tue 10 Mar, 10:12. Thank you!\n"
        "Req REQ-104\n"
        "[Open in Greenhouse]"
    )


def cancelled_by(event: str) -> Reason:
    return because(ReasonCode.CANCELLED, path=event)


def fact(path: str, value: str) -> Reason:
    return because(ReasonCode.CONDITION, path=path, value=value)


def test_every_end_has_a_sentence_of_its_own() -> None:
    """None of them is empty, claims that something was done, or says that things moved on."""
    said = {code: resolution_text.sentence(because(code)) for code in END_CODES}
    assert all(said.values())
    assert [code for code, text in said.items() if "done" in text] == [ReasonCode.STOPPED]
    untracked = {
        code
        for code in END_CODES
        if resolution_text.head(because(code)) == resolution_text.NOT_TRACKED
    }
    assert untracked >= UNTRACKED | {ReasonCode.DELETED, ReasonCode.CONDITION, ReasonCode.OTHER}
    assert not any("moved on" in text or "{" in text for text in said.values())


@pytest.mark.parametrize(
    ("ending", "headline", "body"),
    [
        (
            {"end": End.CANCELLED, "end_reason": cancelled_by("interview.cancelled_at")},
            "No longer needed: interview feedback",
            "B.K. (Data Engineer): the interview was canceled, so nothing is left to do.",
        ),
        (
            {"end": End.CANCELLED, "end_reason": because(ReasonCode.DUE_MOVED)},
            "Not due any more: interview feedback",
            "B.K. (Data Engineer): this is due later now, so nothing is due now.",
        ),
        (
            {"end": End.RETIRED, "end_reason": because(ReasonCode.RULE_DISABLED, status="retired")},
            "No longer tracked by atsbridge: interview feedback",
            (
                "B.K. (Data Engineer): this rule was switched off, so atsbridge sends no more"
                " reminders about this."
            ),
        ),
        (
            {"end": End.CANCELLED, "end_reason": because(ReasonCode.PILOT)},
            "No longer tracked by atsbridge: interview feedback",
            (
                "B.K. (Data Engineer): it is not part of the pilot any more, so atsbridge sends no"
                " more reminders about this."
            ),
        ),
        (
            {"end": End.CANCELLED, "end_reason": fact("application.status", "rejected")},
            "No longer needed: interview feedback",
            "B.K. (Data Engineer): the application was closed, so nothing is left to do.",
        ),
        (
            {"end": End.CANCELLED, "end_reason": fact("requisition.priority", "")},
            "No longer tracked by atsbridge: interview feedback",
            (
                "B.K. (Data Engineer): the conditions of this rule no longer hold, so atsbridge"
                " sends no more reminders about this."
            ),
        ),
        (
            {"end": End.RESOLVED, "end_reason": because(ReasonCode.STOPPED)},
            "Done: interview feedback",
            "B.K. (Data Engineer): it was done, so nothing is left to do.",
        ),
    ],
)
def test_every_end_is_said_for_what_it_is(
    ending: dict[str, Any], headline: str, body: str, desk: Desk
) -> None:
    """Done, called off, not due or no longer tracked; to somebody who did not owe it."""
    message = desk.say(SEAT, "ravi", **ending)
    assert (message.headline, message.body) == (headline, body)
    assert message.why == ""


def test_a_team_is_told_why_it_comes_to_them(desk: Desk) -> None:
    """Fallback says whose place it takes; readers in several zones see whose clock it is."""
    message = desk.say(SEAT, "ops")
    assert message.why.endswith("It comes here because the interviewer is away: parental leave.")
    assert "was due Mon 9 Mar, 16:00 WET." in message.body


def test_a_person_is_told_what_happened_as_a_reason_not_as_a_role(desk: Desk) -> None:
    """Where what brought it is no role of theirs: a case handed on, a role nobody fills."""
    to = replace(READERS["mara"], why="the case was handed on to you")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(READERS, "mara", to)
        why = desk.say(SEAT, "mara").why
    assert why.endswith("You get this because the case was handed on to you.")


@pytest.mark.parametrize(
    ("title", "ahead", "done"),
    [
        ("An offer is not written yet", "An offer is due Mon 9 Mar, 16:00", "Done: an offer"),
        ("Criteria are not agreed yet", "Criteria are due Mon 9 Mar, 16:00", "Done: criteria"),
        (
            "A candidate waits without news",
            "A candidate waits without news",
            "No longer so: a candidate waits without news",
        ),
    ],
)
def test_a_headline_is_true_before_due_and_once_it_is_done(
    title: str, ahead: str, done: str, desk: Desk
) -> None:
    """Nothing is "done" that the title says is not yet; the verb is the title's."""
    rule, early = {"title": title}, datetime(2026, 3, 9, 11, 30, tzinfo=UTC)
    assert desk.say(SEAT, "mara", step=0, now=early, rule=rule).headline == ahead
    over = desk.say(
        SEAT, "mara", rule=rule, end=End.RESOLVED, end_reason=because(ReasonCode.STOPPED)
    )
    assert over.headline == done


def test_a_candidate_without_initials_stays_a_candidate(desk: Desk) -> None:
    """Role-level by default; so too where the destination may not read personal fields."""
    without = desk.say(SEAT, "mara", facts={"candidate.initials": None})
    assert without.body.startswith("Feedback for a candidate (Data Engineer)")
    open_only = desk.say(SEAT, "mara", clearance=Sensitivity.OPEN)
    assert open_only.body.startswith("Feedback for a candidate (Data Engineer)")
    assert "Mara" not in aloud(desk.say(SEAT, "ravi", clearance=Sensitivity.OPEN))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("requisition.pay_max", 91000.0),
        ("seat.scorecard.recommendation", -2),
        ("requisition.custom", {"salary_range.min": 80000}),
    ],
)
def test_pay_and_ratings_never_leave_the_ats(path: str, value: object, desk: Desk) -> None:
    """The guard puts a pointer in the place of what slipped through the rule checks."""
    message = desk.say(SEAT, "mara", rule={"message": f"It is {{{path}}}."}, facts={path: value})
    assert message.body == "It is (see the ATS)."


def test_text_of_the_ats_is_one_clean_line(desk: Desk) -> None:
    """Newlines, control characters and turned text cannot shape a message."""
    message = desk.say(
        SEAT,
        "mara",
        facts={"requisition.title": "Data\n\nEngineer\u202e gnihsif\u200b\x07 " + "x" * 300},
    )
    assert "(Data Engineer gnihsif xxx" in message.body
    assert "… (+" in message.body
    assert not set("\n\u202e\u200b\x07") & set(message.body)


def test_a_message_says_how_long_it_may_take(desk: Desk) -> None:
    """The target in words, not as the rule writes it."""
    said = desk.say(SEAT, "mara", rule={"message": "The promise is {clock.target}."})
    assert said.body == "The promise is 1 working day."
