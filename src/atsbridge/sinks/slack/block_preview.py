"""Blocks as plain text, as a reader of Slack sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_LINK = re.compile(r"<([^|<>]+)\|([^<>]*)>")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def preview_blocks(blocks: Sequence[Mapping[str, Any]]) -> str:
    """The text of the blocks: an empty line between them, the address after each linked word."""
    shown = (_show(one) for one in blocks)
    return "\n\n".join(text for text in shown if text)


def _show(block: Mapping[str, Any]) -> str:
    elements = block.get("elements") or [block.get("text") or {}]
    return "   ".join(_texts(elements))


def _texts(elements: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for one in elements:
        label = one.get("placeholder") or one.get("text") or ""
        text = f"[{label['text']}]" if isinstance(label, dict) else str(label)
        if one.get("type") == "mrkdwn":
            text = _LINK.sub(lambda match: f"{match[2]} <{match[1]}>", text)
            for entity, character in _ENTITIES:
                text = text.replace(entity, character)
        if text:
            yield text
