"""The rows below a subject, as a check finds them at instants of the past.

A check is evaluated again only where one of its queries may find something else.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from atsbridge.model import Found, Query
from atsbridge.rules import predicates
from atsbridge.simulation.past_rows import BacktestWindow, PastRow


class RowsBelow:
    """The rows below one subject, as the queries of its check find them at instants that rise.

    What a query finds of a row is kept until a value of the row changes.
    """

    def __init__(self, rows: Sequence[PastRow], window: BacktestWindow) -> None:
        self._rows, self._end = rows, window.end
        self._times: Sequence[datetime] | None = None
        self._known: list[_Answers] = []  # of the last look, in the order of its queries
        self._asked: list[_Answers] = []  # of this look

    def look(self) -> None:
        """Begin a look at the subject: forget which queries the last one asked."""
        self._known, self._asked = self._asked, []

    def find(self, query: Query, now: datetime) -> Sequence[Found]:
        """The rows as they were then, if they existed and the query would have found them."""
        known = next((one for one in self._known if one.query == query), None)
        answers = known or _Answers(query, [None] * len(self._rows), [None] * len(self._rows))
        self._asked.append(answers)
        return answers.find(self._rows, now, self._end)

    def next(self) -> datetime | None:
        """The next change of a row at which a query of this look may find something else."""
        ends = (at for one in self._asked for at in one.until if at is not None)
        first = min(ends, default=self._end)
        times = self._list_times()
        place = bisect_left(times, first)
        return times[place] if place < len(times) else None

    def _list_times(self) -> Sequence[datetime]:
        """When a value of any row changes within the window, in order."""
        if self._times is None:
            self._times = sorted({at for row in self._rows for at in row.times})
        return self._times


@dataclass(slots=True)
class _Answers:
    """What a query finds of each row, and until when; None: it was not asked yet."""

    query: Query
    found: list[Found | None]
    until: list[datetime | None]

    def find(self, rows: Sequence[PastRow], now: datetime, end: datetime) -> Sequence[Found]:
        for place, until in enumerate(self.until):
            if until is None or until <= now:
                self.found[place], self.until[place] = self._ask(rows[place], now, end)
        return [one for one in self.found if one is not None]

    def _ask(self, row: PastRow, now: datetime, end: datetime) -> tuple[Found | None, datetime]:
        """What it finds of a row, and when that is over. A row may stay away through changes."""
        found, until = _find(row, now, self.query), row.next_edge(now) or end
        while found is None and until < end and _find(row, until, self.query) is None:
            until = row.next_edge(until) or end
        return found, until


def _find(past: PastRow, now: datetime, query: Query) -> Found | None:
    """The row as it was then, if it existed and the query would have found it."""
    if past.row.found.kind != query.subject or (past.created is not None and past.created > now):
        return None
    was = past.at(now)
    holds = predicates.evaluate(query.where, was.facts, was.missing, was.kind)
    return None if holds is False else was
