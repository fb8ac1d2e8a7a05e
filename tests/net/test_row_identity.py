"""Rows that do not name their parent or have no id of their own, and how parents are named."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import msgspec
import pytest
import responses
from pydantic import BaseModel
from responses import matchers

from atsbridge.errors import DeniedError, FatalError
from atsbridge.net.http_connector import HttpConnector
from atsbridge.net.http_session import HttpSession
from atsbridge.net.pagination import CursorPages
from atsbridge.net.row_identity import identify
from atsbridge.ports.connector import ConnectorSpec
from atsbridge.ports.stream import POSITION, Page, Parent, Stream, join_id, split_id
from atsbridge.timesource import ManualTime

BASE = "https://ats.example"


class Row(msgspec.Struct):
    id: str


def _stream(**more):
    given = {"name": "stays", "path": "/stays", "row": Row, "normalize": lambda _: (), "owns": {}}
    return Stream(**{**given, **more})


def _rows(stream, *pages, parents=("p1",)):
    raw = [[msgspec.Raw(one.encode()) for one in page] for page in pages]
    given = iter([Page(rows, last=rows is raw[-1]) for rows in raw])
    return [json.loads(bytes(r)) for page in identify(stream, given, parents) for r in page.rows]


def test_a_row_is_told_its_parent():
    """Under the declared member, whatever the vendor wrote there."""
    stream = _stream(parent=Parent("apps", param="app", into="applicationId"))
    assert _rows(stream, ['{"id":"1"}', '{"id":"2","applicationId":null}']) == [
        {"id": "1", "applicationId": "p1"},
        {"id": "2", "applicationId": "p1"},
    ]


def test_an_id_is_made_of_members():
    """Parent, nested members and numbers; it comes first, as engines look for it there."""
    stream = _stream(
        parent=Parent("apps", param="app", into="app"), id_from=("app", "stage.id", "at")
    )
    (row,) = _rows(stream, ['{"stage":{"id":7},"at":"10:30","id":"ignored"}'])
    assert row == {"id": "p1:7:10%3A30", "stage": {"id": 7}, "at": "10:30", "app": "p1"}
    assert next(iter(row)) == "id"


@pytest.mark.parametrize(
    "raw", ['{"at":null}', "{}", '{"at":""}', '{"at":[1]}', '{"at":true}', '{"id":"x","at":{}}']
)
def test_a_row_that_lacks_a_part_has_no_id(raw):
    """It proves nothing, and is counted; its own id is not mixed with made ones."""
    assert "id" not in _rows(_stream(id_from=("at",)), [raw])[0]


def test_a_position_goes_on_over_pages():
    """From zero, in the answer for one parent."""
    stream = _stream(parent=Parent("apps", into="app"), id_from=("app", POSITION))
    assert [row["id"] for row in _rows(stream, ["{}", "{}"], ["{}"])] == ["p1:0", "p1:1", "p1:2"]


def test_what_is_no_object_stays_as_it_is():
    """The decoder counts it."""
    stream = _stream(id_from=("at",))
    assert _rows(stream, ["null", "[1]", '"x"', "7"]) == [None, [1], "x", 7]


def test_an_id_under_another_name_and_of_several_kinds():
    """As rows that are side-loaded beside others."""
    stream = _stream(id_from=("type", "uuid"))
    rows = _rows(stream, ['{"type":"job","uuid":1}', '{"type":"user","uuid":1}'])
    assert [row["id"] for row in rows] == ["job:1", "user:1"]


@pytest.mark.parametrize("parts", [["a"], ["a", "b"], ["a:b", "100%"], ["%3A", ":"], ["", "x"]])
def test_ids_of_several_parts_can_be_taken_apart(parts):
    """Whatever is in them."""
    assert split_id(join_id(parts)) == parts


@pytest.fixture
def vendor():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def connect():
    made = []

    def connect(*streams):
        spec = ConnectorSpec(
            name="tiny", title="Tiny", settings=BaseModel, streams=streams, open=lambda *_: None
        )
        session = HttpSession("acme", BASE, time=ManualTime(datetime(2026, 3, 2, tzinfo=UTC)))
        made.append(HttpConnector(spec, "acme", session, CursorPages("items", ("next",))))
        return made[-1]

    yield connect
    for connector in made:
        connector.close()


@pytest.mark.parametrize(
    ("method", "parent", "path", "parents", "asked"),
    [
        ("GET", Parent("a", param="ids", batch=50), "/s", ["1", "2"], ("/s", {"ids": "1,2"})),
        ("POST", Parent("a", param="ids", batch=50), "/s", ["1", "2"], ("/s", {"ids": ["1", "2"]})),
        ("POST", Parent("a", param="id"), "/s", ["1"], ("/s", {"id": "1"})),
        ("POST", Parent("a", param=("j", "c")), "/s", ["1:2"], ("/s", {"j": "1", "c": "2"})),
        ("GET", Parent("a"), "/j/{parent[0]}/c/{parent[1]}", ["1%3A:/2"], ("/j/1%3A/c/%2F2", {})),
        ("GET", Parent("a"), "/a/{parent}/s", ["1:2"], ("/a/1%3A2/s", {})),
    ],
)
def test_parents_are_named_in_query_body_or_path(connect, method, parent, path, parents, asked):
    """One or several, with one part or several."""
    stream = _stream(method=method, parent=parent, path=path)
    request = connect(stream).request_for(stream, None, parents)
    assert (request.path, request.params, request.method) == (*asked, method)


def test_a_parent_with_too_few_parts_is_an_error(connect):
    """Of the connector, said by name."""
    stream = _stream(parent=Parent("a", param=("j", "c")))
    with pytest.raises(FatalError, match="2 parts"):
        connect(stream).request_for(stream, None, ["1"])


def test_a_list_of_ids_is_followed_by_a_request_for_each(connect, vendor):
    """What is no longer there is left out; what is forbidden fails the list."""
    stream = _stream(path="/search", detail="/stays/{id}")
    vendor.get(f"{BASE}/search", json={"items": [{"id": "a/b"}, {"id": 2}, {"no": 1}]})
    vendor.get(f"{BASE}/stays/a%2Fb", json={"id": "a/b", "title": "x"})
    vendor.get(f"{BASE}/stays/2", json={}, status=404)
    rows = [bytes(row) for page in connect(stream).pages(stream) for row in page.rows]
    assert rows == [b'{"id": "a/b", "title": "x"}', b'{"no": 1}']
    vendor.replace("GET", f"{BASE}/stays/2", json={}, status=403)
    with pytest.raises(DeniedError):
        list(connect(stream).pages(stream))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_records_are_read_again_by_id(connect, vendor, method):
    """By the path, or by a member of the body; what is not found is an empty page."""
    path = "/stays/{id}" if method == "GET" else "/stay.info"
    stream = _stream(method=method, single=path, single_param="stayId", owns={"stage_stay": ()})
    if method == "GET":
        vendor.get(f"{BASE}/stays/a%2Fb", json={"id": "a/b"})
        vendor.get(f"{BASE}/stays/2", json={}, status=404)
    else:
        body = [matchers.json_params_matcher({"stayId": one}) for one in ("a/b", "2")]
        vendor.post(f"{BASE}/stay.info", json={"id": "a/b"}, match=body[:1])
        vendor.post(f"{BASE}/stay.info", json={}, status=404, match=body[1:])
    found = list(connect(stream).refresh("stage_stay", ["a/b", "2"]))
    assert [source.name for source, _ in found] == [stream.name] * 2
    assert [[bytes(row) for row in page.rows] for _, page in found] == [[b'{"id": "a/b"}'], []]
    assert list(connect(stream).refresh("user", ["1"])) == [], "cannot be asked for"


def test_doctor_tries_child_lists_with_one_known_parent(connect, vendor):
    """A missing permission for them is found before the first sync; without a parent they wait."""
    apps = _stream(name="apps", path="/apps", scope="Apps: read", id_from=("uuid",))
    stays = _stream(parent=Parent("apps"), path="/apps/{parent}/stays", scope="Stays: read")
    vendor.get(f"{BASE}/apps", json={"items": [{"uuid": "a1"}]})
    vendor.get(f"{BASE}/apps/a1/stays", json={}, status=403)
    bad = [line for line in connect(apps, stays).check() if not line.good]
    assert [line.what for line in bad] == ["read stays"]
    assert "Stays: read" in bad[0].remedy
    vendor.replace("GET", f"{BASE}/apps", json={"items": []})
    assert [line.what for line in connect(apps, stays).check() if not line.good] == []
