"""The keys of a pack as JSON Schema, with which editors complete and check.

It accepts more than `rules check`: paths, times and conditions may be any text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from atsbridge.ports import AnyRuleKind
from atsbridge.rules.compile import DefaultKeys
from atsbridge.rules.language import EXAMPLES, ExceptionKeys, StepKeys
from atsbridge.rules.reference.key_meanings import COMMON, STEP, find_meaning

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEXTS = {"type": "array", "items": {"type": "string"}}


class _Quiet(GenerateJsonSchema):
    """Defaults that are no JSON (conditions, lengths of time) are left out without a warning."""

    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012


def pack_schema(kinds: Mapping[str, AnyRuleKind]) -> dict[str, Any]:
    """The JSON Schema of a pack file with rules of these kinds."""
    defs: dict[str, Any] = {}
    rules = [_rule(kind, defs) for _, kind in sorted(kinds.items())]
    changes = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
    return {
        "$schema": _DIALECT,
        "title": "A pack of atsbridge rules",
        "type": "object",
        "additionalProperties": False,
        "required": ["version"],
        "properties": {
            "version": {"const": 1},
            "defaults": _shape(DefaultKeys, "defaults", defs),
            "rules": {"type": "array", "items": {"oneOf": rules}},
            "overrides": {"type": "array", "items": changes},
            "exceptions": {
                "type": "array",
                "items": _shape(ExceptionKeys, "exceptions", defs),
            },
        },
        "$defs": defs,
    }


def _rule(kind: AnyRuleKind, defs: dict[str, Any]) -> dict[str, Any]:
    """The keys of a rule of one kind."""
    found = _shape(kind.schema, kind.name, defs, kind)
    found["properties"]["kind"] = {"const": kind.name}
    return found


def _shape(
    model: type[BaseModel], prefix: str, defs: dict[str, Any], kind: AnyRuleKind | None = None
) -> dict[str, Any]:
    """The schema of a model; the models inside go to `defs` under a name of their own."""
    template = f"#/$defs/{prefix}.{{model}}"
    found = model.model_json_schema(ref_template=template, schema_generator=_Quiet)
    inner = found.pop("$defs", {})
    for name, one in inner.items():
        step = name == StepKeys.__name__
        defs[f"{prefix}.{name}"] = _describe(one, kind, STEP if step else None)
    return _describe(found, kind)


def _describe(
    shape: dict[str, Any], kind: AnyRuleKind | None, meanings: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Each key with its meaning and a valid line; a list of texts may be a single text."""
    properties = {}
    for key, one in shape.get("properties", {}).items():
        plain = {name: value for name, value in one.items() if name not in ("title", "default")}
        if plain == _TEXTS:
            plain = {"anyOf": [{"type": "string"}, _TEXTS]}
        if meanings is None:
            meaning = find_meaning(kind, key) if kind is not None else COMMON.get(key, "")
        else:
            meaning = meanings.get(key, "")
        text = " ".join(part for part in (meaning, EXAMPLES.get(key, "")) if part)
        properties[key] = plain | ({"description": text} if text else {})
    return {**shape, **({"properties": properties} if properties else {})}
