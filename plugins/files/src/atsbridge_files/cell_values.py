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

from atsbridge.api import KINDS, Field, FieldType, currency_code, plain_number
from atsbridge_files.export_dates import day_reader, instant_reader

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
_NOTHING = frozenset(
    [
        "-",
        "--",
        "---",
        "–",
        "—",
        "null",
        "none",
        "nan",
        "nil",
        "\\n",
        "(blank)",
        "(empty)",
        "(none)",
    ]
)
_NOBODY = frozenset(
    ["?", "??", "n/a", "n.a.", "k.a.", "tbd", "tbc", "tba", "unknown", "unassigned", "vacant"]
)
_SIGN = 14  # characters of the longest
_FORMULA_ERROR = re.compile(r"#[^\W\d_]+(?:/0)?[!?]|#N/?[ADV]|#ND|#GETTING_DATA|#{3,}")
_EITHER = re.compile(r"[+-]?\d{1,3}[.,]\d{3}")
_SHORTENED = re.compile(r"[+-]?\d(?:[.,]\d+)?E\+\d{2,3}")
_TEMPLATE = re.compile(r"\{([^{}]+)\}")
_LISTS = re.compile(r"\s*[;|\n]\s*")
_ADDRESS = re.compile(
    r"[^<>@]*<\s*(?:mailto:)?([^<>\s@]+@[^<>\s@]+)\s*>|mailto:([^<>\s@]+@[^<>\s@]+)"
)
MAX_ID = 200  # characters; a longer one becomes a hash

Cells = Sequence[str]
ReadCell = Callable[[Cells], Any]  # -> a JSON value, None, or a Misfit


class Misfit(msgspec.Struct, frozen=True):
    """A cell that cannot be read. `misfit`: why, without what stands in it."""

    misfit: str


@dataclass(frozen=True, slots=True)
class ValueRules:
    """What an account says about its values. `salt`: of hashes, so that they differ by account.

    `stated`: the settings name the decimal mark; otherwise 80.000 may be eighty or eighty thousand.
    """

    zone: ZoneInfo
    decimal: str
    salt: str
    stated: bool = True


def spaced(text: str) -> str:
    """The text with single spaces."""
    return " ".join(text.split())


def read_sign(text: str) -> str | Misfit:
    """The cell; "" for a sign of nothing; a Misfit for what a spreadsheet has spoiled."""
    if not text or len(text) > 2 * _SIGN:
        return text
    if len(text) <= _SIGN and text.casefold() in _NOTHING:
        return ""
    if text[0] == "#" and _FORMULA_ERROR.fullmatch(text):
        return Misfit("a formula has an error here")
    if "E+" in text and _SHORTENED.fullmatch(text):
        return Misfit("a spreadsheet has shortened this number: format its column as text")
    return text


def filled(text: str) -> str:
    """The cell; "" if nothing that can be used is there."""
    found = read_sign(text)
    return found if isinstance(found, str) else ""


