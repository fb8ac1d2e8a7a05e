"""A sink that sends e-mail over SMTP with TLS, to people and mailing lists, in threads.

SMTP can look nothing up: a message whose fate nobody knows
goes out again under the same Message-ID.
"""

# ruff: noqa: ARG002  a sink answers every question of the protocol, whatever it can do

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Iterator
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, SecretStr, model_validator

from atsbridge.errors import AmbiguousError, AuthError, FatalError, RetryableError, SourceError
from atsbridge.model import Destination, Message, Receipt
from atsbridge.ports import CheckResult, SinkSpec, Tools

if TYPE_CHECKING:
    import smtplib

    from atsbridge.sinks.mail.mail_templates import Layouts

_TIMEOUT = 30.0  # seconds, for each answer of the server
_PORTS = {"tls": 465, "starttls": 587, "none": 25}
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_ATOM, _LABEL = r"[\w!#$%&'*+/=?^`{|}~-]+", r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_ADDRESS = re.compile(  # RFC 5322 allows a dot between atoms only
    rf"(?=[^@]{{1,64}}@[^@]{{1,253}}$){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*",
    re.ASCII | re.IGNORECASE,
)
_ACCEPTED = 200  # 2yz; smtplib gives -1 for an answer without a code
_NAME = 100  # characters of a sender's name
_AUTH_OFF = (530, 534, 535, 538)  # RFC 4954: the credential is wanted, weak, wrong, needs TLS


class MailSettings(BaseModel):
    """`security`: "starttls", "tls" or "none"; by itself "none" to this machine, else "starttls".

    `sender` is what From says: an address, or "Name <address>"; by itself atsbridge@host.
    `ca` is a PEM text (name its file in `ca_file`) of further certificates to trust.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    host: str
    port: int = 0
    security: Literal["", "starttls", "tls", "none"] = ""
    username: str = ""
    password: SecretStr = SecretStr("")
    sender: str = ""
    ca: str = ""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.sender and not _is_sender(self.sender):
            raise ValueError("sender is an e-mail address, or: Name <name@company.example>")
        if self.username and self.safety == "none" and self.host not in _LOOPBACK:
            raise ValueError('a password needs security = "starttls" or "tls"')
        return self

    @property
    def safety(self) -> str:
        """How the line is secured, with the default filled in."""
        return self.security or ("none" if self.host in _LOOPBACK else "starttls")


class Mail:
    """One SMTP server; the connection is kept while there are messages.

    A session of SMTP has one sender, one recipient and one text at a time: the threads that share
    a sink take turns.
    """

    def __init__(self, settings: MailSettings, tools: Tools) -> None:
        self.spec = SPEC
        self._name = tools.name
        self._time = tools.time
        self._settings = settings
        self._sender = settings.sender or f"atsbridge@{_domain(settings.host)}"
        self._address = parseaddr(self._sender)[1]
        self._turn = threading.RLock()  # whoever has it uses `_smtp`
        self._smtp: smtplib.SMTP | None = None
        self._templates = tools.templates
        self._layouts: Layouts | None = None

    def find_address(self, email: str) -> str | None:
        """The address itself, if it is one that plain SMTP can carry."""
        return email if _ADDRESS.fullmatch(email) else None

    def send(self, to: Destination, message: Message, *, thread: Receipt | None = None) -> Receipt:
        from atsbridge.sinks.mail.mail_message import compose
        from atsbridge.sinks.mail.mail_templates import Layouts

        if not _ADDRESS.fullmatch(to.address):
            raise FatalError(
                "that is no e-mail address",
                where=f"{self._name}: {to.kind}",
                remedy="Write an address as `to`, for example ops@acme.example",
            )
        now = self._time.now()
        ids = thread.ids if thread else {}
        with self._turn:
            if self._layouts is None:
                self._layouts = Layouts(self._templates)
            mail = compose(message, self._sender, to.address, now, ids, self._layouts)
            self._transmit(to.address, mail.content)
        return Receipt(mail.ids, now, mail.fault)

    def edit(self, to: Destination, sent: Receipt, message: Message) -> Receipt:
        return sent  # a sent mail cannot be changed

    def find(self, to: Destination, key: str, *, thread: Receipt | None = None) -> Receipt | None:
        return None

    def check(self) -> Iterator[CheckResult]:
        """Whether the server can be reached and takes the credential and the sender."""
        with self._turn:
            self._line()
        yield CheckResult("connection", good=True, detail=f"{self._settings.host} answers")
        if self._settings.username:
            yield CheckResult("credential", good=True)
        self._check_sender()
        yield CheckResult("sender", good=True, detail=self._sender)

    def close(self) -> None:
        """Close the connection to the server."""
        with self._turn:
            smtp, self._smtp = self._smtp, None
            if smtp is not None:
                try:
                    smtp.quit()
                except (OSError, _smtplib().SMTPException):
                    smtp.close()

    # --- SMTP ---------------------------------------------------------------------------------

    def _check_sender(self) -> None:
        """Begin a message and take it back. Raises where the server refuses the sender."""
        with self._turn:
            smtp = self._line()
            try:
                self._take("the sender", smtp.mail(self._address))
                smtp.rset()
            except (OSError, _smtplib().SMTPException):
                self.close()
                raise RetryableError("the server hung up", where=self._name) from None

    def _transmit(self, address: str, content: bytes) -> None:
        """Send the message. AmbiguousError if the connection broke during the transfer."""
        smtp = self._line()
        lib = _smtplib()
        try:
            self._take("the sender", smtp.mail(self._address))
            self._take("the recipient", smtp.rcpt(address))
        except (OSError, lib.SMTPException):
            self.close()
            raise RetryableError("the server hung up", where=self._name) from None
        try:
            code, _ = smtp.data(content)
        except lib.SMTPDataError as error:  # it did not want the text
            self._take("the message", (error.smtp_code, b""))
            code = 0
        except (OSError, lib.SMTPException):
            code = 0
        if code < _ACCEPTED:
            self.close()
            what = "the server hung up before it had taken the message"
            raise AmbiguousError(what, where=self._name)
        self._take("the message", (code, b""))

    def _line(self) -> smtplib.SMTP:
        """The open connection if the server still answers on it, else a new one."""
        if self._smtp is not None:
            try:
                if self._smtp.noop()[0] == 250:
                    return self._smtp
            except (OSError, _smtplib().SMTPException):
                pass
            self.close()
        self._smtp = self._connect()
        return self._smtp

    def _connect(self) -> smtplib.SMTP:
        lib, settings, secure = _smtplib(), self._settings, self._settings.safety
        port = settings.port or _PORTS[secure]
        us = self._address.partition("@")[2]
        smtp: smtplib.SMTP | None = None
        try:
            context = ssl.create_default_context(cadata=settings.ca or None)
            if settings.ca:
                context.load_default_certs()
            if secure == "tls":
                smtp = lib.SMTP_SSL(settings.host, port, us, timeout=_TIMEOUT, context=context)
            else:
                smtp = lib.SMTP(settings.host, port, us, timeout=_TIMEOUT)
            if secure == "starttls":
                smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
            if settings.username:
                smtp.login(settings.username, settings.password.get_secret_value())
        except (OSError, lib.SMTPException, UnicodeEncodeError) as error:
            if smtp is not None:
                smtp.close()
            raise self._fault(error) from None
        return smtp

    def _fault(self, error: Exception) -> SourceError:
        """Why there is no connection, without the server's own text, which may quote anything."""
        lib, where = _smtplib(), self._name
        code = getattr(error, "smtp_code", 0)
        if isinstance(error, lib.SMTPAuthenticationError) and code in _AUTH_OFF:
            what = f"the mail server refused the credential ({code})"
            remedy = f"Check username and password of sink {where}"
            return AuthError(what, where=where, remedy=remedy)
        if isinstance(error, UnicodeEncodeError):
            what = "username and password for a mail server are of ASCII letters, digits and signs"
            return AuthError(
                what, where=where, remedy=f"Change the username or password of {where}"
            )
        if isinstance(error, lib.SMTPNotSupportedError):
            what = "the mail server does not offer what is asked of it (STARTTLS or a log-in)"
            return FatalError(what, where=where, remedy="Check `security`, `port` and `username`")
        if isinstance(error, ssl.SSLCertVerificationError):
            what = "the mail server shows a TLS certificate this machine does not trust"
            return FatalError(what, where=where, remedy="Check `host`, or name the CA in `ca_file`")
        status = f" ({code})" if code else ""
        what = f"the mail server cannot be used now{status}: {_plainly(error)}"
        return RetryableError(what, where=where, remedy="Check `host`, `port` and `security`")

    def _take(self, thing: str, answer: tuple[int, bytes]) -> None:
        """Raise unless the server accepted the command; reset the session after a refusal."""
        if not _ACCEPTED <= answer[0] < 300:
            self.close()
            raise self._refused(thing, answer[0])

    def _refused(self, thing: str, code: int) -> SourceError:
        """The error for a code: 4yz is temporary, 5yz is permanent (RFC 5321, 4.2.1)."""
        what = f"the mail server does not take {thing} ({code})"
        if code == 530:
            remedy = f"Set username and password of sink {self._name}"
            return AuthError(what, where=self._name, remedy=remedy)
        if code < 500:
            return RetryableError(what, where=self._name)
        remedy = f"Check `sender` of sink {self._name}" if "sender" in thing else ""
        return FatalError(what, where=self._name, remedy=remedy)


