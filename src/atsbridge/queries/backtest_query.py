"""A backtest of one rule over an account's past, with the account's people and calendars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from atsbridge.context import AccountContext, Services
from atsbridge.queries.backtest_searches import BacktestSearch, find_searches
from atsbridge.queries.past_attention_query import read_past_attention
from atsbridge.rules import Coverage, CoverageLevel, Rule, coverage
from atsbridge.simulation import (
    BacktestFigures,
    BacktestOutcome,
    BacktestWindow,
    MessageHabits,
    backtest,
    figures,
)
from atsbridge.worktime import Duration

_AGELESS = timedelta(days=36_500)  # records of the past are never out of date


@dataclass(frozen=True, slots=True)
class Backtest:
    """One rule over one account's past. `label`: what was set otherwise, "" for the rule as is.

    `searches`: where the cases would have opened, most first. `names`: address -> the colleague's
    name; `reaches`: the first day of which closed things are read, where the window begins before
    it. `partly`: what the connector tells in part, and why.
    """

    account: str
    label: str
    outcome: BacktestOutcome
    figures: BacktestFigures
    searches: tuple[BacktestSearch, ...]
    names: Mapping[str, str]
    reaches: datetime | None
    connector: str
    partly: tuple[str, ...]

    @property
    def beside(self) -> tuple[str, ...]:
        """What a run also considers and the replay of one rule does not."""
        trips = ("what ops do with messages that the breaker holds",) if self.figures.trips else ()
        return ("what people answered", *trips)


def run_backtest(
    services: Services, account: str, rule: Rule, since: timedelta, label: str = ""
) -> Backtest:
    """Replay the rule over the last `since` of the account. Writes and sends nothing."""
    now = services.time.now()
    after = Duration.parse(services.settings.notify.backlog_after)
    window = BacktestWindow(now - since, now, after)
    years = tuple(range(window.start.year - 1, now.year + 2))
    context = AccountContext(services, account, years=years, max_age=_AGELESS)
    spec, users, evaluation = context.spec, context.users, context.evaluation_inputs(now)
    outcome = backtest(
        account, rule, context.store, evaluation.evaluation_context(), context.directory, window
    )
    habits = context.attention
    found = figures(
        outcome,
        MessageHabits(
            calendar=habits.calendar,
            quiet=habits.quiet,
            digest_at=habits.digest_at,
            per_day=habits.per_day,
        ),
        read_past_attention(context, outcome),
    )
    names = {user.email: user.name for user in users.values() if user.email and user.name}
    reaches = now - context.section.history
    return Backtest(
        account=account,
        label=label,
        outcome=outcome,
        figures=found,
        searches=find_searches(context, outcome),
        names=names,
        reaches=reaches if window.start < reaches else None,
        connector=spec.title,
        partly=tuple(_partly(coverage(rule, spec, context.mapped_fields))),
    )


def _partly(found: Coverage) -> Iterator[str]:
    """The fields of the rule that the connector tells only in part."""
    if found.level is CoverageLevel.SINCE_INSTALL:
        yield "some of these dates are our own sight, from the first sync on"
    elif found.level is not CoverageLevel.FULL:
        yield f"works here: {found.level.label}"
    yield from found.why
