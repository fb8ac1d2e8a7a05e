"""The Lever connector: its lists over one session, single records, notes, `doctor`.

What the rows mean is in the modules of the streams, what there is of it in `spec`.

Lever has no account-wide list of interviews or offers, and booking an interview does not move its
opportunity's `updatedAt`; it moves `lastInteractionAt`, which cannot be filtered by. So the list
of opportunities is two: what was updated or deleted since the mark (two requests when nothing
was), and, in the tick that passes a full hour (or more of them where there are many), a scan of all
active ones (one request per hundred). Rows the scan shows changed have their children read. Offers
move nothing at all: opportunities in the offer pipeline look changed once an hour
(`opportunities.Known.look`). Interviews that are near, or lack feedback, are read again every hour
whatever their opportunity shows, and so are the answers to invitations, by panels, of those ahead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from itertools import islice
from urllib.parse import quote

import msgspec

from atsbridge.api import (
    CheckResult,
    ConnectorSpec,
    DeniedError,
    FatalError,
    Guess,
    HttpConnector,
    Incremental,
    Key,
    ListRequest,
    Mark,
    Note,
    OffsetPages,
    Page,
    Receipt,
    SourceError,
    Stream,
    TimeWindow,
    Tools,
    check_connection,
    describe_guesses,
    is_fatal,
)
from atsbridge_lever import (
    contact_names,
    feedback,
    interviews,
    notes,
    offers,
    opportunities,
    organization,
    panels,
    postings,
    problems,
    tag_writer,
)
from atsbridge_lever.row_enrichment import Enrich, chain_pages, enrich_pages, number_rows
from atsbridge_lever.session import open_session
from atsbridge_lever.settings import LeverSettings
from atsbridge_lever.stage_index import StageIndex
from atsbridge_lever.wire import Row, ms, spliced

_CONFIDENTIAL = frozenset({"/postings", postings.REQUISITIONS, "/opportunities"})


class Lever(HttpConnector):
    """One Lever account."""

    def __init__(self, spec: ConnectorSpec, settings: LeverSettings, tools: Tools) -> None:
        super().__init__(spec, tools.name, open_session(settings, tools), OffsetPages())
        self._settings = settings
        self._time = tools.time
        kinds = tools.read_map_table("reason_kind")
        theirs = (name for name, kind in kinds.items() if kind == "theirs")
        self._kinds = tools.read_map_table("stage_kind")
        self._stages = StageIndex(self.session, self._listed, theirs, self._kinds)

    def request_for(
        self, stream: Stream, window: TimeWindow | None, parents: Sequence[str]
    ) -> ListRequest:
        """Request full pages, including confidential rows if the account reads them."""
        asked = super().request_for(stream, window, parents)
        asked.params.setdefault("limit", 100)
        if self._settings.confidential and asked.path in _CONFIDENTIAL:
            asked.params["confidentiality"] = "all"
        return asked

    def pages(
        self, stream: Stream, *, window: TimeWindow | None = None, parents: Sequence[str] = ()
    ) -> Iterator[Page]:
        """The stream's pages, with rows completed by what the connector knows."""
        if stream.name == "stages":
            rows = [msgspec.Raw(msgspec.json.encode(row)) for row in self._stages.stages()]
            return iter([Page([*rows, *self._stages.unreadable], last=True)])
        if stream.name == "postings":
            return self._searches(stream)
        pages = super().pages(stream, window=window, parents=parents)
        if stream.name == "archive_reasons":
            return self._stages.reasons(pages)
        if stream.name == "opportunities":
            known = enrich_pages(pages, self._with_known)
            polled = window is not None and stream.incremental is opportunities.STREAM.incremental
            return chain_pages(known, self._deleted(window[0])) if window and polled else known
        if stream.name == contact_names.STREAM.name:
            one = (replace(page, last=True) for page in islice(pages, 1))
            return enrich_pages(one, contact_names.to_contact)
        if stream.name == interviews.STREAM.name:
            forms = super().pages(feedback.STREAM, parents=parents)
            return feedback.joined(pages, forms, parents[0], self._time.now())
        if stream.name == feedback.STREAM.name:
            return enrich_pages(pages, lambda raw: spliced(raw, {"opportunityId": parents[0]}))
        if stream.name == "offers":
            rows = [raw for page in pages for raw in page.rows]
            return enrich_pages([Page(rows, last=True)], number_rows(parents[0], rows))
        return pages

    def refresh(self, kind: str, ids: Sequence[str]) -> Iterator[tuple[Stream, Page]]:
        """Applications with their interviews and offers, requisitions, or names of candidates.

        Unknown ids are left out.

        Seats, interviews, scorecards and offers are reached through their application alone:
        FatalError for kinds that cannot be asked for.
        """
        if kind == "application":
            for one in ids:
                yield from self._candidacy(one)
        elif kind == "requisition":
            needs = self._needs()
            for one in ids:
                for page in self._one(postings.STREAM, one, lambda r: postings.joined(r, needs)):
                    yield postings.STREAM, page
        elif kind == "candidate":
            for one in ids:
                for page in self.pages(contact_names.STREAM, parents=[one]):
                    yield contact_names.STREAM, page
        else:
            raise FatalError(
                f"Lever cannot be asked for one {kind}",
                where=self.name,
                remedy="Refresh the application it belongs to",
            )

    def write_note(self, note: Note) -> Receipt:
        """Write the note, with its marker, on the opportunity. Nobody is notified by e-mail."""
        return notes.write(self.session, note)

    def find_note(self, note: Note) -> Receipt | None:
        """Find the note with the key on that opportunity."""
        subject = notes.opportunity(note)
        return notes.find(super().pages(notes.STREAM, parents=[subject]), note)

    def add_mark(self, record: Key, mark: Mark) -> Receipt:
        """Tag the opportunity."""
        return tag_writer.add_mark(self.session, record, mark)

    def remove_mark(self, record: Key, mark: Mark) -> Receipt:
        """Remove the tag from it."""
        return tag_writer.remove_mark(self.session, record, mark)

    def find_mark(self, record: Key, mark: Mark) -> Receipt | None:
        """Whether the opportunity has the tag."""
        return tag_writer.find_mark(self.session, record, mark)

    def check(self) -> Iterator[CheckResult]:
        """Host and key by the first list, then every list, then children of one opportunity.

        Whether the key may write notes shows only by writing one.
        """
        lists = [s for s in self.spec.streams if s.parent is None] + [DELETED]
        if self._settings.requisitions:
            lists.append(_plain(postings.REQUISITIONS, "requisitions", "Requisitions: list"))
            lists.append(_plain(postings.FIELDS, "requisition fields", "Requisition fields: list"))
        sample = ""
        for stream in lists:
            line, first, error = self._sampled(stream, ())
            if stream is lists[0]:
                lines = check_connection(self.session, error)
                yield from lines
                if is_fatal(lines):
                    return
                yield CheckResult("acting user", good=True, detail="none: a key acts for itself")
            yield line
            if stream.name == "opportunities":
                sample = first
        for child in (interviews, panels, feedback, offers, notes) if sample else ():
            yield self._sampled(child.STREAM, (sample,))[0]
        with suppress(SourceError):  # the list of stages is reported already
            yield from describe_guesses(self.guesses())
        if not self._settings.confidential:
            yield self._left_out()

    def guesses(self) -> Iterator[Guess]:
        """What stages are taken for, by their names or the pipeline's word: a request."""
        for row in self._stages.stages():
            if row.text and row.text not in self._kinds:
                guess = organization.stage_kind(row.pipeline or "", row.text)
                yield Guess("stage.kind", row.text, *guess)

    # --- asking -------------------------------------------------------------------------------

    def _listed(self, path: str) -> Iterator[Page]:
        return super().pages(_plain(path, path.strip("/")))

    def _needs(self) -> postings.Needs | None:
        if not self._settings.requisitions:
            return None
        fields: list[postings.FieldRow] = []
        try:
            for page in self._listed(postings.FIELDS):
                for raw in page.rows:
                    with suppress(
                        msgspec.DecodeError
                    ):  # a row that cannot be decoded is ignored here
                        fields.append(msgspec.json.decode(raw, type=postings.FieldRow))
        except DeniedError:
            fields = []  # dates of custom fields stay numbers; `doctor` tells of it
        return postings.Needs(self._listed(postings.REQUISITIONS), fields)

    def _searches(self, stream: Stream) -> Iterator[Page]:
        needs = self._needs()
        yield from enrich_pages(super().pages(stream), lambda raw: postings.joined(raw, needs))

    def _candidacy(self, id_: str) -> Iterator[tuple[Stream, Page]]:
        for page in self._one(opportunities.STREAM, id_, self._with_known):
            yield opportunities.STREAM, page
            if not page.rows:
                return
            try:
                row = msgspec.json.decode(page.rows[0], type=opportunities.Opportunity)
            except msgspec.DecodeError:
                return  # counted when the page is stored
            ahead = False
            for found in self.pages(interviews.STREAM, parents=[id_]):
                yield interviews.STREAM, found
                ahead = ahead or interviews.any_after(found.rows, self._time.now())
            if ahead:
                yield from self._answers(id_)
            if opportunities.may_have_reviews(row):
                for found in self.pages(feedback.STREAM, parents=[id_]):
                    yield feedback.STREAM, found
            if opportunities.may_have_offers(row):
                for found in self.pages(offers.STREAM, parents=[id_]):
                    yield offers.STREAM, found

    def _answers(self, id_: str) -> Iterator[tuple[Stream, Page]]:
        """The answers to invitations; without the permission for panels only these are missing."""
        with suppress(DeniedError):
            for found in self.pages(panels.STREAM, parents=[id_]):
                yield panels.STREAM, found

    def _one(self, stream: Stream, id_: str, lay: Enrich) -> Iterator[Page]:
        """A single row by id, as a page without a row where there is none, or none is shown: a
        list leaves out what became confidential, and by its id it is refused.

        DeniedError if the list is refused too. A row that is not found may also mean that the
        address is wrong: the engine asks for another record too.
        """
        try:
            answer = self.session.get(f"{stream.path}/{quote(id_, safe='')}", dict(stream.params))
        except (FatalError, DeniedError) as error:
            if error.status not in (403, 404):
                raise
            if error.status == 403:
                self._page(ListRequest(stream.path, {**stream.params, "limit": 1}), None)
            yield Page((), last=True)
            return
        raw = msgspec.json.decode(answer.body, type=_Single).data
        yield Page([lay(raw)], last=True)

    def _with_known(self, raw: msgspec.Raw) -> msgspec.Raw:
        glimpse = msgspec.json.decode(raw, type=opportunities.Glimpse)
        return spliced(raw, {"atsbridge": self._stages.known(glimpse, self._time.now())})

    def _deleted(self, since: datetime) -> Iterator[Page]:
        """Opportunities deleted since then, as pages without rows. `doctor` tells if one may not.

        Deleted postings show by their absence from a list that is read whole each time.
        """
        try:
            for page in super().pages(DELETED, window=(since, self._time.now())):
                yield Page((), last=page.last, deleted=[*filter(None, map(_ident, page.rows))])
        except DeniedError:
            yield Page((), last=True)

    def _sampled(
        self, stream: Stream, parents: Sequence[str]
    ) -> tuple[CheckResult, str, SourceError | None]:
        """Check a list by one row; return the line of `doctor`, the row's id if any, the error."""
        what = f"read {stream.name}"
        asked = self.request_for(stream, None, parents)
        path = "/stages" if stream.name == "stages" else asked.path
        try:
            page, _ = self._page(ListRequest(path, {**asked.params, "limit": 1}), None)
        except SourceError as error:
            denied = isinstance(error, DeniedError)
            remedy = f"{problems.NEW_KEY}: {stream.scope}" if denied else error.remedy
            refused = CheckResult(what, False, error.what, remedy, stream=stream.name)
            return refused, "", error
        first = _ident(page.rows[0]) if page.rows else ""
        return CheckResult(what, good=True, stream=stream.name), first, None

    def _left_out(self) -> CheckResult:
        """Check whether the settings or the key leave out confidential postings."""
        try:
            ask = {"confidentiality": "confidential", "limit": 1}
            page, _ = self._page(ListRequest("/postings", ask), None)
        except SourceError:
            detail = "this key may not read them, if there are any"
        else:
            left = "left out: set confidential = true to read them"
            detail = left if page.rows else "there are none"
        return CheckResult("confidential postings", good=True, detail=detail)


class _Single(msgspec.Struct):
    """The envelope of one record."""

    data: msgspec.Raw


def _ident(raw: msgspec.Raw) -> str:
    try:
        return msgspec.json.decode(raw, type=Row).id
    except msgspec.DecodeError:
        return ""


def _plain(path: str, name: str, scope: str = "") -> Stream:
    """Read a list that is not a stream."""
    return replace(notes.STREAM, name=name, path=path, scope=scope)


def _deleted_since(start: datetime, end: datetime) -> Mapping[str, str]:
    del end
    return {"deleted_at_start": ms(start)}


DELETED = replace(
    _plain("/opportunities/deleted", "deleted opportunities", "Opportunities: list"),
    parent=None,
    incremental=Incremental(since=_deleted_since),
)
