"""The part of the store with replies that have arrived and wait for the next run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from atsbridge.ports.sink import Reply


@dataclass(frozen=True, slots=True)
class ReceivedReply:
    """A reply that came by itself: a pressed button, or a text that a listener heard.

    `at`: when it arrived, in UTC. `answered`: its author has the answer already.
    """

    account: str
    reply: Reply
    at: datetime
    answered: bool = False


class ReplyInbox(Protocol):
    """Replies between their arrival and the run that applies them.

    Replies that a run fetches itself are applied at once and never stored here. A listener may hear
    the same text: whoever is first applies it.
    """

    def add_reply(self, received: ReceivedReply) -> bool:
        """Store a reply; False where one with the same key and mark waits already.

        Needs no lock: a run may be at work.
        """
        ...

    def read_replies(self, account: str) -> Sequence[ReceivedReply]:
        """The replies that wait, oldest first."""
        ...

    def holds_reply(self, reply: Reply) -> bool:
        """Whether a reply with this key and mark waits."""
        ...

    def mark_answered(self, reply: Reply) -> None:
        """Store that the author of a waiting reply has the answer. Needs no lock."""
        ...

    def count_replies(self) -> int:
        """How many replies wait for their answer, over all accounts."""
        ...

    def remove_replies(self, applied: Iterable[Reply]) -> None:
        """Remove replies that were applied: they are among `Notice.replies` now."""
        ...
