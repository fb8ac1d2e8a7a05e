"""Parse the conditions of a `where` block; the catalog gives the types of their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from atsbridge.model import (
    RELATIVE,
    All,
    AnyOf,
    Condition,
    Field,
    FieldType,
    NoneOf,
    Operator,
    Where,
    suggest_currency,
)
from atsbridge.rules.language import field_paths
from atsbridge.rules.language.field_values import sample, typed
from atsbridge.rules.language.lengths import amount
from atsbridge.rules.language.pack_errors import Mistake, listed, nearest, remedy, shown
from atsbridge.worktime import Duration

_BLOCKS: dict[str, type[All | AnyOf | NoneOf]] = {"all": All, "any": AnyOf, "none": NoneOf}
_SETS = (Operator.IN, Operator.NOT_IN, Operator.ANY_OF, Operator.NONE_OF)
_EQUAL = ("in", "not_in", "is")
_ORDERED = (*_EQUAL, "gt", "gte", "lt", "lte")
_PATTERNS = ("contains", "like")
_DATED = (*sorted(RELATIVE), *_ORDERED[2:])
_KEYED = ("in", "not_in", "any_of", "none_of", *_PATTERNS, *_ORDERED[2:])
OFFICE = "office"  # the default calendar
OPERATORS: dict[FieldType, tuple[str, ...]] = {
    FieldType.TEXT: (*_PATTERNS, *_EQUAL),
    FieldType.ENUM: _EQUAL,
    FieldType.REF: _EQUAL,
    FieldType.BOOL: ("is",),
    FieldType.INT: _ORDERED,
    FieldType.NUMBER: _ORDERED,
    FieldType.INSTANT: _DATED,
    FieldType.DATE: _DATED,
    FieldType.LIST: ("any_of", "none_of", *_PATTERNS, "is"),
    FieldType.MAP: ("is",),
}


@dataclass(frozen=True, slots=True)
class Elapsed:
    """The value of a relative comparison: the length, and the calendar that counts it."""

    amount: Duration
    calendar: str


class Parser:
    """Reads `where` blocks for subjects of one kind; `mistakes` gathers what is wrong.

    `calendar`: the name of the one that counts working time in relative comparisons; `key`: that
    under which the block stands.
    """

    def __init__(self, subject: str, calendar: str = OFFICE, key: str = "where") -> None:
        self.subject = subject
        self.calendar = calendar
        self.key = key
        self.mistakes: list[Mistake] = []

    def block(self, data: Any, loc: tuple[str | int, ...] = ()) -> All:
        """Parse a mapping: all of its lines must hold."""
        if not isinstance(data, Mapping):
            self._wrong(
                f"{shown(data)} is no block of conditions",
                "Write: where: {application.status: active}",
                loc,
            )
            return All()
        parts: list[Where] = []
        for key, value in data.items():
            if key in _BLOCKS:
                parts.append(_BLOCKS[key](tuple(self._several(key, value, (*loc, key)))))
            else:
                parts += self._field(key, value, (*loc, key))
        return All(tuple(parts))

    def _wrong(self, what: str, mend: str, loc: tuple[str | int, ...]) -> None:
        self.mistakes.append(Mistake(what, mend, loc))

    def _several(self, key: str, value: Any, loc: tuple[str | int, ...]) -> Iterator[Where]:
        if isinstance(value, Mapping):
            value, locs = [{k: v} for k, v in value.items()], [loc] * len(value)
        elif isinstance(value, list) and value:
            locs = [(*loc, index) for index in range(len(value))]
        else:
            self._wrong(
                f'"{key}" needs conditions under it, not {shown(value)}',
                f"Write: {key}: [{{application.status: active}}, {{stage.kind: review}}]",
                loc,
            )
            return
        for item, place in zip(value, locs, strict=True):
            inner = self.block(item, place)
            yield inner.parts[0] if len(inner.parts) == 1 else inner

    def _field(self, path: str, spec: Any, loc: tuple[str | int, ...]) -> list[Where]:
        if field_paths.part(self.subject, path)[1]:
            return self._inside(path, spec, loc)
        found = field_paths.check(self.subject, path, "fact", "where")
        if isinstance(found, Mistake):
            mend = self._instead(path, spec, found.remedy)
            self.mistakes.append(Mistake(found.what, mend, loc, key=True))
            return []
        if not isinstance(spec, Mapping):
            spec = {"eq": spec}
        return [
            one
            for comparison, value in spec.items()
            if (one := self._condition(path, found.field, comparison, value, loc)) is not None
        ]

    def _inside(self, path: str, spec: Any, loc: tuple[str | int, ...]) -> list[Where]:
        """Conditions on a key inside a block of keys, such as requisition.custom.level."""
        mistake = field_paths.check_part(self.subject, path, "fact", "where")
        if mistake is not None:
            mend = self._instead(path, spec, mistake.remedy)
            self.mistakes.append(Mistake(mistake.what, mend, loc, key=True))
            return []
        column, key = field_paths.part(self.subject, path)
        if not isinstance(spec, Mapping):
            spec = {"eq": spec}
        found: list[Where] = []
        for comparison, value in spec.items():
            at = loc if comparison == "eq" else (*loc, comparison)
            if comparison == "is":
                one = self._is(path, value, at)
                found += [] if one is None else [replace(one, path=column, key=key)]
            elif mend := _unfit(path, comparison, value):
                near = nearest(comparison, _KEYED) if comparison not in (*_KEYED, "eq") else None
                what = f"{path} cannot be compared with {shown(value)} like that"
                if comparison not in (*_KEYED, "eq"):
                    what = f'"{comparison}" is not a comparison for {path}: {listed(_KEYED)}'
                self._wrong(what, remedy(near, mend) if near else f"Write: {mend}", at)
            else:
                held = tuple(value) if isinstance(value, list) else value
                found.append(Condition(column, Operator(comparison), held, key))
        return found

    def _instead(self, path: str, spec: Any, mend: str) -> str:
        """A valid line to suggest for a key that is neither a field with a value nor a block."""
        near = nearest(path, _BLOCKS) if "." not in path else None
        if near:
            return remedy(near, f"{near}: [{{application.status: active}}]")
        if not isinstance(field_paths.check(self.subject, path, "interval", ""), Mistake):
            return f"Write under clock: pause: [{path}]"
        if block := field_paths.near_block(self.subject, path):
            mend = remedy(block, f"where: {block}")
        value = spec if isinstance(spec, str) else "…"
        return mend.replace("Write: where: ", f"Write: {self.key}: {{") + f": {value}}}"

    def _condition(
        self, path: str, field: Field, comparison: str, value: Any, loc: tuple[str | int, ...]
    ) -> Condition | None:
        allowed = OPERATORS[field.type]
        at = loc if comparison == "eq" else (*loc, comparison)
        if comparison == "eq" and (mend := self._not_plain(path, field, value)):
            self._wrong(f"{path} cannot be compared with {shown(value)} like that", mend, at)
            return None
        if comparison != "eq" and comparison not in allowed:
            near = nearest(comparison, allowed)
            fixed = near or allowed[-1]
            self._wrong(
                f'"{comparison}" is not a comparison for {path}: {listed(allowed)}',
                remedy(near, f"{path}: {{{fixed}: {_operand(fixed, field)}}}"),
                at,
            )
            return None
        if comparison == "is":
            return self._is(path, value, at)
        operator = Operator(comparison)
        if operator in RELATIVE:
            return self._relative(path, operator, value, at)
        if comparison in _PATTERNS:
            return self._pattern(path, operator, value, at)
        if operator not in _SETS:
            known = self._typed(path, field, value, at)
            return None if known is None else Condition(path, operator, known)
        if not isinstance(value, list) or not value:
            self._wrong(
                f'"{comparison}" needs a list, not {shown(value)}',
                f"Write: {path}: {{{comparison}: [{sample(field)}]}}",
                at,
            )
            return None
        typed = [self._typed(path, field, item, (*at, i)) for i, item in enumerate(value)]
        return Condition(path, operator, tuple(typed))

    def _relative(
        self, path: str, operator: Operator, value: Any, at: tuple[str | int, ...]
    ) -> Condition | None:
        try:
            length = amount(value, operator, _NotRead)
        except _NotRead as error:
            self.mistakes.append(error.mistake._replace(loc=at))
            return None
        return Condition(path, operator, Elapsed(length, self.calendar))

    def _pattern(
        self, path: str, operator: Operator, value: Any, at: tuple[str | int, ...]
    ) -> Condition | None:
        if isinstance(value, str) and value.strip():
            return Condition(path, operator, value)
        what = f'"{operator}" needs text, not {shown(value)}'
        self._wrong(what, f"Write: {path}: {{{_pattern_sample(operator)}}}", at)
        return None

    def _not_plain(self, path: str, field: Field, value: Any) -> str:
        """Suggest how to write a value that a plain comparison cannot use."""
        if value is None:
            return f"Write: {path}: {{is: unset}}"
        comparisons = OPERATORS[field.type]
        if field.type is FieldType.LIST:
            return f"Write: {path}: {{any_of: [{sample(field)}]}}"
        if field.type in (FieldType.MAP, *field_paths.DATED):
            return f"Write: {path}: {{{comparisons[-1]}: {sample(field)}}}"
        if isinstance(value, list):
            return f"Write: {path}: {{in: [{sample(field)}]}}"
        return ""

    def _is(self, path: str, value: Any, loc: tuple[str | int, ...]) -> Condition | None:
        if value in ("set", "unset"):
            return Condition(path, Operator(value))
        near = nearest(str(value), ("set", "unset"))
        self._wrong(
            f'"is" asks for set or unset, not {shown(value)}',
            remedy(near, f"{path}: {{is: {near or 'set'}}}"),
            loc,
        )
        return None

    def _typed(self, path: str, field: Field, value: Any, loc: tuple[str | int, ...]) -> Any:
        """Convert the value to the field's type; None, with an error added, if it does not fit."""
        try:
            return typed(field, value)
        except ValueError as error:
            near = nearest(str(value), field.values) if field.values else None
            near = suggest_currency(str(value)) if field.currency else near
            example = f"{path}: {near or sample(field)}"
            self._wrong(
                f"{shown(value)} is no value of {path}: {error}", remedy(near, example), loc
            )
            return None


