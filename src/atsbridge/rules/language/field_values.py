"""Values of fields as packs write them: how they are parsed, and an example of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from atsbridge.model import Field, FieldType, is_currency, numerals, parse_day
from atsbridge.rules.language.instants import parse as parse_instant


def typed(field: Field, value: Any) -> Any:
    """Convert a YAML value to the field's type. ValueError describes the valid values."""
    kind = field.type
    if kind is FieldType.BOOL:
        return _sure(value, isinstance(value, bool), "it is true or false")
    if kind in (FieldType.INT, FieldType.NUMBER):
        return _number(value)
    if kind is FieldType.ENUM:
        return _sure(value, value in field.values, f"it is one of {', '.join(field.values)}")
    if kind is FieldType.INSTANT:
        return parse_instant(value)
    if kind is FieldType.DATE:
        try:
            return parse_day(value)
        except (TypeError, ValueError):
            raise ValueError("it is a date such as 2026-03-06") from None
    if kind is FieldType.MAP:
        return _sure(value, isinstance(value, Mapping), "it is a block of keys")
    if field.currency:
        good = isinstance(value, str) and is_currency(value)
        return _sure(value, good, "it is the code of a currency by ISO 4217")
    return _sure(value, isinstance(value, str) and value != "", "it is text")


def _number(value: Any) -> Any:
    """Convert to a number. ValueError explains text such as 80.000 or 80k."""
    if isinstance(value, str) and any(character.isdigit() for character in value):
        numerals.parse(value)
        raise ValueError("it is a number: write it without quotes")
    return _sure(value, type(value) in (int, float), "it is a number")


def _sure(value: Any, good: bool, otherwise: str) -> Any:
    if not good:
        raise ValueError(otherwise)
    return value


def sample(field: Field) -> str:
    """An example value of the field, as written in YAML."""
    samples = {
        FieldType.BOOL: "true",
        FieldType.INT: "3",
        FieldType.NUMBER: "3",
        FieldType.INSTANT: '"2026-03-06T16:00Z"',
        FieldType.DATE: "2026-03-06",
        FieldType.MAP: "set",
    }
    if field.currency:
        return "EUR"
    return field.values[0] if field.values else samples.get(field.type, "…")
