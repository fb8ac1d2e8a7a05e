"""Approval steps of requisitions: who is asked, since when, and what they said."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from atsbridge_lever.approvals import Approval, approvals
from atsbridge_lever.wire import instant

START, FIRST = 1790000100000, 1790000200000


def step(*people: tuple[str, bool], **values: Any) -> dict[str, Any]:
    """A step with its approvers and whether they said yes, each a minute after the other."""
    approvers = [
        {
            "id": name,
            "user": {"userId": name, "email": f"{name}@example.com"},
            "approved": said,
            "approvedAt": FIRST + 60_000 * place if said else None,
        }
        for place, (name, said) in enumerate(people)
    ]
    return {"completed": False, "status": None, "approvers": approvers, **values}


DONE = step(("ann", True), ("bob", True), completed=True, status="approved")
LEFT_OUT = step(("cfo", False), outOfBandOnly=True)
OPEN = step(("eve", False), status="inprogress")
LATER = step(("dan", False))


def told(status: str, *steps: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What is said of everybody, by id."""
    raw = {"id": "x", "status": status, "startedAt": START, "steps": list(steps)}
    approval = msgspec.convert(raw, Approval)
    return {f.id: dict(f.values) for f in approvals("posting", "need", approval)}


def test_an_open_step_sits_with_its_people() -> None:
    """Since the last answer before it; what comes after it waits, unasked."""
    found = told("inprogress", DONE, LEFT_OUT, OPEN, LATER)
    assert {key.rpartition(":")[2]: v["status"] for key, v in found.items()} == {
        "ann": "approved",
        "bob": "approved",
        "eve": "due",
        "dan": "waiting",
    }
    eve, dan = found["posting:need:2:eve"], found["posting:need:3:dan"]
    assert (eve["user"], eve["requisition"]) == ("eve", "posting")
    assert eve["requested_at"] == instant(FIRST + 60_000)
    assert (eve["decided_at"], dan["requested_at"]) == (None, None)


def test_a_yes_is_dated() -> None:
    """The first step was asked when the approval began."""
    ann = told("approved", DONE)["posting:need:0:ann"]
    assert (ann["requested_at"], ann["decided_at"]) == (instant(START), instant(FIRST))


def test_whose_yes_was_not_needed_is_not_waited_for() -> None:
    """One of two was enough, or the pay was in its range."""
    enough = step(("ann", True), ("bob", False), completed=True, status="approved")
    assert list(told("approved", enough, LEFT_OUT)) == ["posting:need:0:ann"]


def test_a_no_ends_it() -> None:
    """Nobody is asked after it."""
    found = told("denied", DONE, step(("eve", False), status="denied"), LATER)
    assert [v["status"] for v in found.values()] == ["approved", "approved", "rejected"]
    assert found["posting:need:1:eve"]["decided_at"] is None


def test_an_approver_who_follows_a_role_is_nobody_yet() -> None:
    """Lever shows a label in place of a user."""
    dynamic = step(status="inprogress", approvers=[{"id": "d1", "user": "Hiring manager"}])
    found = told("inprogress", dynamic)
    assert [(v["user"], v["status"]) for v in found.values()] == [(None, "due")]


@pytest.mark.parametrize("steps", [[], None])
def test_without_a_chain_there_is_nothing(steps: list[Any] | None) -> None:
    """As Lever shows it for requisitions nobody has to approve."""
    approval = msgspec.convert({"steps": steps}, Approval)
    assert list(approvals("posting", "need", approval)) == []
