"""The types of the keys of a rule, as pydantic types with parsed values."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    ConfigDict,
    PlainValidator,
    ValidationInfo,
)

from atsbridge.model import All, Where
from atsbridge.rules.language import field_paths, instants
from atsbridge.rules.language import message_template as message
from atsbridge.rules.language.conditions import OFFICE, Parser
from atsbridge.rules.language.hints import example
from atsbridge.rules.language.lengths import amount
from atsbridge.rules.language.pack_errors import Mistake, shown, wrong
from atsbridge.worktime import Duration

STRICT = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def subject_of_rule(info: ValidationInfo) -> str | None:
    """The kind of record that the rule evaluates; None if `each` is invalid."""
    return (info.context or {}).get("subject")


def text_of(value: object, info: ValidationInfo, needs: str) -> str:
    """The text of a key that must not be empty."""
    key = info.field_name or ""
    if not isinstance(value, str) or not value:
        raise wrong([Mistake(f"{key} needs {needs}, not {shown(value)}", f"Write: {example(key)}")])
    return value


def path(want: str) -> PlainValidator:
    """A path that is valid for this use: see `field_paths`."""

    def read(value: object, info: ValidationInfo) -> str:
        text, subject = text_of(value, info, "a path"), subject_of_rule(info)
        if subject is not None:
            found = field_paths.check(subject, text, want, info.field_name or "")
            if isinstance(found, Mistake):
                raise wrong([found])
        return text

    return PlainValidator(read, json_schema_input_type=str)


def as_list(value: object) -> Any:
    return [value] if isinstance(value, str) else value


def _amount(value: object, info: ValidationInfo) -> Duration:
    return amount(value, info.field_name or "", lambda mistake: wrong([mistake]))


def _where(value: object, info: ValidationInfo) -> Where:
    subject = subject_of_rule(info)
    if subject is None:
        return All()
    parser = Parser(subject, info.data.get("calendar") or OFFICE)
    found = parser.block(value)
    if parser.mistakes:
        raise wrong(parser.mistakes)
    return found


def template(value: object, info: ValidationInfo) -> str:
    """The text of a message."""
    text, subject = text_of(value, info, "text"), subject_of_rule(info)
    if subject is not None and (found := message.mistakes(text, subject)):
        raise wrong(found)
    return text


def instant(value: object, info: ValidationInfo) -> datetime:
    """An instant as `instants` parses it."""
    try:
        return instants.parse(value)
    except ValueError as error:
        key = info.field_name or ""
        mend = f'Write: {key}: "2026-03-09T16:05[Europe/Lisbon]"'
        raise wrong([Mistake(f"{shown(value)} is no instant: {error}", mend)]) from None


def _id(value: object, info: ValidationInfo) -> str:
    text = text_of(value, info, "a name")
    if not re.fullmatch(r"[a-z][a-z0-9-]*", text):
        fixed = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-0123456789")
        what = f"{shown(text)} is no id: it is lower-case letters, digits and hyphens"
        raise wrong([Mistake(what, f"Write: {example('id', fixed)}")])
    return text


def _each(value: object, info: ValidationInfo) -> str:
    text = text_of(value, info, "a kind of record")
    found = field_paths.subject_of(text)
    if isinstance(found, Mistake):
        raise wrong([found])
    return text


def filled(value: object, info: ValidationInfo) -> Any:
    """A list that is not empty."""
    key = info.field_name or ""
    if not value:
        raise wrong([Mistake(f"{key} needs at least one entry", f"Write: {example(key)}")])
    return value


def plain(read: Callable[[Any, ValidationInfo], Any], shape: Any = str) -> PlainValidator:
    """A type whose values `read` parses. `shape`: its type in JSON Schema."""
    return PlainValidator(read, json_schema_input_type=shape)


Event = Annotated[str, path("event")]
Person = Annotated[str, path("person")]
Events = Annotated[tuple[Event, ...], BeforeValidator(as_list)]
FieldPath = Annotated[str, path("fact")]
Intervals = Annotated[tuple[Annotated[str, path("interval")], ...], BeforeValidator(as_list)]
Names = Annotated[tuple[str, ...], BeforeValidator(as_list)]
Length = Annotated[Duration, plain(_amount)]
Conditions = Annotated[Where, plain(_where, dict[str, Any])]
Instant = Annotated[datetime, plain(instant)]
Id = Annotated[str, plain(_id)]


Template = Annotated[str, plain(template)]
Each = Annotated[str, plain(_each)]
