"""Kind `spread`: values of the records below a subject lie far apart.

It waits until every record has its value. A message never has the values themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, PlainValidator

from atsbridge.model import Found
from atsbridge.ports import RuleSource
from atsbridge.rules.compile import check_rule
from atsbridge.rules.evaluate import Below, EvaluationContext, Finding
from atsbridge.rules.kinds.collection_keys import Theirs, UnderKeys, event, figure
from atsbridge.rules.rule import Rule


class SpreadKeys(UnderKeys):
    """The values, the event that must have happened for all (`once`), and the limit `apart`."""

    value: Annotated[Theirs, PlainValidator(figure, json_schema_input_type=str)]
    once: Annotated[Theirs, PlainValidator(event, json_schema_input_type=str)]
    apart: Annotated[float, Field(gt=0, strict=True, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True)
class Spread:
    """Compares the lowest and the highest value. A record without a value counts as answered."""

    below: Below
    value: str
    once: str
    apart: float
    reads: tuple[str, ...] = ()
    watched: tuple[str, ...] = ()

    def look(self, found: Found, context: EvaluationContext) -> Finding:
        rows, unknown, flip = self.below.read(found, context)
        if unknown:
            return Finding(False, unknown=unknown, look_at=flip)
        if any(row.facts.get(self.once) is None for row in rows):
            return Finding(False, "not everybody has answered yet", look_at=flip)
        values = [row.facts[self.value] for row in rows if row.facts.get(self.value) is not None]
        if len(values) < 2:
            return Finding(False, "nothing to compare", look_at=flip)
        split = max(values) - min(values) >= self.apart
        text = f"{len(values)} answers, {'far apart' if split else 'near enough'}"
        return Finding(split, text, look_at=flip)


class SpreadKind:
    """The kind `spread`."""

    name = "spread"
    question = "Do the values of the records of a subject differ widely, once all are there?"
    schema = SpreadKeys

    def compile(self, keys: SpreadKeys, source: RuleSource) -> Rule:
        """Compile the rule. SQL evaluates its `where` only."""
        columns = (keys.value, keys.once)
        under = keys.below(source.subject, keys.counted(), columns)
        return check_rule(keys, source, Spread(under, keys.value, keys.once, keys.apart))
