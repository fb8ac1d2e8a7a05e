"""Threads of several accounts share one connection to the mail server, and take turns on it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from atsbridge.model.notice import Destination
from atsbridge.ports.connector import Tools
from atsbridge.sinks.mail import mail_sink
from atsbridge.sinks.mail.mail_sink import Mail, MailSettings
from atsbridge.timesource import ManualTime

from .conftest import MESSAGE

PATIENCE = 0.3  # seconds in which another thread could break in


class OneConnection:
    """A server that notes who speaks; the first recipient is answered late."""

    def __init__(self) -> None:
        self.spoken: list[tuple[int, str]] = []
        self.asked, self.intruded = threading.Event(), threading.Event()

    def _note(self, command: str) -> tuple[int, bytes]:
        me = threading.get_ident()
        if self.spoken and self.spoken[-1][1] != "data" and self.spoken[-1][0] != me:
            self.intruded.set()
        self.spoken.append((me, command))
        return 250, b"OK"

    def noop(self) -> tuple[int, bytes]:
        return 250, b"OK"

    def mail(self, _sender: str) -> tuple[int, bytes]:
        return self._note("mail")

    def rcpt(self, _to: str) -> tuple[int, bytes]:
        answer = self._note("rcpt")
        if not self.asked.is_set():
            self.asked.set()
            self.intruded.wait(PATIENCE)
        return answer

    def data(self, _content: bytes) -> tuple[int, bytes]:
        return self._note("data")

    def ehlo_or_helo_if_needed(self) -> None:
        pass

    def quit(self) -> None:
        self._note("quit")


def test_a_message_is_sent_whole_before_the_next_one_begins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Sender, recipient and text of one thread, then those of another; also a check waits."""
    server = OneConnection()
    lib: Any = SimpleNamespace(
        SMTP=lambda *_, **__: server,
        SMTPException=OSError,
        SMTPServerDisconnected=OSError,
        SMTPDataError=OSError,
    )
    monkeypatch.setattr(mail_sink, "_smtplib", lambda: lib)
    settings = MailSettings(host="127.0.0.1", port=1)
    mail = Mail(settings, Tools("mail", ManualTime(datetime(2026, 3, 9, tzinfo=UTC))))

    def send(number: int) -> None:
        if number:
            assert server.asked.wait(10)
        mail.send(Destination("mail", "person", f"p{number}@acme.example"), MESSAGE)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(send, range(2)))
    assert not server.intruded.is_set()
    assert [command for _, command in server.spoken] == ["mail", "rcpt", "data"] * 2
