"""Greenhouse keeps the contract of every connector."""

from __future__ import annotations

from atsbridge.testing import ConnectorContract
from atsbridge_greenhouse.spec import SPEC


class TestGreenhouse(ConnectorContract):
    """As declared in the spec, and told in Greenhouse's words."""

    spec = SPEC
