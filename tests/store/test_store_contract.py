"""The store keeps, on both engines, the contract of every store of records."""

from __future__ import annotations

from atsbridge.testing.store_contract import StoreContract


class TestStore(StoreContract):
    """On SQLite and PostgreSQL."""
