"""The store in memory that the engine is tested on keeps the contract of every store."""

from __future__ import annotations

import pytest

from atsbridge.testing.store_contract import StoreContract


class TestMemoryStore(StoreContract):
    """Else what is proved on it would prove nothing."""

    @pytest.fixture
    def store(self, memory):
        return memory
