"""Derived fields: computed in SQL from what the streams brought, one module per kind of record.

The formulas are the catalogue's; who reads them are the rules.
"""

from __future__ import annotations

from datetime import datetime

from atsbridge.store.database import Database


class Derivation:
    """The part of the store that computes."""

    _database: Database

    def derive(self, account: str, at: datetime) -> None:
        """Compute the derived fields of what is unjudged and of what joins to it."""
