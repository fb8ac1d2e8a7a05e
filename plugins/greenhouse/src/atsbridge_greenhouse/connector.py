"""The connector of one account: its session, and reading and writing beyond plain lists."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

import msgspec

from atsbridge.api import (
    ApiCredential,
    CheckResult,
    ClientCredentials,
    ConnectorSpec,
    DeniedError,
    ExpiringCache,
    FatalError,
    FixedWindow,
    Guess,
    HttpConnector,
    HttpSession,
    Key,
    LinkHeaderPages,
    ListRequest,
    Mark,
    Note,
    OAuthClient,
    Page,
    Receipt,
    SessionOptions,
    SourceError,
    Stream,
    Tools,
    describe_guesses,
    guess_stage_kind,
)
from atsbridge_greenhouse import notes, pipeline, problems
from atsbridge_greenhouse.doctor import Doctor
from atsbridge_greenhouse.field_writer import FieldWriter
from atsbridge_greenhouse.grouped_reader import GroupedReader, Window
from atsbridge_greenhouse.links import Links, Named
from atsbridge_greenhouse.lookups import chunks, read
from atsbridge_greenhouse.mapped_fields import MappedFields, mapped
from atsbridge_greenhouse.refreshing import PLANS, Step
from atsbridge_greenhouse.running_applications import RunningApplications
from atsbridge_greenhouse.settings import GreenhouseSettings
from atsbridge_greenhouse.tag_reader import TagReader
from atsbridge_greenhouse.tags import STREAM as TAGS
from atsbridge_greenhouse.tags import patterns
from atsbridge_greenhouse.values import Row, ident, text

# The limit is not published and differs between tenants. 50 requests in 30 seconds are known to be
# safe; the X-RateLimit headers of the first answer give the real limit.
LIMIT, SECONDS = 50, 30.0
# Then lists that complete others are read again. A process may live for weeks; a run is shorter.
_BELIEVED = timedelta(minutes=10)
_Found = TypeVar("_Found")


class _OtherLists(NamedTuple):
    """What was read of lists that complete the rows of others."""

    links: Links
    choices: MappedFields


class Greenhouse(HttpConnector):
    """Harvest v3 for one account."""

    def __init__(self, spec: ConnectorSpec, settings: GreenhouseSettings, tools: Tools) -> None:
        secret = settings.client_secret.get_secret_value()
        self._token = ClientCredentials(
            tools.name,
            settings.token_url,
            OAuthClient(settings.client_id, secret, settings.sub or ""),
            time=tools.time,
            bounds=tools.bounds,
        )
        session = HttpSession(
            tools.name,
            settings.base_url,
            time=tools.time,
            limiter=FixedWindow(LIMIT, SECONDS, tools.time, tools.bounds.wait),
            options=SessionOptions(
                bounds=tools.bounds, explain=problems.explain, advise=problems.mend
            ),
            credential=ApiCredential(
                headers=self._token.headers,
                renew=self._token.refresh,
                secrets=(secret, settings.client_id),
                remedy=problems.CREDENTIAL,
            ),
        )
        super().__init__(spec, tools.name, session, LinkHeaderPages())
        self._kinds = tools.read_map_table("stage_kind")
        self._reasons = tools.read_map_table("reason_kind") or None
        self._mapped = mapped(tools.map)
        self._others: ExpiringCache[str, _OtherLists] = ExpiringCache(tools.time, _BELIEVED)
        self._gathering = GroupedReader(session)
        self._tags = TagReader(session, patterns(tools.map))
        self._running = RunningApplications(session)
        self._doctor = Doctor(settings, tools, self._token)
        self._field_writer = FieldWriter(session)

    def pages(
        self,
        stream: Stream,
        *,
        window: tuple[datetime, datetime] | None = None,
        parents: Sequence[str] = (),
    ) -> Iterator[Page]:
        """As `ports.Connector.pages`; rows are completed from other lists of the vendor."""
        if stream.name in self._gathering.names:
            pages = super().pages(stream, window=window, parents=parents)
            gather = self._gathering.page
            yield self._lent(stream, lambda: gather(stream.name, pages, window, parents))
            return
        if stream.name == TAGS.name:
            yield from self._tagged(stream, window)
            return
        if stream.name == "rejection_details" and (cleared := self._running.take(window)):
            yield Page(pipeline.unrejected(cleared), last=False)  # before the changed rows
        for page in super().pages(stream, window=window, parents=parents):
            if stream.name == "applications" and window is not None:
                rows: Iterator[Any] = _rows(stream, page)
                running = [row for row in rows if pipeline.runs(row)]
                self._running.note(window, running)
                self._tags.notice(running)
            yield self._completed(stream, page, listed=window is None)

    def refresh(self, kind: str, ids: Sequence[str]) -> Iterator[tuple[Stream, Page]]:
        """One request per step of the kind's plan and 50 ids; nothing for an unknown kind.

        Lists of what depends on the records are left out while they are forbidden.
        """
        for chunk in chunks(list(dict.fromkeys(ids))):
            rows: dict[str, list[Row]] = {}
            for step in PLANS.get(kind, ()):
                stream = self.spec.stream(step.stream)
                if step.source and self.is_denied(stream):
                    continue
                wanted = list(chunk) if not step.source else _held(rows, step)
                rows.setdefault(step.stream, [])
                for some in chunks(wanted):
                    for page in self._some(stream, step.param, some):
                        rows[step.stream] += _rows(stream, page)
                        yield stream, page

    def write_note(self, note: Note) -> Receipt:
        """Write a private note on the candidate, linked to the application, or on the job."""
        if note.subject.kind == "requisition":
            return notes.write_on_job(self.session, note, self._doctor.actor())
        return notes.write(self.session, note)

    def find_note(self, note: Note) -> Receipt | None:
        """The note that ends with this key's marker."""
        find = notes.find_on_job if note.subject.kind == "requisition" else notes.find
        return find(self.session, note)

    def add_mark(self, record: Key, mark: Mark) -> Receipt:
        """Tag the candidate, or set a custom field of the application."""
        return self._field_writer.add_mark(record, mark)

    def remove_mark(self, record: Key, mark: Mark) -> Receipt:
        """Remove the tag, or empty the field if it still has the value."""
        return self._field_writer.remove_mark(record, mark)

    def find_mark(self, record: Key, mark: Mark) -> Receipt | None:
        """Whether the tag exists, or the field has the value."""
        return self._field_writer.find_mark(record, mark)

    def check_write(self, capability: str) -> CheckResult:
        """Check the scopes of the token, if the token host returns them."""
        return self._doctor.check_write(capability)

    def check_visibility(self, stream: Stream) -> CheckResult:
        """Check the token's scopes and the acting user's role, if the token host returns them."""
        return self._doctor.check_visibility(stream)

    def check(self) -> Iterator[CheckResult]:
        """Credential, acting user, then one row of each list."""
        readable = False
        for line in self._doctor.check(self.spec, self.session):
            readable = readable or (line.good and line.stream == "job_interview_stages")
            yield line
        if readable:
            with suppress(SourceError):
                yield from describe_guesses(self.guesses())

    def guesses(self) -> Iterator[Guess]:
        """What stages are taken for, by the names of the 500 newest of all jobs' plans: a request.

        Jobs are copied from one another, so that few names are missing among those.
        """
        pages = read(self.session, "job_interview_stages", Named, active="true")
        names = (text(row.name) for row in next(pages, []))
        for name in dict.fromkeys(names):
            if name and name not in self._kinds:
                yield Guess("stage.kind", name, *guess_stage_kind(name))

    def close(self) -> None:
        """Close all connections, including those to the token host."""
        super().close()
        self._token.close()
        self._doctor.close()

    def _completed(self, stream: Stream, page: Page, *, listed: bool) -> Page:
        others = self._others.find("", self._open_others)
        raws, complete = others.choices.spelled(stream.name, page.rows), others.links.complete
        rows, unknown = self._lent(
            stream, lambda: complete(stream.name, stream.row, raws, listed=listed)
        )
        return dataclasses.replace(page, rows=rows, unknown=unknown)

    def _open_others(self) -> _OtherLists:
        links = Links(self.session, self._reasons)
        return _OtherLists(links, MappedFields(self.session, self._mapped))

    def _lent(self, stream: Stream, complete: Callable[[], _Found]) -> _Found:
        """What needs further lists than the stream's own."""
        try:
            return complete()
        except DeniedError as error:  # it may be another list: do not name the stream's scope
            path = error.where.rpartition("/")[2]
            if path == stream.path:
                raise
            raise FatalError(
                f"cannot be read without {path}, which is forbidden (403)",
                where=error.where,
                remedy=problems.permission(f"harvest:{path}:list"),
            ) from None

    def _tagged(self, stream: Stream, window: Window | None) -> Iterator[Page]:
        pages = self._tags.pages(stream, window)
        while (page := self._lent(stream, lambda: next(pages, None))) is not None:
            yield page

    def _some(self, stream: Stream, param: str, ids: Sequence[str]) -> Iterator[Page]:
        if stream.name in self._gathering.names:
            yield from self.pages(stream, parents=ids)
            return
        asked = ListRequest(stream.path, {**stream.params, param: ",".join(ids)})
        for page in self._fetch(stream, asked):
            yield self._completed(stream, page, listed=False)


