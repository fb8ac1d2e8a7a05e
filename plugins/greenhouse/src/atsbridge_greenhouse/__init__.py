"""Greenhouse for atsbridge: reads Harvest v3, and writes notes where allowed.

This module only announces the connector; importing it costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from atsbridge.api import hookimpl

if TYPE_CHECKING:
    from atsbridge.api import ConnectorSpec

ATSBRIDGE_API = 1


@hookimpl
def atsbridge_connectors() -> Iterable[ConnectorSpec]:
    """Register the connector of this package."""
    from atsbridge_greenhouse.spec import SPEC

    return [SPEC]
