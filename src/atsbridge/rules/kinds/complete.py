"""Kind `complete`: are these fields filled in?

Whether the words in them are any good is for people to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BaseModel

from atsbridge.model.catalogue import resolve
from atsbridge.model.fields import FieldType
from atsbridge.model.query import All, AnyOf, Condition, Found, Operator
from atsbridge.rules.assembly import Parsed, check_rule
from atsbridge.rules.checks import Below, Finding
from atsbridge.rules.rule import Rule
from atsbridge.rules.schema import CheckKeys, Fact, filled
from atsbridge.rules.words import named

if TYPE_CHECKING:
    from atsbridge.rules.judge import Surroundings

_HOLLOW = (FieldType.TEXT, FieldType.LIST, FieldType.MAP)  # may be there and say nothing


class CompleteKeys(CheckKeys):
    """What has to be there."""

    needs: Annotated[tuple[Fact, ...], AfterValidator(filled)]


@dataclass(frozen=True, slots=True)
class Complete:
    """Names what is not there: absent, or empty."""

    reads: tuple[str, ...]
    below: Below | None = None

    def look(self, found: Found, _around: Surroundings) -> Finding:
        lacking = [path for path in self.reads if found.facts.get(path) in (None, "", (), {})]
        return Finding(bool(lacking), ", ".join(map(named, lacking)))


class CompleteKind:
    """See the module."""

    name = "complete"
    judge = "check"
    schema: type[BaseModel] = CompleteKeys

    def compile(self, rule: Parsed) -> Rule:
        """The rule; settled where all is there."""
        keys: CompleteKeys = rule.keys
        hollow = any(resolve(rule.subject, path).field.type in _HOLLOW for path in keys.needs)
        unset = AnyOf(tuple(Condition(path, Operator.UNSET) for path in keys.needs))
        there = All(tuple(Condition(path, Operator.SET) for path in keys.needs))
        wrong = () if hollow else (unset,)
        return check_rule(rule, Complete(keys.needs), wrong=wrong, right=(there,))
