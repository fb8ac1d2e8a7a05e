"""The facts of a pair's week: open roles, who has to act, what changed, promises kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property

from atsbridge.context import AccountContext, Pair
from atsbridge.model import Origin, Sensitivity, clean
from atsbridge.ports import Dimension
from atsbridge.presentation import (
    WeekCount,
    WeeklyChange,
    WeeklyFacts,
    WeeklyRole,
    WeeklyTask,
    weekly_message,
)
from atsbridge.queries.promise_figures import (
    MINIMUM,
    NOTHING,
    Figure,
    FigureQuery,
    FigureWindow,
    find_confidential,
)
from atsbridge.queries.requisition_overview import (
    OpenCase,
    RequisitionLine,
    RequisitionOverview,
    read_requisitions,
)

WEEKS = 12  # of the trend
STREAK = 30  # days in which every promise was kept
_WEEK = timedelta(weeks=1)
_ROLES = {"recruiter": "the recruiter", "hiring_manager": "the hiring manager"}


class PairWeeks:
    """The weeks of the pairs of an account at one instant; what all of them need is read once."""

    def __init__(self, context: AccountContext, now: datetime) -> None:
        """`now`: aware UTC."""
        self.context, self.now = context, now
        self._named = True  # whether the readers may know names of colleagues

    @cached_property
    def overview(self) -> RequisitionOverview:
        """The open roles of the account."""
        return read_requisitions(self.context, (self.now - _WEEK, self.now))

    @cached_property
    def lines(self) -> Mapping[str, RequisitionLine]:
        """Requisition id -> its line."""
        return {one.id: one for one in self.overview.requisitions}

    @cached_property
    def confidential(self) -> Sequence[str]:
        """Requisitions that no message counts."""
        return find_confidential(self.context)

    def read(self, pair: Pair) -> WeeklyFacts:
        """The facts of one pair."""
        self._named = may_name(self.context, pair.emails)
        lines = [self.lines[one] for one in pair.requisitions if one in self.lines]
        lines.sort(key=lambda one: (-one.late, one.instant("assignee_since") or self.now, one.id))
        pipeline, span = self.context.store.pipeline, (self.now - _WEEK, self.now)
        reached = pipeline.count_reached(self.context.account, span, pair.requisitions)
        streak, _ = self.read_streak(pair)
        return WeeklyFacts(
            names=self.names(pair),
            zone=self.context.directory.zones.get(pair.recruiter.id, self.context.directory.zone),
            now=self.now,
            roles=[self._role(one) for one in lines],
            task=self._task(pair, lines),
            changes=list(self._changes(lines)),
            applied=sum(one.applied for one in lines),
            interviewed=reached.get("interview", 0),
            hired=reached.get("hired", 0),
            weeks=self._weeks(pair),
            streak=STREAK if streak else 0,
            minimum=MINIMUM,
        )

    def read_streak(self, pair: Pair) -> tuple[bool, int]:
        """Whether the pair kept every promise of the last thirty days, and how many there were.

        At least `MINIMUM` must have been due, and none may be late and still open.
        """
        kept = self._month.get((pair.recruiter.id, pair.manager.id), NOTHING)
        late = any(self.lines[one].late for one in pair.requisitions if one in self.lines)
        return kept.due >= MINIMUM and not kept.row.late and not late, kept.row.on_time

    def name(self, user: str | None) -> str:
        """A colleague's name, "a colleague" where nobody knows it."""
        known = clean(self.context.directory.name(user), 60) if self._named else ""
        return known or "a colleague"

    def names(self, pair: Pair) -> tuple[str, str]:
        """What recruiter and manager are called for each other."""
        if not self._named:
            return "The recruiter", "the hiring manager"
        return self.name(pair.recruiter.id), self.name(pair.manager.id)

    # --- parts ------------------------------------------------------------------------------

    @cached_property
    def _month(self) -> Mapping[tuple[str | int | None, ...], Figure]:
        """Recruiter, manager -> their promises of the last thirty days."""
        start = self.now - timedelta(days=STREAK)
        return self._count(FigureWindow(start, self.now, 1))

    @cached_property
    def _by_week(self) -> Mapping[tuple[str | int | None, ...], Figure]:
        """Recruiter, manager, number of the week -> their promises."""
        return self._count(FigureWindow.ending(self.now, WEEKS), Dimension.WEEK)

    def _count(
        self, window: FigureWindow, *by: Dimension
    ) -> Mapping[tuple[str | int | None, ...], Figure]:
        query = FigureQuery(self.context, window, without=self.confidential)
        return query.count(Dimension.RECRUITER, Dimension.MANAGER, *by)

    def _weeks(self, pair: Pair) -> Sequence[WeekCount]:
        people = pair.recruiter.id, pair.manager.id
        mondays = enumerate(FigureWindow.ending(self.now, WEEKS).mondays)
        weeks = [(day, self._by_week.get((*people, number), NOTHING)) for number, day in mondays]
        return [WeekCount(monday, one.row.on_time, one.due) for monday, one in weeks]

    def _role(self, line: RequisitionLine) -> WeeklyRole:
        facts = line.facts
        return WeeklyRole(
            title=line.text("title"),
            code=line.text("code"),
            waiting=self._waiting(line),
            since=line.instant("assignee_since"),
            late=line.late,
            active=sum(line.pipeline.values()) if facts.get("status") == "open" else None,
        )

    def _waiting(self, line: RequisitionLine) -> str:
        user = line.facts.get("assignee")
        return self.name(user) if isinstance(user, str) else ""

    def _task(self, pair: Pair, lines: Sequence[RequisitionLine]) -> WeeklyTask | None:
        """What is late longest, else the role that waits longest on one of the two."""
        people = (pair.recruiter.id, pair.manager.id)
        late = [
            (one, line) for line in lines for one in line.cases if one.late and not _hidden(one)
        ]
        own = [found for found in late if found[0].case.owed_by in people]
        if own:
            case, line = min(own, key=lambda found: found[0].case.due_at or self.now)
            who = self.name(case.case.owed_by)
            return WeeklyTask(who, _name(line), case.rule.title, case.case.due_at)
        for line in sorted(lines, key=lambda one: one.instant("assignee_since") or self.now):
            user = line.facts.get("assignee")
            if user in people:
                since = line.instant("assignee_since")
                return WeeklyTask(self.name(str(user)), _name(line), at=since, waits=True)
        found = [(one, line) for line in lines for one in line.cases if one.finding]
        return WeeklyTask("", _name(found[0][1]), found[0][0].rule.title) if found else None

    def _changes(self, lines: Sequence[RequisitionLine]) -> Iterator[WeeklyChange]:
        """Changes of the roles in the last seven days, oldest first within a role."""
        store, account = self.context.store.history, self.context.account
        names = {line.id: _name(line) for line in lines}
        found = store.read_many_changes(
            account, "requisition", sorted(names), weekly_message.CHANGES
        )
        for line in lines:
            for one in found.get(line.id, ()):
                at = one.occurred_at or one.observed_at
                if one.origin is Origin.MAPPING or not self.now - _WEEK <= at <= self.now:
                    continue
                people = one.field in _ROLES
                old, new = (self.name(v) if people and v else v for v in (one.old, one.new))
                yield WeeklyChange(names[line.id], one.field, old, new)


def _hidden(one: OpenCase) -> bool:
    """Whether its title would say more than a message to two people may."""
    return one.rule.personal


def _name(line: RequisitionLine) -> str:
    return weekly_message.role_name(line.facts.get("title"), line.facts.get("code"))


def may_name(context: AccountContext, emails: Sequence[str]) -> bool:
    """Whether the sinks of all these people may name colleagues."""
    directory = context.directory
    sinks = {directory.find_sink(email) for email in emails}
    return all(
        context.services.clearance(sink).allows(Sensitivity.PERSONAL)
        for sink in sinks
        if sink in context.services.sink_names(context.account)
    )
