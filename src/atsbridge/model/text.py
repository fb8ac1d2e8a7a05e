"""Text of others as data: one clean line, of bounded length.

Escaping for a chat service is its sink's.
"""

from __future__ import annotations

import unicodedata


def clean(text: str, room: int = 200) -> str:
    """Text of an ATS as one line.

    Newlines and runs of space become one space; control and formatting characters (among them
    those that turn the direction of writing) are left out; what is over `room` is cut.
    """
    spaced = " ".join(text.split())
    plain = "".join(c for c in spaced if unicodedata.category(c) not in ("Cc", "Cf"))
    return cut(" ".join(plain.split()), room)


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
