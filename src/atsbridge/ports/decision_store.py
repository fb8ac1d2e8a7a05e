"""What judging and deciding need of a store: subjects out, cases in.

The outbox is `outbox`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from atsbridge.model import Ahead, Case, Change, Found, Key, Notice, Query, Record, Transition


@dataclass(frozen=True, slots=True)
class Look:
    """The agenda's row of one subject: the earliest instant at which time can change a verdict."""

    kind: str
    id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """All that judging and deciding changes; one transaction.

    `judged`: kind -> ids whose agenda rows are replaced by `looks` (None: every one of the
    account); `ahead` is what a pass over everything left for later, and then every row of the
    account is written anew, conditions on `unreadable` "kind.field"s being unknown;
    `unjudged_done` clears the marks of what was judged. New cases have number 0 and
    are found again by rule and subject; notices of a new case carry case 0. `cached` is put into
    the cache with it. `receipts`: key of a notice that was sent -> its receipt from now on.
    """

    account: str
    at: datetime
    judged: Mapping[str, Sequence[str] | None] = field(default_factory=dict)
    looks: Sequence[Look] = ()
    ahead: Sequence[Ahead] = ()
    unreadable: frozenset[str] = frozenset()
    cases: Sequence[Case] = ()
    transitions: Sequence[tuple[Key, str, Transition]] = ()  # subject, rule, row
    notices: Sequence[Notice] = ()
    unjudged_done: bool = False
    cached: Mapping[str, bytes] = field(default_factory=dict)
    receipts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class Finder(Protocol):
    """What finding subjects needs."""

    def select(
        self,
        account: str,
        query: Query,
        *,
        ids: Sequence[str] | None = None,
        filtered: bool = True,
        unreadable: frozenset[str] = frozenset(),
    ) -> Iterator[Found]:
        """What the Query finds, by id. `ids` narrows it; `filtered=False` leaves out where, bound
        and the hiding of gone subjects. Conditions on `unreadable` "kind.field"s are unknown."""
        ...


class CaseStore(Finder, Protocol):
    """What judging, deciding and delivering need."""

    def derive(self, account: str, at: datetime) -> None:
        """Compute the derived fields of what is unjudged and of what joins to it."""
        ...

    def touched(self, account: str, subject: str, refs: Iterable[str]) -> Sequence[str] | None:
        """Ids of subjects that are unjudged, and of live ones that lead to an unjudged record.

        `refs`: the "kind.field" refs the rules of this subject follow. None: all of them.
        """
        ...

    def looking(self, account: str, subject: str, now: datetime) -> Sequence[str]:
        """Ids whose agenda row has come."""
        ...

    def unread(self, account: str, subject: str, ids: Sequence[str]) -> Sequence[str]:
        """Those of the subjects that hang on a parent whose children are still to be read."""
        ...

    def record(self, key: Key) -> Record | None: ...

    def changes(self, key: Key, fields: Sequence[str] = ()) -> Sequence[Change]:
        """Oldest first."""
        ...

    def open_cases(self, account: str) -> Sequence[Case]: ...

    def decide(self, decision: Decision) -> None: ...
