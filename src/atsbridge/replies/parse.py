"""Parses replies to messages: the texts and emoji that atsbridge understands.

docs/sinks.md prints this table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from unicodedata import category, normalize
from zoneinfo import ZoneInfo

from atsbridge.model import clean


class ReplyKind(StrEnum):
    """What a reply asks for. The values are texts that people can write."""

    SEEN = "seen"
    SNOOZE = "snooze"
    NOT_ME = "not me"
    FALSE_ALARM = "false alarm"
    DONE = "done"
    WHY = "why"
    AGREE = "agree"


# Kind of reply -> texts, names of emoji (without colons and skin tone).
TABLE: Mapping[ReplyKind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    ReplyKind.SEEN: (
        ("seen", "ack", "ok", "okay", "got it", "on it", "will do"),
        ("eyes", "+1", "thumbsup", "ok_hand"),
    ),
    ReplyKind.SNOOZE: (("snooze", "later", "not now"), ("zzz", "sleeping")),
    ReplyKind.NOT_ME: (
        ("not me", "not mine", "wrong person"),
        ("no_good", "man-gesturing-no", "woman-gesturing-no"),
    ),
    ReplyKind.FALSE_ALARM: (("false alarm", "not true", "wrong"), ("no_entry_sign", "x")),
    ReplyKind.DONE: (
        ("done", "finished", "submitted"),
        ("white_check_mark", "heavy_check_mark", "ballot_box_with_check"),
    ),
    ReplyKind.WHY: (("why", "why me", "explain"), ("question", "grey_question")),
    ReplyKind.AGREE: (("agree", "agreed", "i agree"), ("handshake",)),
}
# What people type in place of the names of Slack.
_SIGNS = {
    sign: f":{name}:"
    for name, sign in (
        ("eyes", "👀"),
        ("+1", "👍"),
        ("ok_hand", "👌"),
        ("zzz", "💤"),
        ("sleeping", "😴"),
        ("no_good", "🙅"),
        ("no_entry_sign", "🚫"),
        ("x", "❌"),
        ("white_check_mark", "✅"),
        ("heavy_check_mark", "✔"),
        ("ballot_box_with_check", "☑"),
        ("question", "❓"),
        ("grey_question", "❔"),
        ("handshake", "🤝"),
    )
}
_SHORTCODE = re.compile(r":([a-z0-9_+'-]+):(?::skin-tone-\d:)?")
_ENDS = " .!:,;_\"'“”"
DEFAULT_SNOOZE = "1bd"  # for a reply without a duration
_BY_TEXT = {text: kind for kind, (texts, _) in TABLE.items() for text in texts}
_BY_EMOJI = {name: kind for kind, (_, names) in TABLE.items() for name in names}
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
class ParsedReply:
    """A reply that was understood.

    `amount`: how long to snooze, such as "2bd"; `until`: or until the morning of that day.
    `email`: the new assignee, if the reply names one.
    """

    kind: ReplyKind
    amount: str = ""
    until: date | None = None
    email: str = ""


def parse_emoji(emoji: str) -> ParsedReply | None:
    """Parse an emoji; None if it is not in the table."""
    kind = _BY_EMOJI.get(emoji.partition("::")[0])
    return ParsedReply(kind, DEFAULT_SNOOZE if kind is ReplyKind.SNOOZE else "") if kind else None


def parse_text(text: str, today: date) -> ParsedReply | None:
    """Parse a short text; None for anything else. `today`: the date where the person is.

    Examples: "seen", "snooze 2d", "until friday", "monday", "not me ravi@acme.example", "done 👍".
    Quoted lines and marks of formatting do not count. An emoji counts alone; one that
    contradicts the words makes the text unclear.
    """
    plain = _unformatted(text)
    names, rest = _SHORTCODE.findall(plain), _SHORTCODE.sub(" ", plain)
    kinds = {_BY_EMOJI[name] for name in names if name in _BY_EMOJI}
    if names and not rest.strip(_ENDS):
        return (
            parse_emoji(next(one for one in names if one in _BY_EMOJI)) if len(kinds) == 1 else None
        )
    parsed = _parse_plain(rest, today)
    return parsed if parsed is None or kinds <= {parsed.kind} else None


def _unformatted(text: str) -> str:
    """The text without quotes of others, invisible characters and marks of formatting."""
    own = [line for line in text.splitlines() if not line.lstrip().startswith((">", "&gt;"))]
    seen = (
        one for one in normalize("NFKC", " ".join(own)) if category(one) not in ("Cf", "Mn", "Sk")
    )
    plain = "".join(_SIGNS.get(one, one) for one in seen)
    return plain.replace("*", "").replace("`", "")


def _parse_plain(text: str, today: date) -> ParsedReply | None:
    email = next((one or other for one, other in _ADDRESS.findall(text)), "").lower()
    plain = " ".join(_ADDRESS.sub(" ", text).lower().replace("’", "'").split()).strip(_ENDS)
    if _BY_TEXT.get(asked := plain.rstrip("? ")) is ReplyKind.WHY:
        plain = asked
    if plain in _BY_TEXT:
        kind = _BY_TEXT[plain]
        if email and kind is not ReplyKind.NOT_ME:
            return None
        return ParsedReply(kind, DEFAULT_SNOOZE if kind is ReplyKind.SNOOZE else "", email=email)
    for start in ("snooze until", "snooze till", "snooze for", "snooze", "until", "till", ""):
        if plain.startswith(start):
            snooze = _parse_snooze(plain.removeprefix(start).strip(), today, bare=not start)
            if snooze is not None and not email:
                return snooze
    return None


def morning(day: date, at: time, zone: str) -> datetime:
    """A local time of a day as an instant in UTC; the last one there is if it lies beyond that."""
    try:
        return datetime.combine(day, at, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except OverflowError:  # the evening of 9999-12-31 west of Greenwich
        return datetime.max.replace(tzinfo=UTC)


def _parse_snooze(plain: str, today: date, *, bare: bool) -> ParsedReply | None:
    """Parse "2d", "3 days", "friday", "tomorrow", "2026-03-12". `bare`: without "snooze"."""
    if plain == "tomorrow":
        return ParsedReply(ReplyKind.SNOOZE, until=today + timedelta(days=1))
    for number, name in enumerate(_DAYS):
        if plain in (name, name[:3]):
            ahead = (number - today.weekday() - 1) % 7 + 1
            return ParsedReply(ReplyKind.SNOOZE, until=today + timedelta(days=ahead))
    if found := _WEEKS.fullmatch(plain):
        return ParsedReply(ReplyKind.SNOOZE, until=today + timedelta(weeks=int(found[1] or 1)))
    if (found := _AMOUNT.fullmatch(plain)) and found[2] in _UNITS and int(found[1]):
        return ParsedReply(ReplyKind.SNOOZE, f"{int(found[1])}{_UNITS[found[2]]}")
    try:
        day = date.fromisoformat(plain)
    except ValueError:
        return None
    return ParsedReply(ReplyKind.SNOOZE, until=day) if day > today and not bare else None


def first_name(name: str) -> str:
    """The first name of a person, safe to show: of "Ana Silva" and "Silva, Ana"; "" for none."""
    parts = name.split()
    comes_last = len(parts) > 1 and parts[0].endswith(",")
    return clean(parts[comes_last]) if parts else ""
