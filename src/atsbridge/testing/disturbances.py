"""Ways in which a fake disturbs one list of an ATS while all other lists are fine."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from atsbridge.ports import PAGE_SIZE_PARAMS
from atsbridge.sandbox import FURTHER, Fake, Request, Response, is_further, shift_ids
from atsbridge.testing.connector_world import FEW, path_pattern

_MORE = {"hasNext", "moreDataAvailable", "has_more"}  # flags that say that a page follows


@dataclass(frozen=True, slots=True)
class Disturbance:
    """How the answers for one list are changed.

    `bend`: of the rows of a page. `status`: the answer in place of every page; with `late`, of
    every page but the first. `again`: every further page is answered like the first. `empty`,
    `leaves_out`: all rows are missing, or some. `unreadable`: no row has an id.
    """

    name: str
    bend: Callable[[list[Any]], list[Any]] | None = None
    status: int = 0
    late: bool = False
    again: bool = False
    empty: bool = False
    leaves_out: bool = False
    unreadable: bool = False

    @property
    def refused(self) -> bool:
        """Whether the list returns no answer at all, so that ops must be notified."""
        return bool(self.status) and not self.late


def _without_every_third(rows: list[Any]) -> list[Any]:
    return [row for place, row in enumerate(rows) if place % 3]


def _of_another_vendor(rows: list[Any]) -> list[Any]:
    return [
        {"uuid": f"u{place}", "type": "record", "attributes": {"label": "?"}}
        for place, _ in enumerate(rows)
    ]


def _of_another_account(rows: list[Any]) -> list[Any]:
    return [shift_ids(row) for row in rows]


DISTURBANCES = (
    Disturbance("an empty 200", bend=lambda _: [], empty=True),
    Disturbance("a 403", status=403),
    Disturbance("a 404", status=404),
    Disturbance("half the pages, then a 500", status=500, late=True),
    Disturbance("a repeated page", again=True),
    Disturbance("rows missing", bend=_without_every_third, leaves_out=True),
    Disturbance("rows of another vendor's shape", bend=_of_another_vendor, unreadable=True),
    Disturbance("rows of another account", bend=_of_another_account),
)


@contextmanager
def disturbed(
    fake: Fake, paths: Sequence[str], how: Disturbance, *, method: str = "GET"
) -> Iterator[Counter[str]]:
    """Disturb the list at these paths of the fake; yield path -> number of requests.

    `method`: by which the list is read.
    """
    app = fake.server.app
    path = re.compile("|".join(map(path_pattern, paths)))
    played: Counter[str] = Counter()
    first: dict[Any, Response] = {}

    def answer(request: Request) -> Response:
        if request.method != method or not path.search(request.path):
            return app(request)
        further = is_further(request)
        if how.status and (further or not how.late):
            played[request.path] += 1
            return Response(how.status, {"message": "no"})
        if how.late or how.again:
            played[request.path] += further
            response = app(_small(request))
            return (
                first.setdefault(_list_of(request), response) if how.again and further else response
            )
        response = app(request)
        if how.bend is None or response.status != 200:
            return response
        played[request.path] += 1
        return _bent(response, how.bend, last=how.empty)

    fake.server.app = answer
    try:
        yield played
    finally:
        fake.server.app = app


def _list_of(request: Request) -> tuple[str, str]:
    """What tells one list from another, whichever page of it is asked for.

    The children of two parents may be asked for at one path, with the parent in the body.
    """
    paging = {*FURTHER, *PAGE_SIZE_PARAMS}
    asked = {name: one for name, one in request.arguments.items() if name not in paging}
    return request.path, json.dumps(asked, sort_keys=True, default=str)


def _small(request: Request) -> Request:
    return request.changed(dict.fromkeys(PAGE_SIZE_PARAMS, FEW))


def _bent(response: Response, bend: Callable[[list[Any]], list[Any]], *, last: bool) -> Response:
    """The answer with changed rows. `last`: without a next page."""
    body = json.loads(response.body) if isinstance(response.body, bytes) else response.body
    headers = {k: v for k, v in response.headers.items() if not last or k.lower() != "link"}
    if isinstance(body, list):
        return Response(200, bend(body), headers)
    if isinstance(body, dict):
        body = {k: _rows_bent(v, bend) for k, v in body.items() if not last or k not in FURTHER}
        body |= dict.fromkeys(_MORE & body.keys(), False) if last else {}
    return Response(200, body, headers)


def _rows_bent(value: Any, bend: Callable[[list[Any]], list[Any]]) -> Any:
    if isinstance(value, list):
        return bend(value)
    if isinstance(value, dict):  # lists that come in one block without pages
        return {key: _rows_bent(one, bend) for key, one in value.items()}
    return value
