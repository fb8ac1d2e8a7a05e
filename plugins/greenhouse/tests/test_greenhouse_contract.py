"""Greenhouse keeps the contract of every connector."""

from __future__ import annotations

from typing import ClassVar

from atsbridge.testing.connector_contract import ConnectorContract
from atsbridge_greenhouse.spec import SPEC


class TestGreenhouse(ConnectorContract):
    """As declared in the spec, and told in Greenhouse's words."""

    spec = SPEC
    list_step = 4  # tests/faults plays every list
    # Seats name interviews, and nothing names a seat; an interview's application only itself.
    unknowable: ClassVar = {
        "applications": "one without an interview is named by no other list",
        "interviews": "its application is named by nobody else",
        "interviewers": "nobody names a seat",
    }
