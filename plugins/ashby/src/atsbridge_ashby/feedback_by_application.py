"""Read feedback application by application, where Ashby does not list all of it.

Which applications may have new feedback is read from the interview schedules: those that changed
since the last reading, and those that wait for feedback. The set of the latter is kept between
runs; if it is lost, all schedules are read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from atsbridge.api import Page, Stream, Tools
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
List = Callable[[Stream], Iterator[Page]]


class _Schedule(msgspec.Struct, rename="camel"):
    status: str | None = None
    application_id: str | None = None


class _Kept(msgspec.Struct):
    """Applications that wait for feedback, and the token of the schedules they are from."""

    token: str = ""
    waiting: list[str] = msgspec.field(default_factory=list)


@dataclass(slots=True)
class FeedbackByApplication:
    """`listed`: reads a list by POST, `tools`: keep what waits between runs."""

    listed: List
    tools: Tools
    _found: dict[str, bool] = field(default_factory=dict)  # application -> whether it waits

    def pages(self, token: str) -> Iterator[Page]:
        """The feedback of every application in question; the last page has the next token.

        `token`: of the last reading, "" for all applications with an interview.
        """
        kept = self._recall()
        since = token.removeprefix(PREFIX) if token.startswith(PREFIX) else ""
        if since != kept.token:
            since, kept = "", _Kept()
        self._found = dict.fromkeys(kept.waiting, True)
        following = self._read_schedules(since) or since
        for application in list(self._found):
            yield from self._feedback(application)
        waiting = sorted(one for one, waits in self._found.items() if waits)
        self.tools.keep(_KEY, msgspec.json.encode(_Kept(following, waiting)))
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
        if row.application_id and row.status not in _NOTHING_YET:
            waits = row.status in _WAITING
            self._found[row.application_id] = waits or self._found.get(row.application_id, False)

    def _feedback(self, application: str) -> Iterator[Page]:
        params = {**STREAM.params, "applicationId": application}
        for page in self.listed(replace(STREAM, params=params)):
            yield Page(page.rows, last=False)

    def _recall(self) -> _Kept:
        try:
            return msgspec.json.decode(self.tools.recall(_KEY) or b"{}", type=_Kept)
        except msgspec.DecodeError:
            return _Kept()
