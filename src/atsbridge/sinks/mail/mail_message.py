"""Build an e-mail from a message: plain text, HTML, and the headers that make threads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Any

from atsbridge.model import Message, cut
from atsbridge.sinks.mail.mail_templates import Filled, Layouts
from atsbridge.sinks.message_blocks import parts
from atsbridge.sinks.plain_text import harmless, without_emphasis

SUBJECT, BODY, WHY, FACT, LINK = 150, 20_000, 1000, 300, 2000  # characters
FACTS = 20  # how many
_ID = re.compile(r"<[!-;=?-~]{1,900}>")  # of a message; RFC 5322 allows a line 998 characters
_WHOLE = frozenset({"message-id", "in-reply-to", "references", "from", "to"})
_EDGES = {"ahead": "#c98a00", "due": "#c4314b", "late": "#c4314b", "done": "#2b8a3e"}
ROOM = 100_000  # bytes of a half: mail programs clip what is longer
NAME = "atsbridge"  # the domain of a sender that has none
PLAIN = Layouts()


class _Policy(EmailPolicy):
    """Keep ids and addresses whole, however long: an encoded one is no id and no address.

    The library encodes every word that is longer than a line; a mail program that meets such an
    In-Reply-To shows the answer as a thread of its own.
    """

    def fold(self, name: str, value: str) -> str:
        """Fold a header of ids or addresses between words only; others as the library does."""
        if name.lower() not in _WHOLE or not str(value).isascii():
            return str(super().fold(name, value))
        return f"{name}: {f'{self.linesep} '.join(str(value).split())}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        """As `fold`, but as bytes."""
        if name.lower() not in _WHOLE or not str(value).isascii():
            return super().fold_binary(name, value)
        return self.fold(name, value).encode("ascii")


_POLICY = _Policy(linesep="\r\n", cte_type="7bit")  # every server accepts this


@dataclass(frozen=True, slots=True)
class Composed:
    """A message ready for the wire, and what makes its answers one thread with it.

    `fault`: what is wrong with a layout of the customer's.
    """

    content: bytes
    ids: Mapping[str, Any]
    fault: str = ""


def compose(
    message: Message,
    sender: str,
    to: str,
    now: datetime,
    thread: Mapping[str, Any],
    layouts: Layouts = PLAIN,
) -> Composed:
    """The message to one address; an answer to the one with the ids `thread`, if there are any.

    The Message-ID is made of the key, so that a second copy can be known as one. In a thread the
    subject is the first message's: mail programs take another subject for another thread.
    """
    message = harmless(message)
    name, address = parseaddr(sender)
    own = f"<{re.sub(r'[^0-9A-Za-z.-]', '-', message.key)}@{address.partition('@')[2]}>"
    subject = _subject(str(thread.get("subject") or message.headline))
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = Address(name or NAME, addr_spec=address)
    mail["To"] = Address(addr_spec=to)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = own
    first, root = _id(thread.get("id")), _id(thread.get("thread"))
    if first:
        mail["In-Reply-To"] = first
        mail["References"] = " ".join(dict.fromkeys((root or first, first)))
        mail["Subject"] = f"Re: {subject}"
    else:
        mail["Subject"] = subject
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: prevents automatic replies
    mail["X-Auto-Response-Suppress"] = "All"
    plain, page = text(message, layouts), html(message, layouts)
    mail.set_content(plain.text)
    mail.add_alternative(page.text, subtype="html")
    ids = {"id": own, "subject": subject}
    if first:
        ids["thread"] = root or first
    return Composed(mail.as_bytes(), ids, plain.fault or page.fault)


def _subject(text: str) -> str:
    """A text on one line, as long as a subject may be."""
    return cut(" ".join(text.split()), SUBJECT)


def preview(message: Message, templates: Path | None) -> str:
    """The subject and the plain half of a mail; `templates`: the customer's layouts."""
    message = harmless(message)
    return (
        f"Subject: {_subject(message.headline)}\n\n{text(message, Layouts(templates)).text.strip()}"
    )


def _id(value: object) -> str:
    """The text if it is the id of a message, else ""."""
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""


def text(message: Message, layouts: Layouts = PLAIN) -> Filled:
    """The plain text part: headline, sentence, facts, link, why, separated by empty lines."""
    return layouts.fill("mail.txt", _values(message), ROOM)


def html(message: Message, layouts: Layouts = PLAIN) -> Filled:
    """The HTML part: one column, inline styles, no images, no external requests."""
    edge = _EDGES.get(message.tone, _EDGES["done"])
    return layouts.fill("mail.html", {**_values(message), "edge": edge}, ROOM)


def _values(message: Message) -> dict[str, Any]:
    """The values that a layout may use; docs/sinks.md describes each."""
    return {
        "headline": message.headline,
        "body": cut(message.body, BODY),
        "parts": parts(cut(message.body, BODY), message.links),
        "facts": _facts(message),
        "why": cut(message.why, WHY),
        "link": message.link if _linked(message) else "",
        "link_text": message.link_text,
        "hint": without_emphasis(message.hint),
        "intro": cut(message.intro, WHY),
        "tone": message.tone,
    }


def _facts(message: Message) -> list[tuple[str, str]]:
    facts = [(cut(label, 60), cut(value, FACT)) for label, value in message.facts[:FACTS]]
    more = len(message.facts) - len(facts)
    return [*facts, ("And", f"{more} more")] if more > 0 else facts


def _linked(message: Message) -> bool:
    return bool(message.link) and len(message.link or "") <= LINK
