"""Ashby keeps the contract of every connector."""

from __future__ import annotations

from typing import Any, ClassVar

from atsbridge.testing.connector_contract import ConnectorContract
from atsbridge.testing.connector_world import FakeAccount
from atsbridge.testing.decoded_rows import RecordValues
from atsbridge_ashby.fake.candidate_rows import ended_stay
from atsbridge_ashby.fake.truth import ARCHIVED, HIRED, Truth
from atsbridge_ashby.spec import SPEC


class TestAshby(ConnectorContract):
    """As declared in the spec, and told in Ashby's words."""

    spec = SPEC
    list_step = 4  # tests/faults plays every list
    applications = 150  # so that there are offers
    reads = ("/apiKey.info", "/job.info", "/opening.info", "/application.info")
    unknowable: ClassVar = {
        "feedback": "an event says that there is feedback, and not whose",
    }
    # A message about it is confirmed by the application's own list before it is sent.
    unhealed: ClassVar = {
        "feedback": "a sync token does not show again what an answer left out",
    }
    fallbacks: ClassVar = {"feedback": "/interviewSchedule.list"}

    def expected(self, world: FakeAccount) -> RecordValues:
        """The company, and the last stages of its plans, which the company does not have."""
        found = super().expected(world)
        truth = Truth(world.company)
        for plan in truth.plans():
            for place, name in enumerate((HIRED, ARCHIVED)):
                order = len(plan.stages) + place
                found["stage"][plan.end(name)] = {"name": name, "order": order}
        for row in truth.live("application"):
            if (ended := truth.ended_at(row)) is not None:
                stay: dict[str, Any] = {"application": row.id, "stage": truth.stage_now(row)}
                found["stage_stay"][ended_stay(row.id)] = {**stay, "entered_at": ended}
        return found
