"""The e-mail sink against a real SMTP server on loopback."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from pydantic import SecretStr, ValidationError

from atsbridge.errors import AmbiguousError, AuthError, FatalError, RetryableError
from atsbridge.model.notice import Destination
from atsbridge.sinks.mail.mail_message import html
from atsbridge.sinks.mail.mail_sink import Mail, MailSettings
from atsbridge.testing.sink_contract import SinkContract

from .conftest import MESSAGE, SENDER, Office, open_mail, serve, text_of

MARA = Destination("mail", "person", "mara@acme.example", "u1")
PEM = Path(__file__).parents[2] / "cli" / "self-signed.pem"
PASSWORD = SecretStr("correct horse")


class TestMail(SinkContract):
    """Over real SMTP."""

    @pytest.fixture
    def sink(self, mail: Mail, office: Office) -> Mail:
        self.office = office
        return mail

    @pytest.fixture
    def to(self) -> Destination:
        return MARA

    def arrived(self, sink):
        return [text_of(mail) for mail in self.office.mails]


def test_a_mail_has_both_halves_and_says_it_comes_from_a_machine(mail: Mail, office: Office):
    """Text and HTML with the same words; no absence note will answer it."""
    mail.send(MARA, MESSAGE)
    (got,) = office.mails
    assert office.envelopes == [("hiring@acme.example", ["mara@acme.example"])]
    assert got.get_content_type() == "multipart/alternative"
    assert got["From"] == SENDER
    assert got["Message-ID"] == "<8f21c0@acme.example>"
    assert got["Auto-Submitted"] == "auto-generated"
    plain, rich = (part.get_content().replace("\r\n", "\n") for part in got.iter_parts())
    assert plain == (
        "Interview feedback is late\n\n"
        "Feedback for B.K. (R&D <b>) was due Mon 9 Mar, 16:00.\n\n"
        "Waiting on: you since Friday\n\n"
        "Open in Greenhouse:\nhttps://app.greenhouse.io/people/7?a=1&b=2\n\n"
        "The candidate waits and memory fades.\n"
    )
    assert "R&amp;D &lt;b&gt;" in rich
    assert 'href="https://app.greenhouse.io/people/7?a=1&amp;b=2"' in rich


def test_later_mails_stay_in_the_thread_of_the_first(mail: Mail, office: Office):
    """By References to its Message-ID, and under its subject; also at the third."""
    first = mail.send(MARA, MESSAGE)
    second = mail.send(MARA, replace(MESSAGE, key="k2", headline="Still late"), thread=first)
    mail.send(MARA, replace(MESSAGE, key="k3", headline="Done: feedback"), thread=second)
    _, later, last = office.mails
    assert later["In-Reply-To"] == "<8f21c0@acme.example>"
    assert later["Subject"] == last["Subject"] == "Re: Interview feedback is late"
    assert last["References"] == "<8f21c0@acme.example> <k2@acme.example>"


def test_a_digest_is_a_list_in_html(mail: Mail, office: Office):
    """Its groups are titles, its lines items; the text half is as it was written."""
    body = "For you to do:\n• B.K.: feedback\n• A.M.: a decision\n\nGood to know:\n• C.D.: an offer"
    mail.send(MARA, replace(MESSAGE, headline="Today: 2 things wait for you", body=body))
    plain, rich = (part.get_content() for part in office.mails[0].iter_parts())
    assert body in plain.replace("\r\n", "\n")
    assert rich.count("<li") == 3
    assert rich.count("<ul") == rich.count("</ul>") == rich.count("<h2") == 2


def test_one_connection_serves_many_mails(mail: Mail, office: Office):
    """It is opened once, and opened anew when the server has gone meanwhile."""
    for number in range(3):
        mail.send(MARA, replace(MESSAGE, key=f"k{number}"))
    assert len(office.sessions) == 1
    mail._smtp.sock.close()
    mail.send(MARA, replace(MESSAGE, key="k4"))
    assert len(office.mails) == 4


@pytest.mark.parametrize(
    ("command", "says", "error", "match"),
    [
        ("RCPT", "550 no such user mara@acme.example", FatalError, "recipient"),
        ("RCPT", "450 try later", RetryableError, "recipient"),
        ("MAIL", "553 not you", FatalError, "sender"),
        ("MAIL", "530 log in first", AuthError, "username"),
        ("DATA", "552 too large", FatalError, "message"),
        ("DATA", "451 try later", RetryableError, "message"),
    ],
)
def test_a_refusal_is_told_by_its_code(
    mail: Mail, office: Office, command: str, says: str, error: type[Exception], match: str
):
    """4yz passes, 5yz stays; the server's words are not repeated; the next mail goes."""
    office.says = {command: says}
    with pytest.raises(error, match=match) as raised:
        mail.send(MARA, MESSAGE)
    assert type(raised.value) is error
    assert "mara" not in str(raised.value)
    office.says = {}
    mail.send(MARA, MESSAGE)
    assert len(office.mails) == 1


def test_a_line_that_breaks_under_way_leaves_doubt(mail: Mail, office: Office):
    """The message may have been taken; the next try bears the same Message-ID."""
    office.hang_up = True
    with pytest.raises(AmbiguousError):
        mail.send(MARA, MESSAGE)
    office.hang_up = False
    assert mail.send(MARA, MESSAGE).ids["id"] == "<8f21c0@acme.example>"


