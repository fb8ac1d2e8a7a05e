"""Messages read aloud: what each reader sees, word for word."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from atsbridge.model.case import End
from atsbridge.model.fields import Sensitivity
from atsbridge.model.notice import Message
from atsbridge.model.reason import ReasonCode, because
from atsbridge.model.recipient_codes import RecipientCode, recipient_reason
from atsbridge.model.record import Key
from atsbridge.presentation.message_context import ReaderHistory
from atsbridge.worktime.calendar import Calendar, parse_hours

from .conftest import READERS, Desk

SEAT = Key("acme", "seat", "s1")
APPLICATION = Key("acme", "application", "a1")
EARLY = datetime(2026, 3, 9, 11, 30, tzinfo=UTC)
STOPPED = because(ReasonCode.STOPPED, path="seat.scorecard.submitted_at")
DONE = {"end": End.RESOLVED, "end_reason": STOPPED}


def aloud(message: Message) -> str:
    facts = " · ".join(f"{label} {value}" for label, value in message.facts)
    link = f"[{message.link_text}]"
    parts = (message.headline, message.body, facts, message.why, message.hint, message.intro, link)
    return "\n".join(part for part in parts if part)


def test_the_interviewer_reads_what_to_do_for_whom_by_when_and_why(desk: Desk) -> None:
    """At due: the case in the headline; in the reader's zone."""
    assert aloud(desk.write(SEAT, "mara")) == (
        "Feedback due today 16:00: B.K., Data Engineer (REQ-104)\n"
        "Please submit your feedback on B.K. (Data Engineer). It was due Mon 9 Mar, 16:00. "
        "A few lines are enough.\n"
        "Waiting on you since Friday · Stage Onsite\n"
        "The sooner feedback is in, the sooner the candidate gets an answer. "
        "You get this as interviewer.\n"
        "[Open in Greenhouse]"
    )


def test_before_due_nothing_is_called_late(desk: Desk) -> None:
    """The early step speaks of a due that lies ahead."""
    early = desk.write(SEAT, "mara", step=0, now=EARLY)
    assert early.headline == "Feedback due today 16:00: B.K., Data Engineer (REQ-104)"
    assert early.body == (
        "Your feedback on B.K. (Data Engineer) is due Mon 9 Mar, 16:00. A few lines are enough."
    )
    assert early.tone == "ahead"


@pytest.mark.parametrize(
    ("due", "step", "status"),
    [
        ("2026-03-12T16:00", 0, "due Thu 12 Mar, 16:00"),
        ("2026-03-10T09:00", 0, "due tomorrow 09:00"),
        ("2026-03-09T17:00", 0, "due today 17:00"),
        ("2026-03-09T16:00", 1, "due today 16:00"),
        ("2026-03-09T15:20", 1, "due today 15:20"),  # not an hour ago
        ("2026-03-09T14:50", 1, "was due today 14:50"),
        ("2026-03-09T14:00", 2, "was due today 14:00"),
        ("2026-03-06T16:00", 2, "was due Friday"),
        ("2026-03-02T16:00", 2, "was due Mon 2 Mar"),
        ("2025-12-30T16:00", 2, "was due Tue 30 Dec 2025"),
    ],
)
def test_the_headline_names_the_time_as_people_do(
    due: str, step: int, status: str, desk: Desk
) -> None:
    """Ahead, on the day, and after it."""
    at = datetime.fromisoformat(due).replace(tzinfo=UTC)
    headline = desk.write(SEAT, "mara", step=step, due_at=at).headline
    assert headline == f"Feedback {status}: B.K., Data Engineer (REQ-104)"


