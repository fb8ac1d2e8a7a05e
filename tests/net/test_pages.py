"""Lists over pages: where the next one is, that none comes twice, that it is fetched ahead."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import responses
from pydantic import BaseModel

from atsbridge.errors import CursorError, DeniedError, FatalError, RetryableError
from atsbridge.model.record import Key
from atsbridge.net.http_connector import HttpConnector
from atsbridge.net.http_session import HttpSession
from atsbridge.net.pagination import CursorPages, LinkHeaderPages, OffsetPages
from atsbridge.net.response import HttpResponse
from atsbridge.ports.connector import ConnectorSpec, Note
from atsbridge.ports.stream import Incremental, Parent, Stream
from atsbridge.timesource import FixedNow, ManualTime

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BASE = "https://ats.example/v3"


class Row(msgspec.Struct):
    id: int


def _stream(**more):
    given = {"name": "jobs", "path": "/jobs", "row": Row, "normalize": lambda _: (), "owns": {}}
    return Stream(**{**given, **more})


@pytest.fixture
def time():
    return ManualTime(NOW)


@pytest.fixture
def vendor():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def connect(time):
    made = []

    def connect(paginator, *streams, clock=time):
        spec = ConnectorSpec(
            name="tiny", title="Tiny", settings=BaseModel, streams=streams, open=lambda *_: None
        )
        made.append(HttpConnector(spec, "acme", HttpSession("acme", BASE, time=clock), paginator))
        return made[-1]

    yield connect
    for connector in made:
        connector.close()


def _answer(body, headers=(), url=f"{BASE}/jobs?per_page=2"):
    return HttpResponse(200, dict(headers), body, url)


def _link(url):
    return {"Link": f'<{url}>; rel="next"'}


@pytest.mark.parametrize(
    ("link", "after"),
    [
        ("", None),
        ('<https://ats.example/v3/jobs?cursor=a%2Cb>; rel="next"', f"{BASE}/jobs?cursor=a%2Cb"),
        (f'<{BASE}/jobs?cursor=0>; rel="prev"', None),
        (f'<{BASE}/a>; rel="prev", <{BASE}/b>; rel="next"', f"{BASE}/b"),
        ('</v3/jobs?cursor=z>; rel="next"', f"{BASE}/jobs?cursor=z"),
    ],
)
def test_a_link_header_leads_on(link, after):
    """Only rel=next counts; a relative address stands beside the one asked."""
    rows, follows = LinkHeaderPages().rows(_answer(b'[{"id":1}, {"id" : 2}]', {"Link": link}))
    assert [bytes(row) for row in rows] == [b'{"id":1}', b'{"id" : 2}']
    assert follows == after


def test_an_offset_token_goes_back_as_it_came():
    """Lever's token is percent-encoded already and must not be unquoted."""
    body = b'{"data":[{"id":1}],"hasNext":true,"next":"%5B1%2C%22a%22%5D"}'
    rows, follows = OffsetPages().rows(_answer(body))
    assert (len(rows), follows) == (1, {"offset": "%5B1%2C%22a%22%5D"})


def test_has_next_without_next_is_a_broken_page():
    """It is not the end: the window begins again."""
    with pytest.raises(CursorError):
        OffsetPages().rows(_answer(b'{"data":[],"hasNext":true}'))


@pytest.mark.parametrize(
    ("body", "follows"),
    [
        (b'{"items":[1],"meta":{"next_cursor":"c2"}}', {"cursor": "c2"}),
        (b'{"items":[1],"meta":{"next_cursor":17}}', {"cursor": "17"}),
        (b'{"items":[1],"meta":{"next_cursor":""}}', None),
        (b'{"items":[1],"meta":{"next_cursor":null}}', None),
        (b'{"items":[1],"meta":null}', None),
        (b'{"items":[1]}', None),
    ],
)
def test_a_cursor_may_lie_within(body, follows):
    """Text or number, absent or empty at the end."""
    assert CursorPages("items", ("meta", "next_cursor")).rows(_answer(body))[1] == follows


@pytest.mark.parametrize(
    "paginator", [LinkHeaderPages(), OffsetPages(), CursorPages("items", ("next",))]
)
@pytest.mark.parametrize("body", [b"", b"null", b'"x"', b'[{"id":1', b'{"items":1', b"{}"])
def test_what_is_no_list_is_worth_another_try(paginator, body):
    """A body of another shape is never an empty list."""
    with pytest.raises(RetryableError):
        paginator.rows(_answer(body))


