"""Text of others stays text in every sink: one table of tricks, one column per sink."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from atsbridge.model.clean_text import isolated
from atsbridge.model.notice import Destination, Message
from atsbridge.sinks import ats_note, console, webhook
from atsbridge.sinks.mail import mail_message
from atsbridge.sinks.plain_text import harmless
from atsbridge.sinks.sinks_plugin import atsbridge_sinks
from atsbridge.sinks.slack.slack_blocks import blocks, fallback
from atsbridge.sinks.teams.teams_card import envelope

NOW = datetime(2026, 3, 9, 16, 5, tzinfo=UTC)
OPS = Destination("any", "channel", "#recruiting-ops")
HEADERS = ["From", "To", "Date", "Message-ID", "Subject", "MIME-Version", "Content-Type"]
HEADERS += ["Auto-Submitted", "X-Auto-Response-Suppress"]
_OUR_LINK = re.compile(r"<https://app\.greenhouse\.io/people/7\|([^<>]*)>")
TRICKS = {
    "everybody in a channel": "R&D <!channel> <!here|@here>",
    "a mention": "<@U123> <at>Mara</at> @everyone @channel",
    "a link in chat's markup": "<https://evil.example|Open in Greenhouse>",
    "a link in markdown": "[Open in Greenhouse](https://evil.example)",
    "a link in HTML": '<a href="https://evil.example">Open</a>',
    "a script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "entities": "&lt;b&gt; &amp;#x3c;!channel&amp;#x3e;",
    "bold, struck, code": "*bold* _slanted_ ~gone~ `code` **bold** __x__",
    "out of the attribute": '" onclick="x" \'',
    "right to left": "Robin \u202egnp.exe\u202c \u2066x\u2069 \u200fy",
    "nothing to see": "B\u200bK\u2060 \ufeff\u00ad",
    "lines in a name": "Mara\nLind\r\nTo: all@acme.example\u2028Subject: x\x0b",
    "a terminal's commands": "\x1b[2J\x1b]0;title\x07\x08\x00",
    "what a card fills in": "{{DATE(2026-03-09T06:00:00Z, SHORT)}} ${secret}",
    "a line of a digest": "• <!channel> *x* [a](b) <a href='c'>d</a> {{e}}",
    "markup of rich": "[red]R&D[/red] [link=https://evil.example]x[/link]",
}


def message(trick: str) -> Message:
    """The trick in every text a message has, and in the name of its link."""
    return Message(
        key="k1",
        headline=trick,
        body=trick,
        facts=((trick, trick),),
        why=trick,
        link="https://app.greenhouse.io/people/7",
        link_text=trick,
        links=("https://app.greenhouse.io/people/7",) if trick.startswith("• ") else (),
        intro=trick,
    )


class Reading(HTMLParser):
    """What a mail program makes of the HTML: tags, links, words."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.names: set[str] = set()
        self.links: list[str | None] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.names |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name in ("href", "src")]


def slack(trick: str) -> str:
    """Plain text is shown as it is; in the rest no control character of Slack's survives."""
    made = blocks(message(trick))
    interpreted = [fallback(message(trick))]
    for block in made:
        texts = [block["text"]] if "text" in block else block["elements"]
        for text in texts:
            if text["type"] == "mrkdwn":
                assert text["verbatim"] is True
                interpreted.append(text["text"])
    for text in interpreted:
        text = _OUR_LINK.sub(r"\1", text)
        assert "<" not in text
        assert ">" not in text
        own = text.replace("*", "", 2) if text.startswith("*") else text  # our bold label
        assert not any(mark in own for mark in "*~`")
    return json.dumps([made, interpreted], ensure_ascii=False)


def sent(message: Message) -> dict[str, Any]:
    """The card as it is posted."""
    (attachment,) = json.loads(envelope(message))["attachments"]
    return attachment["content"]


def teams(trick: str) -> str:
    """Words stand in text runs only, in which nothing is markup and nothing is filled in."""
    made = sent(message(trick))
    runs = [run for block in made["body"] for run in block["inlines"]]
    assert {run["type"] for run in runs} == {"TextRun"}
    said = [*(run["text"] for run in runs), made["actions"][0]["title"]]
    assert not any("{" in text for text in said)
    assert [action["url"] for action in made["actions"]] == ["https://app.greenhouse.io/people/7"]
    assert made["msteams"].keys() == {"width"}  # no mention
    return json.dumps(said, ensure_ascii=False)


