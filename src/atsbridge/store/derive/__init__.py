"""Derived fields: computed in SQL from what the streams brought, one module per kind of record.

The formulas are the catalogue's; who reads them are the rules.
"""

from __future__ import annotations

from datetime import datetime

from atsbridge.store.codec import ms
from atsbridge.store.database import Database
from atsbridge.store.derive import (
    applications,
    contact,
    holders,
    interviews,
    requisitions,
    scorecards,
    stays,
    turns,
)
from atsbridge.store.derive.scope import Scope, ended_since, set_derived_at, something_to_do


class Derivation:
    """The part of the store that computes."""

    _database: Database

    def derive(self, account: str, at: datetime) -> None:
        """Compute the derived fields of what is unjudged and of what joins to it, as of `at`.

        Also of applications with an interview that ended since this was last asked: who has the
        ball changes with it. Records whose derived fields change become unjudged themselves.
        Nothing to do costs three look-ups and writes nothing.
        """
        with self._database.read() as connection:
            if not something_to_do(connection, account, ms(at)):
                return
        with self._database.write() as connection:
            scope = Scope(self._database, connection, account, ms(at))
            scope.open(ended_since(connection, account, ms(at)))
            scope.add_changed_teams(requisitions.roles(scope))
            stays.observe(scope)
            interviews.instants(scope)
            interviews.held(scope)
            interviews.owed(scope)
            scorecards.open_questions(scope)
            applications.instants(scope)
            contact.instants(scope)
            holders.holders(scope)
            scope.add_requisitions()
            requisitions.instants(scope)
            turns.holders(scope)
            set_derived_at(connection, account, ms(at))
