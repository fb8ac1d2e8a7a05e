"""The inbox page of the sandbox: real mails and messages, escaped, in one file."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from html import escape
from typing import Any

import pytest
import requests

from atsbridge.sandbox.chat.fake_slack import FakeSlack
from atsbridge.sandbox.company.fake_company import Company
from atsbridge.sandbox.http.fake_server import Fake, FakeServer, Response
from atsbridge.sandbox.inbox.fake_mail_server import MAX_MAIL, FakeMailServer
from atsbridge.sandbox.inbox.inbox_readers import list_readers
from atsbridge.sandbox.inbox.sandbox_inbox import InboxMessage, ReaderInbox, render_inbox
from atsbridge.sandbox.running_sandbox import RunningSandbox, SandboxAccount
from atsbridge.settings.settings_model import Settings
from atsbridge.shared_clock import SharedClock
from atsbridge.timesource import TimeSource

EVIL = '<script>alert(1)</script> & "quoted"'


@pytest.fixture
def mailbox() -> Iterator[FakeMailServer]:
    with FakeMailServer() as server:
        yield server


def mail(to: str, subject: str, text: str) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Acme <a@acme.example>", to, subject
    made["Date"] = "Thu, 05 Mar 2026 09:40:00 -0000"
    made.set_content(text)
    made.add_alternative("<p>html</p>", subtype="html")
    return made


def test_a_mail_is_kept_for_each_of_its_readers(mailbox: FakeMailServer) -> None:
    """Letters of any language, a line that begins with a dot, several mails on one connection."""
    with smtplib.SMTP("127.0.0.1", mailbox.port, timeout=10) as client:
        client.send_message(mail("a@x.example", "Größe", "one\n.two\n"), to_addrs=["a@x.example"])
        client.send_message(mail("b@x.example", "B", "b"), to_addrs=["A@x.example", "b@x.example"])
    first, second = mailbox.read("a@x.example")
    assert (first.subject, first.text) == ("Größe", "one\n.two")
    assert first.sender == "Acme <a@acme.example>"
    assert first.at.startswith("Thu, 05 Mar 2026")
    assert second.subject == "B"
    assert len(mailbox.read("B@x.example")) == 1


def test_strange_clients_do_no_harm(mailbox: FakeMailServer) -> None:
    """An unknown command, a mail without a reader, one that is too large, one that hangs up."""
    with smtplib.SMTP("127.0.0.1", mailbox.port, timeout=10) as client:
        assert client.docmd("VRFY", "x")[0] == 503
        assert client.docmd("DATA")[0] == 503
        client.ehlo()
        large = mail("a@x.example", "Large", "x" * 60 + "\n" + ("y" * 70 + "\n") * (MAX_MAIL // 70))
        with pytest.raises((smtplib.SMTPDataError, smtplib.SMTPServerDisconnected)):
            client.send_message(large, to_addrs=["a@x.example"])
    with socket.create_connection(("127.0.0.1", mailbox.port), timeout=10) as raw:
        raw.sendall(b"\xff\xfe\r\nMAIL")
    with smtplib.SMTP("127.0.0.1", mailbox.port, timeout=10) as client:
        client.send_message(mail("a@x.example", "Small", "s"), to_addrs=["a@x.example"])
    assert [one.subject for one in mailbox.read("a@x.example")] == ["Small"]


def test_every_text_is_escaped() -> None:
    """A name, a title, a text, a block; and a link that is no web page is no link."""
    blocks = (
        {"type": "header", "text": {"type": "plain_text", "text": EVIL}},
        {
            "type": "section",
            "text": {
                "type": "mrkdwn",
                "text": "*Due* &lt;b&gt; today <https://x.example/?a=1&amp;b=2|Open &amp; read>",
            },
        },
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "<javascript:alert(1)|x>"}]},
        {"type": "section", "text": {"type": "mrkdwn", "text": '<https://x.example/"onload="|x>'}},
        {"type": "image"},
        {
            "type": "actions",
            "elements": [
                {"type": "button", "text": {"type": "plain_text", "text": "Seen & done"}},
                {"type": "static_select", "placeholder": {"type": "plain_text", "text": EVIL}},
            ],
        },
    )
    page = render_inbox(
        [
            ReaderInbox(EVIL, EVIL, [InboxMessage("Mail", EVIL, EVIL, EVIL, note=EVIL)]),
            ReaderInbox("Ana", "", [InboxMessage("Slack", "now", blocks=blocks)]),
            ReaderInbox("Nobody", "", []),
        ],
        EVIL,
    )
    assert "<script>" not in page
    assert "javascript:" not in page.replace("&lt;javascript:alert(1)|x&gt;", "")
    assert '"onload=' not in page
    assert "<b>Due</b> &lt;b&gt; today" in page
    assert '<a href="https://x.example/?a=1&amp;b=2" rel="noreferrer">Open &amp; read</a>' in page
    assert "<span>Seen &amp; done</span>" in page
    assert f"<span>{escape(EVIL)} ▾</span>" in page
    assert "2 messages to 2 readers; 1 others received none" in page
    assert "Nobody" not in page.partition("<main>")[2]
    for outside in ("src=", "@import", "url("):
        assert outside not in page


def test_an_empty_inbox_says_what_to_do() -> None:
    """Before the first run."""
    assert "Run atsbridge" in render_inbox([ReaderInbox("Ana", "", [])], "now")


def serve(company: Company, time: TimeSource) -> Fake:
    server = FakeServer(lambda _: Response(body=[]), time=time)
    return Fake(server, {"base_url": server.url, "api_key": "k-1"}, company)


def test_the_page_shows_slack_mail_and_notes(clock: SharedClock) -> None:
    """Each person reads where the settings send them; the page is served without script."""
    company = Company(1, applications=30)
    account = SandboxAccount("plain", serve)
    with RunningSandbox({"acme": company}, {"acme": account}, None, clock, inbox=True) as running:
        assert running.inbox is not None
        assert running.mail is not None
        settings = Settings.model_validate(__import__("tomllib").loads(running.config()))
        readers = [one for one in settings.people.values() if one.prefer == "mail"]
        assert len(readers) == -(-len(company.people) // 4)
        assert settings.notify.dm[-1] == "mail"
        first, second = company.people[:2]
        with smtplib.SMTP("127.0.0.1", running.mail.port, timeout=10) as client:
            client.send_message(mail(first.email, "By mail", EVIL), to_addrs=[first.email])
        slack = running.find_slack("acme")
        room = _post(slack, second.email, "In Slack")
        slack.reply(room["channel"], room["ts"], "seen", second.email)
        answer = requests.get(f"{running.inbox.url}/", timeout=10)
        assert requests.get(f"{running.inbox.url}/x", timeout=10).status_code == 404
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "By mail" in answer.text
    assert "In Slack" in answer.text
    assert "in a thread" in answer.text
    assert "<script>" not in answer.text


def _post(slack: FakeSlack, email: str, text: str) -> Any:
    headers = {"Authorization": f"Bearer {slack.token}"}
    found = requests.get(
        f"{slack.url}/users.lookupByEmail", {"email": email}, headers=headers, timeout=10
    ).json()
    body = {"channel": found["user"]["id"], "text": text}
    return requests.post(
        f"{slack.url}/chat.postMessage", json=body, headers=headers, timeout=10
    ).json()


def test_notes_of_others_are_not_ours(clock: SharedClock, make: Callable[..., Any]) -> None:
    """The ATS is full of notes that people wrote."""
    company = make()
    readers = list(list_readers({"acme": company}, {}, None))
    assert [one.text for one in readers[-1].messages] == ["Late. [atsbridge abc]"]


@pytest.fixture
def make() -> Callable[..., Any]:
    class Notes:
        """A company with two notes."""

        people: tuple[Any, ...] = ()

        @property
        def notes(self) -> list[Any]:
            from datetime import UTC, datetime

            from atsbridge.sandbox.company.company_records import NoteRow

            at = datetime(2026, 3, 5, 9, 40, tzinfo=UTC)
            return [
                NoteRow("1", "c", "a", None, "Late. [atsbridge abc]", "public", at),
                NoteRow("2", "c", "a", "u", "Nice person", "public", at),
            ]

    return Notes
