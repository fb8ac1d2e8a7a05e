"""A message as e-mail: plain text and HTML side by side, with the headers that make threads.

Handing it to a server is `mail`'s.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from typing import Any

from atsbridge.model.notice import Message
from atsbridge.model.text import cut
from atsbridge.sinks.safety import harmless

SUBJECT, BODY, WHY, FACT, LINK = 150, 20_000, 1000, 300, 2000  # characters
FACTS = 20  # how many
_POLICY = SMTP.clone(cte_type="7bit")  # what every server takes
_EDGES = {"ahead": "#c98a00", "due": "#c4314b", "late": "#c4314b", "done": "#2b8a3e"}
_FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_INK, _DIM = "#1d2733", "#57606c"


@dataclass(frozen=True, slots=True)
class Composed:
    """A message ready for the wire, and what makes its answers one thread with it."""

    content: bytes
    ids: Mapping[str, Any]


def compose(
    message: Message, sender: str, to: str, now: datetime, thread: Mapping[str, Any]
) -> Composed:
    """The message to one address; an answer to the one with the ids `thread`, if there are any.

    The Message-ID is made of the key, so that a second copy can be known as one. In a thread the
    subject is the first message's: mail programs take another subject for another thread.
    """
    message = harmless(message)
    own = f"<{re.sub(r'[^0-9A-Za-z.-]', '-', message.key)}@{sender.partition('@')[2]}>"
    subject = str(thread.get("subject") or cut(message.headline, SUBJECT))
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = Address("atsbridge", addr_spec=sender)
    mail["To"] = Address(addr_spec=to)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = own
    if first := thread.get("id"):
        mail["In-Reply-To"] = first
        mail["References"] = " ".join(dict.fromkeys((str(thread.get("thread") or first), first)))
        mail["Subject"] = f"Re: {subject}"
    else:
        mail["Subject"] = subject
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence note answers it
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(text(message))
    mail.add_alternative(html(message), subtype="html")
    ids = {"id": own, "subject": subject}
    if first:
        ids["thread"] = str(thread.get("thread") or first)
    return Composed(mail.as_bytes(), ids)


def text(message: Message) -> str:
    """The plain half: headline, sentence, facts, link, why, an empty line between."""
    facts = "\n".join(f"{label}: {value}" for label, value in _facts(message))
    link = f"{message.link_text}:\n{message.link}" if _linked(message) else ""
    parts = (message.headline, cut(message.body, BODY), facts, link, cut(message.why, WHY))
    return "\n\n".join(part for part in parts if part) + "\n"


def html(message: Message) -> str:
    """The HTML half: one column, styles in place, no picture, nothing fetched from anywhere."""
    edge = _EDGES.get(message.tone, _EDGES["done"])
    card = "\n".join(part for part in _card(message) if part)
    why = _paragraph(
        cut(message.why, WHY), f"margin:16px 8px 0;font-size:13px;line-height:19px;color:{_DIM}"
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(message.headline)}</title></head>
<body style="margin:0;padding:0;background:#f3f4f6">
<div style="max-width:560px;margin:0 auto;padding:24px 12px;{_FONT};color:{_INK}">
<div style="background:#fff;border-top:4px solid {edge};border-radius:6px;padding:24px;
 overflow-wrap:anywhere">
{card}
</div>
{why}
</div></body></html>
"""


def _card(message: Message) -> list[str]:
    style = "margin:0 0 12px;font-size:20px;line-height:27px"
    return [
        f'<h1 style="{style}">{escape(message.headline)}</h1>',
        *_body(cut(message.body, BODY)),
        _table(_facts(message)),
        _button(message),
    ]


def _body(text: str) -> list[str]:
    """Lines as paragraphs; those that begin with "•" as a list, the line above them its title."""
    lines = [line for line in text.split("\n") if line]
    parts: list[str] = []
    for number, line in enumerate(lines):
        after = lines[number + 1] if number + 1 < len(lines) else ""
        if line.startswith("• "):
            item = f'<li style="margin:0 0 6px">{escape(line[2:])}</li>'
            first = number == 0 or not lines[number - 1].startswith("• ")
            start = '<ul style="margin:0 0 8px;padding-left:20px;font-size:15px;line-height:22px">'
            parts.append(f"{start}{item}" if first else item)
            if not after.startswith("• "):
                parts.append("</ul>")
        elif after.startswith("• "):
            style = "margin:16px 0 6px;font-size:15px;line-height:22px"
            parts.append(f'<h2 style="{style}">{escape(line)}</h2>')
        else:
            parts.append(_paragraph(line, "margin:0 0 12px;font-size:15px;line-height:22px"))
    return parts


def _table(facts: list[tuple[str, str]]) -> str:
    if not facts:
        return ""
    cell = 'style="padding:2px 0;font-size:14px;line-height:20px;vertical-align:top'
    rows = "\n".join(
        f'<tr><td {cell};padding-right:16px;color:{_DIM};white-space:nowrap">{escape(label)}</td>'
        f'<td {cell}">{escape(value)}</td></tr>'
        for label, value in facts
    )
    return f'<table role="presentation" style="border-spacing:0;margin:0 0 4px">\n{rows}\n</table>'


def _button(message: Message) -> str:
    if not _linked(message):
        return ""
    style = (
        "display:inline-block;padding:10px 18px;border-radius:6px;background:#1f5fbf;"
        "color:#fff;font-size:15px;line-height:20px;font-weight:600;text-decoration:none"
    )
    link = f'<a href="{escape(message.link or "")}" style="{style}">{escape(message.link_text)}</a>'
    return f'<div style="margin:16px 0 0">{link}</div>'


def _paragraph(text: str, style: str) -> str:
    return f'<p style="{style}">{escape(text)}</p>' if text else ""


def _facts(message: Message) -> list[tuple[str, str]]:
    facts = [(cut(label, 60), cut(value, FACT)) for label, value in message.facts[:FACTS]]
    more = len(message.facts) - len(facts)
    return [*facts, ("And", f"{more} more")] if more > 0 else facts


def _linked(message: Message) -> bool:
    return bool(message.link) and len(message.link or "") <= LINK
