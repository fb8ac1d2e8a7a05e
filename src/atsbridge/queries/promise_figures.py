"""The figures of promises: the one source of the numbers in reports and messages.

A promise counts in the week in which its outcome was decided: when it was kept, or when it became
late. Only rules that are live on the account count: nobody was notified about the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from atsbridge.context import AccountContext
from atsbridge.model import All, Query
from atsbridge.ports import Dimension, FigureRow
from atsbridge.rules import Rule, RuleStatus

MINIMUM = 5  # promises before a share is shown: fewer say more of chance and of persons
SIDES = ("recruiter", "manager", "")  # "": promises of both
_WEEK = timedelta(weeks=1)
_OF_A_PAIR = 2
_GROUPINGS: tuple[tuple[Dimension, ...], ...] = (
    (),
    (Dimension.SIDE,),
    (Dimension.RULE,),
    (Dimension.STAGE,),
    (Dimension.REQUISITION, Dimension.SIDE),
    (Dimension.RULE, Dimension.WHY),
    (Dimension.SIDE, Dimension.WEEK),
)
_PAIR = (Dimension.RECRUITER, Dimension.MANAGER, Dimension.SIDE)
_PAIR_GROUPINGS = (_PAIR, (*_PAIR, Dimension.WEEK))


@dataclass(frozen=True, slots=True)
class FigureWindow:
    """Whole weeks that begin on Monday 00:00 UTC, the present one included.

    `start`: the first Monday; `now`: the end of what can be counted, aware UTC.
    """

    start: datetime
    now: datetime
    weeks: int

    @classmethod
    def ending(cls, now: datetime, weeks: int) -> FigureWindow:
        """The window of so many weeks whose last one is that of `now`."""
        monday = now.astimezone(UTC).date() - timedelta(days=now.astimezone(UTC).weekday())
        first = datetime.combine(monday, time(), UTC) - _WEEK * (weeks - 1)
        return cls(first, now, weeks)

    @property
    def span(self) -> tuple[datetime, datetime]:
        """[start, end) of what is counted."""
        return self.start, self.now + timedelta(milliseconds=1)

    @property
    def mondays(self) -> tuple[datetime, ...]:
        """When each week begins."""
        return tuple(self.start + _WEEK * number for number in range(self.weeks))


@dataclass(frozen=True, slots=True)
class Figure:
    """Promises of one group."""

    row: FigureRow

    @property
    def due(self) -> int:
        """Promises that were kept or became late."""
        return self.row.on_time + self.row.late

    @property
    def total(self) -> int:
        """All that were decided, those that were canceled or are unknown included."""
        return self.due + self.row.cancelled + self.row.unknown

    @property
    def rate(self) -> float | None:
        """The share kept on time; None for fewer than `MINIMUM` promises."""
        return self.row.on_time / self.due if self.due >= MINIMUM else None

    @property
    def median(self) -> timedelta | None:
        """Median response in working time; None for fewer than `MINIMUM` answers."""
        return self.row.median if self.row.answered >= MINIMUM else None

    @property
    def ninetieth(self) -> timedelta | None:
        """90th percentile of responses in working time; None for fewer than `MINIMUM` answers."""
        return self.row.ninetieth if self.row.answered >= MINIMUM else None


NOTHING = Figure(FigureRow(keys=()))
Keys = tuple[str | int | None, ...]
Counted = Mapping[Keys, Figure]


@dataclass(frozen=True, slots=True)
class PairFigures:
    """The figures of one recruiter and one manager, both sides alike. Keys are sides."""

    recruiter: str
    manager: str
    sides: Mapping[str, Figure]
    trend: Mapping[str, Sequence[Figure]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFigures:
    """All figures of one account in a window.

    `rules`: the rules that count, by id. `since`: rule -> the instant from which its promises are
    known; a week before it is no week without promises. `by_requisition`: requisition -> side ->
    figure. `unknown`: rule, the path that is unknown, how many promises; most first. `trend`:
    side -> a figure for each week.
    """

    window: FigureWindow
    rules: Mapping[str, Rule]
    since: Mapping[str, datetime]
    total: Figure
    by_side: Mapping[str, Figure]
    by_rule: Mapping[str, Figure]
    by_stage: Mapping[str, Figure]
    by_requisition: Mapping[str, Mapping[str, Figure]]
    unknown: Sequence[tuple[str, str, int]]
    trend: Mapping[str, Sequence[Figure]]
    pairs: Sequence[PairFigures] = field(default=())

    @property
    def since_all(self) -> datetime | None:
        """From when the promises of every counted rule are known; None where no rule counts."""
        return max(self.since.values(), default=None)


class FigureQuery:
    """Counts the promises of one account. `without`: requisitions that are left out.

    `requisitions`: only these, where given.
    """

    def __init__(
        self,
        context: AccountContext,
        window: FigureWindow,
        *,
        requisitions: Sequence[str] | None = None,
        without: Sequence[str] = (),
    ) -> None:
        self.context, self.window, self.without = context, window, without
        self.rules = {
            name: rule
            for name, rule in context.rules.items()
            if rule.status is RuleStatus.LIVE and rule.clock is not None
            if not (rule.news or rule.personal)
        }
        self.only: dict[Dimension, Sequence[str]] = {Dimension.RULE: tuple(self.rules)}
        if requisitions is not None:
            self.only[Dimension.REQUISITION] = requisitions

    def count(self, *by: Dimension) -> Counted:
        """Figures by these dimensions, in order of keys."""
        (found,) = self._count_all([by])
        return found

    def _count_all(self, groupings: Sequence[Sequence[Dimension]]) -> Sequence[Counted]:
        """Figures by each of the groupings."""
        promises, account = self.context.store.promises, self.context.account
        several = promises.count_promises(
            account, self.window.span, groupings, self.only, self.without
        )
        return [{row.keys: Figure(row) for row in rows} for rows in several]

    def read(self, pairs: Iterable[str] = ()) -> AccountFigures:
        """All figures. `pairs`: user ids of those who opted in to figures of their pairs."""
        known = self.context.run_state.read_promises_since()
        users = frozenset(pairs)
        groupings = _GROUPINGS if len(users) < _OF_A_PAIR else _GROUPINGS + _PAIR_GROUPINGS
        whole, side, rule, stage, requisition, why, week, *of_pairs = self._count_all(groupings)
        return AccountFigures(
            window=self.window,
            rules=self.rules,
            since={
                rule: datetime.fromisoformat(at) for rule, at in known.items() if rule in self.rules
            },
            total=whole.get((), NOTHING),
            by_side=_by_text(side),
            by_rule=_by_text(rule),
            by_stage=_by_text(stage),
            by_requisition=_nested(requisition),
            unknown=_unknown(why),
            trend=self._trend(week),
            pairs=self._pairs(users, *of_pairs) if of_pairs else (),
        )

    def _trend(self, counted: Counted) -> Mapping[str, Sequence[Figure]]:
        """Side -> a figure for each week; sides without any promise are left out."""
        sides = {str(keys[0] or "") for keys in counted}
        return {
            side: [counted.get((side, week), NOTHING) for week in range(self.window.weeks)]
            for side in SIDES
            if side in sides
        }

    def _pairs(
        self, users: frozenset[str], sides: Counted, weeks: Counted
    ) -> Sequence[PairFigures]:
        """Pairs of which both opted in, in order of ids: no order that ranks people."""
        pairs: dict[tuple[str, str], dict[Keys, Figure]] = {}
        for (recruiter, manager, *keys), one in weeks.items():
            if recruiter in users and manager in users and recruiter != manager:
                pairs.setdefault((str(recruiter), str(manager)), {})[tuple(keys)] = one
        return [
            PairFigures(
                recruiter=recruiter,
                manager=manager,
                sides={
                    side: sides[recruiter, manager, side]
                    for side in SIDES
                    if (recruiter, manager, side) in sides
                },
                trend=self._trend(counted),
            )
            for (recruiter, manager), counted in sorted(pairs.items())
        ]


def _unknown(counted: Counted) -> Sequence[tuple[str, str, int]]:
    found = [
        (str(keys[0]), str(keys[1] or ""), one.row.unknown)
        for keys, one in counted.items()
        if one.row.unknown
    ]
    return sorted(found, key=lambda one: (-one[2], one[0], one[1]))


def find_confidential(context: AccountContext) -> Sequence[str]:
    """Ids of the confidential requisitions of an account, deleted ones included."""
    query = Query("requisition", All(), ("requisition.confidential",))
    found = context.store.subjects.select(context.account, query, filtered=False)
    return [one.id for one in found if one.facts.get("requisition.confidential")]


def _by_text(counted: Counted) -> Mapping[str, Figure]:
    return {str(keys[0]): one for keys, one in counted.items() if keys[0] is not None}


def _nested(
    counted: Counted,
) -> Mapping[str, Mapping[str, Figure]]:
    found: dict[str, dict[str, Figure]] = {}
    for keys, one in counted.items():
        if keys[0] is not None:
            found.setdefault(str(keys[0]), {})[str(keys[1] or "")] = one
    return found
