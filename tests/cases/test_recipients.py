"""From a role to somebody who can be reached, with the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from atsbridge.cases.recipients import Directory, Preferences, recipient
from atsbridge.cases.superiors import Superiors
from atsbridge.model.notice import Destination
from atsbridge.model.recipient_codes import RecipientCode, RecipientReason, recipient_reason
from atsbridge.model.verdict import Verdict
from atsbridge.rules.rule import Rule

Make = Callable[..., Verdict]
TEAM = ("slack", "channel", "#recruiting-ops")


def told(to: Destination) -> tuple[str, str, str]:
    return to.sink, to.kind, to.address


def changed(directory: Directory, user: str, **changes: Any) -> Directory:
    users = {**directory.users, user: replace(directory.users[user], **changes)}
    return replace(directory, users=users)


@pytest.mark.parametrize(
    ("to", "address", "why"),
    [
        ("seat.user", "mara@acme.example", recipient_reason(RecipientCode.ROLE, role="seat.user")),
        (
            "requisition.recruiter",
            "ravi@acme.example",
            recipient_reason(RecipientCode.ROLE, role="requisition.recruiter"),
        ),
        (
            "requisition.hiring_manager",
            "ines@acme.example",
            recipient_reason(RecipientCode.ROLE, role="requisition.hiring_manager"),
        ),
    ],
)
def test_a_role_leads_to_its_person(
    to: str, address: str, why: RecipientReason, rule: Rule, verdict: Make, directory: Directory
) -> None:
    """By e-mail, with the role."""
    found = recipient(to, rule, verdict(), directory)
    assert (found.kind, found.address, found.why[0]) == ("person", address, why)


def test_an_applications_own_recruiter_comes_first(
    rule: Rule, verdict: Make, directory: Directory
) -> None:
    """Its own, else the requisition's; the reason says which."""
    own = {"application.recruiter": "u4", "requisition.recruiter": "u2"}
    found = recipient("application.recruiter", rule, verdict(evidence=own), directory)
    assert (found.person, found.why[0]) == (
        "u4",
        recipient_reason(RecipientCode.ROLE, role="application.recruiter"),
    )
    none = {**own, "application.recruiter": None}
    found = recipient("application.recruiter", rule, verdict(evidence=none), directory)
    assert (found.person, found.why[0]) == (
        "u2",
        recipient_reason(RecipientCode.ROLE, role="requisition.recruiter"),
    )


def test_the_holder_is_named_by_their_role(rule: Rule, verdict: Make, directory: Directory) -> None:
    """Whoever has the ball, and as what."""
    facts = {"application.assignee": "u3", "application.assignee_role": "hiring_manager"}
    found = recipient("application.assignee", rule, verdict(evidence=facts), directory)
    assert (found.person, found.why[0]) == (
        "u3",
        recipient_reason(
            RecipientCode.ROLE, role="application.assignee", assignee_role="hiring_manager"
        ),
    )


def test_channel_and_note_are_no_persons(rule: Rule, verdict: Make, directory: Directory) -> None:
    """`channel:#name` on the first sink, `ats` on the subject."""
    channel = recipient("channel:#hiring", rule, verdict(), directory)
    assert told(channel) == ("slack", "channel", "#hiring")
    assert told(recipient("ats", rule, verdict(), directory)) == ("ats", "ats", "acme/seat/s1")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (
            {"active": False},
            recipient_reason(RecipientCode.UNREACHABLE, role="seat.user", trouble="inactive"),
        ),
        (
            {"email": None},
            recipient_reason(RecipientCode.UNREACHABLE, role="seat.user", trouble="no_address"),
        ),
    ],
)
def test_who_cannot_be_told_falls_to_the_owner(
    changes: dict[str, Any], why: RecipientReason, rule: Rule, verdict: Make, directory: Directory
) -> None:
    """Inactive or without an address, and no delegate: the rule's team, with the reason."""
    found = recipient("seat.user", rule, verdict(), changed(directory, "u1", **changes))
    assert (told(found), found.why[0]) == (TEAM, why)


