"""The keys of rules with a target: one for all subjects, or one for each value of a field."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, PlainValidator, ValidationInfo, model_validator

from atsbridge.model import Field, FieldType, resolve
from atsbridge.rules.language import (
    STRICT,
    Mistake,
    RuleKeys,
    amount,
    field_paths,
    nearest,
    remedy,
    shown,
    typed,
    wrong,
)
from atsbridge.rules.rule import Targets
from atsbridge.worktime import Duration

_BEFORE = re.compile(r"(\S+)\s+before\s+(\S+)")
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_MS = timedelta(milliseconds=1)
_MOST = 100  # times the target; a larger factor is probably a typing error


def _field(value: object, info: ValidationInfo) -> str:
    subject = (info.context or {}).get("subject")
    if not isinstance(value, str):
        what = f"field needs a path, not {shown(value)}"
        raise wrong([Mistake(what, "Write: field: requisition.priority")])
    if subject is not None and not field_paths.part(subject, value)[1]:
        found = field_paths.check(subject, value, "segment", "field")
        if isinstance(found, Mistake):
            raise wrong([found])
    return value


def _values(value: object, info: ValidationInfo, take: Callable[[Any], Any]) -> dict[Any, Any]:
    """Parse the entry of each value of the field; raise all errors together."""
    path, subject = info.data.get("field"), (info.context or {}).get("subject")
    if not isinstance(value, dict) or not value:
        what = f"by needs values of the field, not {shown(value)}"
        raise wrong([Mistake(what, "Write: by: {High: …}")])
    if path is None or subject is None:
        return {}
    key = field_paths.part(subject, path)[1]
    declared = None if key else resolve(subject, path).field
    found, mistakes = dict[Any, Any](), list[Mistake]()
    for value_key, one in value.items():
        try:
            found[_typed_key(declared, value_key)] = take(one)
        except _Wrong as error:
            mistakes.append(error.mistake._replace(loc=(value_key,)))
        except ValueError as error:
            near = nearest(value_key, declared.values) if declared and declared.values else None
            what = f"{shown(value_key)} is no value of {path}: {error}"
            mend = remedy(near, f"{near or _first(declared)}: {one}")
            mistakes.append(Mistake(what, mend, (value_key,), key=True))
    if mistakes:
        raise wrong(mistakes)
    return found


def _typed_key(declared: Field | None, value_key: str) -> Any:
    """Convert a key of `by` to the type of the field: YAML keys are text."""
    if declared is None:
        return value_key
    if declared.type is FieldType.BOOL:
        return typed(declared, {"true": True, "false": False}.get(value_key.lower(), value_key))
    if declared.type is FieldType.INT:
        return typed(declared, int(value_key) if _WHOLE.fullmatch(value_key) else value_key)
    return typed(declared, value_key)


def _first(declared: Field | None) -> str:
    if declared is None or declared.type is FieldType.TEXT:
        return "…"
    return "true" if declared.type is FieldType.BOOL else (*declared.values, "1")[0]


class _Wrong(Exception):
    """The entry of one value is invalid."""

    def __init__(self, mistake: Mistake) -> None:
        super().__init__(mistake.what)
        self.mistake = mistake


def _factor(value: object) -> float:
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else 0
    if 0 < number <= _MOST:
        return float(number)
    what = f"{shown(value)} is no factor above 0 and up to {_MOST}"
    raise _Wrong(Mistake(what, "Write: by: {High: 0.5}"))


def _target(value: object) -> Duration:
    return amount(value, "by", _refuse)


def _refuse(mistake: Mistake) -> Exception:
    return _Wrong(mistake._replace(remedy="Write: by: {High: 1bd}"))


class MultiplierKeys(BaseModel):
    """A factor of the target for each value of a field."""

    model_config = STRICT

    field: Annotated[str, PlainValidator(_field, json_schema_input_type=str)]
    by: Annotated[
        dict[Any, float],
        PlainValidator(
            lambda value, info: _values(value, info, _factor),
            json_schema_input_type=dict[str, float],
        ),
    ]


class TargetByKeys(BaseModel):
    """A target for each value of a field."""

    model_config = STRICT

    field: Annotated[str, PlainValidator(_field, json_schema_input_type=str)]
    by: Annotated[
        dict[Any, Duration],
        PlainValidator(
            lambda value, info: _values(value, info, _target),
            json_schema_input_type=dict[str, str],
        ),
    ]


@dataclass(frozen=True, slots=True)
class Before:
    """A target that counts back from an event. `amount` is negative."""

    amount: Duration
    path: str


def _before(value: object, info: ValidationInfo) -> Duration | Before:
    """ "2bd", or "-5bd before requisition.target_on"."""
    match = _BEFORE.fullmatch(str(value).strip())
    if match is None:
        return amount(value, "target", lambda mistake: wrong([mistake]))
    subject, path = (info.context or {}).get("subject"), match[2]
    example_line = "-5bd before requisition.target_on"
    length = amount(match[1].lstrip("-"), "target", _refuse_before)
    if subject is not None:
        found = field_paths.check(
            subject, path, "event", "target", lambda path: f"target: -{length} before {path}"
        )
        if isinstance(found, Mistake):
            raise wrong([found])
    if not match[1].startswith("-"):
        what = f'a target before an event is written with a minus, not "{match[1]}"'
        raise wrong([Mistake(what, f"Write: target: -{length} before {path or example_line}")])
    return Before(-length, path)


def _refuse_before(mistake: Mistake) -> Exception:
    return wrong([mistake._replace(remedy="Write: target: -5bd before requisition.target_on")])


class TimedKeys(RuleKeys):
    """The target, for all subjects or by segment."""

    target: Annotated[Duration | Before, PlainValidator(_before, json_schema_input_type=str)]
    multiplier: MultiplierKeys | None = None
    target_by: TargetByKeys | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> TimedKeys:
        if self.multiplier is not None and self.target_by is not None:
            what = "multiplier and target_by both change the target"
            raise wrong([Mistake(what, "Keep one of them", ("multiplier",))])
        return self

    @model_validator(mode="after")
    def _no_other_date(self) -> TimedKeys:
        if isinstance(self.target, Before) and self.target_by is not None:
            what = "target counts back from an event, and target_by from the start"
            raise wrong([Mistake(what, "Write: multiplier in its place", ("target_by",))])
        return self

    @property
    def length(self) -> Duration:
        """The target without the event that it counts back from."""
        return self.target.amount if isinstance(self.target, Before) else self.target

    @property
    def segments(self) -> dict[Any, Duration]:
        """Value -> its target; empty if all subjects have one target."""
        if self.multiplier is not None:
            return {
                value_key: _times(self.length, by) for value_key, by in self.multiplier.by.items()
            }
        return self.target_by.by if self.target_by is not None else {}

    def targets(self, subject: str) -> Targets | None:
        """The compiled segments; None if all subjects have one target."""
        segments = self.multiplier or self.target_by
        if segments is None:
            return None
        path, key = field_paths.part(subject, segments.field)
        return Targets(path, key, self.segments)


def _times(target: Duration, factor: float) -> Duration:
    return Duration(timedelta(milliseconds=round(target.span * factor / _MS)), target.unit)
