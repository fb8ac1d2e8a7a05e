"""What delivery needs of a store: notices claimed, admitted, settled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from atsbridge.model import Notice, NoticeState


@dataclass(frozen=True, slots=True)
class PendingNotice:
    """A notice that could go out now, and what of its case says how much its delay costs."""

    notice: Notice
    due_at: datetime | None = None
    owed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """The attention people have given already, over all accounts. People go by e-mail.

    `interruptions`: (person, their local day as yyyy-mm-dd) -> messages that reached them;
    `digests`: person -> when what is held for their digest comes.
    """

    interruptions: Mapping[tuple[str, str], int]
    digests: Mapping[str, Sequence[datetime]]


@dataclass(frozen=True, slots=True)
class Admitted:
    """What is decided of one waiting notice: `sending`, or held. `day`: if it counts, when."""

    notice: Notice
    day: str = ""


Admit: TypeAlias = Callable[[Sequence[PendingNotice], Spent], Sequence[Admitted]]


class OutboxStore(Protocol):
    """Notices from the decision that made them until they are sent or dropped."""

    def claim(
        self, account: str, now: datetime, limit: int = 100, admit: Admit | None = None
    ) -> Sequence[tuple[Notice, bool]]:
        """Notices to send now, at most `limit` new ones; they are `sending` then.

        First come all that a dead tick left in `sending`; with True what had set off by then:
        look its key up. Settle what was claimed before claiming again. `admit` is asked within
        the transaction who may be disturbed, in which order, and who has to wait; without it all
        go, oldest first.
        """
        ...

    def depart(self, key: str) -> None:
        """What was claimed sets off now: whoever takes over must look whether it arrived."""
        ...

    def queue(self, notices: Sequence[Notice]) -> None:
        """Put these into the outbox. One whose key is there already stays as it is."""
        ...

    def settle(self, *notices: Notice) -> None:
        """Store what changed of them, together; the replies that were read excepted.

        What was claimed and goes back unsent gives back the attention it was counted for.
        """
        ...

    def read_notices(
        self,
        account: str,
        *,
        case: int | None = None,
        states: Iterable[NoticeState] | None = None,
    ) -> Sequence[Notice]:
        """Oldest first."""
        ...

    def read_open_notices(
        self, account: str, since: datetime | None = None
    ) -> Mapping[int, Sequence[Notice]]:
        """The notices of every open case, by its number, oldest first; or those sent `since`."""
        ...

    def count_notices(self, account: str) -> Mapping[str, int]:
        """State -> notices that are not sent or dropped: 0 where there is none."""
        ...
