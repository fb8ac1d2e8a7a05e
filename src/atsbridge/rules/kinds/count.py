"""Kind `count`: how many records below a subject meet conditions.

A record that may or may not meet them makes the number unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import Field, PlainValidator, model_validator

from atsbridge.model import All, AnyOf, Found, Where
from atsbridge.ports import RuleSource
from atsbridge.rules.compile import check_rule
from atsbridge.rules.evaluate import Below, EvaluationContext, Finding
from atsbridge.rules.kinds.collection_keys import UnderKeys, conditions
from atsbridge.rules.language import Mistake, counted, example, field_paths, wrong
from atsbridge.rules.rule import Rule


class CountKeys(UnderKeys):
    """The limits: fewer records, or more records, than these are reported."""

    fewer_than: Annotated[int, Field(ge=1, strict=True)] | None = None
    more_than: Annotated[int, Field(ge=0, strict=True)] | None = None
    while_any: Annotated[
        Where, PlainValidator(conditions, json_schema_input_type=dict[str, Any])
    ] = All()

    @model_validator(mode="after")
    def _a_limit(self) -> Self:
        if self.fewer_than is None and self.more_than is None:
            what = '"fewer_than" or "more_than" is missing'
            raise wrong([Mistake(what, f"Write: {example('fewer_than')}")])
        fewer, more = self.fewer_than, self.more_than
        if fewer is not None and more is not None and more < fewer:
            what = f"no number is right: fewer than {fewer} and more than {more} are both wrong"
            raise wrong([Mistake(what, "Keep one of them", ("more_than",))])
        if self.fewer_than is not None and self.each == field_paths.PERSON:
            what = "a rule on people counts what is too much, not what is too little"
            raise wrong([Mistake(what, f"Write: {example('more_than')}", ("fewer_than",))])
        return self


@dataclass(frozen=True, slots=True)
class Count:
    """Counts the records that meet `among`, as long as any record meets `while_any`."""

    below: Below
    among: Where
    while_any: All
    fewer_than: int | None
    more_than: int | None
    reads: tuple[str, ...] = ()
    watched: tuple[str, ...] = ()

    def look(self, found: Found, context: EvaluationContext) -> Finding:
        rows, unknown, turn = self.below.read(found, context)
        if unknown:
            return Finding(False, unknown=unknown, look_at=turn)
        look_at, those = [turn], rows
        if self.while_any.parts:  # else `below` reads those that count, and no others
            those, unknown, flip = self.below.those(self.among, rows, context)
            some, unclear, begun = self.below.those(self.while_any, rows, context)
            look_at += [flip, begun]
            if unknown or unclear:
                return Finding(False, unknown=(*unknown, *unclear), look_at=_first(look_at))
            if not some:
                return Finding(False, "nothing to compare yet", look_at=_first(look_at))
        few = self.fewer_than is not None and len(those) < self.fewer_than
        many = self.more_than is not None and len(those) > self.more_than
        text = counted(len(those), self.below.kind)
        return Finding(few or many, text, look_at=_first(look_at))


def _first(several: list[Any]) -> Any:
    return min((at for at in several if at is not None), default=None)


class CountKind:
    """The kind `count`."""

    name = "count"
    question = "Do too few or too many records of a subject meet the conditions?"
    schema = CountKeys

    def compile(self, keys: CountKeys, source: RuleSource) -> Rule:
        """Compile the rule. SQL finds the records that count."""
        among = keys.counted()
        while_any = keys.while_any if isinstance(keys.while_any, All) else All((keys.while_any,))
        where = AnyOf((among, while_any)) if while_any.parts else among
        under = keys.below(source.subject, where, ())
        check = Count(under, among, while_any, keys.fewer_than, keys.more_than)
        return check_rule(keys, source, check)
