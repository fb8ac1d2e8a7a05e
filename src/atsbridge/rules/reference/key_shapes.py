"""The type and the default of each key of a rule, from the models that read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema

_NOUNS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "block",
}


class KeyShape(NamedTuple):
    """A key as the page shows it. `default`: "" if the key has no default."""

    name: str
    type: str
    default: str


class _Quiet(GenerateJsonSchema):
    """Defaults that are no JSON are left out without a warning."""

    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012


def list_shapes(model: type[BaseModel]) -> Iterator[KeyShape]:
    """Every key of a model, in order; those of a block with its name, "clock.start"."""
    schema = model.model_json_schema(schema_generator=_Quiet)
    known = schema.get("$defs", {})
    for name, info in model.model_fields.items():
        block = info.annotation
        if isinstance(block, type) and issubclass(block, BaseModel):
            yield from (one._replace(name=f"{name}.{one.name}") for one in list_shapes(block))
        else:
            shape = schema["properties"].get(name, {})
            yield KeyShape(name, _describe(shape, known), _default(info))


def _describe(shape: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    """A JSON Schema in words."""
    if "$ref" in shape:
        return _describe(known[shape["$ref"].rpartition("/")[2]], known)
    if "const" in shape:
        return f"`{shape['const']}`"
    if "enum" in shape:
        return ", ".join(f"`{one}`" for one in shape["enum"] if one != "")
    if several := shape.get("anyOf"):
        parts = [_describe(one, known) for one in several if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(parts))
    if shape.get("type") == "array":
        inner = _describe(shape.get("items", {}), known)
        return "list of blocks" if inner == "block" else f"list of {inner}"
    return _NOUNS.get(str(shape.get("type")), "text")


def _default(info: FieldInfo) -> str:
    """The default as written in YAML; "needed" if a value is required."""
    if info.is_required():
        return "needed"
    value = info.default
    if value is None or value in ("", ()) or getattr(value, "parts", None) == () or value == {}:
        return ""
    return f"`{value.value if isinstance(value, StrEnum) else value}`"
