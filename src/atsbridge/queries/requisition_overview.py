"""Read the open requisitions of an account: who has to act, and what is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from atsbridge.context import AccountContext, find_places
from atsbridge.errors import ConfigError
from atsbridge.model import SECTIONS, Case, Clock, Condition, Found, Operator, Query
from atsbridge.ports import PipelineCount
from atsbridge.rules import Market, Rule, RuleStatus

OPEN = ("pending_approval", "open", "on_hold")  # statuses of requisitions that are listed
_FIELDS = (
    *("code", "title", "status", "url", "confidential", "opened_at", "recruiter"),
    *("hiring_manager", "assignee", "assignee_role", "assignee_since", "headcount", "filled"),
    *("first_submission_at", "criteria_agreed_at", "brief", "brief.version", "brief.agreed"),
    *("brief.sections", "brief.first_seen_at"),
)
_COLUMNS = tuple(f"requisition.{name}" for name in _FIELDS)


# What chooses a row of a market table: selector -> field. Read only where there are tables.
_ROLE = {
    "title": "title",
    "department": "department.name",
    "country": "office.country",
    "location": "office.name",
}


@dataclass(frozen=True, slots=True)
class MarketTime:
    """How many days the market takes to fill such a role, by a table's source and date."""

    days: float
    source: str
    as_of: date


@dataclass(frozen=True, slots=True)
class OpenCase:
    """An open case of a live rule, with the requisition it belongs to."""

    case: Case
    rule: Rule
    requisition: str | None

    @property
    def finding(self) -> bool:
        """Whether it is the finding of a check: it has no due instant and is never late."""
        return self.rule.clock is None and not self.unknown

    @property
    def late(self) -> bool:
        """Whether due has passed."""
        return self.case.clock is Clock.BREACHED and not self.finding

    @property
    def unknown(self) -> bool:
        """Whether data is missing that decides its state."""
        return self.case.clock is Clock.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class RequisitionLine:
    """One requisition. `facts`: its fields by name; `sections`: how many sections its brief has.

    `agreed`: user id -> when they agreed to the brief; `pipeline`: kind of stage -> active
    applications. `market`: None where no row of a market table fits.
    """

    id: str
    facts: Mapping[str, object]
    sections: int | None = None
    agreed: Mapping[str, datetime] = field(default_factory=dict)
    pipeline: Mapping[str, int] = field(default_factory=dict)
    applied: int = 0
    cases: Sequence[OpenCase] = ()
    market: MarketTime | None = None

    def instant(self, name: str) -> datetime | None:
        """The value of a field that is an instant."""
        value = self.facts.get(name)
        return value if isinstance(value, datetime) else None

    def text(self, name: str) -> str:
        """The value of a field as text; "" if it is unknown."""
        value = self.facts.get(name)
        return "" if value is None else str(value)

    @property
    def late(self) -> int:
        """Open cases whose due has passed."""
        return sum(one.late for one in self.cases)

    @property
    def at_risk(self) -> int:
        """Open cases that are not due yet and have had a first reminder."""
        return sum(not (one.late or one.unknown or one.finding) for one in self.cases)

    @property
    def findings(self) -> int:
        """Open cases of checks."""
        return sum(one.finding for one in self.cases)

    @property
    def unknown(self) -> int:
        """Open cases that cannot be evaluated because data is missing."""
        return sum(one.unknown for one in self.cases)

    @property
    def next_due(self) -> datetime | None:
        """The earliest due instant of its open promises, which may be past."""
        dues = (one.case.due_at for one in self.cases if not one.finding)
        return min((due for due in dues if due), default=None)


@dataclass(frozen=True, slots=True)
class RequisitionOverview:
    """Requisitions, those that wait longest first; `confidential`: how many were left out for that.

    `cases`: all open cases of those, and of no requisition; `active`: active applications of all.
    """

    requisitions: Sequence[RequisitionLine]
    cases: Sequence[OpenCase]
    active: int
    confidential: int


def read_requisitions(
    context: AccountContext,
    window: tuple[datetime, datetime],
    *,
    requisition: str = "",
    confidential: bool = False,
) -> RequisitionOverview:
    """Requisitions that are open, or the one with that code or id, whatever its status.

    `confidential`: show confidential ones. ConfigError where `requisition` names none.
    """
    rows = _find(context, requisition)
    shown = [row for row in rows if confidential or not row.facts["requisition.confidential"]]
    if requisition and not shown:
        raise ConfigError(
            f"the requisition {requisition!r} is confidential",
            where=context.account,
            remedy="Add --confidential if only its hiring team reads the report",
        )
    ids = {row.id for row in shown}
    cases = _open_cases(context, ids, all_=not requisition)
    by_requisition: dict[str, list[OpenCase]] = {}
    for one in cases:
        by_requisition.setdefault(one.requisition or "", []).append(one)
    wanted = sorted(ids) if requisition else None
    by_count: dict[str, list[PipelineCount]] = {}
    for count in context.store.pipeline.count_applications(context.account, window, wanted):
        if count.requisition in ids:
            by_count.setdefault(count.requisition or "", []).append(count)
    market = context.services.market.data
    found = [
        replace(
            _line(row, by_requisition.get(row.id, ()), by_count.get(row.id, ())),
            market=find_market_time(market, row.facts),
        )
        for row in shown
    ]
    active = sum(sum(one.pipeline.values()) for one in found)
    return RequisitionOverview(sorted(found, key=_urgency), cases, active, len(rows) - len(shown))


