"""Read feedback application by application, where Ashby does not list all of it.

Which applications may have new feedback is read from the interview schedules: those that changed
since the last reading, and those that wait for feedback. The latter are kept between runs; if they
are lost, all schedules are read again. A schedule for which nobody wrote anything in two months
rests until it changes, because each application costs a request in every run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec

from atsbridge.api import FatalError, Instant, Page, Stream, Tools
from atsbridge_ashby import interviews
from atsbridge_ashby.feedback import STREAM
from atsbridge_ashby.listing import TOKEN

# What stands before the token of the schedules in the token of this list, so that neither list
# takes the other's.
PREFIX = "by-application:"
_KEY = "feedback-waiting"
_NOTHING_YET = (
    *("NeedsScheduling", "WaitingOnCandidateBooking", "WaitingOnCandidateAvailability"),
    *("CandidateAvailabilitySubmitted", "Cancelled"),
)
_WAITING = ("Scheduled", "WaitingOnFeedback")
_REST = timedelta(days=60)
_NOT_FOUND = 404
List = Callable[[Stream], Iterator[Page]]


class _Event(msgspec.Struct, rename="camel"):
    end_time: Instant = None


class _Schedule(msgspec.Struct, rename="camel"):
    id: str
    status: str | None = None
    application_id: str | None = None
    updated_at: Instant = None
    interview_events: list[_Event] | None = None

    @property
    def last(self) -> datetime | None:
        """The end of its last meeting, or when it changed last."""
        ends = [one.end_time for one in self.interview_events or ()]
        return max(filter(None, (self.updated_at, *ends)), default=None)


class _Waiting(msgspec.Struct, array_like=True):
    """A schedule that waits for feedback. `until`: when it begins to rest."""

    application: str
    until: datetime


class _Kept(msgspec.Struct):
    """Schedules that wait for feedback by id, and the token of the list they are from."""

    token: str = ""
    schedules: dict[str, _Waiting] = msgspec.field(default_factory=dict)


@dataclass(slots=True)
class FeedbackByApplication:
    """`listed`: reads a list by POST, `tools`: keep what waits between runs."""

    listed: List
    tools: Tools
    _waiting: dict[str, _Waiting] = field(default_factory=dict)  # by schedule
    _changed: set[str] = field(default_factory=set)  # applications

    def pages(self, token: str) -> Iterator[Page]:
        """The feedback of every application in question; the last page has the next token.

        `token`: of the last reading, "" for all applications with an interview.
        """
        kept = self._recall()
        since = token.removeprefix(PREFIX) if token.startswith(PREFIX) else ""
        if since != kept.token:
            since, kept = "", _Kept()
        self._waiting, self._changed = dict(kept.schedules), set()
        following = self._read_schedules(since) or since
        now = self.tools.time.now()
        self._waiting = {key: one for key, one in self._waiting.items() if one.until > now}
        for application in sorted(
            {one.application for one in self._waiting.values()} | self._changed
        ):
            yield from self._feedback(application)
        self.tools.keep(_KEY, msgspec.json.encode(_Kept(following, self._waiting)))
        yield Page((), last=True, token=f"{PREFIX}{following}" if following else "")

    def _read_schedules(self, since: str) -> str:
        """Note the applications of all schedules, or of those that changed; returns the token."""
        stream = interviews.STREAM
        if since:
            stream = replace(stream, params={**stream.params, TOKEN: since})
        following = ""
        for page in self.listed(stream):
            for raw in page.rows:
                self._note(raw)
            following = page.token or following
        return following

    def _note(self, raw: Any) -> None:
        try:
            row = msgspec.json.decode(raw, type=_Schedule)
        except msgspec.DecodeError:
            return  # the list of schedules reports it
        self._waiting.pop(row.id, None)
        if not row.application_id or row.status in _NOTHING_YET:
            return
        self._changed.add(row.application_id)
        if row.status in _WAITING:
            last = row.last or self.tools.time.now()
            self._waiting[row.id] = _Waiting(row.application_id, last + _REST)

    def _feedback(self, application: str) -> Iterator[Page]:
        """The feedback of one; none of one that is not there any more, which waits no longer."""
        params = {**STREAM.params, "applicationId": application}
        try:
            for page in self.listed(replace(STREAM, params=params)):
                yield Page(page.rows, last=False)
        except FatalError as error:
            if error.status != _NOT_FOUND:
                raise
            missing = [key for key, one in self._waiting.items() if one.application == application]
            for key in missing:
                del self._waiting[key]

    def _recall(self) -> _Kept:
        try:
            return msgspec.json.decode(self.tools.recall(_KEY) or b"{}", type=_Kept)
        except msgspec.DecodeError:
            return _Kept()
