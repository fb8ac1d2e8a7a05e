"""The daily summary read aloud: what waits for whom, what others have to do, what has ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from atsbridge.cases.recipients import Directory
from atsbridge.model.case import Case, End
from atsbridge.model.fields import Sensitivity
from atsbridge.model.notice import Message, Notice, Purpose
from atsbridge.model.query import Found
from atsbridge.model.reason import ReasonCode, because
from atsbridge.model.record import Key
from atsbridge.presentation.digest_message import DigestLine, render
from atsbridge.presentation.message_context import MessageContext, ReaderHistory
from atsbridge.rules.rule import Rule
from atsbridge.worktime.calendar import Calendar, parse_hours

from .conftest import READERS, Desk

SEAT = Key("acme", "seat", "s1")
MORNING = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
PAGE = "https://app.greenhouse.io/people/7?application_id=1"
MARA, OPS = READERS["mara"], READERS["ops"]


@pytest.fixture
def line(rules: dict[str, Rule], given: tuple[Any, Any]) -> Any:
    facts, make = given

    def made(number: int = 1, purpose: Purpose = Purpose.SEND, **changes: Any) -> DigestLine:
        rule = replace(rules["feedback-late"], **changes.pop("rule", {}))
        known = {**facts[SEAT], **changes.pop("facts", {})}
        case: Case = replace(make(SEAT, **changes), number=number)
        notice = Notice(
            key=str(number),
            account="acme",
            case=number,
            rule=rule.id,
            subject=SEAT,
            destination=MARA,
            purpose=purpose,
        )
        return DigestLine(notice, case, rule, Found(*SEAT, known))

    return made


@pytest.fixture
def digest(directory: Directory) -> Any:
    def write(*lines: DigestLine, to: Any = MARA, **more: Any) -> Message:
        return render(lines[0].notice, lines, to, MessageContext(directory, MORNING, **more))

    return write


def test_a_summary_lists_what_to_do_what_to_know_and_what_has_ended(line: Any, digest: Any) -> None:
    """In this order, each with its link; longest due first."""
    submitted = {"seat.scorecard.submitted_at": datetime(2026, 3, 9, 13, 19, tzinfo=UTC)}
    ended = {"end": End.RESOLVED, "end_reason": because(ReasonCode.STOPPED)}
    message = digest(
        line(1, due_at=MORNING + timedelta(hours=6)),
        line(2, due_at=MORNING - timedelta(days=4)),
        line(3, owed_by="u2"),
        line(4, Purpose.RESOLVE, facts=submitted, **ended),
        line(5, Purpose.HANDED_OVER, owed_by="u3"),
    )
    assert message.headline == "2 items for you today, 3 updates"
    assert message.body == (
        "For you to do:\n"
        "• Feedback was due Friday: B.K., Data Engineer (REQ-104)\n"
        "• Feedback due today 15:30: B.K., Data Engineer (REQ-104)\n"
        "\n"
        "For your information:\n"
        "• Feedback was due Monday: B.K., Data Engineer (REQ-104), waiting on Ravi Sen\n"
        "\n"
        "No longer open:\n"
        "• Feedback done: B.K., Data Engineer (REQ-104). You submitted it Mon 13:19.\n"
        "• Feedback handed over: B.K., Data Engineer (REQ-104). Ines Prado has it now."
    )
    assert message.why == "Your daily summary. Urgent items come separately."
    assert message.links == (PAGE,) * 5


@pytest.mark.parametrize(
    ("yours", "others", "headline"),
    [
        (1, 0, "1 item for you today"),
        (2, 1, "2 items for you today, 1 update"),
        (0, 1, "1 update today"),
        (0, 30, "30 updates today"),
    ],
)
def test_the_headline_counts(
    yours: int, others: int, headline: str, line: Any, digest: Any
) -> None:
    """One, many, none of one's own; what is over the room is counted and has no link."""
    lines = [line(n) for n in range(yours)] + [line(9 + n, owed_by="u2") for n in range(others)]
    message = digest(*lines)
    assert message.headline == headline
    assert len(message.links) == min(yours + others, 25)
    assert ("… and 5 more" in message.body) == (others == 30)


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        (
            "Changed: {check.found}.",
            "• Search changed: B.K., Data Engineer (REQ-104). Changed: Two from High to Low.",
        ),
        (
            "{candidate.initials} ({requisition.title}): {check.found}.",
            "• B.K. (Data Engineer): Two from High to Low.",
        ),
        (
            "{requisition.title}: {check.found}.",
            "• Search changed: B.K., Data Engineer (REQ-104). Data Engineer: Two from High to Low.",
        ),
    ],
    ids=["names nothing", "names both", "names the role alone"],
)
def test_a_finding_stands_in_a_summary_with_its_text(
    text: str, listed: str, line: Any, digest: Any
) -> None:
    """Below the title, unless the text itself says whom it is about. Nobody is late with news."""
    news = {"news": True, "check": "changed", "title": "Search changed", "steps": ()}
    told = line(rule={**news, "message": text}, finding="Two from High to Low", owed_by=None)
    assert digest(told).body.splitlines() == ["For your information:", listed]


