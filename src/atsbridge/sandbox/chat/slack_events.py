"""What Slack sends an app when a member presses a button, or writes a message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from atsbridge.sandbox.chat.slack_forms import Refused


def make_payload(
    message: Mapping[str, Any], channel: str, user: str, label: str, at: str
) -> dict[str, Any]:
    """The payload `block_actions` of a press.

    `label`: of the button, or of the option of a menu. `at`: the timestamp of the press. Refused
    where the message has no such button.
    https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
    """
    action = next((one for name, one in _actions(message) if name == label), None)
    if action is None:
        raise Refused("no_such_button")
    return {
        "type": "block_actions",
        "user": {"id": user, "username": user.lower(), "name": user.lower(), "team_id": "T000001"},
        "api_app_id": "A000001",
        "token": "not-used-any-more",
        "container": {
            "type": "message",
            "message_ts": message["ts"],
            "channel_id": channel,
            "is_ephemeral": False,
            **({"thread_ts": message["thread_ts"]} if message.get("thread_ts") else {}),
        },
        "trigger_id": f"{at}.trigger",
        "team": {"id": "T000001", "domain": "sandbox"},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": channel, "name": "directmessage"},
        "message": {key: value for key, value in message.items() if key != "metadata"},
        "state": {"values": {}},
        "response_url": "https://hooks.slack.example/actions/T000001/1/secret",
        "actions": [{**action, "action_ts": at}],
    }


_ROOMS = {"D": "im", "C": "channel", "G": "group"}  # first letter of a conversation's id -> type


def make_event(message: Mapping[str, Any], channel: str, bot: str) -> dict[str, Any]:
    """The payload `event_callback` of a message. `bot`: the user id of the app.

    https://docs.slack.dev/reference/events/message
    """
    shown = {key: value for key, value in message.items() if key != "metadata"}
    event = {**shown, "channel": channel, "channel_type": _ROOMS[channel[:1]]}
    return {
        "type": "event_callback",
        "team_id": "T000001",
        "api_app_id": "A000001",
        "token": "not-used-any-more",
        "event": {**event, "event_ts": message["ts"]},
        "event_id": f"Ev{message['ts'].replace('.', '')}",
        "event_time": int(float(message["ts"])),
        "authorizations": [
            {"enterprise_id": None, "team_id": "T000001", "user_id": bot, "is_bot": True}
        ],
        "is_ext_shared_channel": False,
    }


def list_buttons(message: Mapping[str, Any]) -> list[str]:
    """The labels of all buttons and options of a message, as a person sees them."""
    return [name for name, _ in _actions(message)]


def _actions(message: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for block in message.get("blocks") or ():
        if block["type"] != "actions":
            continue
        for element in block["elements"]:
            common = {key: element[key] for key in ("action_id", "type")}
            common["block_id"] = block["block_id"]
            if element["type"] == "button":
                more = {"text": element["text"], "value": element["value"]}
                yield element["text"]["text"], {**common, **more}
                continue
            for option in element["options"]:
                more = {"selected_option": option, "placeholder": element["placeholder"]}
                yield option["text"]["text"], {**common, **more}
