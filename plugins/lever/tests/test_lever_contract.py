"""Lever keeps the contract of every connector."""

from __future__ import annotations

from typing import ClassVar

from atsbridge.testing.connector_contract import ConnectorContract
from atsbridge_lever.spec import SPEC


class TestLever(ConnectorContract):
    """As declared in the spec, and told in Lever's words."""

    spec = SPEC
    list_step = 4  # tests/faults plays every list
    fake: ClassVar = {"confidential": True}
    unknowable: ClassVar = {
        "opportunities": "no list that is read for the account names one",
        "interviews": "nobody else names an interview",
    }
    derived: ClassVar = {
        "stage.kind": "guessed from the name, else from the pipeline's word",
        "requisition.status": "the first known status of its requisitions",
        "reason.kind": "Lever says hired or not; the account's map says who ended it",
    }
    added: ClassVar = ("atsbridge",)
    fallbacks: ClassVar = {"stages": "/stages"}
    # Lever has no list of ids, and what was archived long ago is read once.
    unhealed: ClassVar = {"opportunities": "the past is read once, a month at a time"}
