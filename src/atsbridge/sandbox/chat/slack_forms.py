"""Arguments of calls to the fake Slack: parsing, checks and refusals."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from atsbridge.sandbox.chat.block_rules import find_block_errors
from atsbridge.sandbox.http import Request

_LONGEST = 40_000  # characters of `text`; beyond it msg_too_long
_PAGE, _MOST = 100, 999
_TEXT_KEYS = frozenset(
    [
        "channel",
        "text",
        "blocks",
        "metadata",
        "thread_ts",
        "reply_broadcast",
        "unfurl_links",
        "unfurl_media",
        "mrkdwn",
        "parse",
        "link_names",
        "username",
        "icon_emoji",
        "ts",
    ]
)


class Refused(Exception):
    """A response with `ok: false` and one of Slack's error codes."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.answer = {"ok": False, "error": error, **more}


def parse_arguments(request: Request) -> dict[str, Any]:
    """Read the arguments of a call from the query, a form or a JSON body.

    In a form, `blocks` and `metadata` are JSON texts. Refused for a body that Slack would refuse.
    """
    arguments: dict[str, Any] = {name: values[-1] for name, values in request.query.items()}
    kind = request.headers.get("Content-Type", "")
    if request.body and kind.startswith("application/json"):
        try:
            body = request.json()
        except ValueError:
            raise Refused("invalid_json") from None
        if not isinstance(body, dict):
            raise Refused("json_not_object")
        return {**arguments, **body}
    if request.body and kind.startswith("application/x-www-form-urlencoded"):
        arguments.update(request.form())
    elif request.body:
        raise Refused("invalid_post_type")
    for name, error in (
        ("blocks", "invalid_blocks_format"),
        ("metadata", "invalid_metadata_format"),
    ):
        if isinstance(arguments.get(name), str):
            try:
                arguments[name] = json.loads(arguments[name])
            except ValueError:
                raise Refused(error) from None
    return arguments


def check_content(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Check the content of a message and return its stored fields. Refused if it is not valid."""
    if unknown := sorted(arguments.keys() - _TEXT_KEYS):
        raise Refused("invalid_arguments", unknown=unknown)
    text, blocks = arguments.get("text") or "", arguments.get("blocks")
    if blocks and (found := list(find_block_errors(blocks))):
        raise Refused("invalid_blocks", response_metadata={"messages": found})
    if not text and not blocks:
        raise Refused("no_text")
    if len(str(text)) > _LONGEST:
        raise Refused("msg_too_long")
    content: dict[str, Any] = {"text": str(text)}
    if blocks:
        content["blocks"] = blocks
    if (metadata := arguments.get("metadata")) is not None:
        if not isinstance(metadata, dict) or not {"event_type", "event_payload"} <= metadata.keys():
            raise Refused("invalid_metadata_format")
        content["metadata"] = metadata
    return content


def select_page(rows: Sequence[Any], arguments: Mapping[str, Any]) -> tuple[Sequence[Any], str]:
    """One page by `limit` and `cursor`, and the cursor of the next; "" if it is the last."""
    try:
        size = int(arguments.get("limit") or _PAGE)
        start = int(str(arguments.get("cursor") or "p0").removeprefix("p"))
    except ValueError:
        raise Refused("invalid_cursor") from None
    if not 1 <= size <= _MOST:
        raise Refused("invalid_limit")
    return rows[start : start + size], f"p{start + size}" if start + size < len(rows) else ""
