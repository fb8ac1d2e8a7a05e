"""The fake company: canonical records that change over simulated time, deterministic by seed.

The fake of each vendor serves these records over HTTP.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Literal, cast
from zlib import crc32

from atsbridge.model import Candidate, Key, Record
from atsbridge.sandbox.company import (
    application_events as pipeline,
)
from atsbridge.sandbox.company import (
    daily_events,
    interview_events,
    offer_events,
    requisition_events,
    scripted_events,
)
from atsbridge.sandbox.company.company_records import Ledger, NoteRow, plain_id
from atsbridge.sandbox.company.daily_events import HISTORY, Days
from atsbridge.sandbox.company.employees import DOMAIN, Person, staff
from atsbridge.sandbox.company.event_queue import Act, CompanyWorld, Journey, Search, Slot
from atsbridge.sandbox.company.invented_names import DEPARTMENTS, REASONS
from atsbridge.sandbox.company.office_locations import DAY, offices

START = datetime(2026, 3, 2, 8, tzinfo=UTC)

_ACTS: dict[str, Act] = {
    name: getattr(module, name)
    for module, names in {
        pipeline: ("arrive", "decide_application", "hand_in", "withdraw", "clear"),
        interview_events: (
            "arrange",
            "offer_times",
            "book",
            "answer",
            "move",
            "call_off",
            "meet",
            "write_up",
        ),
        offer_events: ("draft", "ask_approval", "approve", "send", "reply"),
        requisition_events: (
            "propose",
            "request",
            "sign",
            "reprioritize",
            "restaff",
            "rethink",
            "retarget",
            "hold",
            "resume",
            "hand_over",
            "give_up",
        ),
        daily_events: ("whim", "depart"),
        scripted_events: ("surprise",),
    }.items()
    for name in names
}


@dataclass(frozen=True, slots=True)
class CompanyProfile:
    """What two companies of one size differ in besides their events.

    `new_id(kind, n)`: the id of the nth record of a kind, from 1; notes too. `pipeline`: stages
    per requisition (Greenhouse) or one list for all (Lever). `domain`: of e-mail addresses.
    """

    new_id: Callable[[str, int], str] = plain_id
    pipeline: Literal["per_requisition", "shared"] = "per_requisition"
    account: str = ""
    domain: str = DOMAIN


class Company:
    """A company as of `now`; `advance` plays the events up to a later instant.

    The same arguments give the same records, whatever the steps of `advance`. At `start` the
    company has a past of 90 days with `applications` applications on about `requisitions`
    requisitions (default: one per 20 applications). `people` (default: 25, more above 40
    requisitions; at least eight) work in five offices. Hold `lock` while you read more than one
    record.
    """

    def __init__(
        self,
        seed: int = 1,
        *,
        applications: int = 800,
        requisitions: int | None = None,
        people: int | None = None,
        start: datetime = START,
        profile: CompanyProfile | None = None,
    ) -> None:
        profile = profile or CompanyProfile()
        self.lock = threading.RLock()
        self.start = start
        wanted = requisitions or max(4, applications // 20)
        self.ledger = Ledger(profile.account, profile.new_id)
        acts: dict[str, Act] = {**_ACTS, "day": self._day}
        self.world = CompanyWorld(self.ledger, seed, start - HISTORY - 60 * DAY, acts)
        self._days = Days(self.world, start, applications, wanted)
        crew = people or max(25, wanted * 25 // 40)
        self._found(crew, profile.pipeline == "shared", profile.domain)
        with _uncollected():
            self.advance(start)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, lock=threading.RLock())

    # --- reading ---

    @property
    def now(self) -> datetime:
        """The instant up to which events have been played; aware UTC."""
        return self.world.now

    @property
    def people(self) -> tuple[Person, ...]:
        """All employees, in order of joining."""
        return tuple(self.world.people.values())

    @property
    def notes(self) -> list[NoteRow]:
        """Notes in candidates' files, oldest first."""
        return self.ledger.notes

    @property
    def versions(self) -> Mapping[str, int]:
        """Kind -> number of changes, for fakes that cache rendered rows."""
        return self.ledger.versions

    def records(self, kind: str) -> Mapping[str, Record]:
        """The records of a kind by id, in order of creation; a live view, not a copy."""
        return self.ledger.records(kind)

    def person(self, user_id: str) -> Person:
        """The employee with that user id. KeyError if there is none."""
        return self.world.people[user_id]

    def plan(self, requisition: str) -> tuple[Slot, ...]:
        """The interviews that its stages need. An interview's `custom` holds the `slot` order."""
        return self.world.searches[requisition].plan

    def candidate_name(self, record_id: str) -> tuple[str, str]:
        """First and last name; invented."""
        first, _, last = (self._candidate(record_id).display_name or "").partition(" ")
        return first, last

    def candidate_email(self, record_id: str) -> str:
        """An e-mail address that reaches nobody."""
        first, last = self.candidate_name(record_id)
        return f"{first}.{last}.{crc32(record_id.encode()):08x}@mail.example".lower()

    def _candidate(self, record_id: str) -> Candidate:
        return cast("Candidate", self.ledger.get("candidate", record_id))

    # --- playing events ---

    def advance(self, to: datetime) -> None:
        """Play all events up to `to`; an earlier instant changes nothing."""
        with self.lock:
            if to > self.world.now:
                self.world.advance(to)

    def nudge(self, user_id: str, subject: Key, at: datetime) -> datetime | None:
        """Remind a person of a subject; return the instant at which they will act, if it is sooner.

        None if they owe nothing there, ignore the reminder, or would act as soon anyway.
        """
        with self.lock:
            if user_id not in self.world.people:
                return None
            return self.world.remind(user_id, self._homes(subject.kind, subject.id), at)

    def _homes(self, kind: str, record_id: str | None) -> list[Journey | Search]:
        """The applications and requisitions that hold the duties for a record."""
        world = self.world
        if record_id is None or record_id not in self.ledger.records(kind):
            return []
        if kind == "application":
            return [world.journeys[record_id]] if record_id in world.journeys else []
        if kind == "requisition":
            search = world.searches[record_id]
            return [search, *search.journeys.values()]
        row = self.ledger.get(kind, record_id)
        for parent in ("application", "interview", "offer", "requisition"):
            if found := getattr(row, parent, None):
                return self._homes(parent, found)
        return []

    def add_note(
        self,
        candidate: str,
        body: str,
        *,
        application: str | None = None,
        author: str | None = None,
        visibility: str = "public",
        at: datetime | None = None,
    ) -> NoteRow:
        """Add a note to the candidate; it updates the last activity of the application."""
        with self.lock:
            at = at or self.now
            note = self.ledger.note(
                at,
                candidate,
                body,
                application=application,
                author=author,
                visibility=visibility,
            )
            if application:
                self.ledger.change("application", application, at, last_activity_at=at)
            return note

    def erase(self, candidate: str, at: datetime | None = None) -> None:
        """Delete a candidate at their request, with all records below them."""
        with self.lock:
            at, deleted = at or self.now, {candidate}
            for kind, parent in _BELOW:
                for row in list(self.records(kind).values()):
                    if row.id in deleted or (parent and getattr(row, parent) in deleted):
                        deleted.add(row.id)
                        self.ledger.change(kind, row.id, at, deleted_at=at)
            for record_id in deleted & self.world.journeys.keys():
                journey = self.world.journeys.pop(record_id)
                journey.ended = True
                journey.search.journeys.pop(record_id)

    # --- setting up ---

    def _day(self, _: CompanyWorld, day: date) -> None:
        self._days.day(day)

    def _found(self, people: int, shared: bool, domain: str) -> None:
        world, ledger = self.world, self.ledger
        long_ago = self._days.begin - 400 * DAY
        world.places = offices()
        for place in world.places:
            world.offices[place.name] = ledger.add(
                "office",
                long_ago,
                name=place.name,
                timezone=place.zone,
                country=place.country,
            )
        for name in DEPARTMENTS:
            world.departments[name] = ledger.add("department", long_ago, name=name)
        for name, kind in REASONS:
            world.reasons[ledger.add("reason", long_ago, name=name, kind=kind)] = kind
        for person in staff(people, world.places, world.dice, self._days.begin.date(), domain):
            record_id = ledger.add(
                "user",
                long_ago,
                name=person.name,
                email=person.email,
                active=True,
                office=world.offices[person.office],
            )
            world.people[record_id] = replace(person, id=record_id)
        stages = tuple(
            (
                ledger.add("stage", long_ago, requisition=None, name=name, order=order, kind=kind),
                kind,
            )
            for order, (name, kind) in enumerate(requisition_events.SHARED if shared else ())
        )
        self._days.prepare(stages)


@contextmanager
def _uncollected() -> Iterator[None]:
    """While millions of records are made and none is dropped, looking for garbage is in vain."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


_BELOW = (
    ("candidate", ""),
    ("application", "candidate"),
    ("stage_stay", "application"),
    ("interview", "application"),
    ("scorecard", "application"),
    ("seat", "interview"),
    ("offer", "application"),
    ("approval", "offer"),
)
