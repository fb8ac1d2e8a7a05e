"""Kind `market`: pay, or the days a requisition is open, against a market table.

A message never has figures of pay. Without a row, or with another currency or period, the verdict
is unknown. `period` is the time that amounts in the ATS are for, unless the ATS says it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from atsbridge.model import Condition, Found, Operator, currency_code, plain_number
from atsbridge.ports import RuleSource
from atsbridge.rules.compile import CheckPrefilter, check_rule
from atsbridge.rules.evaluate import Below, EvaluationContext, Finding, MarketRow
from atsbridge.rules.kinds.market_keys import MarketKeys, selected, usual
from atsbridge.rules.language import inside, part, unique
from atsbridge.rules.rule import Rule

_DAY = timedelta(days=1)
# A week has five days of pay and a month four weeks: pay that is so far off is for another period
# or in another unit.
FAR = 4
_SPOKEN = {"p25": "25th percentile", "p50": "median", "p75": "75th percentile"}


@dataclass(frozen=True, slots=True)
class Compared:
    """Compares a subject with the row that fits it best. Paths are (column, key inside it)."""

    values: tuple[tuple[str, str], ...]
    currency: tuple[str, str]
    period: str
    between: tuple[str, str]
    since: str
    share: float  # tolerated deviation, as a share of the figure
    selectors: Mapping[str, tuple[str, str]]
    span: tuple[str, str] | None = None  # the field with the period of an amount
    below: Below | None = None
    watched: tuple[str, ...] = ()

    @property
    def reads(self) -> tuple[str, ...]:
        return unique((self.since, *(column for column, _ in (*self.values, self.currency))))

    def look(self, found: Found, context: EvaluationContext) -> Finding:
        written = [inside(found.facts.get(c), key) for c, key in self.values]
        amounts = [plain_number(value) for value in written if value not in (None, "")]
        present = [amount for amount in amounts if amount is not None]
        began = found.facts.get(self.since)
        if len(present) < len(amounts):
            return _silent("the amount in the ATS is not a plain number")
        if not present and not isinstance(began, datetime):
            return Finding(False, "nothing to compare")
        role = selected(self.selectors, found.facts)
        row = context.market.best(role, self.between[0] if self.values else "days_to_fill")
        if row is None:
            return _silent(f"no market row for {role.get('title') or 'this role'}")
        if isinstance(began, datetime):
            return self._open_for(began, row, context.now)
        currency = inside(found.facts.get(self.currency[0]), self.currency[1])
        if row.currency != currency_code(currency):
            return _silent(f"the market row ({row.source}) is in another currency")
        beside = inside(found.facts.get(self.span[0]), self.span[1]) if self.span else None
        if row.period != (beside or self.period):
            return _silent(f"the market row ({row.source}) is per {row.period}")
        return self._pay(min(present), max(present), row, sure=beside is not None)

    def _pay(self, least: float, most: float, row: MarketRow, *, sure: bool) -> Finding:
        """Compare pay. `sure`: the ATS gives the period of the amounts."""
        low, high = (getattr(row, figure) for figure in self.between)
        if low is None or high is None:
            return _silent(f"the market row ({row.source}) lacks a figure")
        source = f"({row.source}, {row.as_of})"
        if not sure and (most * FAR < low or least > high * FAR):
            return _silent(f"{FAR} times off the market row ({row.source}): pay for another time?")
        if most < low * (1 - self.share):
            return Finding(True, f"below the market's {_SPOKEN[self.between[0]]} {source}")
        if least > high * (1 + self.share):
            return Finding(True, f"above the market's {_SPOKEN[self.between[1]]} {source}")
        return Finding(False, f"within the market {source}")

    def _open_for(self, began: datetime, row: MarketRow, now: datetime) -> Finding:
        usual = row.days_to_fill or 0.0
        late = began + usual * (1 + self.share) * _DAY
        text = f"open since {began:%Y-%m-%d}; the market takes {usual:g} days"
        reason = (
            f"{text} ({row.source}, {row.as_of})"  # no number of days: it would change every day
        )
        return Finding(now >= late, reason, look_at=late if late > now else None)


def _span(subject: str, path: str) -> tuple[str, str] | None:
    """The path to the period of an amount: the field beside it."""
    column, key = part(subject, path)
    if key:
        return column, ".".join([*key.split(".")[:-1], "period"])
    if column.endswith((".pay_min", ".pay_max")):
        return f"{column.rpartition('.')[0]}.pay_period", ""
    return None


def _silent(why: str) -> Finding:
    return Finding(False, why, unknown=("market",))


class MarketKind:
    """The kind `market`."""

    name = "market"
    question = "Is pay, or the time that a search is open, outside the market figures?"
    schema = MarketKeys

    def compile(self, keys: MarketKeys, source: RuleSource) -> Rule:
        """Compile the rule. SQL leaves out requisitions that are not open yet."""
        subject = source.subject
        check = Compared(
            values=tuple(part(subject, path) for path in keys.value),
            currency=part(subject, keys.currency),
            period=keys.period,
            between=(keys.low, keys.high),
            since=keys.since or "",
            share=keys.tolerance / 100,
            selectors=usual(subject, keys.match),
            span=_span(subject, keys.value[0]) if keys.value else None,
        )
        begun = (Condition(keys.since, Operator.SET),) if keys.since else ()
        beside = [check.span] if check.span else []
        optional = unique(column for column, _ in (*check.selectors.values(), *beside))
        return check_rule(keys, source, check, CheckPrefilter(begun, begun), optional=optional)
