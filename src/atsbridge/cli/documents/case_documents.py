"""JSON about cases, silences and notices. Instants are ISO 8601 in UTC, or null."""

from __future__ import annotations

from typing import Annotated, TypedDict

from atsbridge.model import Clock, End, Handling, Hold, NoticeState, Purpose, TransitionName
from atsbridge.queries import RehearsedDocument


class CaseDocument(TypedDict):
    """One case."""

    number: Annotated[int, "the case's number"]
    account: str
    rule: Annotated[str, "the rule's id"]
    shadow: Annotated[bool, "whether the rule only observes, so that nobody is notified"]
    subject: Annotated[str, "account/kind/id"]
    requisition: Annotated[str | None, "the requisition's code"]
    about: Annotated[str, "the subject in words"]
    clock: Clock
    backlog: Annotated[bool, "long overdue when its rule first ran: nobody is reminded of it"]
    handling: Handling
    remark: Annotated[str, "who handled or silenced it, until when and why"]
    end: Annotated[End | None, "null while the case is open"]
    end_code: Annotated[str | None, "the reason of the end, as a code"]
    end_reason: Annotated[str, "the reason of the end, in words"]
    assignee: Annotated[str, "the name of the person who has to act now"]
    assigned_since: Annotated[str | None, "since when they have to act"]
    late: Annotated[bool, "whether it is open and past its due instant"]
    opened_at: str
    started_at: str | None
    due_at: str | None
    ended_at: str | None


class BacklogDocument(TypedDict):
    """The open cases in the backlog of one requisition that wait on one person."""

    account: str
    requisition: Annotated[str | None, "the requisition's code"]
    assignee: Annotated[str, "the name of the person who has to act"]
    cases: int
    oldest_due_at: str | None
    proposed: Annotated[int, "how many of them a clean-up message covers"]


class CaseList(TypedDict):
    """Cases: open ones by due instant, ended ones after them.

    With `--backlog` those in the backlog, else those outside it.
    """

    cases: list[CaseDocument]
    backlog: Annotated[list[BacklogDocument], "the backlog in groups, the largest first"]


class HistoryEntry(TypedDict):
    """One transition of a case."""

    at: str
    transition: TransitionName
    reason: Annotated[str, "in words"]
    actor: Annotated[str, "who did it; `atsbridge` for a run"]


class CaseNotice(TypedDict):
    """A notice of the case."""

    to: Annotated[str, "an e-mail address, a channel or a place in the ATS"]
    sink: str
    why: Annotated[str, "why this recipient"]
    state: NoticeState
    hold: Annotated[Hold | None, "why it is held, as a code"]
    reason: Annotated[str, "why it is held or was dropped, or the last failure, in words"]
    sent_at: str | None


class CaseDetails(CaseDocument):
    """One case with its history and its notices."""

    history: list[HistoryEntry]
    notices: list[CaseNotice]


class SilenceDocument(TypedDict):
    """One silence."""

    number: int
    account: str
    rule: Annotated[str, "empty: every rule"]
    subject: Annotated[str | None, "account/kind/id; null: every subject"]
    start: str
    end: str
    by: Annotated[str, "who silenced it"]
    comment: str


class SilenceList(TypedDict):
    """Silences, by account."""

    silences: list[SilenceDocument]


class NoticeDocument(TypedDict):
    """One notice of the outbox, without its text."""

    key: Annotated[str, "the idempotency key"]
    account: str
    rule: Annotated[str, "empty for summaries, digests and messages to ops"]
    case: Annotated[int | None, "null for summaries, digests and messages to ops"]
    subject: Annotated[str, "account/kind/id"]
    purpose: Purpose
    sink: str
    to: Annotated[str, "an e-mail address, a channel or a place in the ATS"]
    why: Annotated[str, "why this recipient"]
    state: NoticeState
    hold: Annotated[Hold | None, "why it is held, as a code"]
    reason: Annotated[str, "why it is held or was dropped, or the last failure, in words"]
    attempts: int
    not_before: str | None
    created_at: str | None
    sent_at: str | None


class NoticeDetails(NoticeDocument):
    """One notice, and its text as it would be sent now."""

    rehearsal: Annotated[
        RehearsedDocument | None, "null if it was dropped, or if its rule is about a person"
    ]


class NoticeList(TypedDict):
    """Notices, oldest first."""

    notices: list[NoticeDocument]
