"""Daily events: new applications and requisitions, changes of mind, and people who leave."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from atsbridge.sandbox.company import interview_events, requisition_events
from atsbridge.sandbox.company.event_queue import CompanyWorld, Search
from atsbridge.sandbox.company.office_locations import DAY

HISTORY = 90 * DAY
_USUAL_LOAD = 0.53  # applications per open search and weekday that a team can look at with care
_OPEN_AT_FIRST = 0.6
_LEAVERS = (50, 98)  # days after the beginning on which an interviewer leaves


class Days:
    """Plans one day after the other, so that the wanted numbers are reached by `start`.

    Every day brings the average number of applications. A day is planned at its first minute in
    UTC.
    """

    def __init__(
        self, world: CompanyWorld, start: datetime, applications: int, wanted: int
    ) -> None:
        self.begin = datetime.combine(start.date() - HISTORY, time(), UTC)
        self._world = world
        self._start = start
        self._applications = applications
        self._searches = wanted
        self._weekdays = sum((self.begin + n * DAY).weekday() < 5 for n in range(HISTORY.days))
        self._weekday = self._carried = self._proposed = self._steady = 0

    def prepare(self, stages: tuple[tuple[str, str], ...]) -> None:
        """Plan the requisitions that are open at the beginning, and the first day."""
        self._stages = stages
        first = max(2, round(self._searches * _OPEN_AT_FIRST))
        for _ in range(first):
            self._propose(self.begin - (20 + self._world.dice.below(25)) * DAY)
        self._steady = self._searches - first
        self._world.at(self.begin, "day", self.begin.date())
        for days in _LEAVERS:
            leaves = self._world.places[0].after(self.begin + days * DAY, timedelta(hours=7))
            self._world.at(leaves, "depart")

    def _propose(self, from_: datetime) -> None:
        managers = self._world.of_role("hiring_manager")
        manager = managers[self._proposed % len(managers)]
        self._proposed += 1
        when = self._world.after(manager.id, self._world.dice.hours(0, 8), from_)
        self._world.at(when, "propose", self._proposed - 1, self._stages)

    def day(self, day: date) -> None:
        """Plan a day: applications, changes, new requisitions. Nothing happens on weekends."""
        world = self._world
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
            if act := requisition_events.whim_of_the_day(world, search):
                who = search.recruiter if act == "hand_over" else search.manager
                when = world.after(who, search.dice.hours(0, 9), midnight)
                world.at(when, "whim", act, search)
        self._applicants(day, _share(self._applications, n, of) + self._carried, going)

    def _applicants(self, day: date, count: int, going: list[Search]) -> None:
        """Plan `count` applications within office hours; on the day of `start`, after it."""
        dice = self._world.dice
        least = self._start if day == self._start.date() else datetime.min.replace(tzinfo=UTC)
        hours = {p: w for p in self._world.places if (w := p.window(day)) and w[1] > least}
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
            self._world.at(when, "arrive", search, rush)


def _share(total: int, turn: int, turns: int) -> int:
    """The share of one turn when a total is spread evenly over `turns`."""
    return total * (turn + 1) // turns - total * turn // turns


def _missing(world: CompanyWorld, least: int, proposed: int) -> int:
    """How many new requisitions keep the company busy."""
    over = sum(not s.open and bool(s.duties) is False for s in world.searches.values())
    return max(0, max(1, least) - (proposed - over))


def whim(world: CompanyWorld, act: str, search: Search) -> None:
    """A change of mind, if the requisition is still open."""
    if search.open and not search.held:
        getattr(requisition_events, act)(world, search)


def depart(world: CompanyWorld) -> None:
    """An interviewer leaves the company; others take over their future seats."""
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
                    interview_events.replace(world, journey, seat)
