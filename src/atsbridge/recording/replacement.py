"""Replace everything in a vendor's answers that could be somebody's, the same value always alike.

Only what is listed stays: the names of members that the connector reads, words that the connector
knows, truth values, 0 and 1. Everything else is replaced by something of the same shape, so that a
connector reads a recording as it reads the real answers.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import string
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

LONGER_RUN = re.compile(r"[^\W_]{5,}")
"""Letters and digits in a row, so many that they would say something if they stayed."""
_RUN = re.compile(r"[^\W_]+")
_EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+")
_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://\S+")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?")
_TIME = re.compile(r"\d{1,2}:\d\d(?::\d\d)?")
_DATED = re.compile(
    r"(?:at|on|date|time|since|until|start|end|at_start|timestamp)s?$", re.IGNORECASE
)
_LONG = 64  # characters; of a longer text nothing but its presence is kept
_MANY = 6  # words, likewise
_WEEKS = 260  # dates are shifted by up to five years
_MS = (946_684_800_000, 4_102_444_800_000)  # milliseconds of the years 2000 to 2100
_KNOWN_SHARE = 0.5  # of the different texts under one path that the connector must know
_OURS = ("https", "example")  # what replacements of addresses are made of
_PLAIN_NUMBERS = (0, 1)
_TRIES = 1000

Path = tuple[str, ...]


class Replacer:
    """Replaces the values of one recording.

    `vocabulary`: the words that the connector knows. `members`: the names of members that it reads;
    other names are replaced too. `random(n)`: n random bytes, drawn once.
    """

    def __init__(
        self,
        vocabulary: Collection[str],
        members: Collection[str],
        random: Callable[[int], bytes],
    ) -> None:
        self._vocabulary = frozenset(vocabulary)
        self._members = frozenset(members)
        self._key = random(32)
        weeks = int.from_bytes(self._digest("weeks", 0)[:4], "big") % _WEEKS + 1
        self._shift = timedelta(weeks=-weeks)
        self._replaced: dict[str, str] = {}
        self._taken: set[str] = set()
        self._enums: frozenset[Path] = frozenset()

    def learn(self, rows: Collection[Any]) -> None:
        """Find the members of these rows whose values are words that the connector knows."""
        texts: dict[Path, Counter[str]] = {}
        for row in rows:
            for path, text in _texts(row):
                texts.setdefault(path, Counter())[text] += 1
        self._enums |= {
            path
            for path, found in texts.items()
            if sum(one in self._vocabulary for one in found) >= _KNOWN_SHARE * len(found)
        }

    def replace(self, value: Any, path: Path = ()) -> Any:
        """The value with everything replaced that is not listed."""
        if isinstance(value, Mapping):
            return {
                self._name(key): self.replace(inner, (*path, key)) for key, inner in value.items()
            }
        if isinstance(value, list):
            return [self.replace(inner, path) for inner in value]
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, int | float):
            return self._number(value, path)
        return self._text(str(value), path)

    @property
    def made(self) -> frozenset[str]:
        """The runs of letters and digits that were put in place of others."""
        return frozenset(self._taken)

    @property
    def kept_runs(self) -> frozenset[str]:
        """The longer runs of the words that the connector knows."""
        terms = (*self._vocabulary, *_OURS)
        return frozenset(run for term in terms for run in LONGER_RUN.findall(term))

    def replaceable_runs(self, rows: Collection[Any]) -> set[str]:
        """The longer runs of letters and digits in these rows that must not stay."""
        texts = (
            text for row in rows for path, text in _texts(row) if not self._is_kept(text, path)
        )
        return {run for text in texts for run in LONGER_RUN.findall(text)}

    def _is_kept(self, text: str, path: Path) -> bool:
        dated = _INSTANT.fullmatch(text) or _TIME.fullmatch(text)
        return bool(dated) or (path in self._enums and text in self._vocabulary)

    # --- values -------------------------------------------------------------------------------

    def _name(self, key: str) -> str:
        """The name of a member: names that the connector does not read may be somebody's."""
        return key if key in self._members else self._runs(key)

    def _text(self, text: str, path: Path) -> str:
        if not text.strip():
            return text
        if _INSTANT.fullmatch(text):
            return self._moved(text)
        if path in self._enums and text in self._vocabulary:
            return text
        if _EMAIL.fullmatch(text):
            return f"{self._hash(text)}@{self._hash(text.partition('@')[2])}.example"
        if _URL.fullmatch(text):
            return f"https://{self._hash(text)}.example/{self._hash(text)}"
        if _TIME.fullmatch(text):
            return "09:00"
        if len(text) > _LONG or len(text.split()) > _MANY:
            return f"text {self._hash(text)}"
        return self._runs(text)

    def _number(self, value: float, path: Path) -> float:
        if value in _PLAIN_NUMBERS:
            return value
        name = path[-1] if path else ""
        if isinstance(value, int) and _DATED.search(name) and _MS[0] <= value <= _MS[1]:
            return value + self._shift // timedelta(milliseconds=1)
        if isinstance(value, int) and _DATED.search(name) and _MS[0] <= value * 1000 <= _MS[1]:
            return value + self._shift // timedelta(seconds=1)
        digits = self._runs(repr(abs(value)) if isinstance(value, int) else f"{abs(value):.4f}")
        made = int(digits) if isinstance(value, int) else float(digits)
        return -made if value < 0 else made

    def _moved(self, text: str) -> str:
        """A date or instant, some whole weeks earlier: its weekday and time stay."""
        try:
            if len(text) == len("2026-01-02"):
                return (date.fromisoformat(text) + self._shift).isoformat()
            day = date.fromisoformat(text[:10]) + self._shift
            datetime.fromisoformat(text)
        except (ValueError, OverflowError):
            return self._runs(text)
        return day.isoformat() + text[10:]

    # --- shapes -------------------------------------------------------------------------------

    def _runs(self, text: str) -> str:
        """Each run of letters and digits replaced by one of its shape; what is between stays."""
        return _RUN.sub(lambda match: self._run(match[0]), text)

    def _run(self, run: str) -> str:
        """Another run of the same shape: the same for the same, another for another."""
        if run in self._replaced:
            return self._replaced[run]
        for attempt in range(_TRIES):
            made = self._shaped(run, attempt)
            free = made not in self._taken
            if free and (made != run or len(run) == 1):
                break
        self._replaced[run] = made
        self._taken.add(made)
        return made

    def _shaped(self, run: str, attempt: int) -> str:
        stream = self._bytes(run, attempt, len(run))
        hexadecimal = all(c in string.hexdigits for c in run)
        made = [_alike(c, byte, hexadecimal) for c, byte in zip(run, stream, strict=True)]
        if run.isdecimal() and len(run) > 1 and made[0] == "0":
            made[0] = str(stream[0] % 9 + 1)
        return "".join(made)

    def _hash(self, text: str) -> str:
        return self._digest(text, 0).hex()[:10]

    def _bytes(self, text: str, attempt: int, size: int) -> bytes:
        found = b""
        while len(found) < size:
            found += self._digest(f"{text}\0{len(found)}", attempt)
        return found[:size]

    def _digest(self, text: str, attempt: int) -> bytes:
        return hmac.new(self._key, f"{attempt}\0{text}".encode(), hashlib.sha256).digest()


def _alike(character: str, byte: int, hexadecimal: bool) -> str:
    """A digit for a digit, a letter for a letter, in the same case."""
    if character.isdecimal():
        return str(byte % 10)
    letters = string.ascii_lowercase[: 6 if hexadecimal else 26]
    made = letters[byte % len(letters)]
    return made.upper() if character.isupper() else made


def _texts(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every text with the names of the members that lead to it."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, (*path, key))
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, path)
    elif isinstance(value, str) and value.strip():
        yield path, value
