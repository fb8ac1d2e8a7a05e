"""The open roles of an account, rendered once for all readers and kept for some seconds.

A row is the same text for whoever may see it: a page is the rows that its reader may see, joined.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from markupsafe import Markup

from atsbridge.context import AccountContext
from atsbridge.queries import FigureWindow, OpenCase, RequisitionLine, read_requisitions
from atsbridge.report import CaseView, CaseViews, RequisitionViews
from atsbridge.server.pages.live_data import FRESH, LiveData

STALE = 60.0  # seconds after which no reader gets the old rows while new ones are made
WEEKS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRow:
    """One open role. `text`: what a search looks at, in lower case. `assignee`: user id."""

    id: str
    confidential: bool
    html: Markup
    text: str
    title: str
    side: str
    assignee: str | None
    late: int
    soon: int
    findings: int
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSnapshot:
    """One account at `at`; roles that wait longest first.

    `others`: open cases that belong to no role. `read_at`: when a run was last at work.
    """

    account: str
    at: float
    rows: Sequence[RoleRow]
    others: Sequence[CaseView] = ()
    read_at: datetime | None = None


@dataclass(slots=True)
class OverviewSnapshots:
    """The latest snapshot of each account. Threads may share it.

    `render_row`: (view of a role, account) -> its row.
    """

    data: LiveData
    render_row: Callable[..., Markup]
    _known: dict[str, AccountSnapshot] = field(default_factory=dict)
    _making: dict[str, threading.Lock] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def get(self, account: str) -> AccountSnapshot:
        """The snapshot; one thread makes a new one, the others have the old one meanwhile."""
        known, age = self._look(account)
        if known is not None and age < FRESH:
            return known
        with self._guard:
            lock = self._making.setdefault(account, threading.Lock())
        if known is None or age >= STALE:
            lock.acquire()
        elif not lock.acquire(blocking=False):
            return known
        try:
            known, age = self._look(account)
            if known is None or age >= FRESH:
                known = self._known[account] = self._make(self.data.context(account))
            return known
        finally:
            lock.release()

    def forget(self, account: str) -> None:
        """Make the next reader see what has just been written."""
        self._known.pop(account, None)

    def _look(self, account: str) -> tuple[AccountSnapshot | None, float]:
        known = self._known.get(account)
        return known, self.data.clock() - known.at if known is not None else 0.0

    def _make(self, context: AccountContext) -> AccountSnapshot:
        at = self.data.clock()
        names, time = self.data.names(context), self.data.time(context)
        window = FigureWindow.ending(time.now, WEEKS)
        overview = read_requisitions(context, window.span, confidential=True)
        cases = CaseViews(names, time)
        views = RequisitionViews(names, time, cases, "role", WEEKS)
        loose = [one for one in overview.cases if not one.requisition]
        return AccountSnapshot(
            account=context.account,
            at=at,
            rows=[self._row(context, views, line) for line in overview.requisitions],
            others=[_view(cases, one) for one in loose],
            read_at=context.run_state.read_last_run(),
        )

    def _row(
        self, context: AccountContext, views: RequisitionViews, line: RequisitionLine
    ) -> RoleRow:
        view = views.view(line)
        searched = (view.title, view.code, view.waiting, view.pair, view.status)
        return RoleRow(
            id=line.id,
            confidential=bool(line.facts.get("confidential")),
            html=self.render_row(view, context.account, line.id),
            text=" ".join(searched).casefold(),
            title=view.title,
            side=line.text("assignee_role"),
            assignee=line.text("assignee") or None,
            late=line.late,
            soon=line.at_risk,
            findings=line.findings,
            unknown=line.unknown,
        )


def _view(cases: CaseViews, one: OpenCase) -> CaseView:
    return cases.case(one, draw=False)
