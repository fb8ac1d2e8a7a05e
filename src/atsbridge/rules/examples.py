"""The facts a test in a pack is given: typed by the catalogue, people and spans of time included.

Running tests is a rehearsal's work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from atsbridge.model.catalogue import resolve
from atsbridge.model.fields import Field, FieldType
from atsbridge.rules import instants, vocabulary
from atsbridge.rules.conditions import sample, typed
from atsbridge.rules.mistakes import Mistake, nearest, remedy, shown

_PERSON = ("timezone", "country")
_INSTANT = '"2026-03-06T16:00Z"'


@dataclass(slots=True)
class Given:
    """Facts by path; people by the path that leads to them; spans by the word that names them."""

    facts: dict[str, Any] = field(default_factory=dict)
    people: dict[str, Mapping[str, str]] = field(default_factory=dict)
    intervals: dict[str, tuple[tuple[datetime, datetime | None], ...]] = field(default_factory=dict)


def given(data: Any, subject: str | None) -> tuple[Given, list[Mistake]]:
    """The `given` block of a test on subjects of this kind, and what is wrong with it.

    A person written as {timezone, country} gets the path as their id. A span is written
    {from, until}; one without `until` is still open.
    """
    found, mistakes = Given(), list[Mistake]()
    if not isinstance(data, Mapping):
        what = f"given needs facts under it, not {shown(data)}"
        return found, [Mistake(what, "Write: given: {application.status: active}")]
    for path, value in data.items():
        if subject is None:
            continue
        want = "fact"
        try:
            if resolve(subject, path).field.type is FieldType.INTERVAL:
                want = "interval"
        except KeyError:
            pass
        known = vocabulary.check(subject, path, want, "given")
        if isinstance(known, Mistake):
            fact = value if isinstance(value, str | int) else "…"
            mend = known.remedy.replace("Write: given: ", "Write: given: {") + f": {fact}}}"
            mistakes.append(Mistake(known.what, mend, (path,), key=True))
            continue
        try:
            _take(found, path, known.field.type, value, subject)
        except ValueError as error:
            what = f"{shown(value)} is no value of {path}: {error}"
            near = nearest(str(value), known.field.values) if known.field.values else None
            mend = remedy(near, f"{path}: {near or _sample(known.field)}")
            mistakes.append(Mistake(what, mend, (path,)))
    return found, mistakes


def _take(found: Given, path: str, kind: FieldType, value: Any, subject: str) -> None:
    declared = resolve(subject, path).field
    if kind is FieldType.INTERVAL:
        found.intervals[path] = tuple(_span(one) for one in _several(value))
    elif declared.ref == "user" and isinstance(value, Mapping):
        unknown = next((key for key in value if key not in _PERSON), None)
        if unknown is not None:
            raise ValueError(f'a person has {" and ".join(_PERSON)} here, no "{unknown}"')
        found.people[path] = {key: str(text) for key, text in value.items()}
        found.facts[path] = path
    elif value is None:
        found.facts[path] = None
    elif kind is FieldType.LIST:
        found.facts[path] = tuple(typed(declared, one) for one in _several(value))
    else:
        found.facts[path] = typed(declared, value)


def _sample(field: Field) -> str:
    if field.type is FieldType.INTERVAL:
        return f"[{{from: {_INSTANT}, until: {_INSTANT}}}]"
    return "{timezone: Europe/Lisbon, country: PT}" if field.ref == "user" else sample(field)


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _span(value: Any) -> tuple[datetime, datetime | None]:
    if not isinstance(value, Mapping) or "from" not in value or set(value) - {"from", "until"}:
        raise ValueError("a span is written {from: INSTANT, until: INSTANT}")
    until = value.get("until")
    return instants.parse(value["from"]), None if until is None else instants.parse(until)
