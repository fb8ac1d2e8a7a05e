"""A pack as JSON Schema, with which editors complete, check and explain.

It refuses what can be seen without reading the whole pack: keys, enumerations, units, and paths
that the kind of record under `each` does not have. `rules check` sees more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from atsbridge.model import KINDS, roots
from atsbridge.ports import AnyRuleKind
from atsbridge.rules.compile import DefaultKeys
from atsbridge.rules.language import EXAMPLES, ExceptionKeys, StepKeys
from atsbridge.rules.reference.key_meanings import COMMON, PACK, STEP, find_meaning
from atsbridge.rules.reference.path_schemas import Schema, define_paths, match_subject, refer
from atsbridge.worktime import Duration

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEXTS = {"type": "array", "items": {"type": "string"}}
_STEP_TIME = r"^(due|[1-9][0-9]?%|[+-]([0-9]+(\.[0-9]+)?|\.[0-9]+)(h|d|bd|bh))$"
_BEFORE = r"^(([0-9]+(\.[0-9]+)?|\.[0-9]+)(h|d|bd|bh)|-\S+\s+before\s+\S+)$"
_PERCENT = r"^(100|[0-9]{1,4})%$"
# Keys whose text has a form of its own, whatever the kind of rule.
_FORMS: Mapping[str, Schema] = {
    "id": {"type": "string", "pattern": "^[a-z][a-z0-9-]*$"},
    "target": {"type": "string", "pattern": _BEFORE},
    "settle": {"type": "string", "pattern": "^[1-9][0-9]{0,3}[mh]$"},
    "every": {"type": "string", "pattern": r"^[A-Za-z,-]+ ([01]?[0-9]|2[0-3]):[0-5][0-9]$"},
    "over": {"type": "string", "pattern": _PERCENT},
    "below_usual": {"type": "string", "pattern": _PERCENT},
    "above_usual": {"type": "string", "pattern": _PERCENT},
    "of": {"enum": list(KINDS)},
}
# Keys that read the record under `each`, and keys that read the records under `of`.
_OURS: Mapping[str, str] = {"event": "event", "since": "event", "lacks": "list", "where": "where"}
_CLOCK: Mapping[str, str] = {
    **dict.fromkeys(("start", "stop", "first", "then", "reset", "cancel"), "event"),
    "pause": "interval",
    "owed_by": "person",
}
_THEIRS: Mapping[str, str] = {
    **dict.fromkeys(("among", "share", "while_any"), "where"),
    **dict.fromkeys(("by", "once"), "event"),
    **dict.fromkeys(("named", "per"), "fact"),
}
_LISTS = ("reset", "cancel", "pause", "needs", "fields")
# Keys whose example depends on the record under `each`, or under `of`: it stands in the definition
# of what they may hold.
_BY_RECORD = frozenset({*_OURS, *_CLOCK, *_THEIRS, "needs", "fields", "to"}) - {"where"}


class _Quiet(GenerateJsonSchema):
    """Defaults that are no JSON (conditions, lengths of time) are left out without a warning."""

    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012


def pack_schema(kinds: Mapping[str, AnyRuleKind]) -> dict[str, Any]:
    """The JSON Schema of a pack file with rules of these kinds."""
    defs: dict[str, Any] = {}
    define_paths(defs)
    for name, kind in sorted(kinds.items()):
        defs[f"rule.{name}"] = _rule(kind, defs)
    defs["rule"] = _any_rule(sorted(kinds))
    defs["override"] = _override(defs, sorted(kinds))
    lists = {
        "rules": {"type": "array", "items": refer("rule")},
        "overrides": {"type": "array", "items": refer("override")},
        "exceptions": {"type": "array", "items": _shape(ExceptionKeys, "exceptions", defs)},
    }
    top: dict[str, Schema] = {
        "version": {"const": 1},
        "description": {"type": "string"},
        "defaults": _shape(DefaultKeys, "defaults", defs),
        **lists,
    }
    return {
        "$schema": _DIALECT,
        "title": "A pack of atsbridge rules",
        "type": "object",
        "additionalProperties": False,
        "required": ["version"],
        "properties": {key: one | _explain(PACK[key], key) for key, one in top.items()},
        "$defs": defs,
    }


def _any_rule(kinds: Iterable[str]) -> Schema:
    """A rule: the keys of its kind, and the paths of its record and of those it counts."""
    names = list(kinds)
    kind = {"enum": names} | _explain(COMMON["kind"], "kind")
    by_kind = [_when("kind", {"const": name}, refer(f"rule.{name}")) for name in names]
    by_record = [_when("each", {"pattern": match_subject(name)}, _reading(name)) for name in KINDS]
    counted = [_when("of", {"const": name}, _counting(name)) for name in KINDS]
    return {
        "type": "object",
        "required": ["id", "kind", "each", "title", "steps", "message"],
        "properties": {"kind": kind},
        "allOf": [*by_kind, *by_record, *counted],
    }


def _when(key: str, value: Schema, then: Schema) -> Schema:
    return {"if": {"properties": {key: value}, "required": [key]}, "then": then}


def _reading(subject: str) -> Schema:
    """What the keys of a rule on this kind of record may hold."""
    fact = refer(f"fact.{subject}")
    keys = {key: refer(f"{want}.{subject}") for key, want in _OURS.items()}
    keys |= {key: _one_or_many(fact) for key in ("needs", "fields")}
    keys["cancel"] = _one_or_many(refer(f"event.{subject}"))
    clock = {
        key: _one_or_many(one) if key in _LISTS else one
        for key, want in _CLOCK.items()
        if (one := refer(f"{want}.{subject}"))
    }
    keys["clock"] = {"properties": clock}
    keys["steps"] = {"items": {"properties": {"to": refer(f"to.{subject}")}}}
    return {"properties": keys}


def _counting(kind: str) -> Schema:
    """What the keys on the records under `of` may hold."""
    return {"properties": {key: refer(f"{want}.{kind}") for key, want in _THEIRS.items()}}


def _one_or_many(one: Schema) -> Schema:
    return {"anyOf": [one, {"type": "array", "items": one}]}


def _override(defs: Mapping[str, Any], kinds: Iterable[str]) -> Schema:
    """The id of a rule and whatever any kind of rule has; part of a clock is enough."""
    keys: dict[str, list[Schema]] = {}
    for kind in kinds:
        for key, one in defs[f"rule.{kind}"]["properties"].items():
            shape = {"type": "object"} if key == "clock" else one
            known = keys.setdefault(key, [])
            if shape not in known:
                known.append(shape)
    every = {key: found[0] if len(found) == 1 else {"anyOf": found} for key, found in keys.items()}
    every["kind"] = {"type": "string"}
    return {
        "type": "object",
        "required": ["id"],
        "properties": every,
        "additionalProperties": False,
    }


def _rule(kind: AnyRuleKind, defs: dict[str, Any]) -> Schema:
    """The keys of a rule of one kind."""
    found = _shape(kind.schema, kind.name, defs, kind)
    found["description"] = kind.question
    found["properties"]["kind"] = {"const": kind.name} | _explain(kind.question, "kind")
    found["properties"]["each"] = {
        "type": "string",
        "anyOf": [
            {"enum": [*KINDS, *_list_owned()]},
            *({"pattern": _match_owned(name)} for name in KINDS),
        ],
    } | _explain(COMMON["each"], "each")
    return found


def _list_owned() -> Iterator[str]:
    """Every kind with one of the kinds that it belongs to: "interview.seat"."""
    for name in KINDS:
        yield from (f"{owner}.{name}" for owner in roots(name) if owner != name)


def _match_owned(kind: str) -> str:
    """The pattern of a kind after any of the kinds that it belongs to."""
    return rf"^(({'|'.join(roots(kind))})\.)*{kind}$"


def _shape(
    model: type[BaseModel], prefix: str, defs: dict[str, Any], kind: AnyRuleKind | None = None
) -> Schema:
    """The schema of a model; the models inside go to `defs` under a name of their own."""
    template = f"#/$defs/{prefix}.{{model}}"
    found = model.model_json_schema(ref_template=template, schema_generator=_Quiet)
    inner = found.pop("$defs", {})
    lengths = _find_lengths(model)
    for name, one in inner.items():
        step = name == StepKeys.__name__
        defs[f"{prefix}.{name}"] = _describe(one, kind, lengths, STEP if step else None)
    return _describe(found, kind, lengths)


def _find_lengths(model: type[BaseModel]) -> frozenset[str]:
    """The keys that hold a length of time and nothing else."""
    fields = model.model_fields.items()
    return frozenset(name for name, info in fields if Duration in _parts(info.annotation))


def _parts(annotation: Any) -> tuple[Any, ...]:
    """The types of a union without None, or the type itself."""
    several = getattr(annotation, "__args__", ()) if not isinstance(annotation, type) else ()
    return several or (annotation,)


def _describe(
    shape: Schema,
    kind: AnyRuleKind | None,
    lengths: frozenset[str],
    meanings: Mapping[str, str] | None = None,
) -> Schema:
    """Each key with its form, its meaning and a valid line; a list of texts may be one text."""
    properties = {}
    for key, one in shape.get("properties", {}).items():
        plain = {name: value for name, value in one.items() if name not in ("title", "default")}
        if key == "at" and meanings is STEP:
            plain = {"type": "string", "pattern": _STEP_TIME}
        elif key == "steps":
            plain |= {"minItems": 1}
        elif key in _FORMS and plain.get("type", "string") == "string":
            plain = dict(_FORMS[key])
        elif key in lengths:
            plain = refer("amount")
        elif plain == _TEXTS:
            plain = {"anyOf": [{"type": "string"}, _TEXTS]}
        if meanings is None:
            meaning = find_meaning(kind, key) if kind is not None else COMMON.get(key, "")
        else:
            meaning = meanings.get(key, "")
        properties[key] = plain | _explain(meaning, "" if key in _BY_RECORD else key)
    return {**shape, **({"properties": properties} if properties else {})}


def _explain(meaning: str, key: str) -> Schema:
    """The meaning of a key and a valid line, as plain text and with its markup."""
    line = EXAMPLES.get(key, "")
    if not (meaning or line):
        return {}
    code = f"\n\n```yaml\n{line}\n```" if line else ""
    plain = " ".join(part for part in (meaning.replace("`", ""), line) if part)
    return {"description": plain, "markdownDescription": f"{meaning}{code}".strip()}
