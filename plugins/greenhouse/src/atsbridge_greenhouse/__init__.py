"""Greenhouse for atsbridge: Harvest v3, read and, where allowed, noted in.

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
    """The one connector of this package."""
    from atsbridge_greenhouse.spec import SPEC

    return [SPEC]