def _is_sender(text: str) -> bool:
    """Whether it is one address, with or without a name before it."""
    name, address = parseaddr(text)
    bare = text.strip() == address
    named = bool(name) and text.rstrip().endswith(f"<{address}>") and len(name) <= _NAME
    return bool(_ADDRESS.fullmatch(address)) and text.isprintable() and (bare or named)


def _domain(host: str) -> str:
    """A host as the domain of an address; this machine's name if it is not valid there."""
    try:
        name = host.encode("idna").decode()
    except UnicodeError:
        return "localhost"
    return name if re.fullmatch(r"[A-Za-z0-9.-]{1,253}", name) else "localhost"


def _plainly(error: Exception) -> str:
    """Describe a connection error to people; the error's type if it has no description."""
    if isinstance(error, ConnectionRefusedError):
        return "nobody listens there"
    if isinstance(error, socket.gaierror):
        return "its name leads nowhere"
    if isinstance(error, TimeoutError):
        return "it does not answer"
    if isinstance(error, ssl.SSLError):
        return "it does not speak TLS on this port"
    if isinstance(error, _smtplib().SMTPServerDisconnected):
        return "it hung up"
    return type(error).__name__


def _smtplib() -> Any:
    """Import smtplib when it is needed: most runs send no mail."""
    import smtplib

    return smtplib


def _preview(message: Message, tools: Tools) -> str:
    """The subject and the plain half, in the customer's own layout where there is one."""
    from atsbridge.sinks.mail.mail_message import preview

    return preview(message, tools.templates)


SPEC = SinkSpec(
    name="email",
    title="E-mail",
    settings=MailSettings,
    open=Mail,
    threads=True,
    direct_messages=True,
    checks=True,
    preview=_preview,
)
