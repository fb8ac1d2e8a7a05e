"""Headers of mails: whole, and never made of a text."""

from __future__ import annotations

import email
from dataclasses import replace
from email.policy import default

import pytest

from atsbridge.ports.connector import Tools
from atsbridge.sinks.mail.mail_sink import Mail, MailSettings
from atsbridge.timesource import ManualTime

from .conftest import MESSAGE, NOW

LONG = ".".join((*("x" * 60 for _ in range(3)), "example"))


DOMAINS = [f"{'m' * 30}.example", f"{'m' * 31}.example", f"{'m' * 60}.example", LONG]


@pytest.mark.parametrize("domain", DOMAINS)
def test_ids_and_addresses_stay_whole_however_long(domain: str) -> None:
    """An encoded In-Reply-To is no id: the answer would be a thread of its own."""
    from atsbridge.sinks.mail.mail_message import compose

    sender, to = f"atsbridge@{domain}", f"{'k' * 64}@{domain}"
    first = compose(replace(MESSAGE, key="a" * 64), sender, to, NOW, {})
    second = compose(replace(MESSAGE, key="b" * 64), sender, to, NOW, first.ids)
    third = compose(replace(MESSAGE, key="c" * 64), sender, to, NOW, second.ids)
    ids = [f"<{letter * 64}@{domain}>" for letter in "abc"]
    assert [one.ids["id"] for one in (first, second, third)] == ids
    for one in (first, second, third):
        lines = one.content.split(b"\r\n\r\n")[0].split(b"\r\n")
        assert not [line for line in lines if b"=?" in line]
        assert max(map(len, lines)) <= 998
    raw = third.content.split(b"Subject:")[0].replace(b"\r\n ", b" ").decode()
    assert f"In-Reply-To: {ids[1]}\r\n" in raw
    assert f"References: {ids[0]} {ids[1]}\r\n" in raw
    assert f"Message-ID: {ids[2]}\r\n" in raw
    assert f"To: {to}\r\n" in raw


@pytest.mark.parametrize(
    "headline",
    [
        "Ünïcode ✓ für José " * 20,
        "long " * 100,
        "x" * 600,
        "hello\r\nBcc: evil@x.example",
        "hello\n\n<script>",
        "日本語の件名" * 30,
    ],
)
def test_no_text_makes_a_header_of_its_own(headline: str) -> None:
    """Line breaks, long words and other alphabets stay within the subject, also of a thread."""
    from atsbridge.sinks.mail.mail_message import compose

    told = replace(MESSAGE, headline=headline)
    kept = {"id": "<a@x.example>", "subject": headline, "thread": "<b@x>\r\nBcc: evil@x.example"}
    for thread in ({}, kept, {"id": "no id\r\nBcc: evil@x.example"}):
        mail = email.message_from_bytes(
            compose(told, "a@x.example", "b@x.example", NOW, thread).content, policy=default
        )
        assert mail["Bcc"] is None
        assert mail["Subject"].removeprefix("Re: ")[:5] == headline[:5]
        assert (mail["In-Reply-To"] or "<a@x.example>") == "<a@x.example>"
        assert "evil" not in (mail["References"] or "")
        head = compose(told, "a@x.example", "b@x.example", NOW, thread).content
        assert max(map(len, head.split(b"\r\n\r\n")[0].split(b"\r\n"))) <= 998


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("mail.acme.example", "mail.acme.example"),
        ("::1", "localhost"),
        ("mail.exämple.de", "mail.xn--exmple-cua.de"),
        ("x" * 70, "localhost"),
    ],
)
def test_a_sender_has_a_domain_whatever_the_host(host: str, domain: str) -> None:
    """An IPv6 address, an international name: what stands behind the @ is always one."""
    sink = Mail(MailSettings(host=host), Tools("mail", ManualTime(NOW)))
    assert sink._sender == f"atsbridge@{domain}"
