"""A message in Block Kit: header, one sentence, a line of facts, why, a button that is a link.

Limits: header 150, section 3,000, button 75 characters (docs.slack.dev/reference/block-kit).
Sending it is `slack`'s.
"""

from __future__ import annotations

import re
from typing import Any

from atsbridge.model import Message, cut
from atsbridge.sinks.message_blocks import parts
from atsbridge.sinks.plain_text import harmless

HEADER, SECTION, CONTEXT, BUTTON, LINK = 150, 3000, 2000, 75, 3000
SECTIONS = 20  # of a body; a message has at most 50 blocks
FACT, FALLBACK = 75, 400  # cut before escaping, which may make a character five

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# Slack has no way to escape its markup, so what would be markup becomes its look-alike.
_LOOKALIKES = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ"})
_ITALIC = re.compile(r"(?<!\w)_|_(?!\w)")


def escape(text: str) -> str:
    """Text of others as mrkdwn that shows just that: no mention, link, channel or formatting.

    `&`, `<` and `>` are the characters Slack reads control sequences from
    (docs.slack.dev/messaging/formatting-message-text).
    """
    return _ITALIC.sub("ˍ", text.translate(_ENTITIES).translate(_LOOKALIKES))


def fallback(message: Message) -> str:
    """What a notification or a screen reader says."""
    message = harmless(message)
    text = f"{message.headline}. {message.body}" if message.headline else message.body
    return escape(cut(text.replace("\n", " "), FALLBACK))


def blocks(message: Message) -> list[dict[str, Any]]:
    """The message as blocks. All but the facts is plain text, which Slack does not interpret."""
    message = harmless(message)
    found: list[dict[str, Any]] = []
    if message.headline:  # a word back in a thread has none
        found.append({"type": "header", "text": _plain(message.headline, HEADER)})
    found += _body(message.body)
    if message.facts:
        found.append({"type": "context", "elements": [_facts(message)]})
    if message.why:
        found.append({"type": "context", "elements": [_plain(message.why, CONTEXT)]})
    if message.link and len(message.link) <= LINK:
        button = {
            "type": "button",
            "text": _plain(message.link_text, BUTTON),
            "url": message.link,
            "action_id": "open",
        }
        found.append({"type": "actions", "elements": [button]})
    return found


def _body(text: str) -> list[dict[str, Any]]:
    """Sections of whole lines, the titles of lists bold; what is over the room is counted."""
    lines: list[tuple[bool, str]] = []
    for part in parts(text):
        lines += [(part.kind == "title", part.text)] if part.text else []
        lines += [(False, f"• {entry}") for entry in part.entries]
    found: list[dict[str, Any]] = []
    pending: list[str] = []
    for number, (title, line) in enumerate(lines):
        if title or len("\n".join((*pending, line))) > SECTION:
            found += [_section(_plain("\n".join(pending), SECTION))] if pending else []
            pending = []
        if len(found) >= SECTIONS:
            rest = f"… and {len(lines) - number:,} lines more"
            return [*found, _section(_plain(rest, SECTION))]
        if title:
            bold = f"*{escape(cut(line, HEADER))}*"
            found.append(_section({"type": "mrkdwn", "text": bold, "verbatim": True}))
        else:
            pending.append(line)
    last = [_section(_plain("\n".join(pending), SECTION))] if pending else []
    return [*found, *last]


def _section(text: dict[str, Any]) -> dict[str, Any]:
    return {"type": "section", "text": text}


def _facts(message: Message) -> dict[str, Any]:
    """As many as there is room for, and how many more there are."""
    line, between = "", "   ·   "
    for shown, (label, value) in enumerate(message.facts):
        fact = f"*{escape(cut(label, FACT))}* {escape(cut(value, FACT))}"
        if len(line) + len(between) + len(fact) > CONTEXT - 20:
            line += f"{between}and {len(message.facts) - shown} more"
            break
        line += between + fact if line else fact
    return {"type": "mrkdwn", "text": line, "verbatim": True}


def _plain(text: str, room: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": cut(text, room), "emoji": False}