def test_the_first_request_has_the_parameters_and_the_next_only_its_cursor(vendor, connect):
    """Greenhouse refuses a cursor in company."""
    connector = connect(LinkHeaderPages())
    vendor.get(f"{BASE}/jobs", json=[1], headers=_link(f"{BASE}/jobs?cursor=c"))
    vendor.get(f"{BASE}/jobs?cursor=c", json=[2])
    stream = _stream(
        params={"per_page": "500"},
        incremental=Incremental(since=lambda a, b: {"updated_at": f"gte|{a.year}"}),
    )
    pages = list(connector.pages(stream, window=(NOW, NOW)))
    assert [page.last for page in pages] == [False, True]
    assert [call.request.params for call in vendor.calls] == [
        {"per_page": "500", "updated_at": "gte|2026"},
        {"cursor": "c"},
    ]
    assert connector.requests == 2


def test_an_offset_goes_beside_the_parameters(vendor, connect):
    """Lever wants the filters with every page, and its token encoded once more."""
    connector = connect(OffsetPages())
    vendor.get(f"{BASE}/jobs", json={"data": [1], "hasNext": True, "next": "%5B1%5D"})
    vendor.get(f"{BASE}/jobs", json={"data": [2], "hasNext": False})
    list(connector.pages(_stream(params={"limit": "100"})))
    assert vendor.calls[1].request.url == f"{BASE}/jobs?limit=100&offset=%255B1%255D"


def test_a_next_page_that_came_before_is_refused(vendor, connect):
    """A list that leads in a circle would never end."""
    vendor.get(f"{BASE}/jobs", json=[1], headers=_link(f"{BASE}/jobs?cursor=c"))
    with pytest.raises(CursorError, match="twice"):
        list(connect(LinkHeaderPages()).pages(_stream()))
    assert len(vendor.calls) == 2


@pytest.mark.parametrize("status", [400, 422])
def test_a_refused_cursor_is_told_from_a_refused_request(vendor, connect, status):
    """With a cursor the window starts again; without one the request is wrong."""
    connector = connect(LinkHeaderPages())
    vendor.get(f"{BASE}/jobs", json=[1], headers=_link(f"{BASE}/jobs?cursor=c"))
    vendor.get(f"{BASE}/jobs?cursor=c", status=status)
    with pytest.raises(CursorError):
        list(connector.pages(_stream()))
    vendor.reset()
    vendor.get(f"{BASE}/jobs", status=status)
    with pytest.raises(FatalError) as caught:
        list(connector.pages(_stream()))
    assert not isinstance(caught.value, CursorError)


def test_a_next_page_on_another_host_is_refused(vendor, connect):
    """A hostile link gets no request, so no credential."""
    vendor.get(f"{BASE}/jobs", json=[1], headers=_link("https://evil.example/jobs?cursor=c"))
    with pytest.raises(FatalError, match="nothing was sent there"):
        list(connect(LinkHeaderPages()).pages(_stream()))
    assert len(vendor.calls) == 1


def test_children_are_asked_for_by_parameter_or_by_path(vendor, connect):
    """Up to a batch of ids in one parameter, or one parent in the path, quoted."""
    connector = connect(LinkHeaderPages())
    vendor.get(f"{BASE}/jobs", json=[])
    vendor.get(f"{BASE}/jobs/a%2Fb/seats", json=[])
    many = _stream(parent=Parent("x", param="x_ids", batch=50))
    list(connector.pages(many, parents=["1", "2"]))
    list(connector.pages(_stream(path="/jobs/{parent}/seats", parent=Parent("x")), parents=["a/b"]))
    assert vendor.calls[0].request.params == {"x_ids": "1,2"}
    assert len(vendor.calls) == 2


def _slow_list(vendor, time, count, gate=None):
    """Pages that take 50 ms each; `gate` is called with the number of each."""

    def page(request):
        number = int(request.params.get("cursor", 0))
        time.advance(timedelta(seconds=0.05))
        if gate:
            gate(number)
        more = number + 1 < count
        return 200, _link(f"{BASE}/jobs?cursor={number + 1}") if more else {}, f"[{number}]"

    vendor.add_callback(responses.GET, f"{BASE}/jobs", page)


def test_two_pages_are_fetched_ahead_of_a_slow_vendor(vendor, connect, time):
    """While the reader is busy with one page, the thread has two more and waits with a third."""
    fetched = threading.Semaphore(0)
    _slow_list(vendor, time, 9, lambda _: fetched.release())
    pages = connect(LinkHeaderPages()).pages(_stream())
    first = next(pages)
    second = next(pages)
    for _ in range(5):  # the two read, two in the queue, one in hand
        assert fetched.acquire(timeout=30)
    assert not fetched.acquire(timeout=0.1)
    rest = list(pages)
    rows = [bytes(row) for page in (first, second, *rest) for row in page.rows]
    assert rows == [b"%d" % n for n in range(9)]


