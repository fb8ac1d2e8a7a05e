"""Text of others as data: one clean line, of bounded length.

Escaping for a chat service is its sink's.
"""

from __future__ import annotations

import re
import unicodedata

_BREAKS = re.compile("([\n\t])")
_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")  # controls, formats, halves of pairs, separators


def clean(text: str, room: int = 200) -> str:
    """Text of an ATS as one line.

    Newlines and runs of space become one space; control and formatting characters (among them
    those that turn the direction of writing) are left out; what is over `room` is cut.
    """
    spaced = " ".join(text.split())
    return cut(" ".join(_shown(spaced).split()), room)


def printable(text: str) -> str:
    """The text on its lines, without what steers a terminal or the direction of writing."""
    if text.isprintable():
        return text
    return "".join(part if part in "\n\t" else _shown(part) for part in _BREAKS.split(text))


def _shown(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(c for c in text if unicodedata.category(c) not in _UNSEEN)


def isolated(text: str) -> str:
    """The text such that writing from right to left in it ends with it.

    Two such texts beside each other would be read as one, the second first.
    """
    if any(unicodedata.bidirectional(c) in ("R", "AL") for c in text):
        return f"\u2068{text}\u2069"
    return text


def cut(text: str, room: int) -> str:
    """`text` in at most `room` characters; where it was cut, it says by how many."""
    if len(text) <= room:
        return text
    kept = room - len(f"… (+{len(text)} characters)")
    tail = f"… (+{len(text) - kept} characters)"
    return (text[: max(kept, 0)].rstrip() + tail)[:room]
