"""No secret gets out in a text, however it is written, cut or old, and hiding costs little."""

from __future__ import annotations

import base64
import json
import re
from contextlib import closing
from datetime import UTC, datetime
from urllib.parse import quote, quote_plus

import pytest
import responses

from atsbridge.errors import SourceError
from atsbridge.net.http_session import ApiCredential, HttpSession, SessionOptions
from atsbridge.net.oauth_token import ClientCredentials, OAuthClient
from atsbridge.net.redaction import SEEN, Secrets, hide, hide_known, remember
from atsbridge.timesource import ManualTime

SECRET = 'p/l4n t&d+"s3cret=='
PLAIN = "kT9-zQ7vX2mLw8RbN4"
FORMS = {
    "plain": SECRET,
    "percent": quote(SECRET, ""),
    "percent in lower case": re.sub("%..", lambda found: found[0].lower(), quote(SECRET, "")),
    "percent twice": quote(quote(SECRET, ""), ""),
    "form": quote_plus(SECRET),
    "json": json.dumps(SECRET)[1:-1],
    "basic as user": base64.b64encode(f"{SECRET}:".encode()).decode(),
    "basic as password": base64.b64encode(f"somebody:{SECRET}".encode()).decode(),
    "basic as another's password": base64.b64encode(f"ab:{SECRET}".encode()).decode(),
    "base64 for addresses": base64.urlsafe_b64encode(f"x:{SECRET}".encode()).decode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_secret_is_hidden_in_every_form_it_comes_back_in(form):
    """As it is, quoted, and within the base64 of any log-in."""
    text = Secrets(SECRET).hide(f"no such key: {FORMS[form]}, sorry")
    assert FORMS[form] not in text
    assert FORMS[form][8:-8] not in text
    assert "no such key: " in text
    assert ", sorry" in text


@pytest.mark.parametrize("kept", range(4, len(PLAIN)))
@pytest.mark.parametrize("tail", ["", "…", "...", "… (+12 characters)"])
def test_the_first_half_of_a_secret_is_one(kept, tail):
    """A text cut in the middle of it, by us or by the vendor, shows nothing of it."""
    found = Secrets(PLAIN).hide(f"bad key {PLAIN[:kept]}{tail}")
    assert found == f"bad key ***{tail}"


@pytest.mark.parametrize("before", range(SEEN - 30, SEEN + 5))
@pytest.mark.parametrize("space", [" ", "x"])
def test_no_cut_of_ours_leaves_half_a_secret(before, space):
    """Wherever the end of what is looked at falls, also in a text without a space."""
    own = Secrets(PLAIN)
    found = hide(space * (before - 1) + " " + PLAIN + space * 50_000, own)
    assert PLAIN[:5] not in found
    found = hide(space * before + "kim.smith@example.com" + space * 50_000, own)
    assert "kim.smith@" not in found
    assert len(found) <= SEEN + 40


UNKNOWN = {
    "user of an address": "postgresql+psycopg://kim:hunter22@db.example/x",
    "password with an at": "https://kim:hun@hunter22@db.example/x",
    "query": "postgresql://db.example/x?password=hunter22&sslmode=require",
    "fragment": "https://x.example/cb#access_token=hunter22",
    "header": "Authorization: Basic aHVudGVyMjI6aHVudGVyMjI= hunter22"[:44],
    "bearer": "sent Bearer hunter22.hunter22",
    "json": '{"client_secret": "hunter22", "grant_type": "x"}',
    "json with an escape": '{"password": "x\\"hunter22", "a": 1}',
    "json in json": '{"body": "{\\"api_key\\":\\"hunter22\\"}"}',
    "form": "grant_type=x&client_secret=hunter22&scope=y",
    "quoted form": "grant_type%3Dx%26client_secret%3Dhunter22",
    "api key": "X-API-Key: hunter22",
    "conninfo": "host=db password=hunter22 user=kim",
    "cut": '{"refresh_token": "hunter22',
}


@pytest.mark.parametrize("how", UNKNOWN)
def test_what_stands_where_secrets_stand_is_hidden_unknown(how):
    """Addresses, headers, JSON and forms say themselves that they hold one."""
    found = hide(f"the host said {UNKNOWN[how]}")
    assert "hunter22" not in found
    assert "aHVudGVy" not in found
    assert found.startswith("the host said ")


@pytest.mark.parametrize("address", ["kim@x.example", "kim.o'neil@x", "kim%40x.example", "é@x.eu"])
def test_peoples_addresses_are_hidden(address):
    """A vendor's error may name a candidate."""
    assert address not in hide(f"no user {address} here")


def test_plain_sentences_stay_as_they_are():
    """Nothing is hidden that looks like no secret."""
    text = "refused the request (422): custom field 7 wants a number, not the text 'ten' (job 12)"
    assert hide(text, Secrets(PLAIN)) == text


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "a@",
        "http://",
        "http://a",
        "://a:b",
        "password=",
        "token:",
        '"\\',
        "%40",
        ". ",
        "Bearer ",
    ],
)
def test_a_long_text_costs_no_more_than_a_short_one(piece, monkeypatch):
    """80 KB of what patterns find hard: only its beginning is looked at, and that in few steps."""
    looked = []
    from atsbridge.net import redaction as module

    class Counting:
        def __init__(self, pattern):
            self._pattern = pattern

        def sub(self, new, text):
            looked.append(len(text))
            return self._pattern.sub(new, text)

    for name in ("_USER", "_QUERY", "_HEADER", "_MEMBER", "_EMAIL"):
        monkeypatch.setattr(module, name, Counting(getattr(module, name)))
    hide(piece * 80_000, Secrets(PLAIN))
    assert len(looked) == 5
    assert max(looked) <= 2 * SEEN