def test_each_time_and_step_has_its_own_text(desk: Desk) -> None:
    """Before due, at due, after it, and of a step with its own text."""
    steps = [replace(step, message="") for step in desk.rules["feedback-late"].steps]
    steps[3] = replace(steps[3], message="{clock.owed_by} owes it.")
    texts = {"message": "Now.", "message_ahead": "Soon.", "message_late": "Late."}
    rule = {**texts, "steps": tuple(steps)}
    assert desk.write(SEAT, "mara", step=0, now=EARLY, rule=rule).body == "Soon."
    assert desk.write(SEAT, "mara", step=1, rule=rule).body == "Now."
    assert desk.write(SEAT, "mara", step=2, rule=rule).body == "Late."
    assert desk.write(SEAT, "ravi", step=3, rule=rule).body == "Mara Lind owes it."


def test_the_recruiter_reads_who_is_waited_for(desk: Desk) -> None:
    """Another reader, another text, and Berlin's clock; nobody else is asked to do it."""
    message = desk.write(SEAT, "ravi", step=2)
    assert message.body == (
        "Mara Lind has not submitted feedback on B.K. (Data Engineer) yet. "
        "It was due Mon 9 Mar, 17:00."
    )
    assert message.facts[0] == ("Waiting on", "Mara Lind since Friday")
    assert message.tone == "late"


def test_the_assignee_reads_that_the_next_step_is_theirs(desk: Desk) -> None:
    """stalled-in-stage, to the hiring manager in Dubai whose turn it is."""
    start = datetime(2026, 3, 4, 10, tzinfo=UTC)
    message = desk.write(APPLICATION, "ines", owed_by="u3", started_at=start)
    assert aloud(message) == (
        "Next step due today 20:00: A.M., Account Executive (REQ-88)\n"
        "Please move A.M. (Account Executive) on, decide, or say when they will hear. "
        "They have been in Hiring Manager Review since Wed 4 Mar, 14:00.\n"
        "Waiting on you since Wednesday · Due Mon 9 Mar, 20:00\n"
        "Candidates who hear nothing for days accept other offers. "
        "You get this as hiring manager whose turn it is.\n"
        "[Open in Greenhouse]"
    )


# --- names ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reader", "clearance", "who"),
    [
        ("mara", Sensitivity.PERSONAL, "Bea Kern"),
        ("mara", Sensitivity.OPEN, "a candidate"),
        ("note", Sensitivity.PERSONAL, "B.K."),
        ("ops", Sensitivity.COMPENSATION, "a candidate"),
    ],
)
def test_a_candidate_is_named_where_clearance_allows_it(
    reader: str, clearance: Sensitivity, who: str, desk: Desk
) -> None:
    """A person reads the name, a note has initials, a channel and an open sink have neither."""
    named = {"candidate.display_name": "Bea Kern"}
    message = desk.write(SEAT, reader, clearance=clearance, facts=named)
    assert f": {who}, Data Engineer (REQ-104)" in message.headline
    assert f"on {who} (Data Engineer)" in message.body
    whole = aloud(message)
    assert ("Bea Kern" in whole, "B.K." in whole) == (who == "Bea Kern", who == "B.K.")


def test_a_text_that_asks_for_initials_gets_initials(desk: Desk) -> None:
    """What a rule author wrote is what comes; the headline names the case as ever."""
    named = {"candidate.display_name": "Bea Kern"}
    rule = {"message": "On {candidate.initials}."}
    message = desk.write(SEAT, "mara", facts=named, rule=rule)
    assert message.body == "On B.K.."


