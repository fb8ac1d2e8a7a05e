"""Answers in another charset than UTF-8: read as declared, or refused; never as other letters."""

from __future__ import annotations

import pytest

from atsbridge.errors import AmbiguousError, AuthError, FatalError, RetryableError

from .conftest import LIST

NAME = "Zoë Ångström"
ROWS = f'[{{"id":1,"name":"{NAME}"}}]'
JAPANESE = '[{"id":1,"name":"高橋①"}]'


def declare(vendor, body, charset, status=200):
    vendor.get(LIST, body=body, status=status, content_type=f"application/json; {charset}")


@pytest.mark.parametrize(
    ("codec", "declared"),
    [
        ("latin-1", "charset=ISO-8859-1"),
        ("cp1252", "Charset = windows-1252"),
        ("cp1252", 'charset="latin1"; boundary=x'),
        ("iso8859-15", "charset='iso-8859-15'"),
        ("utf-16", "charset=utf-16"),
        ("utf-16-be", "charset=utf-16"),
        ("utf-16-le", ""),
        ("utf-32", ""),
        ("utf-8", "charset=utf-8"),
        ("utf-8-sig", "charset=UTF8"),
        ("utf-8", ""),
    ],
)
def test_a_declared_charset_is_read(vendor, session, codec, declared):
    """Also one that the first bytes show."""
    declare(vendor, ROWS.encode(codec), declared)
    answer = session.get("/jobs")
    assert answer.json() == [{"id": 1, "name": NAME}]
    assert answer.body == ROWS.encode()


@pytest.mark.parametrize(
    ("codec", "declared"),
    [("cp932", "Shift_JIS"), ("cp932", "x-sjis"), ("euc-jp", "euc-jp"), ("gb18030", "gb2312")],
)
def test_letters_of_two_bytes_are_read(vendor, session, codec, declared):
    """With those that vendors add to the standard."""
    text = JAPANESE if declared != "euc-jp" else JAPANESE.replace("①", "")
    declare(vendor, text.encode(codec), f"charset={declared}")
    assert session.get("/jobs").body == text.encode()


def test_letters_of_seven_bits_are_no_ascii(vendor, session):
    """Their bytes are ASCII ones, and would be read as other letters."""
    declare(vendor, '["高橋"]'.encode("iso-2022-jp"), "charset=ISO-2022-JP")
    assert session.get("/jobs").json() == ["高橋"]


@pytest.mark.parametrize("declared", ["ISO-8859-1", "us-ascii", "utf-16", "x-unheard-of"])
def test_utf8_under_a_wrong_name_is_read_as_utf8(vendor, session, declared):
    """Some servers write a charset of their own accord; JSON is UTF-8 by its standard."""
    declare(vendor, ROWS.encode(), f"charset={declared}")
    assert session.get("/jobs").json() == [{"id": 1, "name": NAME}]


@pytest.mark.parametrize(
    ("body", "declared"),
    [
        (ROWS.encode("cp1252"), "x-unheard-of"),
        (ROWS.encode("cp1252"), "unicode_escape"),
        (b'["\x81"]', "windows-1252"),
        (b'["\x81"]', "shift_jis"),
        (b'["plain"]\0', "utf-16"),
    ],
)
def test_text_that_cannot_be_read_is_refused(vendor, session, body, declared):
    """Once, with the reason; nothing of it becomes a row."""
    declare(vendor, body, f"charset={declared}")
    with pytest.raises(FatalError, match="charset") as caught:
        session.get("/jobs")
    assert "UTF-8" in caught.value.remedy
    assert session.requests == 1


def test_a_write_with_an_unreadable_answer_may_have_happened(vendor, session):
    vendor.post(LIST, body=b'{"a":"\xe9"}', content_type="application/json; charset=x-unheard-of")
    with pytest.raises(AmbiguousError):
        session.send("POST", "/jobs", json={})


def test_a_refusal_stays_one_in_any_charset(vendor, session):
    """Its status counts; its words are read as well as they can be."""
    declare(vendor, b'{"message":"\xe9"}', "charset=x-unheard-of", status=401)
    with pytest.raises(AuthError):
        session.get("/jobs")
    declare(vendor, '{"message":"gesperrt für heute"}'.encode("latin-1"), "charset=latin1", 422)
    with pytest.raises(FatalError, match="gesperrt für heute"):
        session.send("GET", "/jobs")


def test_half_a_page_in_utf16_is_asked_for_again(vendor, session):
    declare(vendor, ROWS.encode("utf-16")[:-3], "charset=utf-16")
    with pytest.raises(RetryableError, match="breaks off"):
        session.get("/jobs")
    assert session.requests == 5
