"""The fake company: seeded, deterministic, alive. Its truth in canonical records.

How it is told over HTTP is each vendor's fake; how its people act is in the modules beside.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, cast
from zlib import crc32

from atsbridge.model.pipeline import Candidate
from atsbridge.model.record import Key, Record
from atsbridge.sandbox import interviews, offers, pipeline, searches
from atsbridge.sandbox.ledger import Ledger, NoteRow, plain_id
from atsbridge.sandbox.names import DEPARTMENTS, REASONS
from atsbridge.sandbox.people import Person, staff
from atsbridge.sandbox.places import DAY, offices
from atsbridge.sandbox.world import Act, Journey, Search, Slot, World

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
HISTORY = 90 * DAY
_USUAL_LOAD = 0.53  # applications per open search and weekday that a team can look at with care
_OPEN_AT_FIRST = 0.6

_ACTS: dict[str, Act] = {
    name: getattr(module, name)
    for module, names in {
        pipeline: ("arrive", "judge", "hand_in", "withdraw", "clear"),
        interviews: (
            "arrange",
            "offer_times",
            "book",
            "answer",
            "move",
            "call_off",
            "meet",
            "write_up",
        ),
        offers: ("draft", "ask_approval", "approve", "send", "reply"),
        searches: (
            "propose",
            "request",
            "sign",
            "reprioritise",
            "restaff",
            "rethink",
            "retarget",
            "hold",
            "resume",
            "hand_over",
            "give_up",
        ),
    }.items()
    for name in names
}


class Company:
    """A company up to `now`; `advance` lets it live on.

    Same arguments, same life, whatever the steps of `advance`. At `start` it has some 90 days
    behind it, in which `applications` came in on about `requisitions` searches (default: one per
    20 applications). `people` (default: 25, more when there are more than 40 searches; at least
    eight) sit in five offices. `pipeline`: a plan of stages for each requisition (Greenhouse), or
    one for all (Lever). `new_id(kind, n)` gives the id of the nth record of a kind, from 1; notes
    too. Readers of more than one record hold `lock`.
    """

    def __init__(
        self,
        seed: int = 1,
        *,
        applications: int = 800,
        requisitions: int | None = None,
        people: int | None = None,
        start: datetime = START,
        new_id: Callable[[str, int], str] = plain_id,
        pipeline: Literal["per_requisition", "shared"] = "per_requisition",
        account: str = "",
    ) -> None:
        self.lock = threading.RLock()
        self.start = start
        searches_wanted = requisitions or max(4, applications // 20)
        self._applications = applications
        self._searches = searches_wanted
        self._begin = datetime.combine(start.date() - HISTORY, time(), UTC)
        self._weekdays = sum((self._begin + n * DAY).weekday() < 5 for n in range(HISTORY.days))
        self._weekday = self._carried = self._proposed = 0
        self.ledger = Ledger(account, new_id)
        acts: dict[str, Act] = {**_ACTS, "day": self._day, "whim": _whim, "depart": _depart}
        self.world = World(self.ledger, seed, self._begin - 60 * DAY, acts)
        self._found(people or max(25, searches_wanted * 25 // 40), pipeline == "shared")
        with _uncollected():
            self.advance(start)

    # --- reading ---

    @property
    def now(self) -> datetime:
        """Up to when its life has been played; aware UTC."""
        return self.world.now

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody, in order of joining: with role words, habit, office and absences."""
        return tuple(self.world.people.values())

    @property
    def notes(self) -> list[NoteRow]:
        """Notes in candidates' files, oldest first."""
        return self.ledger.notes

    @property
    def versions(self) -> Mapping[str, int]:
        """Per kind, a number that moves with every change: for fakes that keep rendered rows."""
        return self.ledger.versions

    def records(self, kind: str) -> Mapping[str, Record]:
        """The records of a kind by id, in order of creation: a live view, made by no copy."""
        return self.ledger.records(kind)

    def person(self, user_id: str) -> Person:
        """The colleague behind a user. KeyError if there is none."""
        return self.world.people[user_id]

    def plan(self, requisition: str) -> tuple[Slot, ...]:
        """The interviews its stages ask for. An Interview's `custom` has the `slot`'s order."""
        return self.world.searches[requisition].plan

    def candidate_name(self, record_id: str) -> tuple[str, str]:
        """First and last name; invented."""
        first, _, last = (self._candidate(record_id).display_name or "").partition(" ")
        return first, last

    def candidate_email(self, record_id: str) -> str:
        """An address that reaches nobody."""
        first, last = self.candidate_name(record_id)
        return f"{first}.{last}.{crc32(record_id.encode()):08x}@mail.example".lower()

    def _candidate(self, record_id: str) -> Candidate:
        return cast("Candidate", self.ledger.get("candidate", record_id))

    # --- living ---

    def advance(self, to: datetime) -> None:
        """Let it live until `to`; what is past changes nothing."""
        with self.lock:
            if to > self.world.now:
                self.world.advance(to)

    def nudge(self, user_id: str, subject: Key, at: datetime) -> datetime | None:
        """That person was reminded of that subject: when they will now act, if it is sooner.

        None: they owe nothing there, pay no heed, or would have been as quick anyway.
        """
        with self.lock:
            if user_id not in self.world.people:
                return None
            return self.world.remind(user_id, self._homes(subject.kind, subject.id), at)

    def _homes(self, kind: str, record_id: str | None) -> list[Journey | Search]:
        """Where the duties about a record hang."""
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
        """Leave a note in the file; it moves the activity clock of the application."""
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
        """The candidate asks to be forgotten: what hangs on them is gone from now on."""
        with self.lock:
            at, gone = at or self.now, {candidate}
            for kind, parent in _BELOW:
                for row in list(self.records(kind).values()):
                    if row.id in gone or (parent and getattr(row, parent) in gone):
                        gone.add(row.id)
                        self.ledger.change(kind, row.id, at, gone_at=at)
            for record_id in gone & self.world.journeys.keys():
                journey = self.world.journeys.pop(record_id)
                journey.ended = True
                journey.search.journeys.pop(record_id)

    # --- the making of it ---

    def _found(self, people: int, shared: bool) -> None:
        world, ledger = self.world, self.ledger
        long_ago = self._begin - 400 * DAY
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
        for person in staff(people, world.places, world.dice, self._begin.date()):
            record_id = ledger.add(
                "user",
                long_ago,
                name=person.name,
                email=person.email,
                active=True,
                office=world.offices[person.office],
            )
            world.people[record_id] = replace(person, id=record_id)
        self._pipeline = tuple(
            (
                ledger.add("stage", long_ago, requisition=None, name=name, order=order, kind=kind),
                kind,
            )
            for order, (name, kind) in enumerate(searches.SHARED if shared else ())
        )
        first = max(2, round(self._searches * _OPEN_AT_FIRST))
        for _ in range(first):
            self._propose(self._begin - (20 + world.dice.below(25)) * DAY)
        self._steady = self._searches - first
        world.at(self._begin, "day", self._begin.date())
        for days in (50, 98):
            leaves = world.places[0].after(self._begin + days * DAY, timedelta(hours=7))
            world.at(leaves, "depart")

    def _propose(self, from_: datetime) -> None:
        managers = self.world.of_role("hiring_manager")
        manager = managers[self._proposed % len(managers)]
        self._proposed += 1
        when = self.world.after(manager.id, self.world.dice.hours(0, 8), from_)
        self.world.at(when, "propose", self._proposed - 1, self._pipeline)

    def _day(self, world: World, day: date) -> None:
        """Plan a day, at its first minute in UTC: who applies, what changes, what is asked for."""
        midnight = datetime.combine(day, time(), UTC)
        world.at(midnight + DAY, "day", day + DAY)
        if day.weekday() >= 5:
            return
        n, of = self._weekday, self._weekdays
        self._weekday += 1
        going = [s for s in world.searches.values() if s.open and not s.held]
        for _ in range(_share(self._steady, n, of)):
            self._propose(midnight)
        for _ in range(_missing(world, self._searches // 3, self._proposed)):
            self._propose(midnight)
        for search in going:
            for act, hours in searches.whims(world, search):
                who = search.recruiter if act == "hand_over" else search.manager
                when = world.after(who, timedelta(seconds=int(hours * 3600)), midnight)
                world.at(when, "whim", act, search)
        self._applicants(day, _share(self._applications, n, of) + self._carried, going)

    def _applicants(self, day: date, count: int, going: list[Search]) -> None:
        """That many apply in the office hours of where they apply, after `start` on its day."""
        dice = self.world.dice
        least = self.start if day == self.start.date() else datetime.min.replace(tzinfo=UTC)
        hours = {p: w for p in self.world.places if (w := p.window(day)) and w[1] > least}
        choice = [s for s in going if s.place in hours for _ in range(s.heat)]
        if not choice:
            self._carried = count
            return
        self._carried = 0
        rush = max(1.0, count / len(going) / _USUAL_LOAD)
        for _ in range(count):
            search = dice.pick(choice)
            opens, closes = hours[search.place]
            opens = max(opens, least)
            room = int((closes - opens).total_seconds())
            when = opens + timedelta(seconds=1 + dice.below(room - 1))
            self.world.at(when, "arrive", search, rush)


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


def _share(total: int, turn: int, turns: int) -> int:
    """What falls to one of so many turns when a total is spread evenly over them."""
    return total * (turn + 1) // turns - total * turn // turns


def _missing(world: World, least: int, proposed: int) -> int:
    """How many searches are wanted lest the company run dry."""
    over = sum(not s.open and bool(s.duties) is False for s in world.searches.values())
    return max(0, max(1, least) - (proposed - over))


def _whim(world: World, act: str, search: Search) -> None:
    if search.open and not search.held:
        _ACTS[act](world, search)


def _depart(world: World) -> None:
    """An interviewer leaves the company; others take the seats still to come."""
    leavers = [p for p in world.of_role("interviewer") if p.roles == ("interviewer",)]
    if len(leavers) < 4:
        return
    who = leavers[-1].id
    world.leave(who)
    for journey in list(world.journeys.values()):
        for seats in journey.seated.values():
            for seat in seats:
                row = world.ledger.get("seat", seat)
                interview = world.ledger.get("interview", row.interview)
                if row.user == who and interview.status == "scheduled":
                    interviews.replace(world, journey, seat)
