"""The keys of a rule and what each may hold, as pydantic models that hold parsed values.

A kind's own keys are in `kinds`; files, overrides and exceptions are `pack`'s.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationInfo,
)

from atsbridge.model import All, Mark, Where, tag
from atsbridge.rules.evaluate import schedule
from atsbridge.rules.language import field_paths, instants
from atsbridge.rules.language import message_template as message
from atsbridge.rules.language.ats_steps import SetKeys, said, written
from atsbridge.rules.language.conditions import Parser
from atsbridge.rules.language.hints import example
from atsbridge.rules.language.pack_errors import Mistake, nearest, remedy, shown, wrong
from atsbridge.rules.pack_tests import Given, given
from atsbridge.rules.rule import RuleStatus, StepVia, StepWhen
from atsbridge.worktime import Amount

_LONG = 8  # characters of an amount beyond all measure: no example is made of it

# How people begin a unit of time -> how many of which of ours; the second runs day and night.
_UNIT_WORDS: tuple[tuple[Any, ...], ...] = (
    ("working hour", (1, "bh")),
    ("office hour", (1, "bh")),
    ("business hour", (1, "bh")),
    ("working", (1, "bd")),
    ("work", (1, "bd")),
    ("business", (1, "bd")),
    ("calendar", (1, "d")),
    ("day", (1, "bd"), (1, "d")),
    ("hour", (1, "bh"), (1, "h")),
    ("hr", (1, "bh"), (1, "h")),
    ("w", (5, "bd"), (7, "d")),
)

STRICT = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def _subject(info: ValidationInfo) -> str | None:
    """The kind of record the rule is on; None where `each` does not say, which is told there."""
    return (info.context or {}).get("subject")


def _text(value: Any, info: ValidationInfo, needs: str) -> str:
    key = info.field_name or ""
    if not isinstance(value, str) or not value:
        raise wrong([Mistake(f"{key} needs {needs}, not {shown(value)}", f"Write: {example(key)}")])
    return value


def path(want: str) -> PlainValidator:
    """A path that serves as what is wanted: see `vocabulary`."""

    def read(value: Any, info: ValidationInfo) -> str:
        text, subject = _text(value, info, "a path"), _subject(info)
        if subject is not None:
            found = field_paths.check(subject, text, want, info.field_name or "")
            if isinstance(found, Mistake):
                raise wrong([found])
        return text

    return PlainValidator(read, json_schema_input_type=str)


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _amount(value: Any, info: ValidationInfo) -> Amount:
    return amount(value, info.field_name or "", lambda mistake: wrong([mistake]))


def amount(value: Any, key: str, error: Callable[[Mistake], Exception]) -> Amount:
    """A length of time above nothing; `error` makes what is raised of a mistake."""
    text = str(value)
    try:
        found = Amount.parse(text)
    except ValueError as unread:
        raise error(Mistake(str(unread), _amount_meant(text, key))) from None
    if found.span.total_seconds() <= 0 or text.startswith("+"):
        mend = f"Write: {example(key, text.lstrip('+-') if text[:1] in '+-' else None)}"
        raise error(Mistake(f'{key} is a length of time above nothing, not "{text}"', mend))
    return found


def _amount_meant(text: str, key: str, sign: str = "") -> str:
    """What to write instead of an amount of time, with both units that a word may mean."""
    match = re.fullmatch(r"[+-]?\s*([0-9]{1,4})\s*([a-z .-]+)", text.strip().lower())
    if match is None:
        return f"Write: {example(key)}" if len(text) < _LONG else f"Write: {example(key, '20bd')}"
    number, word = int(match[1]), match[2].strip(" .")
    for start, *meant in _UNIT_WORDS:
        if word.startswith(start) and number:
            one, *other = [f"{number * count}{unit}" for count, unit in meant]
            more = f", or {sign}{other[0]} around the clock" if other else ""
            return f"Write: {example(key, sign + one)}{more}"
    near = nearest(word, ("h", "d", "bd", "bh"))
    return f"Write: {example(key, f'{number}{near}' if near and number else None)}"


def _step(value: Any) -> StepWhen:
    text = str(value)
    try:
        return schedule.parse(text)
    except ValueError as error:
        near = "+" + text if re.fullmatch(r"\d+(\.\d+)?(h|d|bd|bh)", text) else None
        if near is None and re.fullmatch(r"[+-]?\s*[0-9]+\s*[a-z][a-z ]+", text.lower()):
            mend = _amount_meant(text, "at", "-" if text.startswith("-") else "+")
            raise wrong([Mistake(f"{shown(value)} is no time for a step: {error}", mend)]) from None
        near = near or nearest(text, ("due",)) or (f"{text}%" if text.isdecimal() else None)
        mend = remedy(near, example("at", near))
        raise wrong([Mistake(f"{shown(value)} is no time for a step: {error}", mend)]) from None


def _recipient(value: Any, info: ValidationInfo) -> str:
    text, subject = _text(value, info, "a person, a channel or ats"), _subject(info)
    if text == "ats" or re.fullmatch(r"channel:#[\w-]+", text) or subject is None:
        return text
    if text.startswith(("channel", "#")):
        name = text.removeprefix("channel").lstrip(":#") or "recruiting-ops"
        raise wrong([Mistake(f'"{text}" is no channel', f'Write: to: "channel:#{name}"')])
    found = field_paths.check(subject, text, "person", "to")
    if isinstance(found, Mistake):
        raise wrong([found])
    return text


def _where(value: Any, info: ValidationInfo) -> Where:
    subject = _subject(info)
    if subject is None:
        return All()
    parser = Parser(subject)
    found = parser.block(value)
    if parser.mistakes:
        raise wrong(parser.mistakes)
    return found


def _template(value: Any, info: ValidationInfo) -> str:
    text, subject = _text(value, info, "text"), _subject(info)
    if subject is not None and (found := message.mistakes(text, subject)):
        raise wrong(found)
    return text


def _given(value: Any, info: ValidationInfo) -> Given:
    found, mistakes = given(value, _subject(info))
    if mistakes:
        raise wrong(mistakes)
    return found


def instant(value: Any, info: ValidationInfo) -> datetime:
    """An instant as `instants` reads it."""
    try:
        return instants.parse(value)
    except ValueError as error:
        key = info.field_name or ""
        mend = f'Write: {key}: "2026-03-09T16:05[Europe/Lisbon]"'
        raise wrong([Mistake(f"{shown(value)} is no instant: {error}", mend)]) from None


def _id(value: Any, info: ValidationInfo) -> str:
    text = _text(value, info, "a name")
    if not re.fullmatch(r"[a-z][a-z0-9-]*", text):
        fixed = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-0123456789")
        what = f'"{text}" is no id: it is lower-case letters, digits and hyphens'
        raise wrong([Mistake(what, f"Write: {example('id', fixed)}")])
    return text


def _each(value: Any, info: ValidationInfo) -> str:
    text = _text(value, info, "a kind of record")
    found = field_paths.subject_of(text)
    if isinstance(found, Mistake):
        raise wrong([found])
    return text


def filled(value: Any, info: ValidationInfo) -> Any:
    """A list with something in it."""
    key = info.field_name or ""
    if not value:
        raise wrong([Mistake(f"{key} needs at least one entry", f"Write: {example(key)}")])
    return value


def _plain(read: Callable[[Any, ValidationInfo], Any], shape: Any = str) -> PlainValidator:
    return PlainValidator(read, json_schema_input_type=shape)


Event = Annotated[str, path("event")]
Person = Annotated[str, path("person")]
Events = Annotated[tuple[Event, ...], BeforeValidator(_listed)]
Fact = Annotated[str, path("fact")]
Words = Annotated[tuple[Annotated[str, path("interval")], ...], BeforeValidator(_listed)]
Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Length = Annotated[Amount, _plain(_amount)]
Conditions = Annotated[Where, _plain(_where, dict[str, Any])]
Instant = Annotated[datetime, _plain(instant)]
Id = Annotated[str, _plain(_id)]


class StepKeys(BaseModel):
    """One rung of the ladder.

    `to: ats` leaves a note on the application, or on the requisition of a rule that concerns
    no application; with `tag` or `set` that stands on the application instead, until the case ends.
    """

    model_config = STRICT

    at: Annotated[StepWhen, PlainValidator(_step, json_schema_input_type=str)]
    to: Annotated[str, _plain(_recipient)]
    via: StepVia = StepVia.DM
    max: Annotated[int, Field(ge=1, strict=True)] | None = None
    tag: Annotated[str, _plain(said)] = ""
    set: SetKeys | None = None
    message: Annotated[str, _plain(_template)] = ""

    @property
    def mark(self) -> Mark | None:
        """What it puts on the application in place of a note."""
        if self.set is not None:
            return Mark(self.set.field, self.set.value)
        return tag(self.tag) if self.tag else None


def _from_due_on(steps: tuple[StepKeys, ...]) -> tuple[StepKeys, ...]:
    """A check is due when it finds something: nothing comes before, and the first step then."""
    early = []
    for index, step in enumerate(steps):
        value = step.at.value
        if isinstance(value, int) or (value is not None and value.span.total_seconds() <= 0):
            what = f'"{step.at.label}" comes before anything is found'
            early.append(Mistake(what, "Write: at: due", (index, "at")))
    if not early and all(step.at.value is not None for step in steps):
        early = [Mistake("no step comes at due, when it is found", "Write: at: due", (0, "at"))]
    if early:
        raise wrong(early)
    return steps


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
    """A test: facts, and what they should lead to."""

    model_config = STRICT

    name: str = ""
    given: Annotated[Given, _plain(_given, dict[str, Any])]
    expect: Annotated[tuple[ExpectKeys, ...], AfterValidator(filled)]


class RuleKeys(BaseModel):
    """The keys of every rule; a kind adds its own."""

    model_config = STRICT

    id: Id
    kind: str
    status: RuleStatus = RuleStatus.DRAFT
    title: str
    why: str = ""
    side: Literal["manager", "recruiter", ""] = ""
    each: Annotated[str, _plain(_each)]
    owner: str = ""
    calendar: str = "office"
    where: Conditions = All()
    steps: Annotated[tuple[StepKeys, ...], AfterValidator(filled), AfterValidator(written)]
    message: Annotated[str, _plain(_template)]
    message_ahead: Annotated[str, _plain(_template)] = ""
    message_late: Annotated[str, _plain(_template)] = ""
    muted_by: Names = ()
    tests: tuple[ExampleKeys, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text of a message, those of the steps last."""
        ours = (self.message, self.message_ahead, self.message_late)
        return tuple(text for text in (*ours, *(step.message for step in self.steps)) if text)


class CheckKeys(RuleKeys):
    """The keys of every rule that the check judges."""

    steps: Annotated[
        tuple[StepKeys, ...],
        AfterValidator(filled),
        AfterValidator(written),
        AfterValidator(_from_due_on),
    ]
