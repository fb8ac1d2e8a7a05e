"""A message as an Adaptive Card with buttons, within the size limit of Teams.

Buttons are Action.Execute, with Action.Submit for clients that do not know it; a menu is a
card that opens below (learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model).
Teams shows six actions of a card.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from atsbridge.api import Message, ReplyButton, adaptive_card, cut, harmless

ROOM = 27_000  # bytes; a message of Teams has at most 28 KB
CARD = "application/vnd.microsoft.card.adaptive"
VERB = "atsbridge/reply"
_BODY, _LABEL, _SUMMARY, _PRESS = 8000, 40, 200, 400


def make_activity(message: Message) -> dict[str, Any]:
    """The activity to post: the card as an attachment, its text cut until it fits."""
    message, room = harmless(message), _BODY
    while _size(made := _activity(message, room)) > ROOM:
        room //= 2
    return made


def make_text(text: str) -> dict[str, Any]:
    """An activity with plain text: in Teams, `xml` and Markdown are read in nothing else."""
    return {"type": "message", "textFormat": "plain", "text": text}


def _activity(message: Message, room: int) -> dict[str, Any]:
    card = adaptive_card(message, room)
    actions = [_action(message.key, one) for one in message.buttons]
    if actions:
        card["actions"] = [*actions, *card.get("actions", ())]
    return {
        "type": "message",
        "summary": cut(message.headline or message.body, _SUMMARY),
        "attachments": [{"contentType": CARD, "content": card}],
    }


def _action(key: str, button: ReplyButton) -> dict[str, Any]:
    executes = [_execute(key, label, text) for label, text in button.replies]
    if len(executes) == 1:
        return executes[0]
    menu = {"type": "AdaptiveCard", "version": "1.4", "body": [], "actions": executes}
    return {"type": "Action.ShowCard", "title": cut(button.label, _LABEL), "card": menu}


def _execute(key: str, label: str, text: str) -> dict[str, Any]:
    title, data = cut(label, _LABEL), {"atsbridge": {"key": key, "reply": text}}
    submit = {"type": "Action.Submit", "title": title, "data": data}
    return {
        "type": "Action.Execute",
        "title": title,
        "verb": VERB,
        "data": data,
        "fallback": submit,
    }


def read_press(data: Any) -> tuple[str, str] | None:
    """(key of the message, text of the reply) that a button sends; None for anything else."""
    found = data.get("atsbridge") if isinstance(data, Mapping) else None
    if not isinstance(found, Mapping):
        return None
    key, reply = found.get("key"), found.get("reply")
    if not isinstance(key, str) or not isinstance(reply, str) or len(key) + len(reply) > _PRESS:
        return None
    return key, reply


def _size(made: Mapping[str, Any] | Sequence[Any]) -> int:
    return len(json.dumps(made, ensure_ascii=False).encode())
