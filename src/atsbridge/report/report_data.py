"""Collect the data of a report from the store. Sends no request and writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from atsbridge.context import AccountContext, Services, find_sharers
from atsbridge.errors import ConfigError
from atsbridge.model import Sensitivity, Transition
from atsbridge.ports import StageTime
from atsbridge.queries import (
    AccountFigures,
    AccountStatus,
    Explanation,
    FigureQuery,
    FigureWindow,
    RequisitionOverview,
    SearchEvent,
    StatusProblem,
    explain_cases,
    find_confidential,
    find_shared_problems,
    read_requisitions,
    read_search_history,
    read_status,
)
from atsbridge.report.reader_names import ReaderNames
from atsbridge.rules import RuleStatus, required
from atsbridge.worktime import FALLBACK_ZONE

SHOWN = 500  # requisitions on one page; the exports have all
TIMELINES = 100  # cases whose clock is drawn; the others are listed


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What a report covers: one account or all, one requisition or all that are open.

    `confidential`: a confidential `requisition` may be shown, because its hiring team reads this.
    """

    weeks: int = 12
    account: str = ""
    requisition: str = ""
    confidential: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReport:
    """One account. `zone`: the zone in which its instants are written.

    `reached`: kind of stage -> applications that came into it in the window. `explanations` and
    `histories`: case number -> what explains it, of the cases that are drawn. `shadow`: rule that
    is live elsewhere -> why it is shadow here. `silent`: live rules that cannot be evaluated now,
    and the fields they lack. `opted_in`: colleagues who agreed to figures of their pairs.
    `market`: the date of each row of the market tables. `searches`: requisition -> its history, of
    those that the page shows.
    """

    account: str
    connector: str
    zone: str
    names: ReaderNames
    overview: RequisitionOverview
    figures: AccountFigures
    stages: Sequence[StageTime]
    reached: Mapping[str, int]
    explanations: Mapping[int, Explanation] = field(default_factory=dict)
    histories: Mapping[int, Sequence[Transition]] = field(default_factory=dict)
    status: AccountStatus
    shadow: Mapping[str, Sequence[str]] = field(default_factory=dict)
    silent: Mapping[str, Sequence[str]] = field(default_factory=dict)
    false_alarms: Mapping[str, int] = field(default_factory=dict)
    opted_in: int = 0
    market: Sequence[date] = ()
    searches: Mapping[str, Sequence[SearchEvent]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """All accounts at one instant, in order of name."""

    at: datetime
    options: ReportOptions
    window: FigureWindow
    accounts: Sequence[AccountReport]
    problems: Sequence[StatusProblem] = ()


def collect_report(services: Services, options: ReportOptions) -> Report:
    """Collect the report. ConfigError for an account or requisition that does not exist.

    A requisition is looked for in every account; accounts that do not have it are left out.
    """
    now = services.time.now()
    window = FigureWindow.ending(now, options.weeks)
    if options.confidential and not options.requisition:
        raise ConfigError(
            "--confidential needs a requisition",
            remedy="Add --requisition CODE: only its hiring team may read such a report",
        )
    names = [options.account] if options.account else sorted(services.settings.accounts)
    found: list[AccountReport] = []
    missing: list[ConfigError] = []
    for name in names:
        services.account(name)  # ConfigError where it is not configured
        try:
            found.append(_collect(services, name, options, window))
        except ConfigError as error:
            if not options.requisition:
                raise
            missing.append(error)
    if missing and not found:
        raise missing[0]
    return Report(now, options, window, found, tuple(find_shared_problems(services)))


def _collect(
    services: Services, account: str, options: ReportOptions, window: FigureWindow
) -> AccountReport:
    context = AccountContext(services, account)
    overview = read_requisitions(
        context,
        window.span,
        requisition=options.requisition,
        confidential=options.confidential,
    )
    only = [one.id for one in overview.requisitions] if options.requisition else None
    hidden = [] if options.confidential else find_confidential(context)
    query = FigureQuery(context, window, requisitions=only, without=hidden)
    users = context.users
    settings = services.settings.report
    wanted = find_sharers(services)
    opted_in = [one.id for one in users.values() if (one.email or "").lower() in wanted]
    drawn = [one.case for one in overview.cases[:TIMELINES]]
    pipeline = context.store.pipeline
    names = ReaderNames(users, Sensitivity[settings.clearance.upper()])
    return AccountReport(
        account=account,
        connector=context.spec.title,
        zone=context.section.timezone or FALLBACK_ZONE,
        names=names,
        overview=overview,
        figures=query.read(opted_in),
        stages=pipeline.measure_stages(account, window.span, only),
        reached=pipeline.count_reached(account, window.span, only),
        explanations=explain_cases(context, drawn),
        histories={one.number: context.store.cases.read_transitions(one.number) for one in drawn},
        status=read_status(services, account),
        shadow=_shadow(context),
        silent=_silent(context),
        false_alarms=context.store.cases.count_false_alarms(account),
        opted_in=len(opted_in),
        searches=read_search_history(context, [one.id for one in overview.requisitions[:SHOWN]]),
        market=[row.as_of for row in services.market.data.rows],
    )


def _shadow(context: AccountContext) -> Mapping[str, Sequence[str]]:
    rules = context.services.packs.rule_set.rules.values()
    lacking = {rule.id: context.missing_signals(rule) for rule in rules}
    return {rule: why for rule, why in sorted(lacking.items()) if why}


def _silent(context: AccountContext) -> Mapping[str, Sequence[str]]:
    unknown = context.unknown_fields
    lacking = {
        name: sorted(required(rule) & unknown)
        for name, rule in context.rules.items()
        if rule.status is RuleStatus.LIVE
    }
    return {rule: fields for rule, fields in sorted(lacking.items()) if fields}
