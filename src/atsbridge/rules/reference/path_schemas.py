"""JSON Schema of what a rule on one kind of record may read: paths, conditions, people."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from atsbridge.model import CURRENCIES, KINDS, Field, FieldType, answers_when_absent, resolve, roots
from atsbridge.rules.language import OPERATORS, field_paths

Schema = dict[str, Any]

AMOUNT = r"^([0-9]+(\.[0-9]+)?|\.[0-9]+)(h|d|bd|bh)$"
AMOUNT_TEXT = (
    "A number and a unit: `h` hours and `d` days around the clock, `bd` working days, `bh`"
    " working hours."
)
_SET = {"enum": ["set", "unset"], "description": "Whether there is a value."}
_MEANINGS = {
    "in": "One of these values.",
    "not_in": "None of these values.",
    "any_of": "The list has at least one of these.",
    "none_of": "The list has none of these.",
    "contains": "Has this text anywhere, capitals or not.",
    "like": "The whole field looks like this: `*` is any text, `?` one character.",
    "gt": "More, or later, than this.",
    "gte": "At least, or not before, this.",
    "lt": "Less, or earlier, than this.",
    "lte": "At most, or not after, this.",
    "older_than": "From this long after the event on.",
    "within": "Less than this long away from now, in the past or ahead.",
    "within_next": "Ahead, and less than this long away.",
}
_PLACES = (r"^channel:#[\w-]+$", r"^team:[\w-]+$")
_ABSENT = {"not_yet": "has not happened", "none": "there is none", "unknown": "it is unknown"}
_WANTS: Mapping[str, Callable[[Field], bool]] = {
    "event": lambda field: field.type in field_paths.DATED,
    "interval": lambda field: field.type is FieldType.INTERVAL,
    "number": lambda field: field.type in (FieldType.INT, FieldType.NUMBER),
    "person": lambda field: field.ref == "user",
    "list": lambda field: field.type is FieldType.LIST,
    "fact": lambda field: field.stored,
}


def define_paths(defs: dict[str, Any]) -> None:
    """Add "where.KIND", "event.KIND" and so on for every kind of record, and what they refer to."""
    defs["amount"] = {"type": "string", "pattern": AMOUNT, **_described(AMOUNT_TEXT)}
    for kind in KINDS.values():
        for field in kind.fields.values():
            if field.stored:
                shape = _condition(field)
                if _choices(field) is None:
                    shared = f"condition.{field.type}"
                    defs.setdefault(shared, shape)
                    shape = refer(shared)
                described = _described(_describe(field)) | {"examples": [_example(field)]}
                defs[f"field.{field.path}"] = shape | described
    defs["condition.keyed"] = _keyed()
    defs["condition"] = {
        "anyOf": [{"type": ["string", "number", "boolean"]}, {"type": "object", "minProperties": 1}]
    }
    for subject in KINDS:
        defs[f"where.{subject}"] = _where(subject)
        for want, serves in _WANTS.items():
            defs[f"{want}.{subject}"] = _paths(subject, serves)
        defs[f"to.{subject}"] = _recipients(subject)


def refer(name: str) -> Schema:
    """A reference to a definition."""
    return {"$ref": f"#/$defs/{name}"}


def match_subject(subject: str) -> str:
    """The pattern of every `each` that names this kind, with or without what it belongs to."""
    return rf"^([a-z_]+\.)*{subject}$"


def _where(subject: str) -> Schema:
    inner = refer(f"where.{subject}")
    block = {"anyOf": [inner, {"type": "array", "minItems": 1, "items": inner}]}
    fields = {path: refer(f"field.{field.path}") for path, field in _near(subject) if field.stored}
    blocks = {
        "all": block | _described("All of these hold."),
        "any": block | _described("At least one of these holds."),
        "none": block | _described("None of these holds."),
    }
    return {
        "type": "object",
        "properties": fields | blocks,
        "patternProperties": {
            **{pattern: refer("condition") for pattern in _links(subject)},
            **{pattern: refer("condition.keyed") for pattern in _blocks(subject)},
        },
        "additionalProperties": False,
    }


def _paths(subject: str, serves: Callable[[Field], bool]) -> Schema:
    """Paths that serve, as completions; those over a link by their beginning."""
    near = [path for path, field in _near(subject) if serves(field)]
    choice = [{"enum": near}] if near else []
    return {
        "type": "string",
        "anyOf": [*choice, *({"pattern": pattern} for pattern in _further(subject))]
        or [{"enum": []}],
        **_examples(near),
    }


def _recipients(subject: str) -> Schema:
    if subject == field_paths.PERSON:
        return {"const": field_paths.PERSON}
    people = [path for path, field in _near(subject) if field.ref == "user"]
    above = [rf"^{re.escape(path)}(\.manager){{1,2}}$" for path in people]
    departments = [path for path, field in _near(subject) if field.ref == "department"]
    heads = [f"{path}.head" for path in departments]
    patterns = (*_PLACES, *above, *_links(subject))
    return {
        "type": "string",
        "anyOf": [{"enum": [*people, *heads, "ats"]}, *({"pattern": one} for one in patterns)],
        **_examples([*people[:2], "channel:#recruiting-ops"]),
    }


def _examples(paths: Sequence[str]) -> Schema:
    """The nearest of these as examples, if there are any."""
    return {"examples": list(paths[:3])} if paths else {}


def _near(subject: str) -> Iterator[tuple[str, Field]]:
    """Every path without a link, those of the nearest records first, and its field."""
    starts = roots(subject)
    for root in sorted(starts, key=lambda name: len(starts[name])):
        for name, field in KINDS[root].fields.items():
            yield f"{root}.{name}", field


def _further(subject: str) -> list[str]:
    """Patterns of paths over a link, and of keys inside a block of keys."""
    return [*_links(subject), *_blocks(subject)]


def _blocks(subject: str) -> list[str]:
    blocks = [path for path, field in _near(subject) if field.type is FieldType.MAP]
    return [rf"^{re.escape(path)}\.." for path in blocks]


def _links(subject: str) -> list[str]:
    links = [path for path, field in _near(subject) if field.ref]
    return [rf"^{re.escape(path)}\.[a-z]" for path in links]


def _condition(field: Field) -> Schema:
    """What may stand beside the field in a block of conditions."""
    value = _value(field)
    plain = field.type not in (FieldType.LIST, FieldType.MAP, *field_paths.DATED)
    many = {"type": "array", "minItems": 1, "items": value}
    shapes: dict[str, Schema] = {}
    for name in OPERATORS[field.type]:
        shape = many if name in ("in", "not_in", "any_of", "none_of") else value
        if name == "is":
            shape = _SET
        elif name in ("older_than", "within", "within_next"):
            shape = refer("amount")
        elif name in ("contains", "like"):
            shape = {"type": "string", "minLength": 1}
        shapes[name] = shape | _described(_MEANINGS[name]) if name in _MEANINGS else shape
    compared = {"type": "object", "properties": shapes, "additionalProperties": False}
    return {"anyOf": [value, compared]} if plain else compared


def _keyed() -> Schema:
    """What may stand beside a key inside a block of keys, whose type nobody knows before."""
    plain = {"type": ["string", "number", "boolean"]}
    many = {"type": "array", "minItems": 1, "items": {"type": ["string", "integer"]}}
    shapes: dict[str, Schema] = dict.fromkeys(("in", "not_in", "any_of", "none_of"), many)
    shapes |= {name: {"type": "string", "minLength": 1} for name in ("contains", "like")}
    shapes |= {name: {"type": "number"} for name in ("gt", "gte", "lt", "lte")}
    shapes["is"] = _SET
    described = {
        name: shape | (_described(_MEANINGS[name]) if name in _MEANINGS else {})
        for name, shape in shapes.items()
    }
    compared = {"type": "object", "properties": described, "additionalProperties": False}
    return {"anyOf": [plain, compared]}


def _example(field: Field) -> object:
    """A condition on the field, as it stands beside it."""
    if (choices := _choices(field)) is not None:
        return "EUR" if field.currency else choices[0]
    if field.type is FieldType.BOOL:
        return True
    if field.type in (FieldType.INT, FieldType.NUMBER):
        return {"gte": 1}
    if field.type in field_paths.DATED:
        return {"older_than": "5d"}
    return {"is": "set"}


def _choices(field: Field) -> list[str] | None:
    """The values of a closed set; None for a field that may have any."""
    if field.currency:
        return sorted(CURRENCIES)
    return list(field.values) if field.type is FieldType.ENUM else None


def _value(field: Field) -> Schema:
    """A value of the field as it is written."""
    if (choices := _choices(field)) is not None:
        return {"enum": choices}
    if field.type is FieldType.BOOL:
        return {"type": "boolean"}
    if field.type in (FieldType.INT, FieldType.NUMBER):
        return {"type": "number"}
    if field.type in field_paths.DATED:
        time = "T" if field.type is FieldType.INSTANT else "$"
        return {"type": "string", "pattern": rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{time}"}
    return {"type": "string", "minLength": 1}


def _describe(field: Field) -> str:
    unit = f" ({field.unit})" if field.unit else ""
    absent = _ABSENT[answers_when_absent(resolve(field.kind, field.path)).value]
    derived = f" Derived: {field.derived}." if field.derived else ""
    return f"{field.doc}{unit}. Absent: {absent}.{derived}".replace("..", ".")


def _described(text: str) -> Schema:
    """The meaning for every editor, and with its markup for those that show it."""
    return {"description": text.replace("`", ""), "markdownDescription": text}
