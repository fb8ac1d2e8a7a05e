"""Kind `spread`: do the values of the records below a subject lie far apart, once all are there?

Nothing is said before everybody has answered, and the values themselves never are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, Field, PlainValidator

from atsbridge.model import Found
from atsbridge.rules.compile import Parsed, check_rule
from atsbridge.rules.evaluate import Below, Finding, below
from atsbridge.rules.kinds.collection_keys import Theirs, UnderKeys, event, figure
from atsbridge.rules.rule import Rule

if TYPE_CHECKING:
    from atsbridge.rules.evaluate import Surroundings


class SpreadKeys(UnderKeys):
    """Of which values, `once` which event has happened for all, and how far `apart` is far."""

    value: Annotated[Theirs, PlainValidator(figure, json_schema_input_type=str)]
    once: Annotated[Theirs, PlainValidator(event, json_schema_input_type=str)]
    apart: Annotated[float, Field(gt=0, strict=True, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True)
class Spread:
    """Compares the least and the greatest value; who gave none counts as having answered."""

    below: Below
    value: str
    once: str
    apart: float
    reads: tuple[str, ...] = ()

    def look(self, found: Found, around: Surroundings) -> Finding:
        rows, unknown = self.below.read(found, around)
        if unknown:
            return Finding(False, unknown=unknown)
        if any(row.facts.get(self.once) is None for row in rows):
            return Finding(False, "not everybody has answered yet")
        values = [row.facts[self.value] for row in rows if row.facts.get(self.value) is not None]
        if len(values) < 2:
            return Finding(False, "nothing to compare")
        split = max(values) - min(values) >= self.apart
        return Finding(split, f"{len(values)} answers, {'far apart' if split else 'near enough'}")


class SpreadKind:
    """See the module."""

    name = "spread"
    judge = "check"
    schema: type[BaseModel] = SpreadKeys

    def compile(self, rule: Parsed) -> Rule:
        """The rule; its `where` is all that SQL can say."""
        keys: SpreadKeys = rule.keys
        columns = (keys.value, keys.once)
        under = below(rule.subject, keys.of, keys.counted(), keys.pairs, columns)
        return check_rule(rule, Spread(under, keys.value, keys.once, keys.apart))