@pytest.mark.parametrize("user", [None, "u99"])
def test_nobody_falls_to_the_owner(
    user: str | None, rule: Rule, verdict: Make, directory: Directory
) -> None:
    """An empty role or an id nobody knows is never nobody."""
    empty = verdict(evidence={"seat.user": user})
    assert told(recipient("seat.user", rule, empty, directory)) == TEAM


def test_a_rule_whose_team_is_unknown_falls_to_ops(
    rule: Rule, verdict: Make, directory: Directory
) -> None:
    """The last stop is always there."""
    orphan = replace(rule, owner="nobody_configured")
    found = recipient("seat.user", orphan, verdict(evidence={}), directory)
    assert told(found) == ("console", "channel", "ops")


def test_the_delegate_comes_before_the_owner(
    rule: Rule, verdict: Make, directory: Directory
) -> None:
    """Absent: the delegate, or the delegate's; loops and absent delegates are passed over."""
    away = replace(
        directory,
        away={"u1": "parental leave", "u3": "holiday"},
        preferences={
            "mara@acme.example": Preferences(delegate="ines@acme.example"),
            "ines@acme.example": Preferences(delegate="bo@acme.example"),
        },
    )
    found = recipient("seat.user", rule, verdict(), away)
    assert (found.person, found.why[0]) == (
        "u4",
        recipient_reason(
            RecipientCode.DELEGATE, name="Mara Lind", trouble="away", away="parental leave"
        ),
    )
    loop = {
        "mara@acme.example": Preferences(delegate="ines@acme.example"),
        "ines@acme.example": Preferences(delegate="mara@acme.example"),
    }
    assert told(recipient("seat.user", rule, verdict(), replace(away, preferences=loop))) == TEAM


def test_somebody_is_reached_where_they_prefer(
    rule: Rule, verdict: Make, directory: Directory
) -> None:
    """The preferred sink if the account has it, else the first."""
    assert recipient("requisition.recruiter", rule, verdict(), directory).sink == "console"
    fewer = replace(directory, sinks=("slack",))
    assert recipient("requisition.recruiter", rule, verdict(), fewer).sink == "slack"


MANAGERS = {"ines@acme.example": "olga@acme.example", "olga@acme.example": "pia@acme.example"}


@pytest.mark.parametrize(
    ("to", "address", "why"),
    [
        (
            "requisition.hiring_manager.manager",
            "olga@acme.example",
            recipient_reason(RecipientCode.ROLE, role="requisition.hiring_manager.manager"),
        ),
        (
            "requisition.hiring_manager.manager.manager",
            "pia@acme.example",
            recipient_reason(RecipientCode.ROLE, role="requisition.hiring_manager.manager.manager"),
        ),
    ],
)
def test_a_step_reaches_above_the_pair(
    to: str, address: str, why: RecipientReason, rule: Rule, verdict: Make, directory: Directory
) -> None:
    """One or two levels; who has no account in the ATS is reached by their address."""
    known = replace(directory, superiors=Superiors(MANAGERS))
    found = recipient(to, rule, verdict(), known)
    assert (found.kind, found.address, found.why[0]) == ("person", address, why)


def test_a_manager_who_said_that_it_is_not_theirs_gets_no_more_of_it(
    rule: Rule, verdict: Make, directory: Directory
) -> None:
    """Somebody else gets it in their place, as with every other role."""
    managers = Superiors({"mara@acme.example": "ines@acme.example"})
    subject = verdict().subject
    for instead, address in (("ravi@acme.example", "ravi@acme.example"), ("", TEAM[2])):
        known = replace(directory, superiors=managers, reassigned={(subject, "u3"): instead})
        assert recipient("seat.user.manager", rule, verdict(), known).address == address


def test_an_address_is_known_in_any_case(directory: Directory) -> None:
    """Chats and settings write it as they like."""
    assert directory.by_email("Mara@Acme.Example") is directory.users["u1"]


