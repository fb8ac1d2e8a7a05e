"""The keys of a market rule: which amounts, and which fields find the row of the table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import PlainValidator, ValidationInfo, model_validator

from atsbridge.model import roots
from atsbridge.rules.evaluate import SELECTORS
from atsbridge.rules.language import (
    CheckKeys,
    Event,
    Mistake,
    example,
    field_paths,
    nearest,
    remedy,
    shown,
    wrong,
)

_USUAL = {
    "title": "requisition.title",
    "department": "requisition.department.name",
    "country": "requisition.office.country",
    "location": "requisition.office.name",
}


def _subject(info: ValidationInfo) -> str | None:
    return (info.context or {}).get("subject")


def numbers(value: object, info: ValidationInfo) -> tuple[str, ...]:
    """One or two paths to amounts, or to amounts inside a block of keys."""
    given = value if isinstance(value, list) else [value]
    paths = [path for path in given if isinstance(path, str)]
    if not 1 <= len(given) <= 2 or len(paths) < len(given):
        what = f"value needs one amount or the two ends of a range, not {shown(value)}"
        raise wrong([Mistake(what, "Write: value: [requisition.pay_min, requisition.pay_max]")])
    found = [_wanted(path, "number", "value", info) for path in paths]
    mistakes = [m._replace(loc=(i,)) for i, m in enumerate(found) if m is not None]
    if mistakes:
        raise wrong(mistakes if isinstance(value, list) else [mistakes[0]._replace(loc=())])
    return tuple(paths)


def text_path(value: object, info: ValidationInfo) -> str:
    """A path to a text."""
    if not isinstance(value, str):
        what = f"{info.field_name} needs a path, not {shown(value)}"
        raise wrong([Mistake(what, f"Write: {example(info.field_name or '')}")])
    if (mistake := _wanted(value, "segment", info.field_name or "", info)) is not None:
        raise wrong([mistake])
    return value


def _wanted(path: str, want: str, key: str, info: ValidationInfo) -> Mistake | None:
    subject = _subject(info)
    return field_paths.check_part(subject, path, want, key) if subject else None


def percent(value: object, _info: ValidationInfo) -> int:
    """A share of a figure, 0% to 100%."""
    match = re.fullmatch(r"([0-9]{1,2}|100)%", str(value))
    if match is None:
        what = f"{shown(value)} is no share from 0% to 100%"
        raise wrong([Mistake(what, "Write: tolerance: 10%")])
    return int(match[1])


def selectors(value: object, info: ValidationInfo) -> dict[str, str]:
    """Selector -> path, in addition to the default selectors of a role."""
    if not isinstance(value, Mapping):
        what = f"match needs {', '.join(SELECTORS)}, not {shown(value)}"
        raise wrong([Mistake(what, f"Write: {example('match')}")])
    mistakes = []
    for selector, path in value.items():
        if selector not in SELECTORS:
            near = nearest(selector, SELECTORS)
            what = f'a market table has no column "{selector}" to match by'
            fixed = remedy(near, f"match: {{{near or 'level'}: {path}}}")
            mistakes.append(Mistake(what, fixed, (selector,), key=True))
        elif (mistake := _wanted(str(path), "segment", selector, info)) is not None:
            mistakes.append(mistake._replace(loc=(selector,)))
    if mistakes:
        raise wrong(mistakes)
    return {str(selector): str(path) for selector, path in value.items()}


Figure = Literal["p25", "p50", "p75"]
Paths = Annotated[tuple[str, ...], PlainValidator(numbers, json_schema_input_type=list[str])]


class MarketKeys(CheckKeys):
    """One amount, or the two ends of a range, or `since` when days are counted; and the row."""

    value: Annotated[
        tuple[str, ...], PlainValidator(numbers, json_schema_input_type=list[str])
    ] = ()
    currency: Annotated[str, PlainValidator(text_path, json_schema_input_type=str)] = ""
    period: Literal["year", "month", "week", "day", "hour"] = "year"
    low: Figure = "p25"
    high: Figure = "p75"
    since: Event | None = None
    tolerance: Annotated[int, PlainValidator(percent, json_schema_input_type=str)] = 0
    match: Annotated[
        dict[str, str], PlainValidator(selectors, json_schema_input_type=dict[str, str])
    ] = {}  # noqa: RUF012  (pydantic copies it)

    @model_validator(mode="after")
    def _pay_or_days(self) -> MarketKeys:
        if bool(self.value) is bool(self.since):
            what = "a market rule has either a value (pay) or a since (days open)"
            raise wrong([Mistake(what, "Write: since: requisition.opened_at")])
        if self.value and not self.currency:
            what = "currency is missing: pay of unknown currency is compared with nothing"
            raise wrong([Mistake(what, "Write: currency: requisition.pay_currency")])
        return self


def usual(subject: str, given: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Every selector with its (column, key inside it); given ones replace the default ones."""
    ours = _USUAL if "requisition" in roots(subject) else {}
    return {
        selector: field_paths.part(subject, path) for selector, path in {**ours, **given}.items()
    }


def selected(selectors: Mapping[str, tuple[str, str]], facts: Mapping[str, Any]) -> dict[str, str]:
    """The selectors of a role: selector -> text, without absent ones."""
    values = {
        selector: field_paths.inside(facts.get(c), key) for selector, (c, key) in selectors.items()
    }
    return {selector: str(value) for selector, value in values.items() if value not in (None, "")}
