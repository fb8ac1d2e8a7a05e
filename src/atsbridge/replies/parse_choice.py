"""Parses what people write about their own messages: "digest only", "weekly on", "stop".

docs/what-is-this-message.md lists the texts. A choice is always a whole reply: "stop asking him"
is none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum


class ChoiceKind(StrEnum):
    """What a reply chooses. The values are texts that people can write."""

    DIGEST_ONLY = "digest only"
    WEEKLY_ON = "weekly on"
    WEEKLY_OFF = "weekly off"
    STOP = "stop"
    START = "start"


CHOICE_TEXTS: Mapping[ChoiceKind, tuple[str, ...]] = {
    ChoiceKind.DIGEST_ONLY: (
        *("digest only", "only digest", "digest", "daily digest", "daily digest only"),
        *("only the digest", "daily summary", "daily summary only", "summary only", "once a day"),
        *("one a day", "one message a day"),
    ),
    ChoiceKind.WEEKLY_ON: (
        *("weekly on", "weekly yes", "yes to weekly", "weekly", "turn weekly on", "turn on weekly"),
        *("weekly message on", "start weekly"),
    ),
    ChoiceKind.WEEKLY_OFF: (
        *("weekly off", "weekly no", "no weekly", "no to weekly", "turn weekly off", "stop weekly"),
        *("turn off weekly", "weekly message off", "weekly stop"),
    ),
    ChoiceKind.STOP: (
        *("stop", "stop it", "stop all", "stop messages", "stop all messages", "unsubscribe"),
        *("no messages", "no more messages"),
    ),
    ChoiceKind.START: (
        *("start", "start again", "resume", "all messages", "everything", "subscribe"),
        *("each message", "every message"),
    ),
}
_BY_TEXT = {text: kind for kind, texts in CHOICE_TEXTS.items() for text in texts}
_YES = frozenset({"yes", "yes please", "ok", "okay", "sure", "on", "agreed", "i agree", "fine"})
_NO = frozenset({"no", "no thanks", "no thank you", "not now", "off", "rather not", "nope"})
_YES_EMOJI = frozenset({"+1", "thumbsup", "ok_hand", "white_check_mark", "heavy_check_mark"})
_NO_EMOJI = frozenset({"-1", "thumbsdown", "x", "no_entry_sign"})
_AROUND = re.compile(r"\b(?:please|pls|thanks|thank you)\b|[^\w\s]")


def parse_choice(text: str) -> ChoiceKind | None:
    """Parse a reply, whatever its case, punctuation and politeness; None if it chooses nothing."""
    return _BY_TEXT.get(_plain(text))


def parse_consent(text: str, emoji: str = "") -> ChoiceKind | None:
    """Parse the reply to the offer of the weekly message: also "yes", "no", a thumb up or down."""
    if emoji:
        name = emoji.partition("::")[0]
        if name in _YES_EMOJI:
            return ChoiceKind.WEEKLY_ON
        return ChoiceKind.WEEKLY_OFF if name in _NO_EMOJI else None
    written = " ".join(text.lower().split()).strip(" .!,")
    for plain in (written, _plain(text)):
        if plain in _YES:
            return ChoiceKind.WEEKLY_ON
        if plain in _NO:
            return ChoiceKind.WEEKLY_OFF
    return parse_choice(text)


def _plain(text: str) -> str:
    return " ".join(_AROUND.sub(" ", text.lower()).split())
