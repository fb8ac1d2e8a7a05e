"""The store keeps, on both engines, the contract of every store of records."""

from __future__ import annotations

import pytest

from atsbridge.testing.store_contract import StoreContract


class TestStore(StoreContract):
    """On SQLite and PostgreSQL."""

    @pytest.fixture
    def store(self, store):
        return store.records