def test_nobody_listening_is_worth_another_try(office: Office):
    """The server is down for a while; nothing was sent."""
    for server in serve(office):
        mail = open_mail(server)
    with pytest.raises(RetryableError, match="now: nobody listens there") as raised:
        mail.send(MARA, MESSAGE)
    assert not isinstance(raised.value, AmbiguousError)


@pytest.mark.parametrize(
    ("what", "error"),
    [
        ("its name leads nowhere", socket.gaierror(-2, "unknown")),
        ("it does not answer", TimeoutError()),
        ("it does not speak TLS on this port", ssl.SSLError(1, "wrong version number")),
        ("it hung up", smtplib.SMTPServerDisconnected("gone")),
    ],
)
def test_why_there_is_no_line_is_said_in_words(
    what: str, error: Exception, office: Office, monkeypatch: pytest.MonkeyPatch
):
    """For whoever mends it: no name of a class of Python's."""
    for server in serve(office):
        mail = open_mail(server)

    def refuse(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(smtplib, "SMTP", refuse)
    with pytest.raises(RetryableError, match=f"cannot be used now: {what}"):
        mail.send(MARA, MESSAGE)


def _allow(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and data.password == b"correct horse"
    return AuthResult(success=good, handled=False)


@pytest.fixture
def guarded(office: Office) -> Iterator[Controller]:
    """A server that wants STARTTLS and a log-in."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM)
    yield from serve(
        office,
        tls_context=context,
        require_starttls=True,
        authenticator=_allow,
        auth_required=True,
    )


def _certificate() -> str:
    text = PEM.read_text()
    return text[text.index("-----BEGIN CERT") :].partition("-----END CERTIFICATE-----")[0] + (
        "-----END CERTIFICATE-----\n"
    )


SECURE = {"security": "starttls", "username": "hiring", "password": PASSWORD}


def test_starttls_and_a_log_in_over_it(guarded: Controller, office: Office):
    """With the company's certificate named in `ca`."""
    mail = open_mail(guarded, ca=_certificate(), **SECURE)
    mail.send(MARA, MESSAGE)
    mail.close()
    assert len(office.mails) == 1


def test_an_unknown_certificate_is_not_trusted(guarded: Controller, office: Office):
    """Nothing goes out, neither mail nor password."""
    with pytest.raises(FatalError, match="ca_file"):
        open_mail(guarded, **SECURE).send(MARA, MESSAGE)
    assert office.mails == []


def test_a_wrong_password_is_the_credentials_fault(guarded: Controller):
    """AuthError: the sink stops, the others go on; the password is not shown."""
    wrong = {**SECURE, "password": SecretStr("battery staple")}
    with pytest.raises(AuthError, match="username and password") as raised:
        open_mail(guarded, ca=_certificate(), **wrong).send(MARA, MESSAGE)
    assert "battery" not in str(raised.value)


def test_doctor_tries_server_credential_and_sender_and_sends_nothing(
    mail: Mail, guarded: Controller, office: Office
):
    """A line for each; a wrong password or nobody listening is an error, like in a run."""
    assert [line.what for line in mail.check()] == ["connection", "sender"]
    mail.send(MARA, MESSAGE)  # the conversation goes on as if nothing had been asked
    assert len(office.mails) == 1
    wrong = {**SECURE, "password": SecretStr("battery staple")}
    with pytest.raises(AuthError):
        list(open_mail(guarded, ca=_certificate(), **wrong).check())


def test_a_server_without_tls_gets_nothing(server: Controller, office: Office):
    """STARTTLS that is not offered is not done without."""
    with pytest.raises(FatalError, match="STARTTLS"):
        open_mail(server, security="starttls").send(MARA, MESSAGE)
    assert office.mails == []


@pytest.mark.parametrize(
    ("email_address", "reached"),
    [
        ("mara@acme.example", True),
        ("o'neil+hr@acme.example", True),
        ("mara", False),
        ("mara..lind@acme.example", False),
        ("mara.@acme.example", False),
        ("mara@acme..example", False),
        ("mara@acme.example.", False),
        ("mara@acme.example\r\nRCPT TO:<all@acme.example>", False),
        ("mara@acme.example, eve@evil.example", False),
        ("Mara <mara@acme.example>", False),
        ("", False),
    ],
)
def test_only_an_address_is_reached(mail: Mail, email_address: str, reached: bool):
    """One address that plain SMTP can carry, nothing that would speak to the server."""
    assert (mail.find_address(email_address) is not None) == reached


def test_a_channels_name_is_no_address(mail: Mail):
    """What was meant for a chat is refused with the remedy."""
    with pytest.raises(FatalError, match="ops@acme"):
        mail.send(Destination("mail", "channel", "#recruiting-ops"), MESSAGE)


def test_to_this_machine_nothing_needs_to_be_said():
    """host = "localhost" is enough; to anywhere else the line is secured by itself."""
    assert MailSettings(host="localhost").safety == "none"
    assert MailSettings(host="smtp.acme.example").safety == "starttls"


def test_a_password_never_travels_in_the_clear():
    """Asked for, it is a mistake of the configuration."""
    with pytest.raises(ValidationError, match="starttls"):
        MailSettings(host="smtp.acme.example", security="none", username="hiring")


def test_html_fetches_nothing():
    """No picture, script, style sheet or form: nothing tells when it was read."""
    page = html(MESSAGE).text
    assert not any(word in page for word in ("<img", "<script", "<link", "url(", "<form"))
    assert page.count("http") == 1
