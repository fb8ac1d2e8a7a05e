"""What a step writes into the ATS: the keys that say so, and which records can bear it.

The other keys of a step are in `schema`; writing is `sinks`'.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainValidator, ValidationInfo

from atsbridge.model import roots
from atsbridge.rules.language.hints import example
from atsbridge.rules.language.pack_errors import Mistake, shown, wrong

if TYPE_CHECKING:
    from atsbridge.rules.language.rule_schema import StepKeys

PAGE = """\
`to` is a path to a person, `"channel:#name"` or `ats`. `via: digest` waits for the reader's next
morning. `to: ats` leaves a note on the application, or on the requisition where the rule concerns
none; with `tag` or `set` that stands on the application in place of a note, until the case ends: a
tag is taken off, a field is emptied, unless somebody put it there before or changed it meanwhile.
An account must allow each of them by its name in `write`: `application_note`, `job_note`, `tag`,
`application_field`. What it does not allow is left out, and `plan` and `explain` say so.

For example `{at: due, to: ats, tag: feedback late}`, and
`{at: +1bd, to: ats, set: {field: custom.sla, value: late}}`.
"""


def said(value: Any, info: ValidationInfo) -> str:
    """What is written as it stands: a word, a number, yes or no."""
    text = str(value).lower() if isinstance(value, bool) else str(value).strip()
    if not text or value is None or isinstance(value, list | dict):
        key = info.field_name or ""
        what = f"{key} needs a word or a number, not {shown(value)}"
        raise wrong([Mistake(what, f"Write: {example(key, 'late' if key == 'value' else None)}")])
    return text


def _custom(value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(r"custom\.[\w-]+", value):
        return value
    name = re.sub(r"\W+", "_", str(value).rpartition(".")[2]).strip("_") or "sla"
    what = f"{shown(value)} cannot be set: only custom fields of an application can"
    raise wrong([Mistake(what, f"Write: field: custom.{name}")])


class SetKeys(BaseModel):
    """A custom field of the application, and what it says while the case is open."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    field: Annotated[str, PlainValidator(_custom, json_schema_input_type=str)]
    value: Annotated[str, PlainValidator(said, json_schema_input_type=str)]


def written(steps: tuple[StepKeys, ...], info: ValidationInfo) -> tuple[StepKeys, ...]:
    """Each step that writes into the ATS says one thing, and of a record that can bear it."""
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
    """The key that is wrong, why, and what to write instead."""
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
