"""A Notice: one message to one destination, kept in the outbox until delivered.

Who gets one is decided in `cases`; how it is sent is `delivery`'s; its text is rendered late.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

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
    RESOLVE = "resolve"  # the good news: edits the first message, else threads it
    SUMMARY = "summary"  # what a first tick found late already: one message to a rule's owner
    DIGEST = "digest"  # all that waited for the morning of one reader, in one message
    HANDED_OVER = "handed_over"  # whoever was told hears that it is another's now, as an end
    ANSWER = "answer"  # a word back to who answered; its words travel in `receipt` until it is sent
    OPS = "ops"  # word to ops; its words travel in `receipt` until it is sent


ENDS = frozenset({Purpose.RESOLVE, Purpose.HANDED_OVER})  # nothing is left to do for the reader
BOUND = ENDS | {Purpose.ANSWER}  # they belong where the message is that they speak of
REFUSED = "refused"  # in the receipt of an end: its message cannot be edited, so it goes anew
HANDED_ON = "handed_on"  # in the receipt of what waits for somebody a case was handed on to
CLAIMED = "claimed"  # why a notice is `sending` though it has not set off


class Held(StrEnum):
    """Why a notice waits though it could be sent."""

    QUIET = "quiet hours"
    DIGEST = "digest"
    BREAKER = "breaker"
    SHADOW = "shadow"
    UNCONFIRMED = "unconfirmed"
    STOPPED = "stopped"  # its rule has a mistake
    MUTED = "muted"  # silenced, on hold, standing still, or told by its cause


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a notice goes: a sink and an address it understands.

    `kind`: "person" (address is a user's e-mail), "channel" (a channel's name or a team's
    address), "ats" (an address of `model.writing` with the case's subject; once it is sent, with
    the record that bears it). `person` is the user id where the destination is one, and `why`
    how the person was found.
    """

    sink: str
    kind: str
    address: str
    person: str | None = None
    why: str = ""

    @property
    def place(self) -> tuple[str, str, str]:
        """What makes two destinations one: sink, kind, address."""
        return self.sink, self.kind, self.address


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """`key` is unique and stable over restarts: what a sink looks up before sending again.

    A summary belongs to no case: `case` is 0, `rule` empty, and it speaks of the baseline cases
    that opened at `created_at`. So does a digest: it speaks of what is held for its destination
    and whose morning had come by `created_at`.
    """

    key: str
    account: str
    case: int
    rule: str
    subject: Key
    destination: Destination
    purpose: Purpose
    step: int = -1  # index of the ladder; -1 for a resolution
    state: NoticeState = NoticeState.QUEUED
    reason: str = ""  # why held or dropped, or what the last failure was
    not_before: datetime | None = None
    attempts: int = 0
    created_at: datetime | None = None
    sent_at: datetime | None = None
    receipt: Mapping[str, Any] = field(default_factory=dict)  # the sink's own ids

    @property
    def handed_on(self) -> bool:
        """Whether it waits for somebody the case was handed on to."""
        return bool(self.receipt.get(HANDED_ON))


def anew(notice: Notice) -> bool:
    """Whether an end is sent as a message of its own: the one it belongs to refused the edit."""
    return notice.purpose in ENDS and bool(notice.receipt.get(REFUSED))


@dataclass(frozen=True, slots=True)
class Message:
    """A notice in words, for a sink to put into its own form. Plain text, not yet escaped.

    `headline` says what is owed, `body` the rule's sentence, `facts` label -> value, `why` the
    rule's reason for being and why it comes to this reader, `link` the record's page in the ATS
    and `link_text` the words on it. `links`: the pages of the lines of `body` that begin with "•",
    in their order; "" for a line without one. `hint` says how to answer; `*` stands around the
    words to write. `intro` says what atsbridge is, in the first message a person gets.
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


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a sink knows of a message it sent: enough to edit or thread it later.

    `aside`: what was wrong though it was sent, for ops.
    """

    ids: Mapping[str, Any]
    at: datetime | None = None
    aside: str = ""
