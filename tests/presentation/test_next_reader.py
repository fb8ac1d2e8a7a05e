"""Who is notified above the pair is announced in the first message, and when."""

from __future__ import annotations

from dataclasses import replace

import pytest

from atsbridge.cases.superiors import Superiors
from atsbridge.model.record import Key
from atsbridge.rules.language.recipient_names import split_recipient
from atsbridge.rules.rule import Rule, StepWhen, When
from atsbridge.worktime.calendar import Calendar, parse_hours
from atsbridge.worktime.duration import Duration

from .conftest import Desk

SEAT = Key("acme", "seat", "s1")


def office(desk: Desk) -> None:
    """Everybody works Monday to Friday in their own zone."""
    hours = parse_hours("mon-fri 09:00-18:00")
    zones = desk.directory.zones
    desk.directory = replace(
        desk.directory, office=lambda user: Calendar("office", zones[user or ""], hours)
    )


@pytest.fixture
def above(desk: Desk) -> Desk:
    """The desk, where feedback goes to the interviewer's manager three working days after due."""
    office(desk)
    rule = desk.rules["feedback-late"]
    step = replace(
        rule.steps[-1],
        to="seat.user.manager",
        when=StepWhen(When.AMOUNT, Duration.parse("3bd"), "+3bd"),
    )
    desk.rules = {**desk.rules, rule.id: replace(rule, steps=(*rule.steps, step))}
    mara = next(user for user in desk.directory.users.values() if user.name == "Mara Lind")
    managers = {mara.email or "": "olga@acme.example"}
    desk.directory = replace(desk.directory, superiors=Superiors(managers))
    return desk


def test_the_first_message_says_who_hears_above_the_pair(above: Desk) -> None:
    """The manager by name where the ATS knows them, else by what they are; and when."""
    first = above.write(SEAT, "mara", step=0, facts={"seat.user": "u1"}).body.splitlines()[-1]
    assert first == "If it is still open on Thursday, your manager will be notified."
    ines = next(u for u in above.directory.users.values() if u.name == "Ines Prado")
    mara = next(u for u in above.directory.users.values() if u.name == "Mara Lind")
    known = Superiors({mara.email or "": ines.email or ""})
    above.directory = replace(above.directory, superiors=known)
    first = above.write(SEAT, "mara", step=0, facts={"seat.user": "u1"}).body.splitlines()[-1]
    assert first == ("If it is still open on Thursday, Ines Prado, your manager, will be notified.")


def test_nobody_above_is_announced_where_none_is_known(above: Desk) -> None:
    """Then the owner of the rule gets the step; no other person is guessed."""
    above.directory = replace(above.directory, superiors=Superiors())
    assert "still open" not in above.write(SEAT, "mara", step=0, facts={"seat.user": "u1"}).body


def test_no_rule_that_ships_live_goes_above_the_pair(rules: dict[str, Rule]) -> None:
    """Escalation above the pair is off until somebody turns it on."""
    assert rules
    for rule in rules.values():
        for step in rule.steps if rule.status == "live" else ():
            named = split_recipient(step.to)
            assert (named.levels, named.head) == (0, False), rule.id
