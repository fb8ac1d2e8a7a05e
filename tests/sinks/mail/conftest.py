"""A mail server that keeps what it takes, and the sink that sends to it."""

from __future__ import annotations

import email
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default

import pytest
from aiosmtpd.controller import Controller

from atsbridge.model.notice import Message
from atsbridge.ports.connector import Tools
from atsbridge.sinks.mail.mail_sink import Mail, MailSettings
from atsbridge.timesource import ManualTime

NOW = datetime(2026, 3, 9, 16, 5, tzinfo=UTC)


SENDER = "Acme Hiring <hiring@acme.example>"
MESSAGE = Message(
    key="8f21c0",
    headline="Interview feedback is late",
    body="Feedback for B.K. (R&D <b>) was due Mon 9 Mar, 16:00.",
    facts=(("Waiting on", "you since Friday"),),
    why="The candidate waits and memory fades.",
    link="https://app.greenhouse.io/people/7?a=1&b=2",
    link_text="Open in Greenhouse",
)


class Office:
    """A mail server that keeps what it takes; `says` replaces its answer to one command."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.says: dict[str, str] = {}
        self.hang_up = False
        self.sessions: set[int] = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if "RCPT" not in self.says:
            envelope.rcpt_tos.append(address)
        return self.says.get("RCPT", "250 OK")

    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.mail_from = address
        return self.says.get("MAIL", "250 OK")

    async def handle_DATA(self, server, session, envelope):
        if self.hang_up:
            server.transport.abort()
            return "250 never heard"
        if "DATA" in self.says:
            return self.says["DATA"]
        self.sessions.add(id(session))
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        self.mails.append(email.message_from_bytes(envelope.content, policy=default))
        return "250 taken"


def text_of(mail: EmailMessage) -> str:
    """Subject and both halves, decoded."""
    halves = [part.get_content() for part in mail.iter_parts()]
    return "\n".join((str(mail["Subject"]), *halves))


class Loopback(Controller):
    """On a port that the machine chooses."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def serve(office: Office, **options: object) -> Iterator[Controller]:
    controller = Loopback(office, hostname="127.0.0.1", port=0, **options)
    controller.start()
    yield controller
    controller.stop()


def open_mail(controller: Controller, **more: object) -> Mail:
    settings = MailSettings.model_validate(
        {"host": "127.0.0.1", "port": controller.port, "sender": SENDER, **more}
    )
    return Mail(settings, Tools("mail", ManualTime(NOW)))


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def server(office: Office) -> Iterator[Controller]:
    yield from serve(office)


@pytest.fixture
def mail(server: Controller) -> Iterator[Mail]:
    opened = open_mail(server)
    yield opened
    opened.close()
