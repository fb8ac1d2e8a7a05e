"""The base class of connectors over HTTP, so that most of a connector is data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec

from atsbridge.errors import (
    AuthError,
    CursorError,
    DeniedError,
    FatalError,
    RetryableError,
    SourceError,
    SyncTokenError,
)
from atsbridge.model import Key, Mark, Receipt
from atsbridge.net.fetch_ahead import fetch_ahead
from atsbridge.net.http_session import HttpSession
from atsbridge.net.pagination import NextPage, PageGuard, Paginator, TokenPaginator
from atsbridge.net.preflight import check_connection, is_fatal
from atsbridge.net.response import HttpResponse
from atsbridge.net.row_identity import identify, name_parents
from atsbridge.ports import (
    CheckResult,
    ConnectorSpec,
    Note,
    Page,
    Stream,
    find_size_param,
    split_id,
    with_page_size,
)

SKEW = 900.0  # seconds between our clock and the vendor's beyond which nothing is read
NEAR = 0.025  # seconds: answers that take less are not fetched ahead
TimeWindow = tuple[datetime, datetime]


class ListRequest(NamedTuple):
    """The request of a list's first page.

    `params`: in the query of a GET, the members of the JSON body of a POST.
    """

    path: str
    params: dict[str, Any]
    method: str = "GET"


class HttpConnector:
    """A connector over one `HttpSession`, its lists continued by one `Paginator`.

    Override `request_for` if a list is requested in another way, `refused_cursor` if the vendor
    refuses a page token in another way, and `refresh`, `write_note`, `find_note`, `add_mark`,
    `remove_mark` and `find_mark` if the ATS supports them.
    """

    def __init__(
        self, spec: ConnectorSpec, name: str, session: HttpSession, paginator: Paginator
    ) -> None:
        self.spec = spec
        self.name = name
        self.session = session
        self.paginator = paginator
        self._denied: set[str] = set()  # lists that were forbidden when they were last asked for

    @property
    def requests(self) -> int:
        """How many requests were sent so far."""
        return self.session.requests

    def request_for(
        self, stream: Stream, window: TimeWindow | None, parents: Sequence[str]
    ) -> ListRequest:
        """The request of the first page."""
        path, params = stream.path, dict[str, Any](stream.params)
        if window is not None and stream.incremental is not None and stream.incremental.since:
            params.update(stream.incremental.since(*window))
        params.update(name_parents(stream, parents))
        if parents:
            path = path.replace("{parent}", quote(parents[0], safe=""))
            for place, part in enumerate(split_id(parents[0])):
                path = path.replace(f"{{parent[{place}]}}", quote(part, safe=""))
        return ListRequest(path, params, stream.method)

    def pages(
        self, stream: Stream, *, window: TimeWindow | None = None, parents: Sequence[str] = ()
    ) -> Iterator[Page]:
        """The stream's pages to the last; see `ports.Connector`.

        Once an answer takes noticeable time, a thread fetches two pages ahead. While answers arrive
        at once (loopback), a thread would only compete with its reader for the interpreter.
        """
        answered = self._fetch(stream, self.request_for(stream, window, parents))
        detailed = map(partial(self._detailed, stream), answered) if stream.detail else answered
        fetched = identify(stream, detailed, parents)
        asked = self.session.time.monotonic()
        for page in fetched:
            near = self.session.time.monotonic() - asked < NEAR
            self._trust_clock(stream)
            yield page
            if not near and not page.last:
                yield from fetch_ahead(fetched)
                return
            asked = self.session.time.monotonic()

    def _detailed(self, stream: Stream, page: Page) -> Page:
        """The page with the whole row for each id. What is no longer there is left out."""
        rows: list[Any] = []
        for raw in page.rows:
            try:
                id_ = str(msgspec.json.decode(raw, type=_Listed).id)
            except msgspec.DecodeError:
                rows.append(raw)  # counted as a bad row
                continue
            rows += self._by_id("GET", stream.detail, id_)
        return replace(page, rows=rows)

    def _by_id(self, method: str, path: str, id_: str, param: str = "") -> list[msgspec.Raw]:
        """The row of one record; none if it is not found."""
        asked = {param: id_} if method != "GET" else None
        try:
            path = path.replace("{id}", quote(id_, safe=""))
            return [self.read_one(self.session.read(method, path, asked))]
        except FatalError as error:
            if error.status not in (404, 410):
                raise
            return []

    def read_one(self, answer: HttpResponse) -> msgspec.Raw:
        """The raw row in the answer for one record: all of it by default.

        Override this if the vendor puts it into an envelope.
        """
        return msgspec.Raw(answer.body)

    def _trust_clock(self, stream: Stream) -> None:
        """FatalError if this machine's clock is so wrong that every due instant would be wrong."""
        ahead = self.session.clock_lead or 0.0
        if abs(ahead) > SKEW:
            raise FatalError(
                f"this machine's clock is {abs(ahead) / 60:.0f} minutes"
                f" {'ahead of' if ahead > 0 else 'behind'} the vendor's",
                where=f"{self.name}/{stream.name}",
                remedy="Set the clock (NTP); every due instant hangs on it",
            )

    def _fetch(self, stream: Stream, asked: ListRequest) -> Iterator[Page]:
        progress = PageGuard(self.session.bounds.pages)
        after: NextPage = None
        while True:
            try:
                page, after = self._page(asked, after)
            except DeniedError:
                self._denied.add(stream.name)
                raise
            self._denied.discard(stream.name)
            try:
                progress.check(page.rows, after)
            except FatalError as error:
                error.where = f"{self.name}/{stream.name}"
                raise
            yield page
            if after is None:
                return

    def _page(self, asked: ListRequest, after: NextPage) -> tuple[Page, NextPage]:
        try:
            answer = self._answer(asked, after)
        except SyncTokenError:
            raise  # with a further page too: another reading with this token would end the same way
        except FatalError as error:
            if after is None or not self.refused_cursor(error):
                raise
            refused = CursorError(f"refused its own page token: {error.what}", where=error.where)
            raise refused from None
        try:
            rows, following = self.paginator.rows(answer)
            last = following is None
            return Page(rows, last, token=self._read_sync_token(answer) if last else ""), following
        except SourceError as error:
            error.where = error.where or self.session.redact(f"{self.name}: {answer.url}")
            raise

    def _answer(self, asked: ListRequest, after: NextPage) -> HttpResponse:
        if not isinstance(after, str):
            params = {**asked.params, **(after or {})}
            return self.session.read(asked.method, asked.path, params)
        own = asked.method != "GET"  # the address of a GET has all parameters in it
        return self.session.read(asked.method, after, asked.params if own else None)

    def _read_sync_token(self, answer: HttpResponse) -> str:
        pages = self.paginator
        return pages.sync_token(answer) if isinstance(pages, TokenPaginator) else ""

    def refused_cursor(self, error: FatalError) -> bool:
        """Whether a refusal of a further page means that its token is no longer valid."""
        return error.status in (400, 404, 410, 422)

    def is_denied(self, stream: Stream) -> bool:
        """Whether the list was forbidden when it was last asked for.

        What it supplies is unknown then, and `refresh` may leave it out: it costs a record nothing
        but that.
        """
        return stream.name in self._denied

    def check(self) -> Iterator[CheckResult]:
        """Host, TLS, clock, credential, acting user, then one row of each list.

        A list that is read by parents is asked for the children of one of them, if there is one.
        Ends where nothing further can work.
        """
        greet = True
        known: dict[str, str] = {}  # stream -> the id of one of its rows
        for stream in self.spec.streams:
            if stream.parent is not None and stream.parent.stream not in known:
                continue  # no parent to ask for
            parents = () if stream.parent is None else (known[stream.parent.stream],)
            line, error, sample = self._tried(stream, parents)
            if sample:
                known[stream.name] = sample
            if greet:
                greet, lines = False, check_connection(self.session, error)
                yield from lines
                if is_fatal(lines):
                    return
                yield from self.check_identity()
            yield line
            if isinstance(error, AuthError | RetryableError):
                return

    def check_identity(self) -> Iterator[CheckResult]:
        """For `doctor`: the user that the credential acts as. None by default."""
        return iter(())

    def _tried(
        self, stream: Stream, parents: Sequence[str]
    ) -> tuple[CheckResult, SourceError | None, str]:
        """The result of reading one row of a list, for `doctor`: line, error, the row's id."""
        what = f"read {stream.name}"
        asked = self.request_for(stream, None, parents)
        name = find_size_param(asked.params, stream.size_param)
        asked = asked._replace(params=with_page_size(asked.params, name, 1))
        try:
            page, _ = self._page(asked, None)
        except DeniedError as error:
            remedy = f"Permission needed: {stream.scope or stream.name}. {self.session.remedy}"
            return CheckResult(what, False, error.what, remedy, stream=stream.name), error, ""
        except SourceError as error:
            line = CheckResult(what, False, error.what, error.remedy, stream=stream.name)
            return line, error, ""
        return CheckResult(what, good=True, stream=stream.name), None, _sample(stream, page)

    def refresh(self, kind: str, ids: Sequence[str]) -> Iterator[tuple[Stream, Page]]:
        """The records by id, if their list can be asked so (`Stream.single`), and nothing else.

        Override this if more depends on such a record.
        """
        for stream in self.spec.streams:
            if stream.single and next(iter(stream.owns), "") == kind:
                for one in ids:
                    rows = self._by_id(stream.method, stream.single, one, stream.single_param)
                    for page in identify(stream, iter([Page(rows, last=True)]), ()):
                        yield stream, page

    def write_note(self, note: Note) -> Receipt:
        """FatalError: this connector writes no notes."""
        raise FatalError(
            f"connector {self.spec.name} cannot write notes",
            where=str(note.subject),
            remedy=f'Take "application_note" out of write of account {self.name}',
        )

    def find_note(self, note: Note) -> Receipt | None:
        """None: this connector writes no notes."""
        del note
        return None

    def add_mark(self, record: Key, mark: Mark) -> Receipt:
        """FatalError: this connector adds no tags or field values."""
        raise self._cannot(record, mark)

    def remove_mark(self, record: Key, mark: Mark) -> Receipt:
        """FatalError: this connector removes no tags or field values."""
        raise self._cannot(record, mark)

    def find_mark(self, record: Key, mark: Mark) -> Receipt | None:
        """None: this connector reads no tags or field values."""
        del record, mark
        return None

    def check_write(self, capability: str) -> CheckResult:
        """Whether the credential may write shows only when something is written."""
        return CheckResult(f"write {capability}", good=True, detail="shows only once it is written")

    def check_visibility(self, stream: Stream) -> CheckResult:
        """Most vendors do not say what a credential may see."""
        detail = "this ATS does not tell what a credential may see"
        return CheckResult(f"see all of {stream.name}", good=False, detail=detail)

    def _cannot(self, record: Key, mark: Mark) -> FatalError:
        return FatalError(
            f"connector {self.spec.name} cannot write {mark.capability}",
            where=str(record),
            remedy=f'Take "{mark.capability}" out of write of account {self.name}',
        )

    def close(self) -> None:
        """Close the connections."""
        self.session.close()


class _Listed(msgspec.Struct):
    id: int | str


def _sample(stream: Stream, page: Page) -> str:
    """The id of the first row that has one; "" if none has."""
    for whole in identify(stream, iter([page]), ("",)):
        for raw in whole.rows:
            with suppress(msgspec.DecodeError):
                return str(msgspec.json.decode(raw, type=_Listed).id)
    return ""
