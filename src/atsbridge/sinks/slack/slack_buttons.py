"""Lay out reply buttons in Block Kit, and read what Slack sends when one is pressed.

Limits: 25 elements in an actions block, block_id 255, text of a button 75, value of an option 150
characters (docs.slack.dev/reference/block-kit). Payload:
docs.slack.dev/reference/interaction-payloads/block_actions-payload
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from atsbridge.model import ReplyButton, cut

_PREFIX = "atsbridge/"  # of the block's id; the key of the message follows
_LABEL, _VALUE, _ID = 75, 150, 255
_MOST = 200  # characters of an id that Slack sends


@dataclass(frozen=True, slots=True)
class ButtonPress:
    """A button that a member of the workspace pressed.

    `key`: of the message. `text`: the reply that the button gives. `user`, `channel`: Slack's ids.
    `thread`: the timestamp of the message that an answer belongs below. `at`: Slack's timestamp of
    the press, the same if Slack sends it twice.
    """

    key: str
    text: str
    user: str
    channel: str
    thread: str
    at: str

    @property
    def mark(self) -> str:
        """The same for each press of this button by this member."""
        return f"button {self.text} {self.user}"


def lay_out(key: str, buttons: Sequence[ReplyButton]) -> dict[str, Any]:
    """The block with the buttons of the message `key`."""
    elements = [_element(number, button) for number, button in enumerate(buttons)]
    return {"type": "actions", "block_id": f"{_PREFIX}{key}"[:_ID], "elements": elements}


def _element(number: int, button: ReplyButton) -> dict[str, Any]:
    action = f"reply_{number}"
    if len(button.replies) == 1:
        ((label, text),) = button.replies
        return {
            "type": "button",
            "action_id": action,
            "text": _plain(label),
            "value": text[:_VALUE],
        }
    options = [{"text": _plain(label), "value": text[:_VALUE]} for label, text in button.replies]
    return {
        "type": "static_select",
        "action_id": action,
        "placeholder": _plain(button.label),
        "options": options,
    }


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": cut(text, _LABEL), "emoji": False}


def read_presses(payload: Mapping[str, Any]) -> Iterator[ButtonPress]:
    """The presses in an interaction payload; nothing for other interactions and broken ones."""
    if payload.get("type") != "block_actions":
        return
    container, message = _table(payload, "container"), _table(payload, "message")
    user = _text(_table(payload, "user"), "id")
    channel = _text(container, "channel_id") or _text(_table(payload, "channel"), "id")
    ts = _text(container, "message_ts") or _text(message, "ts")
    thread = _text(message, "thread_ts") or _text(container, "thread_ts") or ts
    actions = payload.get("actions")
    for action in actions if isinstance(actions, list) else ():
        if not isinstance(action, dict) or not (user and channel and ts):
            continue
        block, text = _text(action, "block_id"), _text(action, "value")
        text = text or _text(_table(action, "selected_option"), "value")
        if block.startswith(_PREFIX) and text:
            key = block.removeprefix(_PREFIX)
            yield ButtonPress(key, text, user, channel, thread, _text(action, "action_ts"))


def _table(payload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = payload.get(name)
    return found if isinstance(found, dict) else {}


def _text(payload: Mapping[str, Any], name: str) -> str:
    """A text within bounds; "" for anything else."""
    found = payload.get(name)
    return found if isinstance(found, str) and len(found) <= _MOST else ""