def test_leaving_early_ends_the_thread(vendor, connect, time):
    """Whoever stops reading leaves no thread behind."""
    _slow_list(vendor, time, 50)
    pages = connect(LinkHeaderPages()).pages(_stream())
    next(pages)
    next(pages)
    pages.close()
    assert not [t for t in threading.enumerate() if t.name == "atsbridge-fetch"]
    assert len(vendor.calls) < 10


def test_a_fault_ahead_comes_to_the_reader_in_its_place(vendor, connect, time):
    """The pages before it are read first."""

    def gate(number):
        if number == 3:
            raise KeyError("fault")

    _slow_list(vendor, time, 9, gate)
    read = []
    with pytest.raises(KeyError):
        read.extend(page.rows for page in _each(connect(LinkHeaderPages()).pages(_stream()), read))
    assert len(read) == 3


def _each(pages, read):
    for page in pages:
        read.append(page)
    yield from ()


def test_pages_that_come_at_once_need_no_thread(vendor, connect):
    """On loopback a second thread only fights for the interpreter."""
    vendor.get(f"{BASE}/jobs", json=[1], headers=_link(f"{BASE}/jobs?cursor=c"))
    vendor.get(f"{BASE}/jobs?cursor=c", json=[2])
    pages = connect(LinkHeaderPages()).pages(_stream())
    next(pages)
    assert len(vendor.calls) == 1
    next(pages)
    assert not [t for t in threading.enumerate() if t.name == "atsbridge-fetch"]
    pages.close()


@pytest.mark.parametrize(("hours", "word"), [(-1, "ahead of"), (1, "behind")])
def test_a_clock_an_hour_off_is_told_and_nothing_is_read(vendor, connect, hours, word):
    """Every due instant would be wrong: better to stop with one sentence."""
    theirs = NOW + timedelta(hours=hours)
    date = theirs.strftime("%a, %d %b %Y %H:%M:%S GMT")
    vendor.get(f"{BASE}/jobs", json=[1], headers={"Date": date})
    with pytest.raises(FatalError, match=f"60 minutes {word} the vendor's") as caught:
        next(connect(LinkHeaderPages()).pages(_stream()))
    assert "acme/jobs" in str(caught.value)
    assert "NTP" in caught.value.remedy


def test_a_fixed_now_is_no_wrong_clock(vendor, connect, time):
    """Under `--now` the vendor's date says nothing about this machine's clock."""
    vendor.get(f"{BASE}/jobs", json=[1], headers={"Date": "Mon, 02 Mar 2026 09:00:00 GMT"})
    clock = FixedNow(NOW - timedelta(days=30), time)
    assert next(connect(LinkHeaderPages(), clock=clock).pages(_stream())).last


def test_check_asks_each_list_once_and_names_the_missing_permission(vendor, connect):
    """A 403 is told with its scope and the next list is tried."""
    connector = connect(
        LinkHeaderPages(), _stream(scope="jobs:read"), _stream(name="users", path="/users")
    )
    vendor.get(f"{BASE}/jobs", status=403)
    vendor.get(f"{BASE}/users", json=[])
    *greeting, first, second = connector.check()
    assert [(line.what, line.good) for line in greeting] == [
        ("host", True),
        ("TLS", True),
        ("clock", True),
        ("credential", True),
    ]
    assert (first.what, first.good) == ("read jobs", False)
    assert first.remedy.startswith("Permission needed: jobs:read. ")
    assert (second.what, second.good) == ("read users", True)


def test_check_ends_where_nothing_further_can_work(vendor, connect):
    """A refused credential is told once, not once per list."""
    connector = connect(LinkHeaderPages(), _stream(), _stream(name="users", path="/users"))
    vendor.get(f"{BASE}/jobs", status=401)
    *greeting, last = connector.check()
    assert all(line.good for line in greeting)
    assert (last.what, last.good, bool(last.remedy)) == ("credential", False, True)


def test_a_connector_that_writes_no_notes_says_so(connect):
    """The account's setting is named."""
    connector = connect(LinkHeaderPages())
    note = Note(Key("acme", "application", "1"), "text", "k")
    with pytest.raises(FatalError, match="cannot write notes"):
        connector.write_note(note)
    assert connector.find_note(note) is None
    assert list(connector.refresh("application", ["1"])) == []


def test_a_denied_list_is_denied(vendor, connect):
    """The error passes through pages() as it is."""
    vendor.get(f"{BASE}/jobs", status=403)
    with pytest.raises(DeniedError):
        list(connect(LinkHeaderPages()).pages(_stream()))
