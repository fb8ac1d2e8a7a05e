"""The form takes posts of its own page only."""

from __future__ import annotations

import pytest
from starlette.datastructures import Headers

from atsbridge.server.safeguards.form_tokens import FormTokens


def test_a_token_is_for_one_cookie_reader_form_and_process() -> None:
    tokens = FormTokens()
    cookie, other = tokens.new_cookie(), tokens.new_cookie()
    token = tokens.make(cookie, "kim", "/briefs/a/1")
    assert cookie != other
    assert tokens.is_valid(token, cookie, "kim", "/briefs/a/1")
    assert not tokens.is_valid(token, other, "kim", "/briefs/a/1")
    assert not tokens.is_valid(token, cookie, "lee", "/briefs/a/1")
    assert not tokens.is_valid(token, cookie, "kim", "/briefs/a/2")
    assert not tokens.is_valid(token + "0", cookie, "kim", "/briefs/a/1")
    assert not tokens.is_valid("\udcff", cookie, "kim", "/briefs/a/1")
    assert not FormTokens().is_valid(token, cookie, "kim", "/briefs/a/1")
    assert not tokens.is_valid(tokens.make("", "kim", "/"), "", "kim", "/")


@pytest.mark.parametrize(
    ("headers", "good"),
    [
        ({"host": "h:1", "origin": "http://h:1"}, True),
        ({"host": "h:1", "origin": "http://h:1", "sec-fetch-site": "same-origin"}, True),
        ({"host": "inner", "origin": "https://hiring.acme.example"}, True),
        ({"host": "h:1", "origin": "http://h:1", "sec-fetch-site": "cross-site"}, False),
        ({"host": "h:1", "origin": "http://h:1", "sec-fetch-site": "same-site"}, False),
        ({"host": "h:1", "origin": "http://h:2"}, False),
        ({"host": "h:1", "origin": "http://h:1.evil.example"}, False),
        ({"host": "h:1", "origin": "null"}, False),
        ({"host": "h:1", "origin": ""}, False),
        ({"host": "h:1"}, False),
        ({"host": "", "origin": "null"}, False),
    ],
)
def test_a_post_comes_from_this_site(headers: dict[str, str], good: bool) -> None:
    tokens = FormTokens("https://hiring.acme.example")
    assert tokens.is_own_site(Headers(headers)) is good


def test_with_tls_the_cookie_is_for_this_host_only() -> None:
    assert FormTokens("https://hiring.acme.example").cookie == "__Host-atsbridge-form"
    assert FormTokens("http://127.0.0.1:8080").cookie == "atsbridge-form"
