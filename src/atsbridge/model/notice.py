"""A Notice: one message to one destination, kept in the outbox until it is delivered.

`cases` decides who gets a notice, `delivery` renders and sends it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from atsbridge.errors import ErrorCode
from atsbridge.model.reason import Parameter, Parameters, sort_parameters
from atsbridge.model.recipient_codes import RecipientReason
from atsbridge.model.record import Key


class NoticeState(StrEnum):
    """The outbox: queued -> sending -> sent | retry | dead; queued or retry <-> held."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    RETRY = "retry"
    DEAD = "dead"
    HELD = "held"
    DROPPED = "dropped"


class Purpose(StrEnum):
    """What the notice does at its destination."""

    SEND = "send"  # a new message
    FOLLOW_UP = "follow_up"  # a later step: in the thread of the first where there are threads
    RESOLVE = "resolve"  # the case has ended: edits the first message, else replies in its thread
    SUMMARY = "summary"  # what the first run of a rule found late: one message to the rule's owner
    CLEANUP = "cleanup"  # the backlog of a recruiter's requisitions: one message to the recruiter
    DIGEST = "digest"  # everything that is held for one reader's morning, in one message
    HANDED_OVER = "handed_over"  # somebody else owes it now: for the reader the case has ended
    ANSWER = "answer"  # a reply to the person who answered a message
    OPS = "ops"  # a message to the operators
    WEEKLY = "weekly"  # the weekly message, the same text to both of a pair
    OFFER = "offer"  # asks a person, once, whether they want the weekly message
    PULSE = "pulse"  # two questions to each of a pair after a search
    PULSE_RESULT = "pulse_result"  # what both answered, to both
    STREAK = "streak"  # thanks to a pair that kept every promise for a month
    QUESTIONS = "questions"  # the open questions of a brief, to both sides
    AGREEMENT = "agreement"  # a version of a brief, to be agreed by both sides; or a note of it
    CALIBRATION = "calibration"  # profiles that both sides are asked to rate
    COMPARISON = "comparison"  # both sides' ratings, once both have rated


# Messages to the two sides of a requisition: they belong to no case, and go to these two only.
PAIR = frozenset({Purpose.QUESTIONS, Purpose.AGREEMENT, Purpose.CALIBRATION, Purpose.COMPARISON})
ENDS = frozenset({Purpose.RESOLVE, Purpose.HANDED_OVER})  # nothing is left to do for the reader
# To one of a pair, with a text of its own and about no case: a digest cannot list it.
APART = frozenset(
    {Purpose.WEEKLY, Purpose.OFFER, Purpose.PULSE, Purpose.PULSE_RESULT, Purpose.STREAK}
)
BOUND = ENDS | {Purpose.ANSWER}  # they belong where the message is that they refer to


class Hold(StrEnum):
    """Why a notice is not sent now."""

    QUIET_HOURS = "quiet_hours"
    DIGEST = "digest"
    DAILY_LIMIT = "daily_limit"  # the reader got as many messages as a day allows
    AWAY = "away"  # everybody it concerns is away; its reader is the first who is back
    BREAKER = "breaker"
    SHADOW = "shadow"
    UNCONFIRMED = "unconfirmed"  # the ATS could not confirm the facts
    STOPPED = "stopped"  # its rule has an error
    SUPPRESSED = "suppressed"  # silence, inhibition, on hold, paused or unknown


