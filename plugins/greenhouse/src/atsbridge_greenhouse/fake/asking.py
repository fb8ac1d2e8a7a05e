"""Query parameters of a list and how they filter its rows, as strict as the real API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from atsbridge_greenhouse.fake.truth import Entry, Json, Resource, Truth

MOST, USUAL, IDS, FIELDS = 500, 100, 50, 50
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "gte": lambda a, b: a >= b,
    "lte": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "lt": lambda a, b: a < b,
}
Span = tuple[tuple[str, Any], ...]  # operator, bound


class BadQuestion(Exception):
    """A parameter the API refuses: 422 with these `errors`."""

    def __init__(self, *errors: Any) -> None:
        super().__init__(*errors)
        self.errors = list(errors)


@dataclass(slots=True)
class Question:
    """A list's parameters, understood."""

    per_page: int = USUAL
    fields: tuple[str, ...] = ()
    ids: frozenset[int] | None = None
    stamps: dict[str, Span] = field(default_factory=dict)  # created_at, updated_at
    refs: dict[str, frozenset[str]] = field(default_factory=dict)  # member -> ids
    equals: dict[str, Any] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)
    on: frozenset[str] = frozenset()  # switches
    asked: frozenset[str] | None = None  # ids for `Resource.asks`


def understand(resource: Resource, params: Mapping[str, str]) -> Question:
    """The question. BadQuestion names the first parameter that is refused."""
    question, on = Question(), set()
    for name, value in params.items():
        if name == "per_page":
            question.per_page = _count(value)
        elif name == "fields":
            question.fields = _fields(resource, value)
        elif name == "ids":
            question.ids = frozenset(map(int, _ids(name, value)))
        elif name in ("created_at", "updated_at"):
            question.stamps[name] = _span(name, value, _instant)
        elif name in resource.refs:
            held = _ids(name, value)
            question.refs[resource.refs[name]] = held
            if name == resource.asked_by:
                question.asked = held
        elif name in resource.values:
            if value not in resource.values[name]:
                raise BadQuestion({name: f"is not one of {', '.join(resource.values[name])}"})
            question.equals[name] = resource.reads.get(value, value)
        elif name in resource.flags:
            question.equals[name] = _flag(name, value)
        elif name in resource.instants:
            question.spans[name] = _span(name, value, _instant)
        elif name in resource.days:
            question.spans[name] = _span(name, value, _day)
        elif name in resource.shows or name in resource.narrows:
            if _flag(name, value):
                on.add(name)
        else:
            raise BadQuestion(f"{name} is not a valid query parameter")
    question.on = frozenset(on)
    return question


def _count(value: str) -> int:
    if not value.isdigit() or not 1 <= int(value) <= MOST:
        raise BadQuestion({"message": f"{value} is not between 1 and {MOST}", "field": "per_page"})
    return int(value)


def _fields(resource: Resource, value: str) -> tuple[str, ...]:
    names = tuple(value.split(","))
    unknown = [n for n in names if n not in resource.members]
    if unknown or len(names) > FIELDS:
        raise BadQuestion({"message": f"unknown: {', '.join(unknown)}", "field": "fields"})
    return names


def _ids(name: str, value: str) -> frozenset[str]:
    held = value.split(",")
    if len(held) > IDS:
        raise BadQuestion({name: f"takes at most {IDS} values"})
    if not all(h.isascii() and h.isdigit() for h in held):
        raise BadQuestion({name: "is not a list of integers"})
    return frozenset(held)


def _flag(name: str, value: str) -> bool:
    if value not in ("true", "false"):
        raise BadQuestion({name: "is not a boolean"})
    return value == "true"


def _span(name: str, value: str, read: Callable[[str], Any]) -> Span:
    parts = value.split("|")
    if len(parts) % 2 or not set(parts[::2]) <= _OPERATORS.keys():
        raise BadQuestion({name: "wants pairs of operator and value, joined by pipes"})
    try:
        return tuple((op, read(at)) for op, at in zip(parts[::2], parts[1::2], strict=True))
    except ValueError:
        raise BadQuestion({name: "holds something that is no date"}) from None


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _day(text: str) -> date:
    return date.fromisoformat(text)


def answers(
    resource: Resource, truth: Truth, question: Question, below: int | None
) -> Iterator[Json]:
    """The rows that answer, newest id first, from ids below `below` on; all their members."""
    for entry in _entries(resource, truth, question):
        if below is not None and entry.id >= below:
            continue
        if question.ids is not None and entry.id not in question.ids:
            continue
        if not all(_within(getattr(entry, n), span) for n, span in question.stamps.items()):
            continue
        row = resource.build(truth, entry)
        if _fits(resource, question, row):
            yield row


def _entries(resource: Resource, truth: Truth, question: Question) -> Iterator[Entry]:
    if resource.asks is not None and question.asked is not None:
        return resource.asks(truth, question.asked)
    return resource.rows(truth)


def _fits(resource: Resource, question: Question, row: Json) -> bool:
    shown = all(n in question.on or not adds(row) for n, adds in resource.shows.items())
    kept = all(n not in question.on or not drops(row) for n, drops in resource.narrows.items())
    return (
        shown
        and kept
        and all(_among(row.get(name), held) for name, held in question.refs.items())
        and all(row.get(name) == value for name, value in question.equals.items())
        and all(_spanned(resource, row, name, span) for name, span in question.spans.items())
    )


def _among(value: Any, held: frozenset[str]) -> bool:
    if isinstance(value, list):
        return any(str(one) in held for one in value)
    return str(value) in held


def _spanned(resource: Resource, row: Json, name: str, span: Span) -> bool:
    if row.get(name) is None:
        return False  # a filter drops rows without a value
    read = _day if name in resource.days else _instant
    return _within(read(row[name]), span)


def _within(value: Any, span: Span) -> bool:
    return all(_OPERATORS[op](value, bound) for op, bound in span)
