"""A mail server on loopback that keeps what it takes and passes nothing on.

It speaks as much SMTP (RFC 5321) as Python's smtplib needs: no TLS, no log-in.
"""

from __future__ import annotations

import socketserver
import threading
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from typing import Self

# A mail of ours has at most 100 kB in each half.
MAX_MAIL = 1_000_000  # bytes
_LINE = 2_000  # bytes of a command; RFC 5321 allows 512, a line of a mail 1,000


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """A mail in a mailbox. `to`: the address it was delivered to. `at`: its date, as it is written.

    `text`: its plain half.
    """

    to: str
    at: str
    sender: str
    subject: str
    text: str


class _Conversation(socketserver.StreamRequestHandler):
    """One client, command after command."""

    server: _MailSocket

    def handle(self) -> None:
        self._to: list[str] = []
        self._say("220 sandbox")
        while line := self.rfile.readline(_LINE):
            command, _, rest = line.decode("ascii", "replace").strip().partition(" ")
            if command.upper() == "QUIT":
                self._say("221 bye")
                return
            self._answer(command.upper(), rest)

    def _answer(self, command: str, rest: str) -> None:
        if command in ("EHLO", "HELO", "NOOP", "MAIL", "RSET"):
            self._to = [] if command in ("MAIL", "RSET") else self._to
            self._say("250 ok")
        elif command == "RCPT":
            self._to.append(rest.partition("<")[2].partition(">")[0])
            self._say("250 ok")
        elif command == "DATA" and self._to:
            self._say("354 go on")
            self._take()
        else:
            self._say("503 not now")

    def _take(self) -> None:
        """Read a mail up to the line with a single dot; keep nothing of one that is too large."""
        content, size = bytearray(), 0
        while (line := self.rfile.readline(_LINE)) not in (b".\r\n", b""):
            size += len(line)
            if size <= MAX_MAIL:
                content += line[1:] if line.startswith(b".") else line
        if size > MAX_MAIL:
            self._say("552 too large")
            return
        self.server.mailbox.keep(bytes(content), self._to)
        self._say("250 kept")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode("ascii"))


class _MailSocket(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, mailbox: FakeMailServer) -> None:
        self.mailbox = mailbox
        super().__init__(("127.0.0.1", 0), _Conversation)


class FakeMailServer:
    """The server and everybody's mailbox. `received` has the mails in order."""

    def __init__(self) -> None:
        self.received: list[ReceivedMail] = []
        self._guard = threading.Lock()
        self._server = _MailSocket(self)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.daemon = True
        self._thread.start()

    def keep(self, content: bytes, to: list[str]) -> None:
        """Put a mail into the mailbox of each address."""
        mail = message_from_bytes(content, policy=default)
        body = mail.get_body(("plain",))
        text = body.get_content() if body is not None else ""
        at, sender, subject = (str(mail[name] or "") for name in ("Date", "From", "Subject"))
        plain = "\n".join(text.splitlines()).strip()
        with self._guard:
            self.received += [ReceivedMail(one, at, sender, subject, plain) for one in to]

    def read(self, email: str) -> list[ReceivedMail]:
        """The mailbox of an address, oldest first."""
        with self._guard:
            return [one for one in self.received if one.to.lower() == email.lower()]

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
