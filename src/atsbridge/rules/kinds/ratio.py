"""Kind `ratio`: a share of the latest records below a subject is beyond a limit.

With too few records it finds nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field, PlainValidator, ValidationInfo

from atsbridge.model import Condition, Found, Operator, Where, paths
from atsbridge.ports import RuleSource
from atsbridge.rules.compile import check_rule
from atsbridge.rules.evaluate import Below, EvaluationContext, Finding
from atsbridge.rules.kinds.collection_keys import Theirs, UnderKeys, conditions, event, telling
from atsbridge.rules.language import Length, Mistake, day_end, format_value, shown, wrong
from atsbridge.rules.rule import Rule
from atsbridge.worktime import Calendar, Duration, reach

_LAST = 10  # of a rule that has neither `last` nor `window`


def _percent(value: object, _info: ValidationInfo) -> int:
    match = re.fullmatch(r"([1-9][0-9]?)%", str(value))
    if match is None:
        raise wrong([Mistake(f"{shown(value)} is no share from 1% to 99%", "Write: over: 70%")])
    return int(match[1])


class RatioKeys(UnderKeys):
    """The share of records for which `share` holds, and the limit `over`.

    The records are the `last` ones by the instant `by`, or all within `window`. `named`: a path
    whose values the finding lists.
    """

    share: Annotated[Where, PlainValidator(conditions, json_schema_input_type=dict[str, Any])]
    by: Annotated[Theirs, PlainValidator(event, json_schema_input_type=str)]
    last: Annotated[int, Field(ge=1, strict=True)] | None = None
    window: Length | None = None
    least: Annotated[int, Field(ge=1, strict=True)] = 5
    over: Annotated[int, PlainValidator(_percent, json_schema_input_type=str)]
    named: Annotated[Theirs, PlainValidator(telling, json_schema_input_type=str)] | None = None


@dataclass(frozen=True, slots=True)
class Ratio:
    """Computes the share. It is unknown if it is unknown for one of the records.

    `last`: how many at most, None for all within the `window`, which is counted on `calendar`.
    """

    below: Below
    share: Where
    by: str
    last: int | None
    window: Duration | None
    least: int
    over: int
    named: str
    calendar: str
    reads: tuple[str, ...] = ()
    watched: tuple[str, ...] = ()

    def look(self, found: Found, context: EvaluationContext) -> Finding:
        rows, unknown, flip = self.below.read(found, context)
        if unknown:
            return Finding(False, unknown=unknown, look_at=flip)
        dated = [row for row in rows if row.facts.get(self.by) is not None]
        dated.sort(key=lambda row: (row.facts[self.by], row.id), reverse=True)
        latest, leaves = self._within(dated, context)
        latest = latest[: self.last]
        hits, unknown, turn = self.below.those(self.share, latest, context)
        look_at = min((at for at in (flip, leaves, turn) if at is not None), default=None)
        if unknown:
            return Finding(False, unknown=unknown, look_at=look_at)
        if len(latest) < self.least:
            few = f"only {len(latest)} of the {self.least} it takes to say"
            return Finding(False, few, look_at=look_at)
        reason = f"{len(hits)} of the last {len(latest)}{self._describe(hits)}"
        return Finding(len(hits) * 100 > self.over * len(latest), reason, look_at=look_at)

    def _within(
        self, dated: Sequence[Found], context: EvaluationContext
    ) -> tuple[Sequence[Found], datetime | None]:
        """The records within the window, latest first, and when the next of them leaves it."""
        if self.window is None:
            return dated, None
        calendar = context.calendars(None, self.calendar)
        leaves = {r.id: self._leaves(r.facts[self.by], self.window, calendar) for r in dated}
        still = [row for row in dated if leaves[row.id] > context.now]
        return still, min((leaves[row.id] for row in still), default=None)

    def _leaves(self, at: date, window: Duration, calendar: Calendar) -> datetime:
        """When a record leaves the window. A plain date leaves at its end."""
        begun = at if isinstance(at, datetime) else day_end(at, calendar.zone)
        return reach(calendar, window.unit, begun, window.span)

    def _describe(self, hits: Sequence[Found]) -> str:
        """How often each value occurs, most frequent first: " (Pay 3, Took another offer 1)"."""
        if not self.named:
            return ""
        times = Counter(format_value(row.facts.get(self.named)) for row in hits)
        counts = sorted(times.items(), key=lambda one: (-one[1], one[0]))
        return f" ({', '.join(f'{value} {number}' for value, number in counts)})" if counts else ""


class RatioKind:
    """The kind `ratio`."""

    name = "ratio"
    question = "Does too large a share of the latest records of a subject meet the conditions?"
    schema = RatioKeys

    def compile(self, keys: RatioKeys, source: RuleSource) -> Rule:
        """Compile the rule. SQL leaves out records without the instant that orders them."""
        dated = Condition(keys.by, Operator.SET)
        columns = (keys.by, *paths(keys.share))
        under = keys.below(source.subject, keys.counted(dated), columns)
        check = Ratio(
            below=replace(under, named=(keys.named,) if keys.named else ()),
            share=keys.share,
            by=keys.by,
            last=keys.last or (None if keys.window else _LAST),
            window=keys.window,
            least=keys.least,
            over=keys.over,
            named=keys.named or "",
            calendar=keys.calendar,
        )
        return check_rule(keys, source, check)
