"""The kit for plugin authors: contracts that give a connector, sink or store its tests.

    class TestAcme(ConnectorContract):
        spec = SPEC

Fakes' HTTP frame is in `sandbox`; this package needs pytest and responses (extra `testing`).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from atsbridge.testing.connector_contract import ConnectorContract
    from atsbridge.testing.sink_contract import SinkContract
    from atsbridge.testing.store_contract import StoreContract

__all__ = ["ConnectorContract", "SinkContract", "StoreContract"]

_WHERE = {
    "ConnectorContract": "connector_contract",
    "SinkContract": "sink_contract",
    "StoreContract": "store_contract",
}
_CHECKS = (
    "attendance_checks",
    "error_checks",
    "incremental_checks",
    "list_checks",
    "meaning_checks",
    "refresh_checks",
    "refusal_checks",
    "request_checks",
    "roundtrip_checks",
    "row_checks",
    "spec_checks",
    "sync_checks",
    "wire_checks",
    "write_checks",
)
for _name in (*_CHECKS, *_WHERE.values()):
    pytest.register_assert_rewrite(f"atsbridge.testing.{_name}")


def __getattr__(name: str) -> Any:
    """Import a contract when it is first used: pytest loads this package in every run."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"atsbridge.testing.{_WHERE[name]}"), name)