def _find(context: AccountContext, requisition: str) -> list[Found]:
    select, account = context.store.subjects.select, context.account
    columns = (*_COLUMNS, *market_columns()) if context.services.market.data.rows else _COLUMNS
    if not requisition:
        where = Condition("requisition.status", Operator.IN, OPEN)
        return list(select(account, Query("requisition", where, columns)))
    named = Condition("requisition.code", Operator.EQ, requisition)
    query = Query("requisition", named, columns)
    found = [one for one in select(account, query) if not one.unknown]
    found = found or list(select(account, query, ids=[requisition], filtered=False))
    if not found:
        raise ConfigError(
            f"there is no requisition {requisition!r}",
            where=account,
            remedy="Write its code or its id, as the ATS shows it",
        )
    return found


def market_columns() -> tuple[str, ...]:
    """The paths that choose a row of a market table."""
    return tuple(f"requisition.{name}" for name in _ROLE.values())


def read_role(facts: Mapping[str, object]) -> Mapping[str, str]:
    """What chooses a row: selector -> its text, from facts by path."""
    return {name: str(facts.get(f"requisition.{field}") or "") for name, field in _ROLE.items()}


def find_market_time(market: Market, facts: Mapping[str, object]) -> MarketTime | None:
    """The time to fill that a market table has for a role with these facts, by path."""
    if not market.rows:
        return None
    row = market.best(read_role(facts), "days_to_fill")
    if row is None or row.days_to_fill is None:
        return None
    return MarketTime(row.days_to_fill, row.source, row.as_of)


def _open_cases(context: AccountContext, ids: set[str], *, all_: bool) -> list[OpenCase]:
    """Open cases of live rules on these requisitions; with `all_` also those on none."""
    rules = {
        name: rule
        for name, rule in context.rules.items()
        if rule.status is RuleStatus.LIVE and not (rule.news or rule.personal)
    }
    cases = [
        case
        for case in context.store.cases.read_open_cases(context.account)
        if case.rule in rules and not case.in_backlog
    ]
    places = find_places(context.store.subjects, context.account, (one.subject for one in cases))
    found = [
        OpenCase(case, rules[case.rule], place.requisition if place else None)
        for case in cases
        for place in [places.get(case.subject)]
    ]
    found = [one for one in found if one.requisition in ids or (all_ and not one.requisition)]
    return sorted(found, key=_case_urgency)


def _case_urgency(one: OpenCase) -> tuple[bool, bool, bool, float, int]:
    """Late ones first, then what is due next; findings and unknown ones last."""
    due = one.case.due_at
    return one.unknown, one.finding, not one.late, due.timestamp() if due else 1e12, one.case.number


def _urgency(one: RequisitionLine) -> tuple[float, float, str]:
    """Requisitions with something due first, by due; then those that wait longest."""
    due, since = one.next_due, one.instant("assignee_since")
    return (
        due.timestamp() if due else 1e12,
        since.timestamp() if since else 1e12,
        one.text("code") or one.id,
    )


def _line(
    row: Found, cases: Sequence[OpenCase], counts: Sequence[PipelineCount]
) -> RequisitionLine:
    facts = {name: row.facts.get(path) for name, path in zip(_FIELDS, _COLUMNS, strict=True)}
    sections, agreed = facts.pop("brief.sections"), facts.pop("brief.agreed")
    filled = sum(bool(sections.get(one)) for one in SECTIONS) if isinstance(sections, dict) else 0
    pipeline: dict[str, int] = {}
    for count in counts:
        if count.status == "active":
            pipeline[count.stage] = pipeline.get(count.stage, 0) + count.number
    return RequisitionLine(
        id=row.id,
        facts=facts,
        sections=filled if facts["brief"] else None,
        agreed=_instants(agreed),
        pipeline=pipeline,
        applied=sum(count.new for count in counts),
        cases=cases,
    )


def _instants(agreed: object) -> Mapping[str, datetime]:
    """User id -> when; what is no instant is left out."""
    found: dict[str, datetime] = {}
    for user, at in agreed.items() if isinstance(agreed, dict) else ():
        try:
            found[str(user)] = datetime.fromisoformat(str(at))
        except ValueError:
            continue
    return found
