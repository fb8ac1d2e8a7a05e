"""What a store keeps of cases, and what deciding changes in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from atsbridge.model import Ahead, Case, Key, Notice, Transition


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
    `dirty_done` clears the marks of what was judged. New cases have number 0 and
    are found again by rule and subject; notices of a new case carry case 0. `cached` is put into
    the cache with it. `answered`: notices of which replies were read.
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
    dirty_done: bool = False
    cached: Mapping[str, bytes] = field(default_factory=dict)
    answered: Sequence[Notice] = ()


class CaseStore(Protocol):
    """Cases and their history."""

    def save_decision(self, decision: Decision) -> None:
        """Store all that a decision changes, or nothing of it.

        New cases get their numbers, and their transitions and notices with them. StoreError
        where a rule would have two open cases on one subject.
        """
        ...

    def read_open_cases(self, account: str) -> Sequence[Case]:
        """In order of number."""
        ...

    def read_cases(self, account: str, *, open_only: bool = False) -> Sequence[Case]:
        """In order of number."""
        ...

    def read_case(self, number: int) -> Case | None:
        """The case of that number, of whatever account."""
        ...

    def read_transitions(self, number: int) -> Sequence[Transition]:
        """The history of a case, oldest first."""
        ...

    def count_open_cases(self, account: str) -> Mapping[tuple[str, str], int]:
        """(rule, clock) -> open cases, in that order."""
        ...

    def count_false_alarms(self, account: str) -> Mapping[str, int]:
        """Rule -> false alarms that stand: those that were taken back are not counted."""
        ...

    def count_false_alarms_ever(self, account: str) -> Mapping[str, int]:
        """Rule -> how often a case of it was ever called a false alarm, with those taken back."""
        ...