def test_secrets_and_tokens_of_the_process_stay_hidden():
    """A client secret after a thousand tokens, and the first of them."""
    remember("the-client-secret-of-acme")
    for n in range(1000):
        remember(f"a-token-of-acme-{n:04}", lasting=False)
    text = hide_known("the-client-secret-of-acme a-token-of-acme-0000 a-token-of-acme-0999")
    assert text == "*** *** ***"


def test_what_one_session_knows_another_hides():
    """A sink's error may quote an account's key."""
    time = ManualTime(datetime(2026, 3, 2, tzinfo=UTC))
    acme = HttpSession(
        "acme",
        "https://a.example",
        time=time,
        credential=ApiCredential(secrets=("key-of-acme-1234",)),
    )
    with closing(acme), closing(HttpSession("globex", "https://b.example", time=time)) as other:
        assert "key-of-acme" not in other.redact("no key-of-acme-1234 here")


def test_renewed_tokens_and_the_secret_behind_them_are_hidden_for_good():
    """Twenty-five renewals later neither the secret nor any token shows in an error."""
    time = ManualTime(datetime(2026, 3, 2, tzinfo=UTC))
    tokens = [f"planted-token-{n:02}-kT9zQ7" for n in range(25)]
    with responses.RequestsMock() as vendor:
        for token in tokens:
            vendor.post("https://a.example/token", json={"access_token": token, "expires_in": 60})
        credential = ClientCredentials(
            "acme",
            "https://a.example/token",
            OAuthClient("planted-client", "planted-secret-99"),
            time=time,
        )
        session = HttpSession(
            "acme",
            "https://a.example",
            time=time,
            credential=ApiCredential(headers=credential.headers),
            options=SessionOptions(explain=lambda answer: answer.body.decode()),
        )
        credential.headers()
        for _ in tokens[1:]:
            credential.refresh()
            credential.headers()
        for old in range(0, len(tokens), 4):
            said = f"planted-secret-99 {' '.join(tokens[old : old + 4])} planted-sec"
            vendor.get("https://a.example/x", status=400, body=said)
            with pytest.raises(SourceError) as caught:
                session.get("/x")
            assert "planted" not in str(caught.value)
            assert "kT9zQ7" not in str(caught.value)
        for one in (session, credential):
            assert "planted" not in f"{one!r}"
            one.close()


def test_no_object_of_a_request_shows_it():
    """Bodies and headers are in no repr, so in no traceback that prints variables."""
    from atsbridge.net.http_errors import HttpRequest
    from atsbridge.net.transport import HeaderAuth

    ask = HttpRequest("POST", "https://a.example", data=b"planted", headers={"A": "planted"})
    assert "planted" not in f"{ask!r}{HeaderAuth({'Authorization': 'planted'})!r}"
