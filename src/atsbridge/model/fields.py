"""Declarations of fields: type, meaning of an absent value, sensitivity, allowed values.

The records themselves are in the modules beside this one; the whole list is `catalog`.
"""

from __future__ import annotations

import dataclasses
from enum import IntEnum, StrEnum
from typing import Any

METADATA_KEY = "atsbridge"
OTHER_TERM = "other:"  # what begins a term of the ATS that is none of an enum's values


class FieldType(StrEnum):
    """The type of a field's values, in Python and in both databases."""

    TEXT = "text"
    INT = "int"
    NUMBER = "number"
    BOOL = "bool"
    INSTANT = "instant"  # aware datetime in UTC; integer milliseconds when stored
    DATE = "date"  # a day without a time; yyyy-mm-dd when stored
    ENUM = "enum"  # text; a term outside `values` is stored as "other:<term>"
    REF = "ref"  # id of a record of kind `ref` in the same account
    LIST = "list"  # tuple of text; JSON when stored
    MAP = "map"  # mapping of text to plain values; JSON when stored
    INTERVAL = "interval"  # spans of time; never stored, read from Changes


class Null(StrEnum):
    """The meaning of an absent value, which decides how conditions on it are evaluated."""

    NOT_YET = "not_yet"  # a fact: it has not happened
    NONE = "none"  # a fact: there is none
    UNKNOWN = "unknown"  # not a fact: it cannot be known


class Sensitivity(IntEnum):
    """Who may read a field; a destination needs at least this clearance."""

    OPEN = 0
    PERSONAL = 1
    EVALUATION = 2
    COMPENSATION = 3

    def allows(self, level: Sensitivity) -> bool:
        """Whether a destination of this clearance may see a field of that sensitivity.

        Ratings are never shown: they stay in the ATS.
        """
        return level <= self and level is not Sensitivity.EVALUATION


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    """One field of the catalog. `name` and `kind` are filled in by `catalog`."""

    type: FieldType
    doc: str
    null: Null = Null.UNKNOWN
    sensitivity: Sensitivity = Sensitivity.OPEN
    unit: str = ""
    values: tuple[str, ...] = ()
    decisive: bool = False  # an enum whose terms outside `values` are unknown, not plain "other"
    currency: bool = False  # text that is the ISO 4217 code of a currency in use
    ref: str = ""
    planned: bool = False  # an instant that may lie ahead; any other that does is clock skew
    parent: bool = False  # this ref leads to what the record belongs to; paths start from it
    derived: str = ""  # the formula, for a field no connector supplies
    logged: bool = False  # Changes are kept of this derived field
    sources: tuple[str, ...] = ()  # for a derived field: the "kind.field"s the formula reads
    name: str = ""
    kind: str = ""

    @property
    def path(self) -> str:
        """`kind.name`, as rules and coverage name it."""
        return f"{self.kind}.{self.name}"

    def is_unknown_term(self, value: Any) -> bool:
        """Whether nobody knows what this value means: "other:<term>" where terms are decisive."""
        return self.decisive and isinstance(value, str) and value.startswith(OTHER_TERM)

    @property
    def stored(self) -> bool:
        """Whether the field is a column."""
        return self.type is not FieldType.INTERVAL


def _declare(field: Field) -> Any:
    return dataclasses.field(default=None, metadata={METADATA_KEY: field})


def text(doc: str, **more: Any) -> Any:
    return _declare(Field(FieldType.TEXT, doc, **more))


def integer(doc: str, **more: Any) -> Any:
    return _declare(Field(FieldType.INT, doc, **more))


def number(doc: str, **more: Any) -> Any:
    return _declare(Field(FieldType.NUMBER, doc, **more))


def flag(doc: str, **more: Any) -> Any:
    return _declare(Field(FieldType.BOOL, doc, **more))


def instant(doc: str, **more: Any) -> Any:
    return _declare(Field(FieldType.INSTANT, doc, **{"null": Null.NOT_YET, **more}))


def day(doc: str, **more: Any) -> Any:
    return _declare(Field(FieldType.DATE, doc, **more))


def enum(doc: str, *values: str, **more: Any) -> Any:
    """One of these terms. `decisive`: it says where a record stands, so that neither an absent
    value nor a term that nobody knows is a fact.
    """
    return _declare(Field(FieldType.ENUM, doc, values=(*values, "other"), **more))


def ref(kind: str, doc: str, **more: Any) -> Any:
    return _declare(Field(FieldType.REF, doc, ref=kind, **more))


def names(doc: str, **more: Any) -> Any:
    return _declare(Field(FieldType.LIST, doc, **more))


def mapping(doc: str, **more: Any) -> Any:
    return _declare(Field(FieldType.MAP, doc, **more))


def interval(doc: str, **more: Any) -> Any:
    return _declare(Field(FieldType.INTERVAL, doc, **more))
