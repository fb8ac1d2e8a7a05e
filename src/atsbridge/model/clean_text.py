"""Clean text that comes from outside: one line, bounded, without control characters.

Escaping for a chat service is done by its sink.
"""

from __future__ import annotations

import re
import unicodedata

_BREAKS = re.compile("([\n\t])")
_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")  # controls, formats, halves of pairs, separators


def clean(text: str, room: int = 200) -> str:
    """Text of an ATS as one line of at most `room` characters.

    Newlines and runs of spaces become one space. Control and formatting characters are removed,
    among them those that change the direction of writing.
    """
    spaced = " ".join(text.split())
    return cut(" ".join(_shown(spaced).split()), room)


def printable(text: str) -> str:
    """The text with its line breaks, without control characters and direction marks."""
    if text.isprintable():
        return text
    return "".join(part if part in "\n\t" else _shown(part) for part in _BREAKS.split(text))


def _shown(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(c for c in text if unicodedata.category(c) not in _UNSEEN)


def isolated(text: str) -> str:
    """The text, isolated so that right-to-left writing in it does not affect the text after it.

    Without this, two such texts beside each other are displayed in the wrong order.
    """
    if any(unicodedata.bidirectional(c) in ("R", "AL") for c in text):
        return f"\u2068{text}\u2069"
    return text


def cut(text: str, room: int) -> str:
    """`text` in at most `room` characters; a cut text ends with the number that is missing."""
    if len(text) <= room:
        return text
    kept = room - len(f"… (+{len(text)} characters)")
    tail = f"… (+{len(text) - kept} characters)"
    return (text[: max(kept, 0)].rstrip() + tail)[:room]
