"""Parses the reply to a pulse: one or two whole numbers from 1 to 5, as people write them."""

from __future__ import annotations

import re

from atsbridge.model import HIGHEST, LOWEST, PULSE_QUESTIONS

_SPELLED = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_NUMBERED = re.compile(r"(?<![\d.,])([12])\s*[.):=]\s*(\d+)(?![\d.,]*\d)")  # "1: 4, 2: 5"
_OF_FIVE = re.compile(r"(?<!\d)(\d+)\s*(?:/|out of|of)\s*5(?!\d)")  # "4/5"
_FRACTION = re.compile(r"\d\.\d")  # "4.5"
_NUMBER = re.compile(r"\d+")
_BETWEEN = re.compile(r"[\s,;/+&.!-]|\band\b")
_LONGEST = 60  # characters: more than that is a sentence


def parse_ratings(text: str) -> tuple[int | None, ...] | None:
    """The answers by question, None for one that is not among them; None for anything else.

    "4 5", "4, 5", "four and five", "4/5 5/5", "1: 4, 2: 5"; "4" answers the first that is missing,
    as does (4, None). A number outside 1 to 5, a fraction or a sentence is no answer.
    """
    plain = text.strip().lower()
    if len(plain) > _LONGEST:
        return None
    numbered = {int(place): int(value) for place, value in _NUMBERED.findall(plain)}
    if len(numbered) == PULSE_QUESTIONS and not _NUMBER.search(_NUMBERED.sub(" ", plain)):
        return _checked([numbered[place] for place in sorted(numbered)])
    plain = _OF_FIVE.sub(r"\1 ", plain)
    for name, value in _SPELLED.items():
        plain = re.sub(rf"\b{name}\b", str(value), plain)
    if _FRACTION.search(plain):
        return None
    values = [int(one) for one in _NUMBER.findall(plain)]
    rest = _BETWEEN.sub("", _NUMBER.sub("", plain))
    return None if rest else _checked(values)


def _checked(values: list[int]) -> tuple[int | None, ...] | None:
    if not 1 <= len(values) <= PULSE_QUESTIONS:
        return None
    if any(not LOWEST <= value <= HIGHEST for value in values):
        return None
    return (*values, *[None] * (PULSE_QUESTIONS - len(values)))