@pytest.mark.parametrize("name", ["", None, "\u200b"])
def test_a_candidate_without_a_name_stays_a_candidate(name: str | None, desk: Desk) -> None:
    """Neither name nor initials, or nothing that can be seen."""
    facts = {"candidate.initials": name, "candidate.display_name": name}
    message = desk.write(SEAT, "mara", facts=facts)
    assert message.headline.endswith(": a candidate, Data Engineer (REQ-104)")
    assert "on a candidate (Data Engineer)" in message.body


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("<!channel> *R&D*", "<!channel> *R&D*"),  # a sink escapes it
        ("Ada\n\u202eevoL\x07", "Ada evoL"),
        ("\u05d0\u05d3\u05d4 \u05dc\u05d1", "\u2068\u05d0\u05d3\u05d4 \u05dc\u05d1\u2069"),
        ("👩🏽‍💻 Ada", "👩🏽💻 Ada"),
        ("x" * 200, "x" * 41 + "… (+159 characters)"),
    ],
    ids=["markup", "control", "right to left", "emoji", "long"],
)
def test_a_name_shapes_no_message(name: str, shown: str, desk: Desk) -> None:
    """It stays one clean, short piece of the headline."""
    message = desk.write(SEAT, "mara", facts={"candidate.display_name": name})
    about = message.headline.removeprefix("Feedback due today 16:00: ")
    assert about.removesuffix(", Data Engineer (REQ-104)") == shown
    assert len(message.headline) < 150


def test_nobody_is_named_below_personal_clearance(desk: Desk) -> None:
    """Not a colleague either."""
    assert "Mara" not in aloud(desk.write(SEAT, "ravi", clearance=Sensitivity.OPEN))


@pytest.mark.parametrize(
    ("facts", "about"),
    [
        ({"requisition.title": None}, "B.K., REQ-104"),
        ({"requisition.code": None}, "B.K., Data Engineer"),
        ({"requisition.title": None, "requisition.code": None}, "B.K."),
    ],
)
def test_a_role_without_a_title_or_code_is_named_by_what_there_is(
    facts: dict[str, Any], about: str, desk: Desk
) -> None:
    """No empty brackets, no stray comma."""
    assert desk.write(SEAT, "mara", facts=facts).headline == f"Feedback due today 16:00: {about}"


def test_somebody_the_ats_does_not_name_is_called_by_their_role(desk: Desk) -> None:
    """And an instant that has not come is "not yet"."""
    rule = {"message": "Ask {requisition.hiring_manager}. Sent {seat.scorecard.submitted_at}."}
    facts = {"requisition.hiring_manager": None, "seat.scorecard.submitted_at": None}
    body = desk.write(SEAT, "mara", rule=rule, facts=facts).body
    assert body == "Ask the hiring manager. Sent not yet."


# --- reminders, reasons, notes ----------------------------------------------------------------


def office(desk: Desk) -> None:
    hours = parse_hours("mon-fri 09:00-18:00")
    zones = desk.directory.zones
    desk.directory = replace(
        desk.directory, office=lambda user: Calendar("office", zones[user or ""], hours)
    )


def test_a_second_reminder_says_so_and_who_is_notified_next(desk: Desk) -> None:
    """The recruiter's digest of the working day after next; then nobody further is left."""
    office(desk)
    again = ReaderHistory(knows_why=True, reminder=2)
    people = {"requisition.recruiter": "u2", "requisition.hiring_manager": "u3"}
    message = desk.write(SEAT, "mara", history=again, facts=people)
    assert message.body.splitlines()[-1] == (
        "Second reminder. If it is still open on Wednesday, Ravi Sen will be notified."
    )
    third = replace(again, reminder=3)
    late = datetime(2026, 3, 11, 9, 0, tzinfo=UTC)
    message = desk.write(SEAT, "mara", step=2, now=late, history=third, facts=people)
    assert message.body.splitlines()[-1] == (
        "Third reminder. If it is still open today, Ines Prado will be notified."
    )
    last = desk.write(SEAT, "mara", step=3, now=late, history=third, facts=people)
    assert last.body.splitlines()[-1] == "Third reminder."


def test_a_first_reminder_and_other_readers_have_no_such_line(desk: Desk) -> None:
    """Nobody is threatened at the first word, and whoever only knows of it needs no count."""
    office(desk)
    assert "reminder" not in desk.write(SEAT, "mara").body
    again = ReaderHistory(reminder=2)
    assert "reminder" not in desk.write(SEAT, "ravi", step=2, history=again).body


