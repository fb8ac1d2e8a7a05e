"""Parses replies to messages about a brief or a calibration round.

People type what is shortest: a number, a word, a section's name and a line. What is not understood
is returned as such, so that they get an example instead of silence.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from atsbridge.model import HIGHEST, LOWEST, UNDECIDED

_EMOJI_YES = frozenset(
    (
        *("+1", "thumbsup", "ok_hand", "white_check_mark", "heavy_check_mark", "100", "ok"),
        *("ballot_box_with_check", "handshake", "raised_hands", "clap"),
    )
)
_EMOJI_NO = frozenset(("-1", "thumbsdown", "x", "no_entry_sign", "no_entry"))
_YES = frozenset(
    (
        *(
            "agree",
            "agreed",
            "i agree",
            "we agree",
            "yes",
            "yes agree",
            "yes i agree",
            "yep",
            "yup",
        ),
        *(
            "ok",
            "okay",
            "fine",
            "fine with me",
            "fine by me",
            "approved",
            "approve",
            "lgtm",
            "done",
        ),
        *("looks good", "looks good to me", "sounds good", "perfect", "all good", "confirmed", "y"),
    )
)
_NO = frozenset(("no", "nope", "disagree", "i disagree", "not agreed", "i do not agree", "n"))
_AROUND = re.compile(r"\b(?:thanks|thank you|to this)\b|[^\w\s']")
_WHY = frozenset(("why", "why me", "explain"))
_LABEL = re.compile(
    r"^\s*(?:[•*\-–]\s*)?(?:\d{1,2}[.)]\s*)?([A-Za-z][A-Za-z _\-]{2,40}?)"
    r"(?:\s*[:=]|\s[\-–])\s*(.*)$"
)
_BULLET = re.compile(r"^\s*(?:[•*\-–]|\d{1,2}[.)])\s+")
_LISTS = frozenset(("must_haves", "nice_to_haves", "soft_skills"))
_ENTRY_LENGTH = 5  # entries between commas that are longer are a sentence
_PLACED = re.compile(
    r"(?:^|[\n;])\s*(?:no\.?|nr\.?|#|profile|candidate)?\s*(\d{1,2})\s*[:.)=\-–]+\s*", re.IGNORECASE
)
_NUMBER = re.compile(r"^(\d{1,3}(?:[.,]\d)?)(?:\s*/\s*(\d{1,2}))?(?=\W|$)")
_SCALE: Mapping[str, int] = {  # longest first
    "definitely not": LOWEST,
    "strong no": LOWEST,
    "strong yes": HIGHEST,
    "definitely yes": HIGHEST,
    "definitely": HIGHEST,
    "rather not": LOWEST + 1,
    "rather yes": HIGHEST - 1,
    "not sure": UNDECIDED,
    "undecided": UNDECIDED,
    "perhaps": UNDECIDED,
    "unsure": UNDECIDED,
    "maybe": UNDECIDED,
    "nope": LOWEST + 1,
    "yes": HIGHEST - 1,
    "no": LOWEST + 1,
}


class AgreementReply(StrEnum):
    """What a reply to a brief says."""

    YES = "yes"
    NO = "no"
    WHY = "why"


@dataclass(frozen=True, slots=True)
class ParsedRatings:
    """Ratings by the profile's place in the message, from 1. `wrong`: places without a rating.

    A repr shows none.
    """

    values: Mapping[int, tuple[int, str]] = field(default_factory=dict, repr=False)
    wrong: tuple[int, ...] = ()


def parse_agreement(text: str, emoji: str = "") -> AgreementReply | None:
    """Parse a reply to a brief, or an emoji on it; None for anything else."""
    if emoji:
        name = emoji.partition("::")[0]
        if name in _EMOJI_YES:
            return AgreementReply.YES
        return AgreementReply.NO if name in _EMOJI_NO else None
    plain = " ".join(_AROUND.sub(" ", text.lower()).split())
    if plain in _YES:
        return AgreementReply.YES
    if plain in _NO:
        return AgreementReply.NO
    return AgreementReply.WHY if plain in _WHY else None


def asks_why(text: str) -> bool:
    """Whether somebody asks why they got a message."""
    return text.lower().strip(" ?.!") in _WHY


def parse_answers(text: str, known: Sequence[str], asked: Sequence[str]) -> dict[str, Any]:
    """Section -> its answer, text or list of texts; empty if no section can be told.

    `known`: names of sections; `asked`: those that the message asked for. A reply without a
    section's name is the answer to the only one that was asked for.
    """
    lines = html.unescape(text).splitlines()
    found: dict[str, list[str]] = {}
    section = asked[0] if len(asked) == 1 else ""
    for line in lines:
        label = _LABEL.match(line)
        name = _find_section(label[1], known) if label else ""
        if label and name:
            section, line = name, label[2]
        if section and line.strip():
            found.setdefault(section, []).append(line)
    return {name: value for name, its in found.items() if (value := _read_answer(name, its))}


def parse_profile_ratings(text: str, profiles: int) -> ParsedRatings | None:
    """Ratings such as "1: 4 strong SQL", "2 - no", "4, 2, 5"; None if there are none.

    `profiles`: how many were shown. Words become numbers: "yes" 4, "maybe" 3, "strong no" 1.
    """
    plain = html.unescape(text).strip()
    row = re.split(r"\s*[,;/\s]\s*", plain)
    if profiles > 1 and len(row) == profiles and all(re.fullmatch(r"\d{1,2}", one) for one in row):
        values = {place: (int(one), "") for place, one in enumerate(row, 1)}
    else:
        pieces = _PLACED.split(plain)
        values = {}
        wrong: list[int] = []
        for place, given in zip(pieces[1::2], pieces[2::2], strict=True):
            number = int(place)
            value = _read_value(given.strip())
            if value is None or not 1 <= number <= profiles:
                wrong.append(number)
            else:
                values[number] = value
        if not values and not wrong:
            return None
        return ParsedRatings(_in_range(values), (*wrong, *_out_of_range(values)))
    return ParsedRatings(_in_range(values), _out_of_range(values))


def _in_range(values: Mapping[int, tuple[int, str]]) -> dict[int, tuple[int, str]]:
    return {at: one for at, one in values.items() if LOWEST <= one[0] <= HIGHEST}


def _out_of_range(values: Mapping[int, tuple[int, str]]) -> tuple[int, ...]:
    return tuple(at for at, one in values.items() if not LOWEST <= one[0] <= HIGHEST)


def _read_value(given: str) -> tuple[int, str] | None:
    """The number at the beginning, and the words after it; None if there is none."""
    if number := _NUMBER.match(given):
        whole = number[1].replace(",", ".")
        if "." in whole or number[2] not in (None, str(HIGHEST)):
            return None  # 3.5, or 7/10: nobody knows which whole number is meant
        return int(whole), _read_remark(given[number.end() :])
    lowered = given.lower()
    for name, value in _SCALE.items():
        if lowered.startswith(name) and not lowered[len(name) : len(name) + 1].isalnum():
            return value, _read_remark(given[len(name) :])
    return None


def _read_remark(text: str) -> str:
    return " ".join(text.split()).strip(" ,.:;–-()")


def _find_section(label: str, known: Sequence[str]) -> str:
    """The section that a label names: "Must haves", "must-have", "must_haves"."""
    name = "_".join(re.split(r"[\s_\-]+", label.strip().lower()))
    if name in known:
        return name
    return next((one for one in known if one.rstrip("s") == name.rstrip("s")), "")


def _read_answer(section: str, lines: Sequence[str]) -> Any:
    """Text, or a list where entries can be told: lines with bullets, or parts between ";"."""
    plain = [_BULLET.sub("", line).strip() for line in lines]
    plain = [line for line in plain if line]
    if section in _LISTS:
        pieces = [one.strip() for line in plain for one in line.split(";")]
        if len(pieces) == 1:
            commas = [one.strip() for one in pieces[0].split(",")]
            if all(0 < len(one.split()) <= _ENTRY_LENGTH for one in commas):
                pieces = commas
        return [one for one in pieces if one]
    if len(plain) > 1 and all(_BULLET.match(line) for line in lines):
        return plain
    return "\n".join(plain)
