"""What a message depends on besides its case: reader, instant, and earlier messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from atsbridge.cases import Directory
from atsbridge.model import Key, Sensitivity


@dataclass(frozen=True, slots=True)
class ReaderHistory:
    """What has reached a reader before a message.

    `is_first`: nothing has. `knows_why`: they have read the reason of its rule. `reminder`: the
    message is the reader's first (1), second or later one on its case.
    """

    is_first: bool = False
    knows_why: bool = False
    reminder: int = 1


@dataclass(frozen=True, slots=True)
class SideCount:
    """Promises of one side: "recruiter" or "manager"."""

    side: str
    on_time: int
    due: int


@dataclass(frozen=True, slots=True)
class SearchFacts:
    """What good news tells of a search besides its own facts.

    `panel`: user ids of the interviewers. `market_days`: how long the market takes to fill such a
    role, None where no table says. `kept`: promises of both sides, or of none.
    """

    panel: tuple[str, ...] = ()
    market_days: float | None = None
    kept: tuple[SideCount, ...] = ()


NO_FACTS = SearchFacts()


@dataclass(frozen=True, slots=True)
class MessageContext:
    """Everything a message is made with besides rule, notice, case and facts.

    `clearance`: the most sensitive class that the sink may show. `takes_replies`: what people
    reply to the message is read. `has_buttons`: the sink offers buttons. `find_search`: the facts
    of the search of a subject. `declared`: who may read single custom fields and brief sections, as
    the account's settings say.
    """

    directory: Directory
    now: datetime
    clearance: Sensitivity = Sensitivity.PERSONAL
    history: ReaderHistory = field(default_factory=ReaderHistory)
    takes_replies: bool = False
    has_buttons: bool = False
    find_search: Callable[[Key], SearchFacts] = field(default=lambda _subject: NO_FACTS)
    declared: Mapping[str, Sensitivity] = field(default_factory=dict)
