"""The part of the store that holds notices until they are sent or dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from atsbridge.model import Notice, NoticeState, Purpose


@dataclass(frozen=True, slots=True)
class PendingNotice:
    """A notice that can be sent now. `due_at`, `owed_by`: of its case; they decide its urgency."""

    notice: Notice
    due_at: datetime | None = None
    owed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """The messages that people have already received, over all accounts. A person is an e-mail.

    `interruptions`: (person, their local day as yyyy-mm-dd) -> number of messages that reached
    them. `digests`: person -> the instants at which their held notices become due.
    """

    interruptions: Mapping[tuple[str, str], int]
    digests: Mapping[str, Sequence[datetime]]


@dataclass(frozen=True, slots=True)
class Admitted:
    """The decision about one waiting notice: `sending`, or held.

    `day`: the reader's local day that it counts against; "" if it interrupts nobody.
    """

    notice: Notice
    day: str = ""


Admit: TypeAlias = Callable[[Sequence[PendingNotice], Spent], Sequence[Admitted]]


class OutboxStore(Protocol):
    """Notices, from the decision that makes them until they are sent or dropped."""

    def claim(
        self,
        account: str,
        now: datetime,
        limit: int = 100,
        admit: Admit | None = None,
        later: list[str] | None = None,
    ) -> Sequence[Notice]:
        """Mark notices as `sending` and return them, at most `limit` new ones.

        Notices that a dead run left in `sending` come first; of those that had `departed` the sink
        must be asked for the key. Settle all claimed notices before the
        next claim. `admit` runs within the transaction: it decides the order, and which notices
        are held. Without it all are claimed, oldest first. `later`: a list that the caller keeps
        between the claims of one run, empty at first: the keys that were admitted beyond `limit`.
        With it a claim decides about the next of them only, and not about everything again.
        """
        ...

    def depart(self, key: str) -> None:
        """Note that a claimed notice is being sent: from now on it may have arrived."""
        ...

    def queue(self, notices: Sequence[Notice]) -> None:
        """Add notices. A notice whose key is stored already stays as it is."""
        ...

    def settle(self, *notices: Notice) -> None:
        """Store the changed notices in one transaction; the replies already read stay as stored.

        A claimed notice that goes back unsent no longer counts as an interruption.
        """
        ...

    def find_notice(self, key: str) -> Notice | None:
        """The notice with that key, of any account; None if there is none."""
        ...

    def read_notices(
        self,
        account: str,
        *,
        case: int | None = None,
        states: Iterable[NoticeState] | None = None,
    ) -> Sequence[Notice]:
        """The notices of an account, oldest first; of one case, or in these states, if given."""
        ...

    def read_sent_apart(
        self, account: str, purposes: Iterable[Purpose], since: datetime
    ) -> Sequence[Notice]:
        """The notices of these purposes that are about no case and were sent `since`, in order."""
        ...

    def read_open_notices(
        self, account: str, since: datetime | None = None
    ) -> Mapping[int, Sequence[Notice]]:
        """Number of an open case -> its notices, oldest first; those sent `since`, if given."""
        ...

    def count_notices(self, account: str) -> Mapping[str, int]:
        """State -> number of notices, for states before sent and dropped; 0 if none."""
        ...
