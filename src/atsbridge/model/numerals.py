"""Numbers as people write them in files: exact, or refused with the reason.

A figure that two readers could take for different numbers is never guessed: 80.000 is eighty in
London and eighty thousand in Berlin.
"""

from __future__ import annotations

import re
import unicodedata

# More digits than any figure of pay or days has; a double keeps 15 exactly.
MAX_DIGITS = 15

_PLAIN = re.compile(r"[+-]?((?:0|[1-9][0-9]*)(?:\.[0-9]+)?)")
_GROUPED = re.compile(r"([+-]?[1-9][0-9]{0,2})([.,])([0-9]{3})")
_GROUPS = re.compile(r"[+-]?[0-9]{1,3}(?P<mark>[.,'’_\s])[0-9]{3}(?:(?P=mark)[0-9]{3})*")
_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_RANGE = re.compile(r"\D*[0-9][\d.,]*\D?\s*(?:[-–—]|to|\.\.)\s*\D?[0-9][\d.,]*\D*")
_SHORT = re.compile(r"\D*[0-9]+(?:[.,][0-9]+)?\s*[kKmM]\b.*")
_EXPONENT = re.compile(r"[+-]?[0-9.]+[eE][+-]?[0-9]+")


def grouped(text: str) -> bool:
    """Whether its point may separate thousands as well as decimals: 1.234, 80.000."""
    match = _GROUPED.fullmatch(text)
    return match is not None and match[2] == "."


def parse(text: str) -> int | float:
    """The number. ValueError, as a plain sentence with what to write, where it is not exact.

    Digits 0-9 with at most one point, at most 15 of them. Separators of thousands, decimal commas,
    units, percent, ranges, exponents, other digits and what could be read in two ways are refused.
    """
    text = text.strip(" \t")
    match = _PLAIN.fullmatch(text)
    if match is None or grouped(text):
        raise ValueError(_why(text))
    if len(match[1].replace(".", "").lstrip("0")) > MAX_DIGITS:
        raise ValueError(f"a number has at most {MAX_DIGITS} digits")
    return float(text) if "." in text else int(text)


def _why(text: str) -> str:
    """Why it is no number, by what it looks like."""
    if any(c.isdigit() and not c.isascii() for c in text):
        return "write it with the digits 0 to 9"
    if match := _GROUPED.fullmatch(text):
        whole, _, rest = match.groups()
        return (
            f"it may mean {whole}{rest} or {whole}.{rest}: write {whole}{rest} or {whole}.{rest}0"
        )
    if match := _GROUPS.fullmatch(text):
        return f"write it without separators: {text.replace(match['mark'], '')}"
    if _COMMA.fullmatch(text):
        return f"write a point for the decimals: {text.replace(',', '.')}"
    if text.endswith("%"):
        return "write the number itself, not a share in percent"
    if _EXPONENT.fullmatch(text):
        return "write the number in full, without an exponent"
    if _RANGE.fullmatch(text):
        return "it is a range: write one number"
    if _SHORT.fullmatch(text):
        return "write the number in full, such as 80000 for 80k"
    if any(c.isdigit() for c in text) and any(_is_unit(c) for c in text):
        return "write the number alone, without a unit or currency, such as 80000"
    return "write a number such as 72000 or 45.5"


def _is_unit(character: str) -> bool:
    return character.isalpha() or unicodedata.category(character) == "Sc"
