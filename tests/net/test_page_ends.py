"""A list ends only where the vendor says so: half a list would be taken for the whole."""

from __future__ import annotations

import pytest

from atsbridge.errors import CursorError
from atsbridge.net.pagination import CursorPages, LinkHeaderPages, OffsetPages
from atsbridge.net.response import HttpResponse

BASE = "https://ats.example/v3"


def _answer(body, headers=()):
    return HttpResponse(200, dict(headers), body, f"{BASE}/jobs")


@pytest.mark.parametrize(
    ("link", "after"),
    [
        (f"<{BASE}/b>;REL=NEXT", f"{BASE}/b"),
        (f'<{BASE}/b>; rel="last Next"', f"{BASE}/b"),
        (f'<{BASE}/b>; title="a, <b>; rel=prev"; rel="next"', f"{BASE}/b"),
        (f'<{BASE}/b?x=1,2;y=3>; rel="next"', f"{BASE}/b?x=1,2;y=3"),
        (f"<{BASE}/b> ; rel = 'next'", f"{BASE}/b"),
        (f'<{BASE}/b>; rel="nextish"', None),
        (f'<{BASE}/b>; title="next"', None),
    ],
)
def test_a_link_header_may_be_written_in_any_way_of_its_standard(link, after):
    """RFC 8288."""
    assert LinkHeaderPages().rows(_answer(b"[]", {"Link": link})) == ([], after)


@pytest.mark.parametrize("link", ["next", f"{BASE}/b; rel=next", f"<{BASE}/b"])
def test_a_link_header_that_cannot_be_read_is_not_the_end(link):
    with pytest.raises(CursorError):
        LinkHeaderPages().rows(_answer(b"[]", {"Link": link}))


@pytest.mark.parametrize("body", [b'{"data":[],"hasNext":false,"next":"x"}', b'{"data":[]}'])
def test_a_list_ends_where_has_next_is_false_or_nothing_follows(body):
    assert OffsetPages().rows(_answer(body)) == ([], None)


def test_a_next_page_is_read_though_has_next_is_missing():
    """Half a list would be taken for the whole."""
    assert OffsetPages().rows(_answer(b'{"data":[],"next":"x"}')) == ([], {"offset": "x"})


@pytest.mark.parametrize("flag", [b'"true"', b"1", b"[]"])
def test_a_flag_of_another_type_is_not_the_end(flag):
    with pytest.raises(CursorError):
        OffsetPages().rows(_answer(b'{"data":[],"hasNext":' + flag + b"}"))
    pages = CursorPages("items", ("next",), more=("more",))
    with pytest.raises(CursorError):
        pages.rows(_answer(b'{"items":[],"more":' + flag + b"}"))