def _rows(stream: Stream, page: Page) -> Iterator[Row]:
    for raw in page.rows:
        try:
            row = msgspec.json.decode(raw, type=stream.row)
            if isinstance(row, Row):
                yield row
        except msgspec.DecodeError:
            continue  # counted when the page is stored


def _held(rows: dict[str, list[Row]], step: Step) -> list[str]:
    found = (ident(getattr(row, step.member)) for row in rows.get(step.source, ()))
    return list(dict.fromkeys(filter(None, found)))


def connect(
    spec: ConnectorSpec, streams: Sequence[Stream], settings: GreenhouseSettings, tools: Tools
) -> Greenhouse:
    """The connector of an account. `streams`: those of the spec with links to its own `app_url`."""
    for url in (settings.base_url, settings.token_url):
        if "harvest.greenhouse.io/v1" in url or "harvest.greenhouse.io/v2" in url:
            raise FatalError(
                "Harvest v1 and v2 were switched off on 2026-08-31",
                where=tools.name,
                remedy="Use https://harvest.greenhouse.io/v3 and a credential of type Harvest V3",
            )
    wanted = patterns(tools.map)
    asked = tuple(s for s in streams if wanted or s.name != TAGS.name)
    own = dataclasses.replace(spec, streams=asked)
    return Greenhouse(own, settings, tools)
