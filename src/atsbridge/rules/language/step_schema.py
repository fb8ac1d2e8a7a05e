"""The keys of a step: when it comes, whom it reaches, and what it writes into the ATS."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, Field, PlainValidator, ValidationInfo

from atsbridge.model import Mark, roots, tag
from atsbridge.rules.evaluate import schedule
from atsbridge.rules.language import field_paths
from atsbridge.rules.language.hints import example
from atsbridge.rules.language.key_types import (
    STRICT,
    Template,
    plain,
    subject_of_rule,
    text_of,
)
from atsbridge.rules.language.lengths import suggest_amount
from atsbridge.rules.language.pack_errors import Mistake, nearest, remedy, shown, wrong
from atsbridge.rules.language.recipient_names import (
    CUSTOM,
    MANAGER,
    MOST_LEVELS,
    TEAM,
    is_well_formed,
    split_recipient,
)
from atsbridge.rules.rule import StepVia, StepWhen


def plain_value(value: object, info: ValidationInfo) -> str:
    """A plain value: text, a number, true or false."""
    text = str(value).lower() if isinstance(value, bool) else str(value).strip()
    if not text or value is None or isinstance(value, list | dict):
        key = info.field_name or ""
        what = f"{key} needs a word or a number, not {shown(value)}"
        raise wrong([Mistake(what, f"Write: {example(key, 'late' if key == 'value' else None)}")])
    return text


def _custom(value: object) -> str:
    if isinstance(value, str) and re.fullmatch(r"custom\.[\w-]+", value):
        return value
    name = re.sub(r"\W+", "_", str(value).rpartition(".")[2]).strip("_") or "sla"
    what = f"{shown(value)} cannot be set: only custom fields of an application can"
    raise wrong([Mistake(what, f"Write: field: custom.{name}")])


class SetKeys(BaseModel):
    """A custom field of the application, and its value while the case is open."""

    model_config = STRICT

    field: Annotated[str, PlainValidator(_custom, json_schema_input_type=str)]
    value: Annotated[str, PlainValidator(plain_value, json_schema_input_type=str)]


def _step(value: object) -> StepWhen:
    text = str(value)
    try:
        return schedule.parse(text)
    except ValueError as error:
        near = "+" + text if re.fullmatch(r"\d+(\.\d+)?(h|d|bd|bh)", text) else None
        if near is None and re.fullmatch(
            r"[+-]?\s*[0-9]+(?:[.,][0-9]+)?\s*[a-z][a-z ]*", text.lower()
        ):
            mend = suggest_amount(text, "at", "-" if text.startswith("-") else "+")
            raise wrong([Mistake(f"{shown(value)} is no time for a step: {error}", mend)]) from None
        near = near or nearest(text, ("due",)) or _share(text)
        mend = remedy(near, example("at", near))
        raise wrong([Mistake(f"{shown(value)} is no time for a step: {error}", mend)]) from None


def _share(text: str) -> str | None:
    """The percentage that is meant: 80, 0.8 and "80 %" are 80%."""
    number = text.removesuffix("%").strip()
    if not re.fullmatch(r"[0-9]{1,2}|0\.[0-9]{1,2}", number):
        return None
    share = float(number) * (1 if text.endswith("%") or "." not in number else 100)
    return f"{share:.0f}%" if share >= 1 else None


def _recipient(value: object, info: ValidationInfo) -> str:
    text, subject = text_of(value, info, "a person, a channel or ats"), subject_of_rule(info)
    if subject == field_paths.PERSON:
        return _alone(text)
    if is_well_formed(text) or subject is None:
        return text
    if text.startswith(("channel", "#")):
        name = text.removeprefix("channel").lstrip(":#") or "recruiting-ops"
        raise wrong([Mistake(f'"{text}" is no channel', f'Write: to: "channel:#{name}"')])
    if text.startswith(TEAM):
        raise wrong([Mistake(f'"{text}" is no team', "Write: to: team:recruiting_ops")])
    named = split_recipient(text)
    if named.levels > MOST_LEVELS:
        what = f'"{text}" goes more than {MOST_LEVELS} levels up'
        raise wrong([Mistake(what, f"Write: to: {named.path}{MANAGER}")])
    column, key = field_paths.part(subject, named.path)
    if key and column.endswith(CUSTOM) and not named.head:
        return text  # a field of the customer's own: its value names the person
    want = "department" if named.head else "person"
    found = field_paths.check(subject, named.path, want, "to")
    if isinstance(found, Mistake):
        raise wrong([found])
    return text


def _alone(text: str) -> str:
    """Check that a rule on people notifies only the person."""
    if text == field_paths.PERSON:
        return text
    what = f"a rule on people is told to the person alone, not to {text}"
    raise wrong([Mistake(what, f"Write: to: {field_paths.PERSON}")])


class StepKeys(BaseModel):
    """One step.

    `to: ats` leaves a note on the application, or on the requisition of a rule that concerns
    no application; with `tag` or `set` that stands on the application instead, until the case ends.
    """

    model_config = STRICT

    at: Annotated[StepWhen, PlainValidator(_step, json_schema_input_type=str)]
    to: Annotated[str, plain(_recipient)]
    via: StepVia = StepVia.DM
    max: Annotated[int, Field(ge=1, strict=True)] | None = None
    tag: Annotated[str, plain(plain_value)] = ""
    set: SetKeys | None = None
    message: Template = ""

    @property
    def mark(self) -> Mark | None:
        """The mark that it puts on the application instead of a note."""
        if self.set is not None:
            return Mark(self.set.field, self.set.value)
        return tag(self.tag) if self.tag else None


def from_due_on(steps: tuple[StepKeys, ...]) -> tuple[StepKeys, ...]:
    """Check the steps of a check: none before due, and the first one at due."""
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


def check_ats_steps(steps: tuple[StepKeys, ...], info: ValidationInfo) -> tuple[StepKeys, ...]:
    """Check steps that write into the ATS: one thing each, on a record that supports it."""
    subject = (info.context or {}).get("subject")
    found = []
    for index, step in enumerate(steps):
        if mistake := _mistake(step, subject):
            key, what, mend = mistake
            found.append(Mistake(what, mend, (index, key)))
    if found:
        raise wrong(found)
    return steps


def _mistake(step: StepKeys, subject: str | None) -> tuple[str, str, str] | None:
    """Make the error of a key, with the reason and the remedy."""
    key = "set" if step.set is not None else "tag" if step.tag else ""
    known = roots(subject).keys() if subject else set()
    if step.set is not None and step.tag:
        return "tag", "a step sets a tag or a field, not both", "Make two steps of it"
    if step.to == "ats" and step.via == "digest":
        return "via", "what goes into the ATS is written at once, not in a digest", "Leave via out"
    if key and step.to != "ats":
        return (
            "to",
            f'"{key}" is written into the ATS, and the step goes to {step.to}',
            "Write: to: ats",
        )
    if key and subject and "application" not in known:
        what = f'"{key}" stands on an application, and a {subject} has none'
        return key, what, "Write: to: ats alone, which leaves a note"
    if step.to == "ats" and subject and not known & {"application", "requisition"}:
        what = f"no note can be left on a {subject}: it belongs to no requisition"
        return "to", what, 'Write: to: "channel:#recruiting-ops"'
    return None
