"""What good news tells of a search: its panel, the market's time to fill, and promises kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from atsbridge.context import AccountContext, find_places
from atsbridge.model import All, Condition, Key, Operator, Query
from atsbridge.ports import Dimension
from atsbridge.presentation import SearchFacts, SideCount
from atsbridge.queries.promise_figures import MINIMUM, FigureQuery, FigureWindow
from atsbridge.queries.requisition_overview import find_market_time, market_columns

_YEARS = 2  # how far back promises of a search count
_PANEL = 8  # people who are named
_SIDES = ("recruiter", "manager")
_HELD = ("interview.held", "interview.status")


@dataclass(frozen=True, slots=True)
class SearchFactsReader:
    """Reads them from the store of one account."""

    context: AccountContext

    def read(self, subject: Key) -> SearchFacts:
        """The facts of the search that the subject belongs to; empty where there is none."""
        subjects, account = self.context.store.subjects, self.context.account
        place = find_places(subjects, account, [subject]).get(subject)
        if place is None or place.requisition is None:
            return SearchFacts()
        return SearchFacts(
            panel=tuple(self._panel(subject, place.requisition))[:_PANEL],
            market_days=self.find_market_days(place.requisition),
            kept=self._kept(place.requisition),
        )

    def find_market_days(self, requisition: str) -> float | None:
        """Days that the market takes to fill such a role; None without a fitting row."""
        market = self.context.services.market.data
        query = Query("requisition", All(), market_columns())
        select, account = self.context.store.subjects.select, self.context.account
        found = next(select(account, query, ids=[requisition], filtered=False), None)
        time = find_market_time(market, found.facts) if found is not None else None
        return time.days if time is not None else None

    def _panel(self, subject: Key, requisition: str) -> Iterator[str]:
        """User ids of the interviewers of the hired candidate, each once, in order of their seats.

        Who sat in an interview that was not held is left out.
        """
        applications = self._hired(subject, requisition)
        if not applications:
            return
        where = Condition("interview.application", Operator.IN, tuple(applications))
        columns_ = ("seat.user", *_HELD)
        seen: set[str] = set()
        for one in self.context.store.subjects.select(
            self.context.account, Query("seat", where, columns_)
        ):
            user, held, status = (one.facts.get(column) for column in columns_)
            missed = held == "not_held" or status in ("cancelled", "skipped")
            if isinstance(user, str) and user not in seen and not missed:
                seen.add(user)
                yield user

    def _hired(self, subject: Key, requisition: str) -> list[str]:
        """Ids of the applications of those who were hired."""
        select, account = self.context.store.subjects.select, self.context.account
        if subject.kind == "application":
            return [subject.id]
        if subject.kind == "offer":
            where = Condition("offer.status", Operator.SET)
            query = Query("offer", where, ("offer.application",))
            found = select(account, query, ids=[subject.id], filtered=False)
            return [str(one.facts["offer.application"]) for one in found]
        hired = Condition("application.status", Operator.EQ, "hired")
        query = Query("application", hired, ("application.requisition",))
        return [
            one.id
            for one in select(account, query)
            if not one.unknown and one.facts.get("application.requisition") == requisition
        ]

    def _kept(self, requisition: str) -> tuple[SideCount, ...]:
        """Promises of each side; both or none, so that no side stands alone."""
        now = self.context.time.now()
        window = FigureWindow(now - timedelta(days=365 * _YEARS), now, 1)
        query = FigureQuery(self.context, window, requisitions=[requisition])
        counted = query.count(Dimension.SIDE)
        found = [(side, counted[(side,)]) for side in _SIDES if (side,) in counted]
        if len(found) < len(_SIDES) or any(one.due < MINIMUM for _, one in found):
            return ()
        return tuple(SideCount(side, one.row.on_time, one.due) for side, one in found)
