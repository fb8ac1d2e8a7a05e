"""The part of the store with the cases, and what a decision changes in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from atsbridge.model import Ahead, Case, Key, Notice, Transition


@dataclass(frozen=True, slots=True)
class Look:
    """The next evaluation of one subject: the earliest instant at which time alone can change one
    of its verdicts."""

    kind: str
    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BreakerTrip:
    """A rule opened so many cases at once, which wait on so many people; its notices are held."""

    rule: str
    cases: int
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Everything that one evaluation of an account changes, written in one transaction.

    `evaluated`: kind -> ids whose agenda rows are replaced by `looks`; None: all of the account.
    `ahead`: the rules whose subjects a full evaluation left for later; then all agenda rows of the
    account are written anew, and conditions on `unreadable` "kind.field"s are unknown.
    `transitions`: (subject, rule, transition). `dirty_done`: clear the dirty marks of the account.

    New cases have number 0 and are found by rule and subject; notices of a new case have case 0.
    `trips`: of the circuit breaker; they are not stored. `cached`: run state to store.
    `answered`: keys of notices of which replies were read.
    """

    account: str
    at: datetime
    evaluated: Mapping[str, Sequence[str] | None] = field(default_factory=dict)
    looks: Sequence[Look] = ()
    ahead: Sequence[Ahead] = ()
    unreadable: frozenset[str] = frozenset()
    cases: Sequence[Case] = ()
    transitions: Sequence[tuple[Key, str, Transition]] = ()
    notices: Sequence[Notice] = ()
    trips: Sequence[BreakerTrip] = ()
    dirty_done: bool = False
    cached: Mapping[str, bytes] = field(default_factory=dict)
    answered: Sequence[Notice] = ()


class CaseStore(Protocol):
    """Cases and their history."""

    def save_decision(self, decision: Decision) -> None:
        """Store a decision in one transaction. New cases get their numbers.

        Raises StoreError if a rule would have two open cases on one subject.
        """
        ...

    def read_open_cases(self, account: str) -> Sequence[Case]:
        """The open cases of an account, in order of number."""
        ...

    def read_cases(self, account: str, *, open_only: bool = False) -> Sequence[Case]:
        """The cases of an account, in order of number."""
        ...

    def read_case(self, number: int) -> Case | None:
        """The case with that number, in any account."""
        ...

    def read_cases_of(self, rule: str, subject: Key) -> Sequence[Case]:
        """The cases of a rule on a subject, ended ones included, in order of number."""
        ...

    def read_transitions(self, number: int) -> Sequence[Transition]:
        """The history of a case, oldest first."""
        ...

    def count_open_cases(self, account: str) -> Mapping[tuple[str, str], int]:
        """(rule, clock) -> number of open cases outside the backlog, in that order."""
        ...

    def count_backlog(self, account: str) -> Mapping[str, int]:
        """Rule -> number of open cases in the backlog, in order of rule."""
        ...

    def count_false_alarms(self, account: str) -> Mapping[str, int]:
        """Rule -> number of false alarms, without those that were taken back."""
        ...

    def count_false_alarms_ever(self, account: str) -> Mapping[str, int]:
        """Rule -> number of false alarms, with those that were taken back."""
        ...
