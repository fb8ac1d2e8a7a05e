"""A hostile fake across pages: what one page does to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from atsbridge.sandbox.company.fake_company import Company
from atsbridge.sandbox.http.fake_server import Fake, FakeServer, Request
from atsbridge.sandbox.http.hostile_responses import SMALL, TRICKS, hostile
from atsbridge.sandbox.http.simple_fake import render_page
from atsbridge.timesource import ManualTime

ROWS = [{"id": n, "name": f"row {n}", "updated_at": ""} for n in range(45)]
IDS = list(range(45))
CUT = int(SMALL)


@pytest.fixture
def pages() -> Iterator[Callable[[str], list[list[Any]]]]:
    """All pages of a list of 45 rows, asked for in one page of 100, under a trick."""
    company = Company(1, applications=1, requisitions=1)
    server = FakeServer(lambda asked: render_page(asked, ROWS), time=ManualTime(company.now))

    def pages(name: str) -> list[list[Any]]:
        trick = next(trick for trick in TRICKS if trick.name == name)
        found: list[list[Any]] = []
        query = {"limit": ["100"]}
        with hostile(Fake(server, {}, company), trick) as played:
            while len(found) < 9:
                body = server.app(Request("GET", "/rows", query, {})).body
                found.append(body["items"])
                if body["next"] is None:
                    break
                query = {"limit": ["100"], "cursor": [body["next"]]}
        assert played["/rows"] == len(found) - 1 == 2
        return found

    with server:
        yield pages


def _ids(rows: list[Any]) -> list[int]:
    return [row["id"] for row in rows]


def test_a_row_comes_again_on_the_next_page(pages: Callable[[str], list[list[Any]]]) -> None:
    """The last of a page is also the first of the page after it."""
    first, second, third = map(_ids, pages("a row again on the next page"))
    assert first == IDS[:CUT]
    assert second == IDS[CUT - 1 : 2 * CUT]
    assert third == IDS[2 * CUT - 1 :]


def test_a_row_vanishes_between_pages(pages: Callable[[str], list[list[Any]]]) -> None:
    """Every page after the first begins a row late."""
    first, second, third = map(_ids, pages("a row missing between two pages"))
    assert first == IDS[:CUT]
    assert second == IDS[CUT + 1 : 2 * CUT]
    assert third == IDS[2 * CUT + 1 :]


def test_a_page_is_all_nulls(pages: Callable[[str], list[list[Any]]]) -> None:
    """Nothing but ids is left of the rows of a later page; the first is as it was."""
    first, second, third = pages("a page of nulls")
    assert first == ROWS[:CUT]
    assert second + third == [{"id": n, "name": None, "updated_at": None} for n in IDS[CUT:]]
