"""The Ashby connector: its lists over one session, single records, notes, tags, `doctor`.

What the rows mean is in the modules of the streams, what there is of it in `spec`.

Every list but two is read by sync token: one request if nothing changed. Stages are read by plan,
the history of an application by its id. Whether a changed opening moves its job is not documented:
the jobs of changed openings are read again by id.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice
from typing import Any

import msgspec

from atsbridge.api import (
    CheckResult,
    ConnectorSpec,
    FatalError,
    Guess,
    HttpConnector,
    Key,
    Mark,
    Note,
    Page,
    Receipt,
    Stream,
    TimeWindow,
    Tools,
    describe_guesses,
)
from atsbridge_ashby import (
    applications,
    candidate_names,
    feedback,
    interviews,
    jobs,
    listing,
    notes,
    offers,
    pauses,
    plans,
    tags,
)
from atsbridge_ashby.enrichment import enrich_pages, with_members
from atsbridge_ashby.feedback_by_application import PREFIX, FeedbackByApplication
from atsbridge_ashby.job_plans import JobPlans
from atsbridge_ashby.key_permissions import KeyPermissions
from atsbridge_ashby.opening_jobs import NOT_FOUND, OpeningJobs
from atsbridge_ashby.session import open_session
from atsbridge_ashby.settings import AshbySettings
from atsbridge_ashby.wire import Named

_GUESSED_PLANS = 10  # plans whose stages `doctor` shows


class _Single(msgspec.Struct):
    """The envelope of one record."""

    results: msgspec.Raw


class _Owner(msgspec.Struct):
    candidate: Named | None = None


class Ashby(HttpConnector):
    """One Ashby account."""

    def __init__(self, spec: ConnectorSpec, settings: AshbySettings, tools: Tools) -> None:
        super().__init__(spec, tools.name, open_session(settings, tools), listing.pages())
        self._settings = settings
        self._time = tools.time
        kinds = tools.read_map_table("reason_kind")
        self._theirs = {name: kind == "theirs" for name, kind in kinds.items()}
        self._kinds = tools.read_map_table("stage_kind")
        self._openings = OpeningJobs(self._info, tools.time)
        self._plans = JobPlans()
        self._key = KeyPermissions(lambda: self._info("/apiKey.info", {}))
        self._one_by_one = FeedbackByApplication(super().pages, tools)

    def pages(
        self, stream: Stream, *, window: TimeWindow | None = None, parents: Sequence[str] = ()
    ) -> Iterator[Page]:
        """The stream's pages, with rows completed by what other lists say."""
        if stream.name == feedback.STREAM.name and "applicationId" not in stream.params:
            return self._feedback(stream)
        found = super().pages(stream, window=window, parents=parents)
        if stream.name == applications.APPLICATIONS.name:
            return enrich_pages(found, self._with_known)
        if stream.name == offers.APPROVALS.name:
            return enrich_pages(found, self._openings.complete_approval)
        if listing.TOKEN in stream.params and stream.name == jobs.OPENINGS.name:
            return self._openings.note_changes(found)
        if stream.name == jobs.JOBS.name:
            if listing.TOKEN in stream.params:
                found = self._openings.add_changed(found)
            return self._plans.note_plans(found)
        return self._plans.add_missing(found) if stream.name == plans.PLANS.name else found

    def refresh(self, kind: str, ids: Sequence[str]) -> Iterator[tuple[Stream, Page]]:
        """Applications with all that belongs to them, requisitions with their approvals, names.

        FatalError for other kinds: seats, interviews, scorecards and offers are reached through
        their application.
        """
        if kind == "application":
            for one in ids:
                yield from self._one_application(one)
        elif kind == "requisition":
            for one in ids:
                yield from self._one_job(one)
        elif kind == "candidate":
            for one in ids:
                yield from self._one_name(one)
        else:
            raise FatalError(
                f"Ashby cannot be asked for one {kind}",
                where=self.name,
                remedy="Refresh the application it belongs to",
            )

    def read_absences(self, user: str) -> Sequence[tuple[date, date]]:
        """The pauses of an interviewer, unless the account does not want them to count."""
        return pauses.read_pauses(self.session, user) if self._settings.pauses else ()

    # --- writing ------------------------------------------------------------------------------

    def write_note(self, note: Note) -> Receipt:
        """Write the note, with its marker, on the candidate. Nobody is notified."""
        candidate = self._candidate_of(note)
        return notes.write(self.session, note, candidate, private=self._settings.private_notes)

    def find_note(self, note: Note) -> Receipt | None:
        """Find the note with the key on the candidate."""
        candidate = self._candidate_of(note)
        params = {**notes.STREAM.params, "candidateId": candidate}
        return notes.find(super().pages(replace(notes.STREAM, params=params)), note, candidate)

    def add_mark(self, record: Key, mark: Mark) -> Receipt:
        """Tag the candidate of the application."""
        tags.check_target(record, mark)
        return tags.add(self.session, super().pages, self._owner(record.id), mark)

    def remove_mark(self, record: Key, mark: Mark) -> Receipt:
        """Remove the tag from the candidate."""
        tags.check_target(record, mark)
        return tags.remove(self.session, self._owner(record.id), mark)

    def find_mark(self, record: Key, mark: Mark) -> Receipt | None:
        """Whether the candidate has the tag."""
        tags.check_target(record, mark)
        candidate = self._owner(record.id)
        found = tags.find(self.session, candidate, mark)
        return tags.receipt(candidate, had=False) if found is not None else None

    def _candidate_of(self, note: Note) -> str:
        if note.subject.kind != "application":
            raise notes.not_on(note)
        return note.candidate or self._owner(note.subject.id)

    def _owner(self, application: str) -> str:
        """The candidate of an application. FatalError if it cannot be seen."""
        raw = self._info("/application.info", {"applicationId": application})
        candidate = msgspec.json.decode(raw, type=_Owner).candidate
        if candidate is None or not candidate.id:
            raise FatalError(
                "the candidate of the application cannot be seen: nothing was written",
                where=f"application/{application}",
                remedy="They may have been deleted; the next sync shows",
            )
        return candidate.id

    # --- doctor -------------------------------------------------------------------------------

    def check(self) -> Iterator[CheckResult]:
        """As every connector, then what the stages are taken for.

        Names have the permission of applications, and no list to try.
        """
        names = candidate_names.STREAM.name
        lines = [line for line in super().check() if line.stream != names]
        yield from lines
        if all(line.good for line in lines):
            yield from describe_guesses(self.guesses())

    def check_identity(self) -> Iterator[CheckResult]:
        """The name of the key, if it may read about itself."""
        yield self._key.check_identity()

    def check_write(self, capability: str) -> CheckResult:
        """Whether the key has the permissions that writing needs, if it may read about itself."""
        return self._key.check_write(capability) or super().check_write(capability)

    def check_visibility(self, stream: Stream) -> CheckResult:
        """Whether an empty list is proved to be empty, by the permissions of the key."""
        return self._key.check_visibility(stream)

    def guesses(self) -> Iterator[Guess]:
        """What the stages of the first plans are taken for: a request for each plan."""
        known: set[str] = set()
        plan_rows = (raw for page in super().pages(plans.PLANS) for raw in page.rows)
        for raw in islice(plan_rows, _GUESSED_PLANS):
            parent = msgspec.json.decode(raw, type=plans.PlanRow).id
            for page in super().pages(plans.STAGES, parents=[parent]):
                for row in page.rows:
                    yield from self._guess(row, known)

    def _guess(self, raw: Any, known: set[str]) -> Iterator[Guess]:
        row = msgspec.json.decode(raw, type=plans.StageRow)
        if row.title and row.title not in self._kinds and row.title not in known:
            known.add(row.title)
            yield Guess("stage.kind", row.title, *plans.stage_kind(row.type or "", row.title))

    # --- asking -------------------------------------------------------------------------------

    def _info(self, path: str, params: dict[str, Any]) -> msgspec.Raw:
        answer = self.session.read("POST", path, params)
        return msgspec.json.decode(answer.body, type=_Single).results

    def _feedback(self, stream: Stream) -> Iterator[Page]:
        """All feedback, or that of each application in question if the list is refused."""
        token = str(stream.params.get(listing.TOKEN, ""))
        if token.startswith(PREFIX):
            yield from self._one_by_one.pages(token)
            return
        found = super().pages(stream)
        try:
            first = next(found)
        except FatalError as error:
            if token or not _wants_application(error):
                raise
            yield from self._one_by_one.pages("")
            return
        yield first
        yield from found

    def _with_known(self, raw: msgspec.Raw) -> msgspec.Raw:
        row = msgspec.json.decode(raw, type=applications.ApplicationRow)
        app_url = self._settings.app_url
        known = applications.what_is_known(row, self._time.now(), self._theirs, app_url)
        return with_members(raw, {"atsbridge": known})

    # --- single records -----------------------------------------------------------------------

    def _one_application(self, id_: str) -> Iterator[tuple[Stream, Page]]:
        stream = applications.APPLICATIONS
        try:
            raw = self._info("/application.info", {"applicationId": id_})
        except FatalError as error:
            if error.status != NOT_FOUND:
                raise
            yield stream, Page((), last=True)  # whether it was deleted, the engine finds out
            return
        yield from ((stream, page) for page in enrich_pages([_page(raw)], self._with_known))
        for found in self.pages(applications.HISTORY, parents=[id_]):
            yield applications.HISTORY, found
        for child in (interviews.STREAM, feedback.STREAM, offers.OFFERS):
            if not self.is_denied(child):
                yield from self._filtered(child, applicationId=id_)

    def _one_name(self, id_: str) -> Iterator[tuple[Stream, Page]]:
        stream = candidate_names.STREAM
        try:
            raw = self._info(stream.path, {"id": id_})
        except FatalError as error:
            if error.status != NOT_FOUND:
                raise
            yield stream, Page((), last=True)
            return
        yield stream, _page(raw)

    def _one_job(self, id_: str) -> Iterator[tuple[Stream, Page]]:
        raw = self._openings.job(id_)
        if raw is None:
            yield jobs.JOBS, Page((), last=True)
            return
        yield jobs.JOBS, _page(raw)
        if not self.is_denied(offers.APPROVALS):
            yield from self._filtered(offers.APPROVALS, entityType="job", entityId=id_)

    def _filtered(self, stream: Stream, **params: str) -> Iterator[tuple[Stream, Page]]:
        asked = replace(stream, params={**stream.params, **params})
        for page in self.pages(asked):
            yield stream, page


def _wants_application(error: FatalError) -> bool:
    """Whether a list may have been refused for want of an application: any refused request."""
    return error.status in (400, 422)


def _page(raw: msgspec.Raw) -> Page:
    return Page([raw], last=True)
