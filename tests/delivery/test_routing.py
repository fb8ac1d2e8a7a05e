"""The route of a notice to a record of the ATS."""

from __future__ import annotations

from typing import Any

from atsbridge.cases.recipients import Directory
from atsbridge.delivery import routing
from atsbridge.model.notice import (
    Destination,
)
from atsbridge.model.record import Key
from atsbridge.presentation import message_data as facts
from atsbridge.rules.rule import Rule
from atsbridge.store.sql_store import SqlStore
from atsbridge.timesource import ManualTime


def test_a_note_on_what_belongs_to_no_application_goes_to_its_requisition(
    store: SqlStore, post: Any, directory: Directory, rules: dict[str, Rule], time: ManualTime
) -> None:
    """An approval has its offer's application, or else its own requisition."""
    to = Destination("ats", "ats", "acme/approval/p1")
    sinks = {"ats": post}
    subject = Key("acme", "approval", "p1")
    known = store.facts  # type: ignore[attr-defined]
    known[subject] = {"approval.requisition": "r1", "offer.application": None}
    found = facts.read(store.subjects, None, subject)
    assert routing.find(to, to, sinks, directory, found).to.address == "acme/requisition/r1"
    known[subject]["offer.application"] = "a1"
    found = facts.read(store.subjects, None, subject)
    assert routing.find(to, to, sinks, directory, found).to.address == "acme/application/a1"
