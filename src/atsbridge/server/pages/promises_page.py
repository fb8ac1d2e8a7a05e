"""What waits on the reader: their open promises, and the roles in which they have to act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from atsbridge.context import AccountContext
from atsbridge.queries import AccountAccess, Viewer, read_visible_cases
from atsbridge.report import CaseViews
from atsbridge.server.pages.live_data import LiveData
from atsbridge.server.pages.overview_snapshot import OverviewSnapshots

_CASES = 200  # of one account


@dataclass(frozen=True, slots=True)
class PromisesPage:
    """Makes the values of the template of a reader's own promises."""

    data: LiveData
    snapshots: OverviewSnapshots

    def view(self, viewer: Viewer) -> dict[str, Any]:
        """What the template shows. A program that reads with a token owes nothing."""
        sections = []
        for context in self.data.contexts():
            access = self.data.access(context, viewer)
            if access.user is not None:
                sections.append(self._section(context, access))
        return {
            "sections": sections,
            "is_person": bool(viewer.email),
            "number": sum(len(one["cases"]) for one in sections),
        }

    def _section(self, context: AccountContext, access: AccountAccess) -> dict[str, Any]:
        names, time = self.data.names(context), self.data.reader_time(context, access)
        views = CaseViews(names, time)
        found = read_visible_cases(context, access, owed_by=access.user)
        roles = [
            one for one in self.snapshots.get(context.account).rows if one.assignee == access.user
        ]
        return {
            "account": context.account,
            "zone": time.zone,
            "cases": [
                (views.case(one, draw=False), one.describe(named=names.named), one.title)
                for one in found[:_CASES]
            ],
            "more": max(len(found) - _CASES, 0),
            "roles": [(one.id, one.title) for one in roles],
        }
