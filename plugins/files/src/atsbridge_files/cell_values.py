"""Turn the cells of a row into the JSON value of one column.

A cell that cannot be read becomes a `Misfit` with its place and never its content.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from atsbridge.api import KINDS, FieldType, plain_number
from atsbridge_files.export_dates import day_reader, instant_reader
from atsbridge_files.settings import ColumnSource

_TRUE = frozenset(
    [
        "yes",
        "y",
        "true",
        "1",
        "x",
        "ja",
        "oui",
        "si",
        "sí",
        "sim",
        "wahr",
        "vrai",
        "✓",
        "active",
        "aktiv",
    ]
)
_FALSE = frozenset(
    [
        "no",
        "n",
        "false",
        "0",
        "-",
        "nein",
        "non",
        "nao",
        "não",
        "falsch",
        "faux",
        "inactive",
        "inaktiv",
    ]
)
_TEMPLATE = re.compile(r"\{([^{}]+)\}")
_LISTS = re.compile(r"\s*[;|\n]\s*")
MAX_ID = 200  # characters; a longer one becomes a hash

Cells = Sequence[str]
ReadCell = Callable[[Cells], Any]  # -> a JSON value, None, or a Misfit


class Misfit(msgspec.Struct, frozen=True):
    """A cell that cannot be read. `misfit`: why, without what stands in it."""

    misfit: str


@dataclass(frozen=True, slots=True)
class ValueRules:
    """What an account says about its values. `salt`: of hashes, so that they differ by account."""

    zone: ZoneInfo
    decimal: str
    salt: str


def spaced(text: str) -> str:
    """The text with single spaces."""
    return " ".join(text.split())


def hashed(parts: Sequence[str], salt: str) -> str:
    """A stable id for texts that may name a person: 20 hexadecimal digits."""
    text = "\x1f".join(spaced(part).casefold() for part in parts)
    return hashlib.blake2b(text.encode(), digest_size=10, key=salt.encode()[:64]).hexdigest()


def read_key(places: Sequence[int], salt: str) -> Callable[[Cells], str]:
    """A function row -> hash of its key; "" if a cell of the key is empty."""

    def read(cells: Cells) -> str:
        parts = [cells[at] for at in places]
        return hashed(parts, salt) if all(parts) else ""

    return read


def plain_id(text: str, salt: str) -> str:
    """The id as it stands there; a hash of an overlong one and of an e-mail address."""
    text = spaced(text)
    return hashed((text,), salt) if len(text) > MAX_ID or "@" in text else text


def person_id(text: str) -> str:
    """The id of a colleague who is known by e-mail address or name."""
    return spaced(text).casefold()[:MAX_ID]


def translated(source: str, terms: Mapping[str, str]) -> Callable[[str], str]:
    """A function that replaces the terms of the export by the mapped ones."""
    del source
    known = {spaced(term).casefold(): value for term, value in terms.items()}
    return lambda text: known.get(spaced(text).casefold(), text) if known else text


def read_text(text: str) -> str | None:
    """The text with its spaces joined; None if it is empty."""
    return spaced(text) or None


def read_flag(text: str) -> bool | Misfit | None:
    """Yes or no, in some languages."""
    term = text.casefold()
    if not term:
        return None
    if term in _TRUE or term in _FALSE:
        return term in _TRUE
    return Misfit("this is neither yes nor no")


def number_reader(decimal: str, *, whole: bool) -> Callable[[str], Any]:
    """A function text -> number, with the decimal mark of the account."""
    group = "," if decimal == "." else "."
    grouped = re.compile(
        rf"[+-]?\d{{1,3}}(?:[{group}'’\s]\d{{3}})*(?:[{decimal}]\d+)?|[+-]?\d+(?:[{decimal}]\d+)?"
    )

    def read(text: str) -> Any:
        if not text:
            return None
        bare = text.strip("€$£ ").strip()
        if not grouped.fullmatch(bare):
            return Misfit("this is no number")
        plain = re.sub(rf"[{group}'’\s]", "", bare).replace(decimal, ".")
        plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
        plain = plain + "0" if re.fullmatch(r"[+-]?\d{1,3}\.\d{3}", plain) else plain
        found = plain_number(plain)
        if found is None or (whole and not isinstance(found, int)):
            return Misfit("this is no whole number" if whole else "this is no number")
        return found

    return read


def enum_reader(known: Sequence[str]) -> Callable[[str], str | None]:
    """A function text -> term of the catalog; another term stays as it is."""
    terms = {term.replace("_", " "): term for term in known}

    def read(text: str) -> str | None:
        plain = spaced(text)
        if not plain:
            return None
        return terms.get(plain.casefold().replace("_", " ").replace("-", " ")) or plain

    return read


def list_reader(split: str) -> Callable[[str], list[str]]:
    """A function text -> the values in it, each once."""
    parts = (lambda text: text.split(split)) if split else _LISTS.split

    def read(text: str) -> list[str]:
        return list(dict.fromkeys(filter(None, map(spaced, parts(text)))))

    return read


def plain_reader(
    field_type: FieldType, values: Sequence[str], source: ColumnSource, rules: ValueRules
) -> Callable[[str], Any]:
    """A function text -> JSON value for a field that is neither a date nor a reference."""
    if field_type is FieldType.ENUM:
        return enum_reader(values)
    if field_type is FieldType.BOOL:
        return read_flag
    if field_type in (FieldType.INT, FieldType.NUMBER):
        return number_reader(rules.decimal, whole=field_type is FieldType.INT)
    if field_type is FieldType.LIST:
        return list_reader(source.split)
    return read_text


def date_reader(
    field_type: FieldType, formats: Sequence[str], zone: ZoneInfo
) -> Callable[[str], Any]:
    """A function text -> ISO 8601 text of an instant in UTC, or of a day."""
    instant, day = instant_reader(formats, zone), day_reader(formats)

    def read(text: str) -> Any:
        if not text:
            return None
        try:
            if field_type is FieldType.DATE:
                return day(text).isoformat()
            return instant(text).isoformat()
        except ValueError:
            return Misfit(f"this is no date in the form {' or '.join(formats)}")

    return read


def is_dated(kind: str, column: str) -> bool:
    """Whether the column holds dates or instants."""
    found = KINDS[kind].fields.get(column)
    if found is None:
        return column == "feedback_at"
    return found.type in (FieldType.INSTANT, FieldType.DATE)


def fill_template(template: str, places: Mapping[str, int]) -> ReadCell:
    """A function row -> the template with the cells of its headers; None if one is empty."""

    def read(cells: Cells) -> str | None:
        values = {name: cells[at] for name, at in places.items()}
        if not all(values.values()):
            return None
        return _TEMPLATE.sub(lambda match: values[match[1]], template)

    return read


def template_headers(template: str) -> list[str]:
    """The headers in braces."""
    return list(dict.fromkeys(_TEMPLATE.findall(template)))
