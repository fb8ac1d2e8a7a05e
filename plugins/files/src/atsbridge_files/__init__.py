"""Exports as Excel, CSV, JSON or JSON Lines for atsbridge: the plugin's hooks."""

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
    from atsbridge_files.spec import SPEC

    return [SPEC]
