"""Who a mail comes from, as people see it and as the server gets it."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
from pydantic import ValidationError

from atsbridge.model.notice import Message
from atsbridge.sinks.mail.mail_message import compose
from atsbridge.sinks.mail.mail_sink import MailSettings

NOW = datetime(2026, 3, 9, 16, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sender", "shown"),
    [
        ("hiring@acme.example", "atsbridge <hiring@acme.example>"),
        ("Acme Hiring <hiring@acme.example>", "Acme Hiring <hiring@acme.example>"),
        ('"Acme, Inc." <hiring@acme.example>', '"Acme, Inc." <hiring@acme.example>'),
        ("Bücher Verlag <hiring@acme.example>", "Bücher Verlag <hiring@acme.example>"),
    ],
)
def test_people_see_the_name_of_the_sender(sender: str, shown: str) -> None:
    """The settings take it; a message id has the domain of the address."""
    settings = MailSettings(host="mail.acme.example", sender=sender)
    message = Message(key="k1", headline="h", body="b")
    made = compose(message, settings.sender, "mara@acme.example", NOW, {}).content
    mail = message_from_bytes(made, policy=default)
    assert str(mail["From"]) == shown
    assert mail["Message-ID"] == "<k1@acme.example>"


@pytest.mark.parametrize(
    "sender",
    [
        "Acme Hiring",
        "a@acme.example, b@acme.example",
        "Acme <a@acme.example> <b@acme.example>",
        "Acme\nBcc: all@acme.example <a@acme.example>",
        f"{'x' * 101} <a@acme.example>",
        "<a@acme.example> Acme",
    ],
)
def test_a_sender_that_is_no_address_is_refused(sender: str) -> None:
    """Before anything is sent, with an example."""
    with pytest.raises(ValidationError, match="an e-mail address, or: Name"):
        MailSettings(host="mail.acme.example", sender=sender)
