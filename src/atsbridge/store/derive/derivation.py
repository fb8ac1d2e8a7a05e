"""Compute the derived fields of dirty records, in the order in which they depend on each other."""

from __future__ import annotations

from datetime import datetime

from atsbridge.store.database import Database, measure_if_much_changed, ms
from atsbridge.store.derive import (
    application_fields,
    assignee_fields,
    contact_fields,
    interview_fields,
    requisition_assignee,
    requisition_fields,
    scorecard_fields,
    stage_stays,
)
from atsbridge.store.derive.scope import Derivation, ended_since, set_derived_at, something_to_do


def derive(database: Database, account: str, at: datetime) -> None:
    """Compute the derived fields of dirty records and of records that depend on them.

    Also of applications with an interview that ended since the last derivation, because their
    assignee changes. Records whose derived fields change become dirty themselves. If there is
    nothing to do, this costs three look-ups and writes nothing.
    """
    with database.read() as connection:
        if not something_to_do(connection, account, ms(at)):
            return
    measure_if_much_changed(database, account)
    with database.write() as connection:
        scope = Derivation(database, connection, account, ms(at))
        scope.open(ended_since(connection, account, ms(at)))
        scope.add_changed_teams(requisition_fields.roles(scope))
        stage_stays.observe(scope)
        interview_fields.instants(scope)
        interview_fields.held(scope)
        interview_fields.owed(scope)
        scorecard_fields.open_questions(scope)
        application_fields.instants(scope)
        contact_fields.instants(scope)
        assignee_fields.assignees(scope)
        scope.add_requisitions()
        requisition_fields.instants(scope)
        requisition_assignee.assignees(scope)
        set_derived_at(connection, account, ms(at))
