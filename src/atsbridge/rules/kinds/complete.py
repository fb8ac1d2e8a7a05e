"""Kind `complete`: fields, keys of a block, or a list of what is missing.

It asks whether there is a value, not whether it is a good one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import AfterValidator, ValidationInfo, model_validator

from atsbridge.model import All, AnyOf, Condition, FieldType, Found, Operator, resolve
from atsbridge.ports import RuleSource
from atsbridge.rules.compile import CheckPrefilter, check_rule
from atsbridge.rules.evaluate import Below, EvaluationContext, Finding
from atsbridge.rules.language import CheckKeys, Mistake, example, field_paths, filled, named, wrong
from atsbridge.rules.language import path as leads
from atsbridge.rules.rule import Rule

_MAY_BE_EMPTY = (FieldType.TEXT, FieldType.LIST, FieldType.MAP)


def _known(needs: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    """Fields, or keys inside a block of keys such as requisition.brief.sections.must_haves."""
    subject = (info.context or {}).get("subject")
    if subject is None:
        return needs
    mistakes = []
    for index, path in enumerate(needs):
        found = field_paths.check_part(subject, path, "fact", "needs")
        if found is not None:
            mistakes.append(Mistake(found.what, found.remedy, (index,)))
    if mistakes:
        raise wrong(mistakes)
    return needs


class CompleteKeys(CheckKeys):
    """The fields that need a value, or a list that names the missing ones."""

    needs: Annotated[tuple[str, ...], AfterValidator(filled), AfterValidator(_known)] = ()
    lacks: Annotated[str, leads("list")] = ""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.needs and not self.lacks:
            raise wrong([Mistake('"needs" is missing', f"Write: {example('needs')}")])
        return self


@dataclass(frozen=True, slots=True)
class Complete:
    """Finds values that are absent or empty. `parts`: (column, key inside it, label).

    `lacks`: the list that names it, if any.
    """

    parts: tuple[tuple[str, str, str], ...]
    lacks: str = ""
    below: Below | None = None
    watched: tuple[str, ...] = ()

    @property
    def reads(self) -> tuple[str, ...]:
        return field_paths.unique((*(column for column, _, _ in self.parts), self.lacks))

    def look(self, found: Found, _context: EvaluationContext) -> Finding:
        lacking = [
            label
            for column, key, label in self.parts
            if _empty(field_paths.inside(found.facts.get(column), key))
        ]
        lacking += found.facts.get(self.lacks) or ()
        return Finding(bool(lacking), ", ".join(lacking))


def _empty(value: object) -> bool:
    return not value.strip() if isinstance(value, str) else value is None or value in ((), [], {})


class CompleteKind:
    """The kind `complete`."""

    name = "complete"
    question = "Is a needed field or key empty, or does a list name what is missing?"
    schema = CompleteKeys

    def compile(self, keys: CompleteKeys, source: RuleSource) -> Rule:
        """Compile the rule. It is settled when every value is present."""
        parts = tuple((*field_paths.part(source.subject, path), named(path)) for path in keys.needs)
        check = Complete(parts, keys.lacks)
        types = (resolve(source.subject, path).field.type for path in check.reads)
        may_be_empty = any(one in _MAY_BE_EMPTY for one in types)
        unset = AnyOf(tuple(Condition(path, Operator.UNSET) for path in check.reads))
        there = All(tuple(Condition(path, Operator.SET) for path in check.reads))
        wrong = () if may_be_empty else (unset,)
        return check_rule(keys, source, check, CheckPrefilter(wrong, (there,)))
