"""What a message depends on besides its case: reader, instant, and earlier messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from atsbridge.cases import Directory
from atsbridge.model import Sensitivity


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
class MessageContext:
    """Everything a message is made with besides rule, notice, case and facts.

    `clearance`: the most sensitive class that the sink may show. `takes_replies`: what people
    reply to the message is read.
    """

    directory: Directory
    now: datetime
    clearance: Sensitivity = Sensitivity.PERSONAL
    history: ReaderHistory = field(default_factory=ReaderHistory)
    takes_replies: bool = False
