"""Turn a message into harmless plain text: the first step of every sink.

What a sink's own markup would read into that text is the sink's to escape.
"""

from __future__ import annotations

import re
from dataclasses import replace

from atsbridge.model import Message, clean, isolated

_ISOLATED = re.compile("(\u2068[^\u2066-\u2069\n]*\u2069)")
_EMPHASIS = re.compile(r"\*([^*]+)\*")
_LINK = re.compile(r"(?=[!-~]+\Z)https?://[^\"'<>\\^`{|}]+", re.IGNORECASE)


def harmless(message: Message) -> Message:
    """The message without control and formatting characters, on as many lines as `body` has.

    Nothing turns the direction of writing or moves a cursor, no name breaks a line, and a link
    that is not http or https, or has anything odd in it, is left out. Nothing is cut. What is
    `isolated` stays so.
    """
    return replace(
        message,
        headline=_line(message.headline),
        body="\n".join(_line(text) for text in message.body.splitlines()),
        facts=tuple((_line(label), _line(value)) for label, value in message.facts),
        why=_line(message.why),
        link=message.link if _LINK.fullmatch(message.link or "") else None,
        link_text=_line(message.link_text),
        links=tuple(link if _LINK.fullmatch(link) else "" for link in message.links),
        hint=_line(message.hint),
        intro=_line(message.intro),
    )


def without_emphasis(hint: str) -> str:
    """A hint for a place that shows no markup: the words to write in quotes."""
    return _EMPHASIS.sub("“\\1”", hint)


def _line(text: str) -> str:
    parts = (
        isolated(clean(part, len(part))) if part[:1] == "\u2068" else _plain(part)
        for part in _ISOLATED.split(text)
    )
    return "".join(parts).strip()


def _plain(text: str) -> str:
    """Clean, but with the space that keeps it apart from what stands beside it."""
    return clean(f"|{text}|", len(text) + 2)[1:-1]