def test_the_reason_of_a_rule_comes_once(desk: Desk) -> None:
    """Not why the promise exists, nor by which role; that somebody is away stays in."""
    known = ReaderHistory(knows_why=True)
    assert desk.write(SEAT, "mara", history=known).why == ""
    assert desk.write(SEAT, "ops", history=known).why == (
        "It comes here because the interviewer is away: parental leave."
    )


def test_a_team_reads_why_it_comes_to_them(desk: Desk) -> None:
    """Fallback says whose place it takes; readers in several zones see whose clock it is."""
    message = desk.write(SEAT, "ops")
    assert message.why.endswith("It comes here because the interviewer is away: parental leave.")
    assert "was due Mon 9 Mar, 16:00 WET." in message.body
    assert message.headline.startswith("Feedback due today 16:00 WET: ")


def test_what_brought_it_is_a_reason_where_it_is_no_role(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A case handed on, a role nobody fills."""
    handed_on = recipient_reason(RecipientCode.NOT_THEIRS, role="seat.user")
    to = replace(READERS["mara"], why=(handed_on,), fallback=True)
    monkeypatch.setitem(READERS, "mara", to)
    why = desk.write(SEAT, "mara").why
    assert why.endswith("You get this because the interviewer replied that it is not theirs.")


def test_how_to_answer_is_said_only_where_answers_are_read(desk: Desk) -> None:
    """Not where nobody reads them, not in a channel, not once it is over."""
    hint = "Reply *seen*, *snooze 2d*, *not me* or *done*. *why* explains."
    assert desk.write(SEAT, "mara", replies=True).hint == hint
    assert desk.write(SEAT, "mara").hint == ""
    assert desk.write(SEAT, "ops", replies=True).hint == ""
    assert desk.write(SEAT, "mara", replies=True, **DONE).hint == ""


def test_the_first_message_of_all_says_what_it_is_and_who_runs_it(desk: Desk) -> None:
    """Once, to a person; with the operator of the settings where there is one."""
    new = ReaderHistory(is_first=True)
    assert desk.write(SEAT, "mara", history=new).intro == (
        "This is your first message from atsbridge. It reads the ATS and reminds people of what"
        " waits on them. Your recruiting team runs it: ask there for fewer messages, for example"
        " one a day."
    )
    desk.directory = replace(desk.directory, operator="Hiring Operations")
    assert "Hiring Operations runs it" in desk.write(SEAT, "mara", history=new).intro
    assert desk.write(SEAT, "mara").intro == ""
    assert desk.write(SEAT, "ops", history=new).intro == ""


# --- guards -------------------------------------------------------------------------------------


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
    message = desk.write(SEAT, "mara", rule={"message": f"It is {{{path}}}."}, facts={path: value})
    assert message.body == "It is (see the ATS)."


def test_text_of_the_ats_is_one_clean_line(desk: Desk) -> None:
    """Newlines, control characters and turned text cannot shape a message."""
    title = "Data\n\nEngineer\u202e gnihsif\u200b\x07 " + "x" * 300
    message = desk.write(SEAT, "mara", facts={"requisition.title": title})
    assert "(Data Engineer gnihsif xxx" in message.body
    assert "… (+" in message.body
    assert len(message.headline) < 150
    assert not set("\n\u202e\u200b\x07") & set(message.body + message.headline)


def test_a_message_says_how_long_it_may_take(desk: Desk) -> None:
    """The target in words, not as the rule writes it."""
    message = desk.write(SEAT, "mara", rule={"message": "The promise is {clock.target}."})
    assert message.body == "The promise is 1 working day."


def test_a_channel_learns_nothing_of_a_confidential_requisition(desk: Desk) -> None:
    """Not its title, its code, its people or its page."""
    message = desk.write(SEAT, "ops", facts={"requisition.confidential": True})
    assert message.headline == "Feedback due today 16:00 WET: a confidential role"
    assert (message.facts, message.link) == ((), None)
    whole = aloud(message)
    assert not any(secret in whole for secret in ("Data Engineer", "REQ-104", "Mara", "B.K."))
