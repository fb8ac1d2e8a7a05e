"""Answers of a mail server that are no answers of SMTP, and a password that SMTP cannot carry."""

from __future__ import annotations

import pytest
from aiosmtpd.smtp import AuthResult

from atsbridge.errors import AmbiguousError, AuthError, RetryableError
from atsbridge.model.notice import Destination
from atsbridge.sinks.mail.mail_sink import Mail

from .conftest import MESSAGE, Office, open_mail, serve

MARA = Destination("mail", "person", "mara@acme.example", "u1")


def _allow(*_: object) -> AuthResult:
    return AuthResult(success=True)


LONG = "250 " + "x" * 9000  # smtplib refuses a line of more than 8,192 bytes


@pytest.mark.parametrize("answer", ["OK whatever", "150 wait", LONG])
@pytest.mark.parametrize("command", ["MAIL", "RCPT"])
def test_an_answer_without_a_code_takes_nothing(
    mail: Mail, office: Office, command: str, answer: str
):
    """The message is tried again: it was not sent."""
    office.says[command] = answer
    with pytest.raises(RetryableError):
        mail.send(MARA, MESSAGE)
    office.says.clear()
    mail.send(MARA, MESSAGE)
    assert len(office.mails) == 1


@pytest.mark.parametrize("answer", ["OK whatever", "150 wait", LONG])
def test_an_answer_without_a_code_after_the_text_leaves_doubt(
    mail: Mail, office: Office, answer: str
):
    """Whether the server took the message is not known, so it does not count as sent."""
    office.says["DATA"] = answer
    with pytest.raises(AmbiguousError):
        mail.send(MARA, MESSAGE)


@pytest.mark.parametrize("name", ["username", "password"])
def test_a_credential_beyond_ascii_is_named(office: Office, name: str):
    """SMTP carries ASCII only: the error says what to change, and never its value."""
    for server in serve(office, authenticator=_allow, auth_require_tls=False):
        given = {"username": "kim", "password": "secret", name: "schlüssel"}
        with pytest.raises(AuthError, match="ASCII") as caught:
            open_mail(server, **given).send(MARA, MESSAGE)
        assert "schl" not in str(caught.value)
    assert office.mails == []
