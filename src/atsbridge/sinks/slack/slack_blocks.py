"""Lay out a message in Block Kit: header, sentence, a line of facts, a link, buttons, small print.

Limits: header 150, section 3,000 characters (docs.slack.dev/reference/block-kit). Links are text:
Slack shows a warning to everybody who clicks a button of an app without interactivity. Only a
message with `buttons` has buttons, and only a sink with an app-level token gets such a message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from atsbridge.model import Chart, Message, cut
from atsbridge.sinks.message_blocks import parts
from atsbridge.sinks.plain_text import harmless
from atsbridge.sinks.slack.slack_buttons import lay_out

HEADER, SECTION, CONTEXT, LABEL, LINK = 150, 3000, 2000, 75, 2000
SECTIONS = 20  # of a body; a message has at most 50 blocks
FACT, FALLBACK = 75, 400  # cut before escaping, which may make a character five
CHART_TITLE, CHART_LABEL, CHART_POINTS, CHART_SERIES = 50, 20, 20, 6  # of a chart
_CHART = "data_visualization"
OPEN = "Open"  # the link of a line in a list

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# Slack cannot escape its markup characters, so each is replaced by one that looks like it.
_LOOKALIKES = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ"})
_ITALIC = re.compile(r"(?<!\w)_|_(?!\w)")


def escape(text: str) -> str:
    """Escape foreign text for mrkdwn: it makes no mention, link, channel or formatting.

    `&`, `<` and `>` are the characters Slack reads control sequences from
    (docs.slack.dev/messaging/formatting-message-text).
    """
    return _ITALIC.sub("ˍ", text.translate(_ENTITIES).translate(_LOOKALIKES))


def fallback(message: Message) -> str:
    """The text for notifications and screen readers."""
    message = harmless(message)
    text = f"{message.headline}. {message.body}" if message.headline else message.body
    return escape(cut(text.replace("\n", " "), FALLBACK))


def blocks(message: Message) -> list[dict[str, Any]]:
    """The message as blocks: plain text, which Slack does not interpret, wherever nothing is bold
    or a link.
    """
    message = harmless(message)
    found: list[dict[str, Any]] = []
    if message.headline:  # a reply in a thread has none
        found.append({"type": "header", "text": _plain(message.headline, HEADER)})
    found += _body(message)
    if message.chart is not None:
        found.append(_chart(message.chart))
    if message.facts:
        found.append(_small(_facts(message)))
    if message.link and len(message.link) <= LINK:
        found.append(_section(_mrkdwn(_linked(message.link, cut(message.link_text, LABEL)))))
    if message.buttons:
        found.append(lay_out(message.key, message.buttons))
    if message.why:
        found.append(_small(_plain(message.why, CONTEXT)))
    if message.hint:
        found.append(_small(_mrkdwn(cut(message.hint, CONTEXT))))
    if message.intro:
        found.append(_small(_plain(message.intro, CONTEXT)))
    return found


def without_charts(made: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The blocks without charts, for a workspace that cannot draw them: the text says the same."""
    return [one for one in made if one["type"] != _CHART]


def _chart(chart: Chart) -> dict[str, Any]:
    """Lines over the same categories; what Slack has no room for is left out or cut.

    docs.slack.dev/reference/block-kit/blocks/data-visualization-block
    """
    labels = [cut(one, CHART_LABEL) for one in chart.categories[-CHART_POINTS:]]
    return {
        "type": _CHART,
        "title": cut(chart.title, CHART_TITLE),
        "chart": {
            "type": "line",
            "series": [
                {
                    "name": cut(name, CHART_LABEL),
                    "data": [
                        {"label": label, "value": value}
                        for label, value in zip(labels, values[-CHART_POINTS:], strict=True)
                    ],
                }
                for name, values in chart.series[:CHART_SERIES]
            ],
            "axis_config": {"categories": labels},
        },
    }


def _body(message: Message) -> list[dict[str, Any]]:
    """Sections of whole lines, with bold titles of lists. Lines beyond the limit are counted."""
    if not any(message.links):
        return _sections([(title, line) for title, line, _ in _lines(message)], _plain_section)
    marked = [
        (title, _entry(line, link) if not title else line) for title, line, link in _lines(message)
    ]
    return _sections(marked, _marked_section)


def _lines(message: Message) -> Iterator[tuple[bool, str, str]]:
    """(whether it is a title, the line, its page)."""
    for part in parts(message.body, message.links):
        if part.text:
            yield part.kind == "title", part.text, ""
        for entry, link in zip(part.entries, part.links, strict=True):
            yield False, f"• {entry}", link


def _entry(line: str, link: str) -> str:
    """A line with its link as mrkdwn, cut to the size of a section."""
    page = f" {_linked(link, OPEN)}" if link and len(link) <= LINK else ""
    room = SECTION - len(page)
    text = escape(line)
    while len(text) > room:  # escaping may make a character five
        line = cut(line, len(line) * 3 // 4)
        text = escape(line)
    return text + page


def _sections(
    lines: Sequence[tuple[bool, str]], section: Callable[[str], dict[str, Any]]
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    pending: list[str] = []
    for number, (title, line) in enumerate(lines):
        if title or len("\n".join((*pending, line))) > SECTION:
            found += [section("\n".join(pending))] if pending else []
            pending = []
        if len(found) >= SECTIONS:
            rest = f"… and {len(lines) - number:,} lines more"
            return [*found, _plain_section(rest)]
        if title:
            found.append(_marked_section(f"*{escape(cut(line, HEADER))}*"))
        else:
            pending.append(line)
    last = [section("\n".join(pending))] if pending else []
    return [*found, *last]


def _plain_section(text: str) -> dict[str, Any]:
    return _section(_plain(text, SECTION))


def _marked_section(text: str) -> dict[str, Any]:
    return _section(_mrkdwn(text))


def _linked(link: str, label: str) -> str:
    """A text link; `link` is a harmless address."""
    return f"<{link.translate(_ENTITIES)}|{escape(label)}>"


def _small(element: dict[str, Any]) -> dict[str, Any]:
    return {"type": "context", "elements": [element]}


def _section(text: dict[str, Any]) -> dict[str, Any]:
    return {"type": "section", "text": text}


def _facts(message: Message) -> dict[str, Any]:
    """As many facts as fit, and the number of the others."""
    line, between = "", "   ·   "
    for shown, (label, value) in enumerate(message.facts):
        fact = f"*{escape(cut(label, FACT))}* {escape(cut(value, FACT))}"
        if len(line) + len(between) + len(fact) > CONTEXT - 20:
            line += f"{between}and {len(message.facts) - shown} more"
            break
        line += between + fact if line else fact
    return _mrkdwn(line)


def _mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _plain(text: str, room: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": cut(text, room), "emoji": False}
