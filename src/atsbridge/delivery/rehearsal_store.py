"""A store as it would be with some more cases and notices. What is written stays in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from atsbridge.model import Case, Notice, NoticeState
from atsbridge.ports import CaseStore, Decision, OutboxStore, RunStateStore, Store


@dataclass(slots=True)
class _Cases:
    """The cases that are added, before those of the store with the same number."""

    stored: CaseStore
    added: dict[int, Case]

    def read_case(self, number: int) -> Case | None:
        return self.added.get(number) or self.stored.read_case(number)

    def read_cases(self, account: str, *, open_only: bool = False) -> Sequence[Case]:
        kept = {one.number: one for one in self.stored.read_cases(account, open_only=open_only)}
        every = {**kept, **self.added}.values()
        return [one for one in every if one.end is None or not open_only]

    def read_open_cases(self, account: str) -> Sequence[Case]:
        return self.read_cases(account, open_only=True)


@dataclass(slots=True)
class _Outbox:
    """The notices that are added, before those of the store with the same key."""

    stored: OutboxStore
    added: dict[str, Notice]
    alone: bool

    def read_notices(
        self,
        account: str,
        *,
        case: int | None = None,
        states: Iterable[NoticeState] | None = None,
    ) -> Sequence[Notice]:
        wanted = None if states is None else frozenset(states)
        kept = [] if self.alone else self.stored.read_notices(account, case=case, states=states)
        every = {**{one.key: one for one in kept}, **self.added}.values()
        return [
            one
            for one in every
            if case in (None, one.case) and (wanted is None or one.state in wanted)
        ]


@dataclass(slots=True)
class _RunState:
    """What was noted in memory, before what the store keeps."""

    stored: RunStateStore
    added: dict[str, bytes] = field(default_factory=dict)

    def get(self, key: str) -> bytes | None:
        return self.added[key] if key in self.added else self.stored.get(key)

    def put(self, key: str, value: bytes) -> None:
        self.added[key] = value


class RehearsalStore:
    """Answers like the store, as if a decision were in it. It writes nothing into the store.

    New cases have the numbers -1, -2, … and their notices name them. `alone`: only the added
    notices exist, so that a preview does not list what waits for the same reader.
    """

    def __init__(self, stored: Store, *, alone: bool = False) -> None:
        self._stored = stored
        self._numbers: dict[tuple[str, Any], int] = {}
        self._added_cases: dict[int, Case] = {}
        self._added_notices: dict[str, Notice] = {}
        self.cases = _Cases(stored.cases, self._added_cases)
        self.outbox = _Outbox(stored.outbox, self._added_notices, alone)
        self.run_state = _RunState(stored.run_state)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stored, name)

    def add(self, decision: Decision) -> list[Notice]:
        """Take a decision as stored; returns its notices, with the numbers of their cases."""
        for case in decision.cases:
            place = (case.rule, case.subject)
            number = case.number or self._numbers.setdefault(place, -1 - len(self._numbers))
            self._added_cases[number] = replace(case, number=number)
        notices = [self._number(notice) for notice in decision.notices]
        self.keep(*notices)
        return notices

    def keep(self, *notices: Notice) -> None:
        """Take these notices as stored."""
        self._added_notices.update((one.key, one) for one in notices)

    def find_case(self, rule: str, subject: Any) -> Case | None:
        """The added case of a rule on a subject."""
        return self._added_cases.get(self._numbers.get((rule, subject), 0))

    def _number(self, notice: Notice) -> Notice:
        number = self._numbers.get((notice.rule, notice.subject), 0)
        return notice if notice.case or not number else replace(notice, case=number)

    @property
    def store(self) -> Store:
        """Itself, for whoever needs a store."""
        return cast("Store", self)
