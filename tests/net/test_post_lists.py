"""Lists that are read by POST: parameters in a JSON body, page tokens too."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import msgspec
import pytest
import responses
from pydantic import BaseModel

from atsbridge.errors import CursorError, RetryableError
from atsbridge.net.http_connector import HttpConnector
from atsbridge.net.http_session import HttpSession
from atsbridge.net.pagination import CursorPages
from atsbridge.ports.connector import ConnectorSpec
from atsbridge.ports.stream import Incremental, Stream
from atsbridge.timesource import ManualTime

BASE = "https://ats.example"
LIST = f"{BASE}/job.list"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Row(msgspec.Struct):
    id: int


JOBS = Stream(
    name="jobs",
    path="/job.list",
    row=Row,
    normalize=lambda _: (),
    owns={},
    method="POST",
    params={"limit": 100, "archived": False},
    incremental=Incremental(since=lambda start, _: {"after": int(start.timestamp())}),
)


@pytest.fixture
def vendor():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def acme():
    spec = ConnectorSpec(
        name="tiny", title="Tiny", settings=BaseModel, streams=(JOBS,), open=lambda *_: None
    )
    pages = CursorPages("results", ("next",), more=("more",))
    made = HttpConnector(spec, "acme", HttpSession("acme", BASE, time=ManualTime(NOW)), pages)
    yield made
    made.close()


def _read(acme, **how):
    return [bytes(row) for page in acme.pages(JOBS, **how) for row in page.rows]


def _bodies(vendor):
    assert not any("?" in call.request.url for call in vendor.calls)
    return [json.loads(call.request.body) for call in vendor.calls]


def test_parameters_keep_their_types_and_the_page_token_joins_them(vendor, acme):
    """Nothing is in the query; the window's filter is in every body."""
    vendor.post(LIST, json={"results": [{"id": 1}], "more": True, "next": "n2"})
    vendor.post(LIST, json={"results": [{"id": 2}], "more": False})
    assert _read(acme, window=(NOW, NOW)) == [b'{"id": 1}', b'{"id": 2}']
    first = {"limit": 100, "archived": False, "after": int(NOW.timestamp())}
    assert _bodies(vendor) == [first, {**first, "cursor": "n2"}]


def test_a_read_by_post_is_tried_again(vendor, acme):
    """Unlike a write, it changes nothing."""
    vendor.post(LIST, status=503, json={})
    vendor.post(LIST, body='{"results": [{"id"', content_type="application/json")
    vendor.post(LIST, json={"results": [], "more": False})
    assert _read(acme) == []
    assert len(vendor.calls) == 3


def test_a_broken_body_is_never_an_empty_list(vendor, acme):
    """As for any read: a web page, or half an object."""
    vendor.post(LIST, body="<html>", content_type="text/html")
    with pytest.raises(RetryableError):
        _read(acme)


def test_doctor_asks_for_one_row(vendor, acme):
    """As a number, as the parameter is one."""
    vendor.post(LIST, json={"results": [], "more": False})
    assert all(line.good for line in acme.check())
    assert _bodies(vendor) == [{"limit": 1, "archived": False}]


@pytest.mark.parametrize(
    ("answer", "follows"),
    [
        ({"more": True, "next": "n"}, {"cursor": "n"}),
        ({"more": False, "next": "n"}, None),  # some vendors repeat the last token
        ({"next": "n"}, {"cursor": "n"}),  # a flag under another name does not end the list
        ({"more": None, "next": "n"}, {"cursor": "n"}),
        ({}, None),
    ],
)
def test_a_flag_says_whether_a_page_follows(vendor, acme, answer, follows):
    """And the token says where; without a flag it decides alone."""
    vendor.post(LIST, json={"results": [], **answer})
    pages = CursorPages("results", ("next",), more=("more",))
    rows = pages.rows(acme.session.read("POST", "/job.list"))
    assert rows == ([], follows)


def test_a_further_page_without_a_token_is_broken(vendor, acme):
    """It must not look like the end."""
    vendor.post(LIST, json={"results": [{"id": 1}], "more": True, "next": None})
    with pytest.raises(CursorError, match="does not say where"):
        _read(acme)


def test_rows_of_several_members_are_one_list(vendor, acme):
    """Side-loaded rows follow the list's own; a page may have none."""
    vendor.post(LIST, json={"data": [{"id": 1}], "included": [{"id": 2}]})
    vendor.post(LIST, json={"data": [{"id": 3}]})
    vendor.post(LIST, json={"included": [{"id": 4}]})
    pages = CursorPages(("data", "included"), ("next",))
    ask = acme.session.read
    assert [bytes(r) for r in pages.rows(ask("POST", LIST))[0]] == [b'{"id": 1}', b'{"id": 2}']
    assert [bytes(r) for r in pages.rows(ask("POST", LIST))[0]] == [b'{"id": 3}']
    with pytest.raises(RetryableError, match="without data"):
        pages.rows(ask("POST", LIST))


def test_page_sizes_have_one_place():
    """A declared name, a usual one, or the default; numbers stay numbers."""
    text = Stream(**{**_given(), "params": {"per_page": "500"}})
    assert (text.page_rows, text.in_pages_of(2).params) == (500, {"per_page": "2"})
    assert JOBS.in_pages_of(2).params == {"limit": 2, "archived": False}
    odd = Stream(**{**_given(), "params": {"max": 30, "limit": 7}, "size_param": "max"})
    assert (odd.page_rows, odd.in_pages_of(2).params["max"]) == (30, 2)
    bare = Stream(**_given())
    assert (bare.page_rows, bare.in_pages_of(2, "rows").params) == (100, {"rows": "2"})


def _given():
    return {"name": "x", "path": "/x", "row": Row, "normalize": lambda _: (), "owns": {}}