def test_a_finding_that_asks_is_something_to_do(line: Any, digest: Any) -> None:
    """For a person; in a channel it is nobody's own."""
    asks = {"check": "count", "title": "Few profiles", "steps": (), "clock": None}
    told = line(rule={**asks, "message": "Look for more."}, owed_by=None)
    assert digest(told).body.splitlines() == [
        "For you to do:",
        "• Few profiles: B.K., Data Engineer (REQ-104). Look for more.",
    ]
    assert digest(told, to=OPS).body.startswith("For your information:")


def test_a_rule_on_people_names_nobody_in_its_title(line: Any, digest: Any) -> None:
    """It goes to that person alone."""
    asks = {"check": "count", "title": "A full week", "steps": (), "clock": None}
    told = line(
        rule={**asks, "each": "user", "subject": "user", "message": "Move some."}, owed_by=None
    )
    assert digest(told).body.splitlines()[1] == "• A full week. Move some."


def test_a_step_with_its_own_text_has_it_in_a_summary(line: Any, digest: Any) -> None:
    """In place of the name that a promise of others ends with."""
    told = line(owed_by="u2")
    steps = told.rule.steps
    own = "{clock.owed_by} has not answered on {candidate.initials} ({requisition.title})."
    rule = replace(told.rule, steps=(replace(steps[0], message=own), *steps[1:]))
    told = replace(told, rule=rule, notice=replace(told.notice, step=0))
    assert (
        digest(told).body.splitlines()[1] == "• Ravi Sen has not answered on B.K. (Data Engineer)."
    )
    owed = replace(told, case=replace(told.case, owed_by="u1"))
    assert digest(owed).body == (
        "For you to do:\n• Feedback was due Monday: B.K., Data Engineer (REQ-104)"
    )


def test_good_news_keeps_its_thanks_in_a_summary(line: Any, digest: Any) -> None:
    """Its text stands in the place of a headline."""
    text = "{requisition.title} was filled. Thanks, {requisition.pair}."
    news = {"news": True, "check": None, "message": text, "message_ahead": "", "steps": ()}
    people = {"requisition.hiring_manager": "u3", "requisition.recruiter": "u2"}
    told = line(rule=news, facts=people, owed_by=None)
    assert digest(told).body.splitlines()[1] == (
        "• Data Engineer was filled. Thanks, Ines Prado and Ravi Sen."
    )


def test_a_summary_names_candidates_as_a_message_would(line: Any, digest: Any) -> None:
    """By name to a person, by nothing in a channel or below personal clearance."""
    named = line(facts={"candidate.display_name": "Bea Kern"})
    assert ": Bea Kern, Data Engineer" in digest(named).body
    assert ": a candidate, Data Engineer" in digest(named, to=OPS).body
    assert ": a candidate, Data Engineer" in digest(named, clearance=Sensitivity.OPEN).body


def test_a_channel_sees_no_confidential_requisition(line: Any, digest: Any) -> None:
    """Neither its name nor a link; its summary is nobody's own."""
    message = digest(line(facts={"requisition.confidential": True}), to=OPS)
    assert message.body == ("For your information:\n• Feedback was due Monday: a confidential role")
    assert (message.links, message.why) == (("",), "")


def test_a_first_message_that_is_a_summary_says_what_it_is(line: Any, digest: Any) -> None:
    """As any other first message would."""
    assert "first message" in digest(line(), history=ReaderHistory(is_first=True)).intro
    assert digest(line()).intro == ""


@pytest.mark.parametrize("zone", ["", "Asia/Kolkata"], ids=["zone unknown", "own zone"])
def test_a_case_has_the_same_due_time_in_its_message_and_in_the_summary(
    zone: str, line: Any, digest: Any, desk: Desk
) -> None:
    """With the zone's name where it may not be the reader's, and put the same at night."""
    office = Calendar("office", zone or "UTC", parse_hours("mon-fri 09:00-18:00"))
    desk.directory = replace(
        desk.directory, zones={"u1": zone} if zone else {}, office=lambda _user: office
    )
    night = MORNING + timedelta(days=1, hours=11)
    one = line(due_at=night)
    context = MessageContext(desk.directory, MORNING)
    listed = render(one.notice, [one], MARA, context).body.splitlines()[-1].removeprefix("• ")
    assert listed == desk.write(SEAT, "mara", step=0, now=MORNING, due_at=night).headline
    assert (" UTC" in listed) is not bool(zone)
    assert ("18:00" in listed) is bool(zone)