def signs_read(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """A function text -> value that reads signs before the text is read."""

    def wrapped(text: str) -> Any:
        found = read_sign(text)
        return read(found) if isinstance(found, str) else found

    return wrapped


def is_nobody(text: str) -> bool:
    """Whether the text stands where no colleague is known yet."""
    return len(text) <= _SIGN and text.casefold() in _NOBODY


def hashed(parts: Sequence[str], salt: str) -> str:
    """A stable id for texts that may name a person: 20 hexadecimal digits."""
    text = "\x1f".join(spaced(part).casefold() for part in parts)
    return hashlib.blake2b(text.encode(), digest_size=10, key=salt.encode()[:64]).hexdigest()


def read_key(places: Sequence[int], salt: str) -> Callable[[Cells], str]:
    """A function row -> hash of its key; "" if a cell of the key is empty."""

    def read(cells: Cells) -> str:
        parts = [filled(cells[at]) for at in places]
        return hashed(parts, salt) if all(parts) else ""

    return read


def plain_id(text: str, salt: str) -> str:
    """The id as it stands there; a hash of an overlong one and of an e-mail address."""
    text = spaced(text)
    return hashed((text,), salt) if len(text) > MAX_ID or "@" in text else text


def person_id(text: str) -> str:
    """The id of a colleague who is known by e-mail address or name."""
    return bare_address(text).casefold()[:MAX_ID]


def bare_address(text: str) -> str:
    """The address of "Kim Doe <kim@acme.example>" as mail programs write it; else the text."""
    plain = spaced(text)
    found = _ADDRESS.fullmatch(plain) if "@" in plain else None
    return (found[1] or found[2]) if found else plain


def translated(source: str, terms: Mapping[str, str]) -> Callable[[str], str]:
    """A function that replaces the terms of the export by the mapped ones."""
    del source
    known = {spaced(term).casefold(): value for term, value in terms.items()}
    return lambda text: known.get(spaced(text).casefold(), text) if known else text


def read_text(text: str) -> str | None:
    """The text with its spaces joined; None if it is empty."""
    return spaced(text) or None


def read_address(text: str) -> str | None:
    """An e-mail address of a colleague in lower case, as everything else knows them."""
    return spaced(text).lower() or None


def read_flag(text: str) -> bool | Misfit | None:
    """Yes or no, in some languages."""
    term = text.casefold()
    if not term:
        return None
    if term in _TRUE or term in _FALSE:
        return term in _TRUE
    return Misfit("this is neither yes nor no")


def number_reader(decimal: str, *, whole: bool, stated: bool = True) -> Callable[[str], Any]:
    """A function text -> number, with the decimal mark of the account, as far as it is `stated`."""
    group = "," if decimal == "." else "."
    grouped = re.compile(
        rf"[+-]?\d{{1,3}}(?:[{group}'’\s]\d{{3}})*(?:[{decimal}]\d+)?|[+-]?\d+(?:[{decimal}]\d+)?"
    )

    def read(text: str) -> Any:
        if not text:
            return None
        bare = text.strip("€$£ ").strip()
        if not stated and _EITHER.fullmatch(bare):
            return Misfit(
                'this may be thousands or a fraction: state decimal = "." or "," in the account'
            )
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


def _addresses(text: str) -> list[str]:
    """The addresses between commas; of anything else the text: names have commas, too."""
    found, begun = list[str](), list[str]()
    for part in text.split(","):
        begun.append(part)
        if "@" in part:
            found.append(",".join(begun))
            begun.clear()
    return [text] if begun else found


def list_reader(split: str) -> Callable[[str], list[str]]:
    """A function text -> the values in it, each once."""
    parts = (lambda text: text.split(split)) if split else _LISTS.split

    def read(text: str) -> list[str]:
        found = [spaced(one) for part in parts(text) for one in _addresses(part)]
        return list(dict.fromkeys(filter(None, found)))

    return read


def plain_reader(field: Field, split: str, rules: ValueRules) -> Callable[[str], Any]:
    """A function text -> JSON value for a field that is neither a date nor a reference.

    `split`: what stands between the values of a list; "" for semicolons, bars and lines.
    """
    if field.type is FieldType.ENUM:
        return enum_reader(field.values)
    if field.type is FieldType.BOOL:
        return read_flag
    if field.type in (FieldType.INT, FieldType.NUMBER):
        return number_reader(rules.decimal, whole=field.type is FieldType.INT, stated=rules.stated)
    if field.type is FieldType.LIST:
        return list_reader(split)
    if field.path == "user.email":
        return read_address
    return currency_code if field.currency else read_text


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
        values = {name: filled(cells[at]) for name, at in places.items()}
        if not all(values.values()):
            return None
        return _TEMPLATE.sub(lambda match: values[match[1]], template)

    return read


def template_headers(template: str) -> list[str]:
    """The headers in braces."""
    return list(dict.fromkeys(_TEMPLATE.findall(template)))
