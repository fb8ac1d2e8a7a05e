"""Lay out a message as an Adaptive Card within the size limit of Teams.

All text of others stands in text runs, in which Teams reads no markup
(learn.microsoft.com/adaptive-cards/create/textfeatures). Sending it is `teams`'.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from atsbridge.model import Message, cut
from atsbridge.sinks.message_blocks import parts
from atsbridge.sinks.plain_text import harmless, without_emphasis

ROOM = 27_000  # bytes; a message of Teams has at most 28 KB
_HEADLINE, _BODY, _WHY, _FACT, _FACTS, _TITLE, _LINK = 200, 8000, 600, 200, 12, 60, 2000
_COLORS = {"ahead": "Warning", "due": "Attention", "late": "Attention"}
_VERSION = "1.4"  # the version that Teams shows on desktop and phone


def envelope(message: Message) -> bytes:
    """The body to post: one card as an attachment, its text cut until it fits."""
    message, room = harmless(message), _BODY
    while len(body := _packed(adaptive_card(message, room))) > ROOM:
        room //= 2
    return body


def adaptive_card(message: Message, room: int = _BODY) -> dict[str, Any]:
    """The card of a harmless message, with at most `room` characters of text."""
    color = _COLORS.get(message.tone, "Good")
    headline = _run(cut(message.headline, _HEADLINE), size="Large", weight="Bolder", color=color)
    made: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": _VERSION,
        "msteams": {"width": "Full"},
        "body": [_line(headline), *_sentence(message, room), *_facts(message)],
    }
    for small in (message.why, without_emphasis(message.hint), message.intro):
        if small:
            run = _run(cut(small, _WHY), isSubtle=True, size="Small")
            made["body"].append(_line(run, spacing="Medium"))
    if message.link and len(message.link) <= _LINK:
        title = _unbraced(cut(message.link_text, _TITLE))
        made["actions"] = [{"type": "Action.OpenUrl", "title": title, "url": message.link}]
    return made


def _sentence(message: Message, room: int) -> Iterator[dict[str, Any]]:
    """Each line a block of its own, the title of a list bold with space above."""
    for part in parts(cut(message.body, room), message.links):
        if part.text:
            title = part.kind == "title"
            bold = {"weight": "Bolder"} if title else {}
            yield _line(_run(part.text, **bold), spacing="Medium" if title else "Small")
        for entry, link in zip(part.entries, part.links, strict=True):
            opens = {"selectAction": {"type": "Action.OpenUrl", "url": link}} if link else {}
            yield _line(_run(f"• {entry}", **opens), spacing="Small")


def _facts(message: Message) -> Iterator[dict[str, Any]]:
    spacing = "Medium"
    for label, value in message.facts[:_FACTS]:
        name = _run(f"{cut(label, _FACT)}: ", isSubtle=True)
        yield _line(name, _run(cut(value, _FACT)), spacing=spacing)
        spacing = "None"
    more = len(message.facts) - _FACTS
    if more > 0:
        yield _line(_run(f"and {more} more", isSubtle=True), spacing="None")


def _line(*runs: dict[str, Any], **look: str) -> dict[str, Any]:
    return {"type": "RichTextBlock", **look, "inlines": list(runs)}


def _run(text: str, **look: Any) -> dict[str, Any]:
    return {"type": "TextRun", "text": _unbraced(text), **look}


def _unbraced(text: str) -> str:
    """Remove text that a card would expand: {{DATE(…)}}, ${…}."""
    return text.replace("{", "❴").replace("}", "❵")


def _packed(made: dict[str, Any]) -> bytes:
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": made,
    }
    whole = {"type": "message", "attachments": [attachment]}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()
