"""Kind `ratio`: is a share of the records below a subject, the last of them, beyond a limit?

Too few records say nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, Field, PlainValidator, ValidationInfo

from atsbridge.model.query import Condition, Found, Operator, Where, paths
from atsbridge.rules import truth
from atsbridge.rules.assembly import Parsed, check_rule
from atsbridge.rules.checks import Below, Finding, below
from atsbridge.rules.kinds.under import Theirs, UnderKeys, conditions, event
from atsbridge.rules.mistakes import Mistake, shown, wrong
from atsbridge.rules.rule import Rule

if TYPE_CHECKING:
    from atsbridge.rules.judge import Surroundings


def _percent(value: Any, _info: ValidationInfo) -> int:
    match = re.fullmatch(r"([1-9]\d?)%", str(value))
    if match is None:
        raise wrong([Mistake(f"{shown(value)} is no share from 1% to 99%", "Write: over: 70%")])
    return int(match[1])


class RatioKeys(UnderKeys):
    """Of the `last` so many by `by`, those for which `share` holds; wrong if `over` so much."""

    share: Annotated[Where, PlainValidator(conditions, json_schema_input_type=dict[str, Any])]
    by: Annotated[Theirs, PlainValidator(event, json_schema_input_type=str)]
    last: Annotated[int, Field(ge=1)] = 10
    least: Annotated[int, Field(ge=1)] = 5
    over: Annotated[int, PlainValidator(_percent, json_schema_input_type=str)]


@dataclass(frozen=True, slots=True)
class Ratio:
    """Counts. A share that cannot be told of one record cannot be told of all."""

    below: Below
    share: Where
    by: str
    last: int
    least: int
    over: int
    reads: tuple[str, ...] = ()

    def look(self, found: Found, around: Surroundings) -> Finding:
        rows, unknown = self.below.read(found, around)
        if unknown:
            return Finding(False, unknown=unknown)
        dated = [row for row in rows if row.facts.get(self.by) is not None]
        dated.sort(key=lambda row: (row.facts[self.by], row.id), reverse=True)
        latest = dated[: self.last]
        if len(latest) < self.least:
            return Finding(False, f"only {len(latest)} of the {self.least} it takes to say")
        hits = [truth.evaluate(self.share, r.facts, (), self.below.kind) for r in latest]
        number = sum(hit is True for hit in hits)
        return Finding(
            number * 100 > self.over * len(latest), f"{number} of the last {len(latest)}"
        )


class RatioKind:
    """See the module."""

    name = "ratio"
    judge = "check"
    schema: type[BaseModel] = RatioKeys

    def compile(self, rule: Parsed) -> Rule:
        """The rule; SQL leaves out records without the instant that orders them."""
        keys: RatioKeys = rule.keys
        dated = Condition(keys.by, Operator.SET)
        under = below(
            rule.subject, keys.of, keys.counted(dated), keys.pairs, (keys.by, *paths(keys.share))
        )
        check = Ratio(under, keys.share, keys.by, keys.last, keys.least, keys.over)
        return check_rule(rule, check)
