"""The keys of a rule, of its tests and of exceptions, as pydantic models of parsed values."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, PlainValidator, ValidationInfo, model_validator

from atsbridge.model import All, parse_day
from atsbridge.rules.language import field_paths, instants
from atsbridge.rules.language.hints import example
from atsbridge.rules.language.key_types import (
    STRICT,
    Conditions,
    Each,
    Id,
    Instant,
    Names,
    Template,
    filled,
    plain,
    subject_of_rule,
)
from atsbridge.rules.language.pack_errors import Mistake, shown, wrong
from atsbridge.rules.language.step_schema import StepKeys, check_ats_steps, from_due_on
from atsbridge.rules.pack_tests import Given, given
from atsbridge.rules.rule import RuleStatus, StepVia

_SETTLE = re.compile(r"([1-9][0-9]{0,3})([mh])")
_SETTLE_UNITS = {"m": "minutes", "h": "hours"}


def _given(value: object, info: ValidationInfo) -> Given:
    found, mistakes = given(value, subject_of_rule(info))
    if mistakes:
        raise wrong(mistakes)
    return found


class SentKeys(BaseModel):
    """A message that a test expects."""

    model_config = STRICT

    to: str
    via: StepVia = StepVia.DM
    text: str = ""


class ExpectKeys(BaseModel):
    """What a test expects at an instant."""

    model_config = STRICT

    at: Instant
    clock: (
        Literal["outside", "pending", "running", "paused", "warned", "breached", "unknown"] | None
    ) = None
    handling: Literal["none", "acknowledged", "snoozed"] | None = None
    end: Literal["resolved", "cancelled", "retired"] | None = None
    due: Instant | None = None
    sent: tuple[SentKeys, ...] | None = None


class ExampleKeys(BaseModel):
    """A test: facts, and the expected results."""

    model_config = STRICT

    name: str = ""
    given: Annotated[Given, plain(_given, dict[str, Any])]
    expect: Annotated[tuple[ExpectKeys, ...], AfterValidator(filled)]


def _settle(value: object, _info: ValidationInfo) -> timedelta:
    """Minutes or hours of wall-clock time, at most a day."""
    match = _SETTLE.fullmatch(str(value).strip())
    span = timedelta(**{_SETTLE_UNITS[match[2]]: int(match[1])}) if match else timedelta()
    if not timedelta() < span <= timedelta(days=1):
        what = f"{shown(value)} is no time to settle: minutes or hours, a day at most"
        raise wrong([Mistake(what, f"Write: {example('settle')}")])
    return span


class RuleKeys(BaseModel):
    """The keys of every rule; a kind adds its own."""

    model_config = STRICT

    id: Id
    kind: str
    status: RuleStatus = RuleStatus.DRAFT
    title: str
    why: str = ""
    side: Literal["manager", "recruiter", ""] = ""
    each: Each
    owner: str = ""
    calendar: str = "office"
    where: Conditions = All()
    steps: Annotated[tuple[StepKeys, ...], AfterValidator(filled), AfterValidator(check_ats_steps)]
    message: Template
    message_ahead: Template = ""
    message_late: Template = ""
    muted_by: Names = ()
    settle: Annotated[timedelta, plain(_settle)] | None = None
    tests: tuple[ExampleKeys, ...] = ()

    @model_validator(mode="after")
    def _no_side_for_people(self) -> Self:
        if self.each.rpartition(".")[2] == field_paths.PERSON and self.side:
            what = "a rule on people counts for no side of a report"
            raise wrong([Mistake(what, "Leave side out", ("side",))])
        return self

    @property
    def texts(self) -> tuple[str, ...]:
        """Every message text, those of the steps last."""
        ours = (self.message, self.message_ahead, self.message_late)
        return tuple(text for text in (*ours, *(step.message for step in self.steps)) if text)


class CheckKeys(RuleKeys):
    """The keys of every rule with a check."""

    steps: Annotated[
        tuple[StepKeys, ...],
        AfterValidator(filled),
        AfterValidator(check_ats_steps),
        AfterValidator(from_due_on),
    ]


def _until(value: object) -> datetime:
    """The end of a day in UTC, or an instant."""
    try:
        day = parse_day(str(value))
        return field_paths.day_end(day, "UTC").astimezone(UTC)
    except ValueError:
        pass
    try:
        return instants.parse(value)
    except ValueError:
        what = f"{shown(value)} is no day: an exception ends on a day such as 2026-12-31"
        raise wrong([Mistake(what, "Write: until: 2026-12-31")]) from None


class ExceptionKeys(BaseModel):
    """Subjects that a rule does not evaluate until a day, and why."""

    model_config = STRICT

    rule: str
    where: Conditions
    until: Annotated[datetime, PlainValidator(_until, json_schema_input_type=str)]
    why: str
