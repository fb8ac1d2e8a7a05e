"""One requisition: who has to act, its figures, facts and open cases with their clocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from atsbridge.context import AccountContext
from atsbridge.model import All, Condition, Operator, Query
from atsbridge.queries import (
    AccountAccess,
    FigureQuery,
    FigureWindow,
    RequisitionLine,
    Viewer,
    explain_cases,
    read_requisitions,
)
from atsbridge.report import CaseViews, RequisitionViews
from atsbridge.server.pages.live_data import LiveData, PageNotFoundError
from atsbridge.server.pages.overview_snapshot import WEEKS

_DRAWN = 25  # cases whose clock is drawn


@dataclass(frozen=True, slots=True)
class RequisitionPage:
    """Makes the values of the requisition's template."""

    data: LiveData

    def view(self, viewer: Viewer, account: str, name: str) -> dict[str, Any]:
        """What the template shows. `name`: an id or a code. PageNotFoundError if nothing."""
        context = self.data.context(account)
        time, names = self.data.time(context), self.data.names(context)
        window = FigureWindow.ending(time.now, WEEKS)
        access = self.data.access(context, viewer)
        line = _read(context, find_visible(context, access, name), window)
        drawn = [one.case for one in line.cases[:_DRAWN]]
        read = context.store.cases.read_transitions
        cases = CaseViews(
            names,
            time,
            explain_cases(context, drawn),
            {one.number: read(one.number) for one in drawn},
        )
        figures = FigureQuery(context, window, requisitions=[line.id]).read()
        views = RequisitionViews(names, time, cases, "role", WEEKS, figures.by_requisition)
        role, shown = views.view(line), cases.drawn(line.cases)
        numbers = {one.number for one in shown}
        return {
            "account": account,
            "connector": context.spec.title,
            "role": role,
            "id": line.id,
            "confidential": bool(line.facts.get("confidential")),
            "cases": shown,
            "rest": [one for one in role.cases if one.number not in numbers],
            "zone": time.zone,
        }


def find_visible(context: AccountContext, access: AccountAccess, name: str) -> str:
    """The id of the requisition with that id or code, if the viewer may see it.

    A code may belong to several. PageNotFoundError if there is none.
    """
    columns = ("requisition.confidential",)
    select = context.store.subjects.select
    named = Condition("requisition.code", Operator.EQ, name)
    rows = list(select(context.account, Query("requisition", All(), columns), ids=[name]))
    rows += [
        one
        for one in select(context.account, Query("requisition", named, columns))
        if not one.unknown
    ]
    for one in rows:
        if access.sees_requisition(one.id, confidential=bool(one.facts.get(columns[0]))):
            return one.id
    raise PageNotFoundError


def _read(context: AccountContext, requisition: str, window: FigureWindow) -> RequisitionLine:
    overview = read_requisitions(context, window.span, requisition=requisition, confidential=True)
    for one in overview.requisitions:
        if one.id == requisition:
            return one
    raise PageNotFoundError
