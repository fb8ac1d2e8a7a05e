"""What stands under `to`: a person, somebody above them, or a place."""

from __future__ import annotations

import pytest

from atsbridge.errors import RuleError
from atsbridge.presentation.case_message import render
from atsbridge.rules.compile.cross_references import KnownNames
from atsbridge.rules.compile.pack_loader import load
from atsbridge.rules.kinds.builtin_kinds import BUILTIN_KINDS
from atsbridge.rules.language.recipient_names import RecipientName, split_recipient
from atsbridge.simulation.pack_test_report import differences
from atsbridge.simulation.pack_test_runner import play

KINDS = {kind.name: kind for kind in BUILTIN_KINDS}
PACK = """\
version: 1
rules:
  - id: feedback-late
    kind: sla
    status: draft
    title: Interview feedback is late
    each: interview.seat
    where: {seat.feedback_owed: true, application.status: active}
    clock: {start: interview.ends_at, stop: seat.scorecard.submitted_at, owed_by: seat.user}
    target: 1bd
    steps:
      - {at: due, to: seat.user}
      - {at: +1bd, to: TO}
    message: "Feedback for {candidate.display_name} was due {clock.due}."
    tests:
      - name: goes up
        given:
          seat.feedback_owed: true
          application.status: active
          interview.ends_at: "2026-03-02T10:00Z"
          requisition.department: d1
        expect:
          - at: "2026-03-04T10:05Z"
            clock: breached
            sent: [{to: seat.user}, {to: TO}]
"""


@pytest.mark.parametrize(
    ("to", "name"),
    [
        ("seat.user", RecipientName("seat.user")),
        ("seat.user.manager", RecipientName("seat.user", 1)),
        ("seat.user.manager.manager", RecipientName("seat.user", 2)),
        ("requisition.department.head", RecipientName("requisition.department", head=True)),
        ("requisition.custom.hr_partner", RecipientName("requisition.custom.hr_partner")),
        ("requisition.custom.manager", RecipientName("requisition.custom.manager")),
        ("requisition.custom.lead.manager", RecipientName("requisition.custom.lead", 1)),
        ("channel:#x", RecipientName("")),
        ("team:people_ops", RecipientName("")),
        ("ats", RecipientName("")),
    ],
)
def test_a_name_is_split(to: str, name: RecipientName) -> None:
    assert split_recipient(to) == name


@pytest.mark.parametrize(
    "to",
    [
        "seat.user.manager",
        "requisition.hiring_manager.manager.manager",
        "requisition.department.head",
        "requisition.custom.hr_partner",
        "requisition.custom.manager",
        "requisition.custom.lead.manager",
        "team:people_ops",
    ],
)
def test_a_pack_test_reaches_them(to: str) -> None:
    """Whoever a step names is there in a test, as anybody else is."""
    rules = load([("x.yaml", PACK.replace("TO", to))], KINDS).rules
    (outcome,) = play(rules.values(), {"office": "mon-fri 09:00-18:00"}, render)
    assert outcome.moments
    assert differences(outcome) == ()


@pytest.mark.parametrize(
    ("to", "error"),
    [
        ("seat.user.manager.manager.manager", "goes more than 2 levels up"),
        ("seat.usr.manager", '"seat.usr" is not a field that a rule on a seat can read'),
        ("interview.ends_at.manager", "to needs a person"),
        ('"team:a b"', '"team:a b" is no team. Write: to: team:recruiting_ops'),
    ],
)
def test_what_leads_to_nobody_is_an_error(to: str, error: str) -> None:
    """With its line and column."""
    with pytest.raises(RuleError) as caught:
        load(
            [
                (
                    "x.yaml",
                    PACK.replace("to: TO}\n", f"to: {to}}}\n").replace("{to: TO}", "{to: ats}"),
                )
            ],
            KINDS,
        )
    assert error in str(caught.value)
    assert "x.yaml:13:" in str(caught.value)


def test_a_team_that_is_not_configured_is_named() -> None:
    """It stops nothing: ops stand in."""
    known = KnownNames(teams=frozenset({"people_ops"}))
    with pytest.raises(RuleError) as caught:
        load([("x.yaml", PACK.replace("TO", "team:people"))], KINDS, known)
    assert 'there is no team "people"' in str(caught.value)
    assert "x.yaml:13:" in str(caught.value)
