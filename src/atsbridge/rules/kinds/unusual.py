"""Kind `unusual`: the last weeks of a subject, compared with its own past.

Whole weeks are compared, each from Monday to Monday in the calendar's zone, so that the answer
changes once a week. Without six weeks of past it says nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from statistics import median
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import Field, PlainValidator, ValidationInfo, model_validator

from atsbridge.model import All, Condition, FieldType, Found, Operator, resolve
from atsbridge.ports import RuleSource
from atsbridge.rules.compile import check_rule
from atsbridge.rules.evaluate import Below, EvaluationContext, Finding
from atsbridge.rules.kinds.collection_keys import Theirs, UnderKeys, event, telling
from atsbridge.rules.language import Mistake, example, format_value, plain, shown, wrong
from atsbridge.rules.rule import Rule

_PAST = 6  # weeks; a shorter past is not compared
_DAYS = 7


def _percent(value: object, info: ValidationInfo) -> int:
    match = re.fullmatch(r"([1-9][0-9]{0,3})%", str(value))
    key = info.field_name or ""
    percent = int(match[1]) if match else 0
    if match is None or (percent >= 100 if key == "below_usual" else percent <= 100):
        limit = "from 1% to 99%" if key == "below_usual" else "above 100%"
        what = f"{shown(value)} is no share of the usual {limit}"
        raise wrong([Mistake(what, f"Write: {example(key)}")])
    return percent


class UnusualKeys(UnderKeys):
    """The records to count by week, and how far from the usual number is unusual."""

    by: Annotated[Theirs, PlainValidator(event, json_schema_input_type=str)]
    per: Annotated[Theirs, PlainValidator(telling, json_schema_input_type=str)] | None = None
    weeks: Annotated[int, Field(ge=1, le=12, strict=True)] = 2
    history: Annotated[int, Field(ge=_PAST, le=52, strict=True)] = 12
    below_usual: Annotated[int, plain(_percent)] | None = None
    above_usual: Annotated[int, plain(_percent)] | None = None
    least: Annotated[int, Field(ge=1, strict=True)] = 5

    @model_validator(mode="after")
    def _a_limit(self) -> Self:
        if self.below_usual is None and self.above_usual is None:
            what = '"below_usual" or "above_usual" is missing'
            raise wrong([Mistake(what, f"Write: {example('below_usual')}")])
        return self


@dataclass(frozen=True, slots=True)
class Unusual:
    """Compares the `weeks` before this one with up to `history` weeks before those.

    `least`: how many records the usual number must promise for these weeks; fewer say little.
    """

    below: Below
    by: str
    per: str
    weeks: int
    history: int
    below_usual: int | None
    above_usual: int | None
    least: int
    calendar: str
    reads: tuple[str, ...] = ()
    watched: tuple[str, ...] = ()

    def look(self, found: Found, context: EvaluationContext) -> Finding:
        zone = ZoneInfo(context.calendars(None, self.calendar).zone)
        *edges, coming = _mondays(context.now, zone, self.weeks + self.history)
        dated = resolve(self.below.kind, self.by).field.type is FieldType.DATE
        least = edges[0].date() - timedelta(days=1) if dated else edges[0]
        where = All((self.below.where, Condition(self.by, Operator.GTE, least)))
        rows, unknown, flip = replace(self.below, where=where).read(found, context)
        coming = min(coming, flip) if flip is not None else coming
        if unknown:
            return Finding(False, unknown=unknown, look_at=coming)
        groups: dict[str, list[int]] = {}
        for row in rows:
            place = _week(row.facts[self.by], edges, zone)
            if place is not None:
                name = format_value(row.facts.get(self.per)) if self.per else ""
                groups.setdefault(name, [0] * (len(edges) - 1))[place] += 1
        findings = [
            text for name, weeks in sorted(groups.items()) for text in self._describe(name, weeks)
        ]
        return Finding(bool(findings), "; ".join(findings) or "as usual", look_at=coming)

    def _describe(self, name: str, weeks: Sequence[int]) -> Iterator[str]:
        """Describe what is unusual about the numbers of a group, oldest week first."""
        past, last = weeks[: -self.weeks], weeks[-self.weeks :]
        begun = next((i for i, number in enumerate(past) if number), len(past))
        known = past[begun:]
        if len(known) < _PAST:
            return
        usual, now = median(known), sum(last) / self.weeks
        if usual * self.weeks < self.least:
            return
        few = self.below_usual is not None and now * 100 < usual * self.below_usual
        many = self.above_usual is not None and now * 100 > usual * self.above_usual
        if few or many:
            span = f"the last {self.weeks} weeks" if self.weeks > 1 else "the last week"
            text = f"{_number(now)} a week in {span}, usually {_number(usual)}"
            yield f"{name}: {text}" if name else text


@lru_cache(maxsize=8)
def _mondays(now: datetime, zone: ZoneInfo, weeks: int) -> tuple[datetime, ...]:
    """When so many weeks before this one, this one and the next one begin, in order."""
    today = now.astimezone(zone).date()
    monday = datetime.combine(today - timedelta(days=today.weekday()), time())
    return tuple(
        _instant(monday + timedelta(days=_DAYS * number), zone) for number in range(-weeks, 2)
    )


def _instant(local: datetime, zone: ZoneInfo) -> datetime:
    return local.replace(tzinfo=zone).astimezone(UTC)


def _week(value: date, edges: Sequence[datetime], zone: ZoneInfo) -> int | None:
    """The index of the week of an instant; None outside the compared weeks."""
    at = value if isinstance(value, datetime) else _instant(datetime.combine(value, time()), zone)
    place = bisect_right(edges, at) - 1
    return place if 0 <= place < len(edges) - 1 else None


def _number(value: float) -> str:
    return f"{round(value, 1):g}"


class UnusualKind:
    """The kind `unusual`."""

    name = "unusual"
    question = "Do the last weeks differ much from what is usual for this subject?"
    schema = UnusualKeys

    def compile(self, keys: UnusualKeys, source: RuleSource) -> Rule:
        """Compile the rule. SQL leaves out records older than the compared past."""
        columns = (keys.by, *((keys.per,) if keys.per else ()))
        under = keys.below(source.subject, keys.counted(), (keys.by,))
        check = Unusual(
            below=replace(under, named=columns[1:]),
            by=keys.by,
            per=keys.per or "",
            weeks=keys.weeks,
            history=keys.history,
            below_usual=keys.below_usual,
            above_usual=keys.above_usual,
            least=keys.least,
            calendar=keys.calendar,
        )
        return check_rule(keys, source, check)
