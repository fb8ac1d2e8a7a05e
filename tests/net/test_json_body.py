"""What one row of an answer does wrong costs that row alone, and no answer is slow to read."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atsbridge.errors import CursorError, RetryableError
from atsbridge.net.json_body import MAX_DEPTH, UNREADABLE, clean_json, members, rows
from atsbridge.net.pagination import CursorPages, LinkHeaderPages, OffsetPages
from atsbridge.net.response import HttpResponse

DEEP = b"[" * 100_000 + b"]" * 100_000
NESTED = b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1)
BAD = {  # a member of one row, as it came
    "a number that is none": b"NaN",
    "infinity": b"-Infinity",
    "a word that is no JSON": b"undefined",
    "an escape that is none": rb'"\x41"',
    "lists without an end": DEEP,
    "blocks within blocks": NESTED,
    "a line break in a text": b'"a\nb"',
}
MENDED = {  # a member of one row, and what is read of it
    "half a pair": (rb'"a\ud800b"', "a\ufffdb"),
    "the other half": (rb'"\udc00"', "\ufffd"),
    "two first halves and a second": (rb'"\ud83d\ud83d\ude00"', "\ufffd😀"),
    "a whole pair and half of one": (rb'"\ud83d\ude00\ude00"', "😀\ufffd"),
    "NUL": (rb'"a\u0000b"', "a\ufffdb"),
    "bytes that are no UTF-8": (b'"a\xff\xfeb"', "a\ufffd\ufffdb"),
    "half a pair as bytes": (b'"\xed\xa0\x80"', "\ufffd\ufffd\ufffd"),
    "a control character": (b'"a\x01b"', "a b"),
    "a backslash before what looks like half a pair": (rb'"\\ud800"', "\\ud800"),
}


def page(value):
    return b'[{"id":1,"a":"one"},{"id":2,"z":' + value + b'},{"id":3,"a":"caf\xc3\xa9 [}"}]'


def answer(body, headers=None):
    return HttpResponse(200, headers or {}, clean_json(body), "https://ats.example/jobs")


def read(found):
    return [msgspec.json.decode(raw) for raw in found]


@pytest.mark.parametrize("why", BAD)
def test_a_row_that_is_no_json_costs_itself(why):
    """In a bare list, and in the data of an envelope."""
    envelope = b'{"hasNext":false,"data":' + page(BAD[why]) + b"}"
    for found in (
        LinkHeaderPages().rows(answer(page(BAD[why])))[0],
        OffsetPages().rows(answer(envelope))[0],
        CursorPages("data", ["next"]).rows(answer(envelope))[0],
    ):
        assert bytes(found[1]) == bytes(UNREADABLE)
        assert read([found[0], found[2]]) == [{"id": 1, "a": "one"}, {"id": 3, "a": "café [}"}]


@pytest.mark.parametrize("why", MENDED)
def test_text_that_no_database_holds_costs_its_characters(why):
    """Of the row everything else is there, whether or not anybody reads that member."""
    sent, held = MENDED[why]
    found = read(LinkHeaderPages().rows(answer(page(sent)))[0])
    assert found == [{"id": 1, "a": "one"}, {"id": 2, "z": held}, {"id": 3, "a": "café [}"}]


def test_a_good_answer_is_left_byte_for_byte():
    """Escapes, emoji and white space included."""
    body = json.dumps([{"id": 1, "t": '😀 é \\ud800 " ] }'}, {"id": 2}], indent=1).encode()
    assert clean_json(body) == body
    assert read(rows(body)) == json.loads(body)
    assert all(bytes(raw) in body for raw in rows(body))


def test_a_byte_order_mark_is_no_part_of_an_answer():
    """Of either kind of page; text that begins with such a mark keeps it."""
    text = "\ufeffé"
    assert read(rows(clean_json(json.dumps([text]).encode("utf-8-sig")))) == [text]
    found = members(clean_json(b'\xef\xbb\xbf{"data":[]}'))
    assert {name: bytes(value) for name, value in found.items()} == {"data": b"[]"}


@pytest.mark.parametrize(
    "body", [b"", b"[", b'[{"id":1}', b"[1],[2", b'{"data":[', b"nonsense", b"[1][NaN]", b"{NaN}"]
)
def test_an_answer_that_is_no_whole_list_is_asked_for_again(body):
    """Half of it would look like all there is."""
    for way in (LinkHeaderPages(), OffsetPages(), CursorPages("data", ["next"])):
        with pytest.raises(RetryableError):
            way.rows(answer(body))


def test_an_envelope_whose_token_cannot_be_read_is_begun_anew():
    with pytest.raises(CursorError):
        OffsetPages().rows(answer(b'{"data":[],"hasNext":true,"next":NaN}'))


def test_members_of_a_bad_envelope_are_told_apart():
    """By name, also where a value holds commas, colons and brackets in its texts."""
    found = members(b'{"a" : {"x":"},:["}, "b":NaN, "c":[1,{"d":2}]}')
    assert {name: bytes(raw) for name, raw in found.items()} == {
        "a": b'{"x":"},:["}',
        "b": b"NaN",
        "c": b'[1,{"d":2}]',
    }


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.recursive(
            st.none() | st.integers() | st.text(st.characters(), max_size=12),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.text(max_size=5), inner, max_size=3)
            ),
            max_leaves=8,
        ),
        max_size=6,
    ),
    st.sampled_from([b"NaN", b"undefined", b'"\x01', DEEP[:2000] + DEEP[-2000:]]),
    st.integers(0, 6),
)
def test_the_other_rows_of_any_page_survive(good, bad, place):
    """Whatever else is in them, and wherever the bad one stands."""
    sent = [json.dumps(row).encode() for row in good]
    whole = read(rows(clean_json(b"[" + b",".join(sent) + b"]")))
    if bad != b'"\x01':
        sent.insert(place, b'{"id":7,"a":' + bad + b"}")
        found = rows(clean_json(b"[" + b",".join(sent) + b"]"))
        assert len(found) == len(good) + 1
        del found[min(place, len(good))]
        assert read(found) == whole
    for row in whole:
        json.dumps(row, ensure_ascii=False).encode()