class DropCode(StrEnum):
    """Why a notice is never sent. The comment names the parameters."""

    CASE_ENDED = "case_ended"
    HANDLED = "handled"  # somebody acknowledged or snoozed the case. handling
    LATER_STEP = "later_step"  # a later step goes to the same reader
    HANDED_OVER = "handed_over"  # somebody else owes it now
    REASSIGNED = "reassigned"  # a person handed the case on
    REASSIGNMENT_UNDONE = "reassignment_undone"
    IN_SUMMARY = "in_summary"  # its case is part of a summary
    REPEATED = "repeated"  # the same message went there in this run
    NOTHING_SENT = "nothing_sent"  # no message went out that this could end
    ANOTHER_MESSAGE = "another_message"  # another message tells the reader that the case ended
    MESSAGE_DELETED = (
        "message_deleted"  # the message it answers was deleted. text: the sink's error
    )
    UNCONFIRMED = "unconfirmed"  # a digest of which no line could be confirmed
    CONFIDENTIAL_CHANNEL = "confidential_channel"  # guard: only a channel could be reached
    CONFIDENTIAL_TAG = "confidential_tag"  # guard: a tag is seen outside the requisition
    PERSONAL = "personal"  # guard: only the person it is about may read it. trouble, away
    TAG_NOT_OURS = "tag_not_ours"  # the tag was there before, so it stays
    TAG_STILL_NEEDED = "tag_still_needed"  # another open case needs the tag
    WRITE_NOT_ALLOWED = "write_not_allowed"  # the account does not allow it. capabilities
    NOT_WANTED = "not_wanted"  # its reader chose to read only of what waits on them
    NOT_REACHED = "not_reached"  # only its reader may read it, and no sink reaches them
    OUTDATED = "outdated"  # it waited for too long, and the next one is near
    WITHDRAWN = "withdrawn"  # one of the pair no longer agrees to its figures
    ATS_REMINDS = "ats_reminds"  # the ATS sends the same reminder. ats, text: what it sends
    OPERATOR = "operator"  # `atsbridge notices drop`
    FORGOTTEN = "forgotten"  # the candidate was erased
    SUPERSEDED = "superseded"  # the brief, or the round, that it is about is not the present one
    OTHER = "other"  # written by an older version. text


@dataclass(frozen=True, slots=True)
class DropReason(Parameters):
    """`params`: (name, value) pairs in order of name."""

    code: DropCode
    params: tuple[tuple[str, Parameter], ...] = ()


@dataclass(frozen=True, slots=True)
class NoticeError:
    """Why the last try failed. `text` holds no secret and no candidate's name."""

    code: ErrorCode
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines over the same categories, for a sink that can draw them.

    `series`: name -> a value for each category.
    """

    title: str
    categories: tuple[str, ...]
    series: tuple[tuple[str, tuple[float, ...]], ...]


@dataclass(frozen=True, slots=True)
class NoticeText:
    """The text that a notice about no case carries until it is sent.

    `parts`: the texts it is joined of, if there are several; each belongs to a pair of its notice.
    """

    headline: str
    body: str
    hint: str = ""
    chart: Chart | None = None
    parts: tuple[NoticeText, ...] = ()


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a notice goes: a sink and an address it understands.

    `kind`: "person" (address is a user's e-mail), "channel" (a channel's name or a team's
    address), "ats" (an address of `write_actions` with the case's subject; once it is sent, with
    the record that has the note or tag). `person` is the user id where the destination is one, and
    `why` how the person was found: their roles; with `fallback` what happened, so that somebody
    else than the intended reader gets it.
    """

    sink: str
    kind: str
    address: str
    person: str | None = None
    why: tuple[RecipientReason, ...] = ()
    fallback: bool = False

    @property
    def place(self) -> tuple[str, str, str]:
        """Sink, kind and address: destinations with the same place are one."""
        return self.sink, self.kind, self.address


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """`key` is unique and stable over restarts: what a sink looks up before sending again.

    Summaries and digests belong to no case: `case` is 0 and `rule` empty. A summary is about the
    cases that opened at `created_at` for it and about `summary_cases`, a clean-up about
    `summary_cases`. A digest is about what is
    held for its destination until `created_at` or earlier.

    `hold` is set while the notice is held, `drop` once it is dropped, `error` after a try that
    failed, until one succeeds. `departed`: it is being sent, and the sink may have it already.
    `receipt`: the sink's own ids, once it is sent. `text`: of answers, messages to the operators
    and messages to a pair, until they are sent. `digest`: the key of the digest that listed it.
    `answers`: of an answer to a message about no case, the key of that message. `pair`: e-mail
    addresses of recruiter and manager, of a message to one of a pair; of several pairs where the
    text has parts. `replies`: ids of the replies to it that were read; `help_sent`: one of them was
    answered with help. `handed_on`: it goes to somebody to whom a person handed the case on.
    `refused_edit`: the end of a case whose first message could not be edited, or is not its
    reader's, so that it is sent as a new message. `foreign_tag`: the tag was there before, so it is
    not taken off. `edition`: the version of the brief, or the calibration round, that a message to
    a pair is about; 0 for all others.
    """

    key: str
    account: str
    case: int
    rule: str
    subject: Key
    destination: Destination
    purpose: Purpose
    step: int = -1  # index of the rule's step; -1 for a resolution
    state: NoticeState = NoticeState.QUEUED
    hold: Hold | None = None
    drop: DropReason | None = None
    error: NoticeError | None = None
    departed: bool = False
    not_before: datetime | None = None
    attempts: int = 0
    created_at: datetime | None = None
    sent_at: datetime | None = None
    receipt: Mapping[str, Any] = field(default_factory=dict)
    text: NoticeText | None = None
    digest: str = ""
    answers: str = ""
    pair: tuple[str, ...] = ()
    summary_cases: tuple[int, ...] = ()
    replies: tuple[str, ...] = ()
    help_sent: bool = False
    handed_on: bool = False
    refused_edit: bool = False
    foreign_tag: bool = False
    edition: int = 0

    @property
    def sent_anew(self) -> bool:
        """Whether it is an end that is sent as a message of its own."""
        return self.purpose in ENDS and self.refused_edit


