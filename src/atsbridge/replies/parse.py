"""The words and emoji people answer a message with: one table, and how a reply is read by it.

What an answer does to a case is `handling`'s; docs/sinks.md prints this table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Saying(StrEnum):
    """What somebody says of the case behind a message."""

    SEEN = "seen"
    LATER = "snooze"
    NOT_MINE = "not me"
    WRONG = "false alarm"
    DONE = "done"


# What is said -> words of a reply, names of emoji (without colons and skin tone).
TABLE: Mapping[Saying, tuple[tuple[str, ...], tuple[str, ...]]] = {
    Saying.SEEN: (
        ("seen", "ack", "ok", "okay", "got it", "on it", "will do"),
        ("eyes", "+1", "thumbsup", "ok_hand"),
    ),
    Saying.LATER: (("snooze", "later", "not now"), ("zzz", "sleeping")),
    Saying.NOT_MINE: (
        ("not me", "not mine", "wrong person"),
        ("no_good", "man-gesturing-no", "woman-gesturing-no"),
    ),
    Saying.WRONG: (("false alarm", "not true", "wrong"), ("no_entry_sign", "x")),
    Saying.DONE: (
        ("done", "finished", "submitted"),
        ("white_check_mark", "heavy_check_mark", "ballot_box_with_check"),
    ),
}
LATER = "1bd"  # a snooze that says no more
_WORDS = {word: saying for saying, (words, _) in TABLE.items() for word in words}
_EMOJI = {name: saying for saying, (_, names) in TABLE.items() for name in names}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_UNITS = {
    **dict.fromkeys(("h", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("bd", "working day", "working days"), "bd"),
    "bh": "bh",
}
_AMOUNT = re.compile(r"(\d{1,3})\s*([a-z ]+)")
_WEEKS = re.compile(r"(?:(\d)|a|one|next)?\s*weeks?")
_ADDRESS = re.compile(r"<(?:mailto:)?([^\s<>|@]+@[^\s<>|]+)(?:\|[^<>]*)?>|\b(\S+@\S+\.\w+)\b")


@dataclass(frozen=True, slots=True)
class Said:
    """An answer that was understood.

    `amount`: how long to snooze, as rules write it; `until`: or until the morning of that day.
    `email`: whose it is instead, where one was named.
    """

    saying: Saying
    amount: str = ""
    until: date | None = None
    email: str = ""


def reacted(emoji: str) -> Said | None:
    """What an emoji says; None for one nobody agreed on."""
    saying = _EMOJI.get(emoji.partition("::")[0])
    return Said(saying, LATER if saying is Saying.LATER else "") if saying else None


def replied(text: str, today: date) -> Said | None:
    """What a reply of a few words says; None for prose. `today` is the reader's.

    "seen", "snooze 2d", "until friday", "monday", "not me ravi@acme.example".
    """
    email = next((one or other for one, other in _ADDRESS.findall(text)), "")
    words = " ".join(_ADDRESS.sub(" ", text).lower().replace("’", "'").split()).strip(" .!:,;")
    if words in _WORDS:
        saying = _WORDS[words]
        if email and saying is not Saying.NOT_MINE:
            return None
        return Said(saying, LATER if saying is Saying.LATER else "", email=email)
    for start in ("snooze until", "snooze till", "snooze for", "snooze", "until", "till", ""):
        if words.startswith(start):
            when = _when(words.removeprefix(start).strip(), today, plainly=not start)
            if when is not None and not email:
                return when
    return None


def morning(day: date, at: time, zone: str) -> datetime:
    """That local time of a day, in UTC."""
    return datetime.combine(day, at, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _when(words: str, today: date, *, plainly: bool) -> Said | None:
    """ "2d", "3 days", "friday", "tomorrow", "2026-03-12"; `plainly`: without the word snooze."""
    if words == "tomorrow":
        return Said(Saying.LATER, until=today + timedelta(days=1))
    for number, name in enumerate(_DAYS):
        if words in (name, name[:3]):
            ahead = (number - today.weekday() - 1) % 7 + 1
            return Said(Saying.LATER, until=today + timedelta(days=ahead))
    if found := _WEEKS.fullmatch(words):
        return Said(Saying.LATER, until=today + timedelta(weeks=int(found[1] or 1)))
    if (found := _AMOUNT.fullmatch(words)) and found[2] in _UNITS and int(found[1]):
        return Said(Saying.LATER, f"{int(found[1])}{_UNITS[found[2]]}")
    try:
        day = date.fromisoformat(words)
    except ValueError:
        return None
    return Said(Saying.LATER, until=day) if day > today and not plainly else None
