"""Kind `complete`: are these fields, or parts of a block of keys, filled in?

Whether the words in them are any good is for people to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BaseModel, ValidationInfo

from atsbridge.model.catalogue import resolve
from atsbridge.model.fields import FieldType
from atsbridge.model.query import All, AnyOf, Condition, Found, Operator
from atsbridge.rules import vocabulary
from atsbridge.rules.assembly import Parsed, check_rule
from atsbridge.rules.checks import Below, Finding
from atsbridge.rules.mistakes import Mistake, wrong
from atsbridge.rules.rule import Rule
from atsbridge.rules.schema import CheckKeys, filled
from atsbridge.rules.words import named

if TYPE_CHECKING:
    from atsbridge.rules.judge import Surroundings

_HOLLOW = (FieldType.TEXT, FieldType.LIST, FieldType.MAP)  # may be there and say nothing


def _known(needs: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    """Fields, or keys inside a block of keys such as requisition.brief.sections.must_haves."""
    subject = (info.context or {}).get("subject")
    if subject is None:
        return needs
    mistakes = []
    for index, path in enumerate(needs):
        found = vocabulary.check_part(subject, path, "fact", "needs")
        if found is not None:
            mistakes.append(Mistake(found.what, found.remedy, (index,)))
    if mistakes:
        raise wrong(mistakes)
    return needs


class CompleteKeys(CheckKeys):
    """What has to be there."""

    needs: Annotated[tuple[str, ...], AfterValidator(filled), AfterValidator(_known)]


@dataclass(frozen=True, slots=True)
class Complete:
    """Names what is not there: absent, or empty. `parts`: column, key inside it, how it is said."""

    parts: tuple[tuple[str, str, str], ...]
    below: Below | None = None

    @property
    def reads(self) -> tuple[str, ...]:
        return vocabulary.unique(column for column, _, _ in self.parts)

    def look(self, found: Found, _around: Surroundings) -> Finding:
        lacking = [
            said
            for column, key, said in self.parts
            if _empty(vocabulary.inside(found.facts.get(column), key))
        ]
        return Finding(bool(lacking), ", ".join(lacking))


def _empty(value: Any) -> bool:
    return not value.strip() if isinstance(value, str) else value is None or value in ((), [], {})


class CompleteKind:
    """See the module."""

    name = "complete"
    judge = "check"
    schema: type[BaseModel] = CompleteKeys

    def compile(self, rule: Parsed) -> Rule:
        """The rule; settled where all is there."""
        keys: CompleteKeys = rule.keys
        parts = tuple((*vocabulary.part(rule.subject, path), named(path)) for path in keys.needs)
        check = Complete(parts)
        hollow = any(resolve(rule.subject, path).field.type in _HOLLOW for path in check.reads)
        unset = AnyOf(tuple(Condition(path, Operator.UNSET) for path in check.reads))
        there = All(tuple(Condition(path, Operator.SET) for path in check.reads))
        return check_rule(rule, check, wrong=() if hollow else (unset,), right=(there,))
