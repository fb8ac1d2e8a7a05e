"""Queues the two questions to each of a pair after a hire or a search that ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from atsbridge.cases import hash_parts
from atsbridge.context import AccountContext, address_of
from atsbridge.model import (
    All,
    Condition,
    Destination,
    Key,
    Notice,
    Operator,
    PulseSheet,
    Purpose,
    Query,
    User,
    clean,
)
from atsbridge.presentation import pulse_text, weekly_message

RECENT = timedelta(days=14)  # what ended before is no news
SETTLED = timedelta(days=1)  # a slip of the mouse is undone by then
UNANSWERED = timedelta(days=30)  # then the answer of one alone is erased
PULSES = 20  # in one run
_NAMES = ("recruiter", "hiring_manager", "confidential", "title", "code")


@dataclass(frozen=True, slots=True)
class EndedSearch:
    """A requisition that was closed, or has a hire. `facts`: by name of its field."""

    id: str
    facts: dict[str, object]
    hired: bool


@dataclass(frozen=True, slots=True)
class PulseMessages:
    """The pulses of an account at `now`, aware UTC."""

    context: AccountContext
    now: datetime

    def queue(self) -> None:
        """Ask about what ended lately; erase answers that waited for the other for a month."""
        store, account = self.context.store, self.context.account
        sheets = store.pulses.read_sheets(account)
        for one in sheets:
            if one.shown_at is None and self.now - one.asked_at > UNANSWERED:
                store.pulses.close_pulse(account, one.requisition, self.now)
        asked = {one.requisition for one in sheets}
        if self.context.run_state.read_pulse_since() is None:
            # Nobody would have been asked yet about what ended in the last day.
            self.context.run_state.write_pulse_since(self.now - SETTLED)
        for found in [one for one in self._find() if one.id not in asked][:PULSES]:
            self._ask(found)

    def _find(self) -> list[EndedSearch]:
        """Searches that ended lately, each once, in order of id; confidential ones left out."""
        found = {one.id: one for one in (*self._closed(), *self._hires())}
        return [found[one] for one in sorted(found) if not found[one].facts["confidential"]]

    def _closed(self) -> Iterator[EndedSearch]:
        where = All(
            (
                Condition("requisition.status", Operator.IN, ("filled", "closed")),
                *self._lately("requisition.closed_at"),
            )
        )
        columns = tuple(f"requisition.{name}" for name in (*_NAMES, "status"))
        for row in self.context.store.subjects.select(
            self.context.account, Query("requisition", where, columns)
        ):
            facts = {name: row.facts.get(f"requisition.{name}") for name in _NAMES}
            if not row.unknown:
                yield EndedSearch(row.id, facts, row.facts.get("requisition.status") == "filled")

    def _hires(self) -> Iterator[EndedSearch]:
        where = All(
            (
                Condition("application.status", Operator.EQ, "hired"),
                *self._lately("application.closed_at"),
            )
        )
        columns = ("application.requisition", *(f"requisition.{name}" for name in _NAMES))
        for row in self.context.store.subjects.select(
            self.context.account, Query("application", where, columns)
        ):
            facts = {name: row.facts.get(f"requisition.{name}") for name in _NAMES}
            if row.facts.get("application.requisition") and not row.unknown:
                yield EndedSearch(str(row.facts["application.requisition"]), facts, hired=True)

    def _lately(self, path: str) -> tuple[Condition, ...]:
        since = self.context.run_state.read_pulse_since() or self.now
        return (
            Condition(path, Operator.GTE, max(self.now - RECENT, since)),
            Condition(path, Operator.LTE, self.now - SETTLED),
        )

    def _ask(self, found: EndedSearch) -> None:
        """Queue the questions to both; nobody is asked where one of them cannot be reached."""
        users = self.context.users
        people = [users.get(str(found.facts[role])) for role in ("recruiter", "hiring_manager")]
        pair = [one for one in people if one is not None and self._may_ask(one)]
        if len(pair) < 2 or pair[0].id == pair[1].id:
            return
        account, store = self.context.account, self.context.store
        emails = tuple(address_of(one) for one in pair)
        both = (pair, pair[::-1])
        store.outbox.queue(
            [replace(self._notice(found, one, other), pair=emails) for one, other in both]
        )
        store.pulses.ask_pulse(
            [PulseSheet(account, found.id, address_of(one), self.now) for one in pair]
        )

    def _may_ask(self, user: User) -> bool:
        """Whether they are there, want messages, and can answer."""
        email = address_of(user)
        chosen = self.context.directory.preferences.get(email)
        if user.active is False or not user.email or (chosen is not None and chosen.stopped):
            return False
        return self.context.reads_answers(email)

    def _notice(self, found: EndedSearch, user: User, other: User) -> Notice:
        email, account = address_of(user), self.context.account
        name = clean((user.name or "").partition(" ")[0]) or "Hello"
        colleague = clean(other.name or "", 60) or "your colleague"
        role = weekly_message.role_name(found.facts["title"], found.facts["code"])
        return Notice(
            key=hash_parts("pulse", account, found.id, email),
            account=account,
            case=0,
            rule="",
            subject=Key(account, "requisition", found.id),
            destination=Destination(
                self.context.directory.find_sink(email), "person", email, user.id
            ),
            purpose=Purpose.PULSE,
            created_at=self.now,
            text=pulse_text.render_pulse(name, colleague, role, hired=found.hired),
        )