def _harmless_like(trick: str) -> str:
    """Plain words where the trick stands."""
    return "• words" if trick.startswith("• ") else "words"


def mail(trick: str) -> str:
    """The HTML holds our tags and our link; no header gains a line or a neighbor."""
    page = mail_message.html(harmless(message(trick))).text
    seen, plain = Reading(page), Reading(mail_message.html(message(_harmless_like(trick))).text)
    assert seen.tags == plain.tags
    assert seen.names == plain.names
    assert set(seen.links) == {"https://app.greenhouse.io/people/7"}
    made = mail_message.compose(message(trick), "a@acme.example", "b@acme.example", NOW, {})
    head = made.content.partition(b"\r\n\r\n")[0].decode()
    names = [line.partition(":")[0] for line in head.split("\r\n") if line[:1] not in (" ", "\t")]
    assert sorted(names) == sorted(HEADERS)
    return page + mail_message.text(harmless(message(trick))).text


def terminal(trick: str) -> str:
    """As many lines as the message has, and no more."""
    shown = console.plain(OPS, message(trick))
    assert len(shown.splitlines()) == 8 + ("• " in trick)
    return shown


def note(trick: str) -> str:
    """Headline, sentence, facts: a line each."""
    text = ats_note.text(message(trick))
    assert len(text.splitlines()) == 3
    return text


def hook(trick: str) -> str:
    """JSON is JSON; its receiver escapes."""
    return json.dumps(webhook.payload(OPS, message(trick), NOW, None), ensure_ascii=False)


FORMS: dict[str, Callable[[str], str]] = {
    "console": terminal,
    "slack": slack,
    "teams": teams,
    "email": mail,
    "webhook": hook,
    "ats": note,
}


def test_every_sink_has_its_column() -> None:
    """A new sink comes with its escaping."""
    assert FORMS.keys() == {spec.name for spec in atsbridge_sinks()}


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS.keys())
@pytest.mark.parametrize("sink", FORMS)
def test_text_of_others_stays_text(sink: str, trick: str) -> None:
    """No mention, link, markup, command or change of direction, and no line of its own."""
    if "\n" in trick:  # a body may have lines; a name may not, and is cleaned before
        trick = " ".join(trick.split())
    shown = FORMS[sink](trick)
    assert [c for c in shown if unicodedata.category(c) in ("Cc", "Cf") and c not in "\r\n"] == []


@pytest.mark.parametrize("sink", ["console", "ats"])
def test_a_name_of_several_lines_is_one(sink: str) -> None:
    """In headline, facts and reason; only a body has lines."""
    trick = TRICKS["lines in a name"]
    odd = Message(key="k", headline=trick, body="b", facts=((trick, trick),), why=trick)
    shown = console.plain(OPS, odd) if sink == "console" else ats_note.text(odd)
    assert "Mara Lind To: all@acme.example Subject: x" in shown
    assert len(shown.splitlines()) == (6 if sink == "console" else 3)


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "data:text/html,<script>",
        "https://app.example/\n@evil.example",
        'https://app.example/" onclick="x',
        "https://app.example/\u202egnp",
        "//evil.example",
    ],
)
def test_an_odd_link_is_left_out(link: str) -> None:
    """Better none than one that leads elsewhere than it looks."""
    odd = Message(key="k", headline="h", body="• b", link=link, links=(link,))
    assert "actions" not in sent(odd)
    assert "|" not in json.dumps(blocks(odd))
    assert "OpenUrl" not in json.dumps(sent(odd))
    assert webhook.payload(OPS, odd, NOW, None)["link"] is None
    assert webhook.payload(OPS, odd, NOW, None)["links"] == [None]
    assert "<a " not in mail_message.html(harmless(odd)).text


def test_names_written_from_right_to_left_stay_apart() -> None:
    """Each keeps its place beside the other, on the way through a sink too; marks of others go."""
    first, second = isolated("\u05d0.\u05d1."), isolated("\u05de\u05e0\u05d4\u05dc")
    body = f"{first}, {second} (R-1): late"
    assert harmless(Message("k", "H", body + "\u2068")).body == body
    assert body.count("\u2068") == body.count("\u2069") == 2
    assert harmless(Message("k", "H", "a \u2068B.K.\u2069\u2067 c")).body == "a B.K. c"
