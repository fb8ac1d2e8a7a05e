"""Bounds on the pages of a list."""

from __future__ import annotations

from contextlib import closing

import msgspec
import pytest

from atsbridge.errors import CursorError, FatalError, RetryableError
from atsbridge.net.http_connector import HttpConnector
from atsbridge.net.http_session import HttpSession, SessionOptions
from atsbridge.net.pagination import EMPTY, CursorPages, PageGuard
from atsbridge.ports.connector import ConnectorSpec
from atsbridge.ports.http_bounds import HttpBounds
from atsbridge.ports.stream import Stream

from .conftest import BASE, LIST

_STREAM = Stream(name="jobs", path="/jobs", row=dict, owns={}, normalize=lambda row: iter(()))


def _endless(vendor, time, page):
    """A connector over a vendor whose n-th page is `page(n)`; there is always another one."""
    count = iter(range(10**6))

    def answer(_):
        n = next(count)
        return 200, {}, msgspec.json.encode({"items": page(n), "next": f"token-{n}"}).decode()

    vendor.add_callback("GET", LIST, answer)
    session = HttpSession(
        "acme", BASE, time=time, options=SessionOptions(bounds=HttpBounds(pages=200))
    )
    spec = ConnectorSpec(
        name="x", title="X", settings=None, streams=(_STREAM,), open=lambda *_: None
    )
    return HttpConnector(spec, "acme", session, CursorPages("items", ("next",)))


@pytest.mark.parametrize(
    ("page", "error", "sentence", "asked"),
    [
        (lambda n: [], CursorError, "empty pages", EMPTY),
        (lambda n: [{"id": 1}], CursorError, "same page twice", 2),
        (lambda n: [{"id": n % 3}], CursorError, "same page twice", 4),
        (lambda n: [{"id": n}], FatalError, "does not end: 200 pages", 200),
    ],
)
def test_ever_new_tokens_without_end_cost_that_list(vendor, time, page, error, sentence, asked):
    """Empty pages, one page again and again, a few in a circle, or ever more rows."""
    connector = _endless(vendor, time, page)
    with closing(connector), pytest.raises(error, match=sentence) as caught:
        list(connector.pages(_STREAM))
    assert caught.value.where == "acme/jobs"
    assert connector.requests == asked


def test_some_empty_pages_and_a_repeated_last_page_are_ordinary():
    """Vendors filter after they cut pages; what ends the list is not held against it."""
    progress = PageGuard(1000)
    for n in range(EMPTY - 1):
        progress.check([], f"a{n}")
    progress.check([{"id": 1}], "b")
    for n in range(EMPTY - 1):
        progress.check([], f"c{n}")
    progress.check([{"id": 1}], None)


@pytest.mark.parametrize("token", [b"[1]", b'{"a":1}', b'"' + b"x" * 5000 + b'"', b"1" * 5000])
def test_a_page_token_that_cannot_be_one_is_an_error(token):
    """A list, an object, 5,000 characters, 5,000 digits."""
    from atsbridge.net.response import HttpResponse

    with pytest.raises((CursorError, RetryableError)):
        CursorPages("items", ("next",)).rows(
            HttpResponse(200, {}, b'{"items": [], "next": ' + token + b"}", LIST)
        )
