"""The `given` block of a test: facts typed by the catalog, people, and intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from atsbridge.model import Field, FieldType, parse_day, resolve
from atsbridge.rules.evaluate import MarketRow
from atsbridge.rules.language import (
    Mistake,
    field_paths,
    instants,
    nearest,
    remedy,
    sample,
    shown,
    typed,
)
from atsbridge.rules.rule import PackTestAnswer, PackTestChange, PackTestPerson
from atsbridge.worktime import Absence, parse_country, parse_zone

_INSTANT = '"2026-03-06T16:00Z"'
_PERSON = "timezone, country, name, holidays and away"


@dataclass(slots=True)
class Given:
    """Facts by path; people by the path that leads to them; spans by path.

    `records`: kind -> the facts of each record there is besides the subject; `changes` and
    `answers` come in the order of their instants.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    people: dict[str, PackTestPerson] = field(default_factory=dict)
    intervals: dict[str, tuple[tuple[datetime, datetime | None], ...]] = field(default_factory=dict)
    records: dict[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    changes: tuple[PackTestChange, ...] = ()
    answers: tuple[PackTestAnswer, ...] = ()
    market: tuple[MarketRow, ...] = ()


def fact(
    subject: str, path: str, value: Any, take: Callable[[str, Field, Any], None]
) -> Mistake | None:
    """Parse one fact of a record of this kind and `take` it, or return its errors."""
    want = "fact"
    try:
        if resolve(subject, path).field.type is FieldType.INTERVAL:
            want = "interval"
    except KeyError:
        pass
    written = value if isinstance(value, str | int) else "…"
    known = field_paths.check(
        subject, path, want, "given", lambda path: f"given: {{{path}: {written}}}"
    )
    if isinstance(known, Mistake):
        return Mistake(known.what, known.remedy, (path,), key=True)
    try:
        take(path, known.field, value)
    except ValueError as error:
        what = f"{shown(value)} is no value of {path}: {error}"
        near = nearest(str(value), known.field.values) if known.field.values else None
        mend = remedy(near, f"{path}: {near or _sample(known.field)}")
        return Mistake(what, mend, (path,))
    return None


def plain(field: Field, value: Any) -> Any:
    """Convert a value to the field's type; None is valid. ValueError describes valid values."""
    if value is None:
        return None
    if field.type is FieldType.LIST:
        return tuple(typed(field, one) for one in several(value))
    return typed(field, value)


def person(value: Any) -> PackTestPerson:
    """Parse a person of a test. ValueError lists the keys of a person."""
    if not isinstance(value, Mapping):
        raise ValueError(f"a person has {_PERSON}")  # noqa: TRY004  (told like any wrong value)
    unknown = next((key for key in value if key not in PackTestPerson.__dataclass_fields__), None)
    if unknown is not None:
        raise ValueError(f'a person has {_PERSON} here, no "{unknown}"')
    days, away = value.get("holidays", {}), value.get("away", [])
    if not isinstance(days, Mapping):
        raise ValueError('holidays are written {2026-03-09: "Founders\' Day"}')  # noqa: TRY004
    return PackTestPerson(
        timezone=parse_zone(str(value["timezone"])) if value.get("timezone") else "",
        country=parse_country(str(value["country"])) if value.get("country") else "",
        name=str(value.get("name", "")),
        holidays={_day(day): str(name) for day, name in days.items()},
        away=tuple(_absence(one) for one in several(away)),
    )


def _absence(value: Any) -> Absence:
    if not isinstance(value, Mapping) or "from" not in value or set(value) - {"from", "until"}:
        raise ValueError("an absence is written {from: DAY, until: DAY}, both included")
    first = _day(value["from"])
    return Absence(first, _day(value.get("until", first)), "leave")


def _day(value: Any) -> date:
    try:
        return parse_day(str(value))
    except ValueError:
        raise ValueError(f"{shown(value)} is no day such as 2026-03-09") from None


def _sample(field: Field) -> str:
    if field.type is FieldType.INTERVAL:
        return f"[{{from: {_INSTANT}, until: {_INSTANT}}}]"
    return "{timezone: Europe/Lisbon, country: PT}" if field.ref == "user" else sample(field)


def several(value: Any) -> list[Any]:
    """A list; a single value becomes a list of one."""
    return value if isinstance(value, list) else [value]


def span(value: Any) -> tuple[datetime, datetime | None]:
    """Parse an interval. ValueError shows the valid form."""
    if not isinstance(value, Mapping) or "from" not in value or set(value) - {"from", "until"}:
        raise ValueError("a span is written {from: INSTANT, until: INSTANT}")
    until = value.get("until")
    return instants.parse(value["from"]), None if until is None else instants.parse(until)
