"""The page that shows everybody's inbox: one self-contained file without script.

Every text is escaped. Nothing is loaded from anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import urlsplit

_LINK = re.compile(r"&lt;(https?://[^|\s]+)\|([^<>]*?)&gt;")
_BOLD = re.compile(r"\*([^*\n]+)\*")
_ENTITIES = ("lt;", "gt;", "amp;")  # of Slack, in its texts
_STYLE = """
:root{color-scheme:light dark;--ink:#1c1e21;--soft:#5b6168;--line:#d8dce0;--card:#fff;
--back:#f4f5f7;--link:#0b5cad}
@media (prefers-color-scheme:dark){:root{--ink:#e6e8eb;--soft:#a3abb3;--line:#3a4046;--card:#1f2327;
--back:#14171a;--link:#7db7f2}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
header,nav,main{max-width:72rem;margin:0 auto;padding:1rem}
h1{font-size:1.5rem;margin:.5rem 0}
h2{font-size:1.2rem;margin:2rem 0 .25rem;border-top:1px solid var(--line);padding-top:1rem}
h3{font-size:1rem;margin:0 0 .25rem}
a{color:var(--link)}p{margin:.25rem 0;overflow-wrap:anywhere}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;list-style:none;padding:0;margin:0}
.soft{color:var(--soft);font-size:.875rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:.5rem;
padding:.75rem 1rem;margin:.5rem 0;max-width:46rem}
.text{white-space:pre-wrap;overflow-wrap:anywhere}
.kind{font-weight:600}
.buttons span{display:inline-block;border:1px solid var(--line);border-radius:.25rem;
padding:0 .5rem;margin:.125rem 0;font-size:.875rem}
"""


@dataclass(frozen=True, slots=True)
class InboxMessage:
    """One message as it arrived.

    `kind`: "Slack", "Mail" or "Note". `at`: when, as text. `title` and `text`: plain; `blocks`: of
    Slack, in their place. `note`: a remark in small print, such as "edited".
    """

    kind: str
    at: str
    title: str = ""
    text: str = ""
    blocks: tuple[Mapping[str, Any], ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReaderInbox:
    """The messages of one person, channel or ATS, oldest first. `about`: a line below the name."""

    name: str
    about: str
    messages: Sequence[InboxMessage]


def render_inbox(readers: Iterable[ReaderInbox], now: str) -> str:
    """The whole page. Readers without a message are counted, not shown."""
    every = list(readers)
    shown = [one for one in every if one.messages]
    count = sum(len(one.messages) for one in shown)
    silent = len(every) - len(shown)
    body = "".join(_section(number, one) for number, one in enumerate(shown))
    links = "".join(
        f'<li><a href="#r{number}">{escape(one.name)}</a> '
        f'<span class="soft">{len(one.messages)}</span></li>'
        for number, one in enumerate(shown)
    )
    empty = "<p>Nobody has received anything yet. Run atsbridge, then load this page again.</p>"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Inbox of the sandbox</title><style>{_STYLE}</style></head><body>"
        "<header><h1>Inbox of the sandbox</h1>"
        f'<p class="soft">{escape(now)}. {_count(count, "message")} to'
        f" {_count(len(shown), 'reader')}; {silent} others received none."
        " Everything here is invented.</p></header>"
        f'<nav aria-label="Readers"><ul>{links}</ul></nav>'
        f"<main>{body or empty}</main></body></html>"
    )


def _section(number: int, reader: ReaderInbox) -> str:
    cards = "".join(_card(one) for one in reader.messages)
    about = f'<p class="soft">{escape(reader.about)}</p>' if reader.about else ""
    return f'<section id="r{number}"><h2>{escape(reader.name)}</h2>{about}{cards}</section>'


def _card(message: InboxMessage) -> str:
    note = f" · {escape(message.note)}" if message.note else ""
    kind = f'<span class="kind">{escape(message.kind)}</span>'
    head = f'<p class="soft">{kind} · {escape(message.at)}{note}</p>'
    title = f"<h3>{escape(message.title)}</h3>" if message.title else ""
    blocks = "".join(_blocks(message.blocks))
    text = f'<p class="text">{escape(message.text)}</p>' if message.text and not blocks else ""
    return f'<article class="card">{head}{title}{blocks}{text}</article>'


def _blocks(blocks: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Slack's blocks: headers, sections, buttons and small print."""
    for block in blocks:
        if block.get("type") == "actions":
            yield f'<p class="buttons">{"".join(map(_button, block.get("elements") or ()))}</p>'
            continue
        texts = [_rich(one) for one in block.get("elements") or [block.get("text") or {}]]
        inside = "<br>".join(text for text in texts if text)
        if not inside:
            continue
        if block.get("type") == "header":
            yield f"<h3>{inside}</h3>"
        elif block.get("type") == "context":
            yield f'<p class="soft text">{inside}</p>'
        else:
            yield f'<p class="text">{inside}</p>'


def _button(element: Mapping[str, Any]) -> str:
    """A button or menu by its label; here it cannot be pressed."""
    label = element.get("placeholder") or element.get("text") or {}
    menu = " ▾" if "placeholder" in element else ""
    return f"<span>{escape(str(label.get('text') or ''))}{menu}</span> "


def _rich(element: Mapping[str, Any]) -> str:
    """A text of Slack as HTML; of mrkdwn the links and what is bold."""
    text = str(element.get("text") or "")
    if element.get("type") != "mrkdwn":
        return escape(text)
    whole, linked, cut = escape(text, quote=False), list[str](), 0
    for match in _LINK.finditer(whole):
        linked.append(_plain(whole[cut : match.start()]))
        linked.append(_anchor(match[1], match[2]))
        cut = match.end()
    linked.append(_plain(whole[cut:]))
    return "".join(linked)


def _plain(escaped: str) -> str:
    """Escaped mrkdwn between links: Slack's own entities are no text, what is bold is bold."""
    for entity in _ENTITIES:
        escaped = escaped.replace(f"&amp;{entity}", f"&{entity}")
    return _BOLD.sub(r"<b>\1</b>", escaped)


def _anchor(address: str, label: str) -> str:
    """A link to a web page; the address alone says where it leads."""
    address = address.replace("&amp;amp;", "&amp;")
    if urlsplit(address).scheme not in ("http", "https"):
        return _plain(label)
    quoted = address.replace('"', "&quot;")
    return f'<a href="{quoted}" rel="noreferrer">{_plain(label)}</a>'


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
