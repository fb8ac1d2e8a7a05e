"""The event queue of the fake company: its clock, its planned events, and what people owe."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from atsbridge.sandbox.company.company_records import Ledger
from atsbridge.sandbox.company.employees import Person
from atsbridge.sandbox.company.office_locations import DAY, OfficeLocation
from atsbridge.sandbox.company.random_source import Dice

Act = Callable[..., None]  # (world, *args)


@dataclass(slots=True, eq=False)
class Duty:
    """A task that one person owes. `at` is when they will do it, unless reminded or delayed."""

    who: str
    task: str
    act: str
    args: tuple[Any, ...]
    at: datetime
    done: bool = False
    reminders: int = 0


@dataclass(frozen=True, slots=True)
class Slot:
    """An interview that a stage asks for."""

    stage: str
    order: int
    name: str
    minutes: int
    seats: int


@dataclass(slots=True, eq=False)
class Search:
    """The state of a requisition in the simulation: team, stages, and random generator."""

    id: str
    dice: Dice
    place: OfficeLocation
    recruiter: str
    manager: str
    coordinator: str
    approvers: tuple[str, ...]
    panel: tuple[str, ...]
    stages: tuple[tuple[str, str], ...] = ()  # stage id, kind
    plan: tuple[Slot, ...] = ()
    criteria: list[str] = field(default_factory=list)
    openings: list[str] = field(default_factory=list)
    team: list[str] = field(default_factory=list)
    heat: int = 1  # how many times as many apply as elsewhere
    open: bool = False
    held: bool = False
    pay: tuple[int, int] = (0, 0)
    duties: list[Duty] = field(default_factory=list)
    journeys: dict[str, Journey] = field(default_factory=dict)  # those that still go on


@dataclass(slots=True, eq=False)
class Journey:
    """The state of an active application in the simulation."""

    id: str
    candidate: str
    search: Search
    dice: Dice
    talent: float  # 0 to 1
    rush: float  # how many times more apply than the team can talk to
    step: int = 0
    stay: str = ""
    ended: bool = False
    duties: list[Duty] = field(default_factory=list)
    owed: dict[str, set[str]] = field(default_factory=dict)  # this stage: interview -> seats
    seated: dict[str, list[str]] = field(default_factory=dict)  # the same, seats not required too
    ratings: list[int] = field(default_factory=list)  # recommendations of this stage, -2 to 2
    offers: int = 0
    offer: str = ""  # the newest

    @property
    def stage(self) -> str:
        return self.search.stages[self.step][0]

    @property
    def kind(self) -> str:
        return self.search.stages[self.step][1]


class CompanyWorld:
    """The clock, the event queue, the people, and all active work. Not safe for threads.

    Events run in order of (instant, order of planning), whatever the steps of `advance`. Each
    requisition and application has a random generator of its own, so that an event of one, such as
    a reminder, does not change the others.
    """

    def __init__(self, ledger: Ledger, seed: int, now: datetime, acts: Mapping[str, Act]) -> None:
        self.ledger = ledger
        self.seed = seed
        self.now = now
        self.dice = Dice(seed)
        self.people: dict[str, Person] = {}
        self.left: set[str] = set()  # deactivated
        self.searches: dict[str, Search] = {}
        self.journeys: dict[str, Journey] = {}
        self.places: Sequence[OfficeLocation] = ()
        self.reasons: dict[str, str] = {}  # id -> kind
        self.departments: dict[str, str] = {}  # name -> id
        self.offices: dict[str, str] = {}
        self._roles: dict[tuple[str, str], Sequence[Person]] = {}
        self._acts = acts
        self._queue: list[tuple[datetime, int, str, tuple[Any, ...]]] = []
        self._planned = 0

    # --- events ---

    def at(self, when: datetime, act: str, *args: Any) -> None:
        """Plan the event `act` for that instant."""
        self._planned += 1
        heapq.heappush(self._queue, (when, self._planned, act, args))

    def advance(self, to: datetime) -> None:
        """Play all events up to and including `to`."""
        queue = self._queue
        while queue and queue[0][0] <= to:
            self.now, _, act, args = heapq.heappop(queue)
            if act == "duty":
                self._perform(args[0], args[1])
            else:
                self._acts[act](self, *args)
        self.now = max(self.now, to)

    # --- people ---

    def of_role(self, role: str, office: str = "") -> Sequence[Person]:
        """Active employees with that role (in that office), in order of joining."""
        if (role, office) not in self._roles:
            self._roles[role, office] = [
                p
                for p in self.people.values()
                if role in p.roles and office in ("", p.office) and p.id not in self.left
            ]
        return self._roles[role, office]

    def leave(self, who: str) -> None:
        """The person leaves the company: their user becomes inactive."""
        self.left.add(who)
        self._roles.clear()
        self.ledger.change("user", who, self.now, active=False)

    def after(self, who: str, work: timedelta, start: datetime | None = None) -> datetime:
        """The instant at which that person has worked for `work` since `start` (default: now)."""
        person = self.people[who]
        return person.place.after(start or self.now, work, person.away)

    # --- duties ---

    def owe(self, home: Journey | Search, who: str, task: str, act: str, *args: Any) -> None:
        """From now on `who` owes the task; the event `act` happens when they do it."""
        person = self.people[who]
        dice = home.dice
        at = self.after(who, person.delay(task, dice))
        if person.habit.weekday is not None and task in ("review", "decide"):
            while person.place.local(at).weekday() != person.habit.weekday:
                at = self.after(who, timedelta(hours=2), at + DAY)
        duty = Duty(who, task, act, args, at)
        home.duties.append(duty)
        self.at(at, "duty", home, duty)

    def _perform(self, home: Journey | Search, duty: Duty) -> None:
        journey = home if isinstance(home, Journey) else None
        if duty.done or duty.at != self.now or (journey and journey.ended):
            return  # done after a reminder, postponed, or no longer owed
        if journey and journey.search.held and duty.task != "feedback":
            duty.at = self.after(duty.who, timedelta(hours=9))
            self.at(duty.at, "duty", home, duty)
            return
        duty.done = True
        home.duties.remove(duty)
        self._acts[duty.act](self, *duty.args)

    def remind(self, who: str, homes: Sequence[Journey | Search], at: datetime) -> datetime | None:
        """Let a person do the oldest task they owe there soon after `at`.

        Return when, if sooner.
        """
        found = [(home, duty) for home in homes for duty in home.duties if duty.who == who]
        if not found or who in self.left:
            return None
        home, duty = found[0]
        person = self.people[who]
        low, high, ignored = person.habit.heeds
        duty.reminders += 1  # a generator of its own: an ignored reminder changes nothing
        dice = Dice(self.seed, int(duty.at.timestamp()), duty.reminders)
        if dice.chance(ignored):
            return None
        sooner = self.after(who, dice.hours(low, high), max(at, self.now))
        if sooner >= duty.at:
            return None
        duty.at = sooner
        self.at(sooner, "duty", home, duty)
        return sooner