class _NotRead(Exception):
    """A length of time that cannot be parsed."""

    def __init__(self, mistake: Mistake) -> None:
        super().__init__(mistake.what)
        self.mistake = mistake


def _pattern_sample(operator: Operator) -> str:
    return 'like: "Senior *"' if operator is Operator.LIKE else "contains: senior"


def _unfit(path: str, comparison: str, value: Any) -> str:
    """Suggest a comparison for a key inside a block; "" if the present one is valid."""
    plain = isinstance(value, str | int | float) and value != ""
    if comparison == "eq":
        if value is None:
            return f"{path}: {{is: unset}}"
        return "" if plain else f"{path}: {{in: [senior]}}"
    if comparison in ("in", "not_in", "any_of", "none_of"):
        good = isinstance(value, list) and value and all(isinstance(v, str | int) for v in value)
        return "" if good else f"{path}: {{{comparison}: [senior]}}"
    if comparison in _PATTERNS:
        good = isinstance(value, str) and bool(value.strip())
        return "" if good else f"{path}: {{{_pattern_sample(Operator(comparison))}}}"
    if comparison in _ORDERED[3:]:
        good = isinstance(value, int | float) and not isinstance(value, bool)
        return "" if good else f"{path}: {{{comparison}: 3}}"
    near = nearest(comparison, _KEYED) or "in"
    samples = {"is": "set", "contains": "senior", "like": '"Senior *"'}
    held = samples.get(near, "3" if near in _ORDERED[3:] else "[senior]")
    return f"{path}: {{{near}: {held}}}"


def _operand(comparison: str, field: Field) -> str:
    if comparison == "is":
        return "set"
    if comparison in RELATIVE:
        return "60d"
    if comparison in _PATTERNS:
        return '"Senior *"' if comparison == "like" else "senior"
    return f"[{sample(field)}]" if Operator(comparison) in _SETS else sample(field)
