"""A message in Block Kit: header, one sentence, a line of facts, why, a button that is a link.

Limits: header 150, section 3,000, button 75 characters (docs.slack.dev/reference/block-kit).
Sending it is `slack`'s.
"""

from __future__ import annotations

import re
from typing import Any

from atsbridge.model.notice import Message
from atsbridge.model.text import cut
from atsbridge.sinks.safety import harmless

HEADER, SECTION, CONTEXT, BUTTON, LINK = 150, 3000, 2000, 75, 3000
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
    found.append({"type": "section", "text": _plain(message.body, SECTION)})
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