def queue_notice(notice: Notice, not_before: datetime | None = None) -> Notice:
    """The notice, to be sent from `not_before` on."""
    return replace(
        notice,
        state=NoticeState.QUEUED,
        hold=None,
        drop=None,
        error=None,
        departed=False,
        not_before=not_before,
    )


def hold_notice(notice: Notice, hold: Hold, until: datetime | None = None) -> Notice:
    """The notice, held for that reason; `until` None: until somebody or something releases it."""
    return replace(
        notice,
        state=NoticeState.HELD,
        hold=hold,
        drop=None,
        error=None,
        departed=False,
        not_before=until,
    )


def drop_notice(notice: Notice, code: DropCode, **params: Parameter) -> Notice:
    """The notice, never to be sent."""
    reason = DropReason(code, sort_parameters(params))
    return replace(
        notice, state=NoticeState.DROPPED, hold=None, drop=reason, error=None, departed=False
    )


@dataclass(frozen=True, slots=True)
class ReplyButton:
    """A reply that a reader gives by pressing a button, in a sink that has buttons.

    `replies`: (label, text of the reply). One is a plain button; of several the reader chooses one
    from a menu that is titled `label`.
    """

    label: str
    replies: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Message:
    """A rendered notice, for a sink to put into its own form. Plain text, not yet escaped.

    `headline` says what is owed, `body` is the rule's sentence, `facts` are label -> value, `why`
    is why the rule exists and why this reader gets it, `link` the record's page in the ATS and
    `link_text` the text of the link. `links`: the pages of the lines of `body` that begin with "•",
    in their order; "" for a line without one. `hint` says how to answer; `*` stands around the
    words to write. `intro` says what atsbridge is, in the first message a person gets. `chart`
    shows again what `body` says: a sink that draws none leaves it out. `buttons`: replies to
    offer; only a message to a sink with `SinkSpec.buttons` has some.
    """

    key: str
    headline: str
    body: str
    facts: tuple[tuple[str, str], ...] = ()
    why: str = ""
    link: str | None = None
    link_text: str = "Open in the ATS"
    tone: str = "due"  # "ahead" (before due), "due", "late", "done", "glad"
    links: tuple[str, ...] = ()
    hint: str = ""
    intro: str = ""
    chart: Chart | None = None
    buttons: tuple[ReplyButton, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a sink knows of a message it sent: enough to edit or thread it later.

    `aside`: a problem that did not prevent sending, for the operators.
    """

    ids: Mapping[str, Any]
    at: datetime | None = None
    aside: str = ""