def test_a_manager_who_is_away_is_stood_in_for(
    rule: Rule, verdict: Make, directory: Directory
) -> None:
    """As anybody else: here by the owner, because they have no delegate."""
    managers = Superiors({"mara@acme.example": "ines@acme.example"})
    ines = directory.by_email("ines@acme.example")
    assert ines is not None
    known = replace(directory, superiors=managers, away={ines.id: "on leave"})
    found = recipient("seat.user.manager", rule, verdict(), known)
    assert (told(found), found.why[0]) == (
        TEAM,
        recipient_reason(
            RecipientCode.UNREACHABLE, role="seat.user.manager", trouble="away", away="on leave"
        ),
    )


@pytest.mark.parametrize(
    ("to", "why"),
    [
        (
            "seat.user.manager",
            recipient_reason(RecipientCode.SUPERIOR_UNKNOWN, role="seat.user.manager"),
        ),
        (
            "requisition.department.head",
            recipient_reason(RecipientCode.SUPERIOR_UNKNOWN, role="requisition.department.head"),
        ),
    ],
)
def test_nobody_known_above_falls_to_the_owner(
    to: str, why: RecipientReason, rule: Rule, verdict: Make, directory: Directory
) -> None:
    """It says so; no other person is guessed."""
    found = recipient(to, rule, verdict(), replace(directory, superiors=Superiors(MANAGERS)))
    assert (told(found), found.why[0]) == (TEAM, why)


def test_the_head_of_the_department(rule: Rule, verdict: Make, directory: Directory) -> None:
    """Of the department that the requisition is for."""
    known = replace(directory, superiors=Superiors(heads={"d7": "olga@acme.example"}))
    facts = {**verdict().evidence, "requisition.department": "d7"}
    found = recipient("requisition.department.head", rule, verdict(evidence=facts), known)
    assert (found.address, found.why[0]) == (
        "olga@acme.example",
        recipient_reason(RecipientCode.ROLE, role="requisition.department.head"),
    )


def test_a_team_is_a_place(rule: Rule, verdict: Make, directory: Directory) -> None:
    """Where the settings say; ops stand in for a team that does not exist."""
    place = Destination(
        "slack", "channel", "#people", why=(recipient_reason(RecipientCode.TEAM, name="people"),)
    )
    known = replace(directory, teams={**directory.teams, "people": place})
    assert recipient("team:people", rule, verdict(), known) == place
    assert recipient("team:nobody", rule, verdict(), known) == directory.ops


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("u2", "ravi@acme.example"),
        ("Ravi@acme.example", "ravi@acme.example"),
        (["u2", "u3"], "ravi@acme.example"),
        ("u99", "#recruiting-ops"),
        ("nobody@acme.example", "#recruiting-ops"),
        (7, "#recruiting-ops"),
        ("", "#recruiting-ops"),
        (None, "#recruiting-ops"),
    ],
)
def test_a_custom_field_names_a_person(
    value: object, address: str, rule: Rule, verdict: Make, directory: Directory
) -> None:
    """By id or by e-mail address; whoever cannot be found falls to the owner, with the reason."""
    facts = {**verdict().evidence, "requisition.custom": {"hr_partner": value}}
    found = recipient("requisition.custom.hr_partner", rule, verdict(evidence=facts), directory)
    assert found.address == address
    assert found.why[0]["role"] == "requisition.custom.hr_partner"


def test_somebody_above_whom_a_custom_field_names(
    rule: Rule, verdict: Make, directory: Directory
) -> None:
    known = replace(directory, superiors=Superiors({"ravi@acme.example": "ines@acme.example"}))
    facts = {"requisition.custom": {"lead": "u2"}}
    found = recipient("requisition.custom.lead.manager", rule, verdict(evidence=facts), known)
    assert (found.person, found.why[0]["role"]) == ("u3", "requisition.custom.lead.manager")


def test_the_delegate_of_whom_a_custom_field_names(
    rule: Rule, verdict: Make, directory: Directory
) -> None:
    away = replace(
        directory,
        away={"u2": "on leave"},
        preferences={"ravi@acme.example": Preferences(delegate="bo@acme.example")},
    )
    facts = {"requisition.custom": {"hr_partner": "u2"}}
    found = recipient("requisition.custom.hr_partner", rule, verdict(evidence=facts), away)
    assert (found.person, found.why[0].code) == ("u4", RecipientCode.DELEGATE)
