"""A fake Workflow of Microsoft Teams: one address that accepts valid Adaptive Cards only.

Elements and their properties are those that Microsoft documents for cards up to 1.4
(adaptivecards.io/explorer); only the elements that can hold plain text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from atsbridge.sandbox.http import FakeServer, Request, Response
from atsbridge.timesource import TimeSource

LIMIT = 28 * 1024  # bytes of a message
_SIGNATURE = "n0t-a-real-signature"
_PATH = "/workflows/0f3a/triggers/manual/paths/invoke"
_SIZES = ("Default", "Small", "Medium", "Large", "ExtraLarge")
_COLORS = ("Default", "Dark", "Light", "Accent", "Good", "Warning", "Attention")
_SPACINGS = ("Default", "None", "Small", "Medium", "Large", "ExtraLarge", "Padding")
_LOOK = {"size": _SIZES, "weight": ("Default", "Lighter", "Bolder"), "color": _COLORS}
# element -> property -> a type, or the allowed values
_ELEMENTS: dict[str, dict[str, Any]] = {
    "AdaptiveCard": {
        "$schema": str,
        "version": ("1.0", "1.1", "1.2", "1.3", "1.4"),
        "body": list,
        "actions": list,
        "msteams": dict,
        "fallbackText": str,
        "speak": str,
        "lang": str,
    },
    "RichTextBlock": {
        "inlines": list,
        "spacing": _SPACINGS,
        "separator": bool,
        "horizontalAlignment": ("Left", "Center", "Right"),
    },
    "TextRun": {"text": str, "isSubtle": bool, "italic": bool, "strikethrough": bool, **_LOOK},
    "TextBlock": {
        "text": str,
        "isSubtle": bool,
        "wrap": bool,
        "maxLines": int,
        "spacing": _SPACINGS,
        "separator": bool,
        **_LOOK,
    },
    "Action.OpenUrl": {"title": str, "url": str, "style": ("default", "positive", "destructive")},
}
_NEEDED = {
    "AdaptiveCard": ("version", "body"),
    "RichTextBlock": ("inlines",),
    "TextRun": ("text",),
    "TextBlock": ("text",),
    "Action.OpenUrl": ("url",),
}
_INSIDE = {  # list property -> allowed elements
    "body": ("RichTextBlock", "TextBlock"),
    "inlines": ("TextRun",),
    "actions": ("Action.OpenUrl",),
}


class FakeTeams:
    """A channel behind a Workflow. `cards` are the accepted cards, oldest first."""

    def __init__(self, time: TimeSource) -> None:
        self.server = FakeServer(self._answer, time=time)
        self.cards: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        """The Workflow's address, with its signature."""
        return f"{self.server.url}{_PATH}?api-version=1&sp=%2Ftriggers&sig={_SIGNATURE}"

    def texts(self) -> list[str]:
        """The text of every card, one line per element."""
        return ["\n".join(_read_lines(card)) for card in self.cards]

    def __enter__(self) -> FakeTeams:
        self.server.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.server.__exit__(*error)

    def _answer(self, request: Request) -> Response:
        if request.method != "POST" or request.path != _PATH:
            return Response(404, {"error": {"code": "WorkflowNotFound"}})
        if request.param("sig") != _SIGNATURE:
            return Response(401, {"error": {"code": "DirectApiAuthorizationRequired"}})
        if len(request.body) > LIMIT:
            return Response(413, {"error": {"code": "RequestEntityTooLarge"}})
        try:
            card = _card(request.json())
            faults = list(find_card_errors(card))
        except (ValueError, LookupError, TypeError):
            return Response(400, {"error": {"code": "TriggerInputSchemaMismatch"}})
        if faults:
            return Response(400, {"error": {"code": "InvalidCard", "message": "; ".join(faults)}})
        self.cards.append(card)
        return Response(202, b"")


def serve(time: TimeSource) -> FakeTeams:
    """A fake Teams; a `with` block starts it."""
    return FakeTeams(time)


def find_card_errors(element: Any, allowed: tuple[str, ...] = ("AdaptiveCard",)) -> Iterator[str]:
    """Every error in an element and the elements inside it."""
    name = element.get("type") if isinstance(element, dict) else None
    if name not in allowed:
        yield f"{name} where one of {', '.join(allowed)} belongs"
        return
    known = _ELEMENTS[name]
    yield from (f"{name} without {key}" for key in _NEEDED[name] if key not in element)
    for key, value in element.items():
        if key == "type":
            continue
        fits = known.get(key)
        if fits is None:
            yield f"{name} has no {key}"
        elif value not in fits if isinstance(fits, tuple) else type(value) is not fits:
            yield f"{name}.{key} cannot be {type(value).__name__} {str(value)[:20]!r}"
        elif key in _INSIDE:
            for inner in value:
                yield from find_card_errors(inner, _INSIDE[key])
        elif key == "url" and urlsplit(value).scheme not in ("http", "https"):
            yield f"{name}.url is no web address"


def _card(body: Any) -> Any:
    (attachment,) = body["attachments"]
    kind = attachment["contentType"]
    if body["type"] != "message" or kind != "application/vnd.microsoft.card.adaptive":
        raise ValueError("this is not a message with a card")
    return attachment["content"]


def _read_lines(card: dict[str, Any]) -> Iterator[str]:
    for block in card["body"]:
        yield "".join(run["text"] for run in block.get("inlines", (block,)))
    yield from (f"[{action.get('title', '')}]" for action in card.get("actions", ()))
