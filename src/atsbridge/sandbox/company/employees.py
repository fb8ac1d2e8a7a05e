"""The employees of the fake company: their offices, roles and habits, and when they act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from atsbridge.sandbox.company.invented_names import FIRST, LAST
from atsbridge.sandbox.company.office_locations import DAY, OfficeLocation
from atsbridge.sandbox.company.random_source import Dice

DOMAIN = "northwind-looms.example"

# Working hours (nine to a day) in which a task is usually done: low, high.
PACE: Mapping[str, tuple[float, float]] = {
    "sift": (1, 12),  # recruiter looks at a new application
    "submit": (0.5, 6),  # recruiter gives the profile to the manager, or not
    "review": (1, 12),  # manager looks at the profile
    "schedule": (0.5, 7),  # coordinator books the interview
    "feedback": (0.3, 7),  # interviewer writes the scorecard
    "decide": (0.5, 10),  # manager decides once all feedback is there
    "refer": (4, 14),  # recruiter calls the referees
    "draft": (0.5, 6),  # recruiter writes the offer
    "approve": (0.5, 8),  # approver says yes or no
    "send": (0.2, 4),  # recruiter sends the approved offer
}


@dataclass(frozen=True, slots=True)
class Habit:
    """How a person works: `pace` is a factor on the usual time of a task.

    `lapses`: task -> (share of times it takes long, lowest, highest) in working hours. `heeds`: the
    lowest and highest time to act on a reminder, in working hours, and the share that is ignored.
    """

    name: str
    pace: float = 1.0
    lapses: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)
    weekday: int | None = None  # the only day they review and decide on, 0 is Monday
    whims: float = 1.0  # factor on how often they change their mind about a requisition
    heeds: tuple[float, float, float] = (0.5, 5, 0.05)


HABITS = {
    habit.name: habit
    for habit in (
        Habit("prompt", 0.4, heeds=(0.2, 2, 0.0)),
        Habit(
            "steady",
            lapses={"feedback": (0.2, 10, 34), "decide": (0.18, 24, 60), "review": (0.14, 24, 50)},
        ),
        Habit(
            "forgetful",
            1.3,
            {"feedback": (0.75, 14, 70), "review": (0.3, 26, 60)},
            heeds=(1, 8, 0.25),
        ),
        Habit("fridays", 1.2, {"feedback": (0.3, 10, 40)}, weekday=4, heeds=(2, 9, 0.2)),
        Habit(
            "staller",
            1.4,
            {"decide": (0.75, 28, 80), "review": (0.5, 26, 70), "feedback": (0.4, 10, 45)},
            heeds=(3, 14, 0.35),
        ),
        Habit(
            "changeable",
            lapses={"feedback": (0.3, 10, 30), "decide": (0.3, 24, 60), "review": (0.2, 24, 50)},
            whims=4.0,
        ),
        Habit("swamped", 1.8, {"sift": (0.2, 26, 50), "schedule": (0.3, 24, 50)}),
    )
}
_CAST = {  # role -> habits in turn
    "recruiter": ("prompt", "steady", "steady", "prompt", "swamped"),
    "coordinator": ("prompt", "swamped"),
    "sourcer": ("steady",),
    "hiring_manager": (
        "steady",
        "prompt",
        "fridays",
        "steady",
        "staller",
        "steady",
        "changeable",
        "prompt",
    ),
    "interviewer": ("prompt", "forgetful", "steady", "steady", "forgetful", "steady", "prompt"),
    "approver": ("prompt", "swamped"),
}
_TITLES = {
    "recruiter": "Recruiter",
    "coordinator": "Recruiting Coordinator",
    "sourcer": "Sourcer",
    "hiring_manager": "Manager",
    "interviewer": "Specialist",
    "approver": "Director",
}


@dataclass(frozen=True, slots=True)
class Person:
    """An employee. `roles`: roles of the model, and `interviewer`; `away`: planned absences."""

    id: str
    name: str
    email: str
    title: str
    place: OfficeLocation
    roles: tuple[str, ...]
    habit: Habit
    away: tuple[tuple[date, date, str], ...] = ()

    @property
    def office(self) -> str:
        return self.place.name

    @property
    def zone(self) -> str:
        return self.place.zone

    @property
    def tz(self) -> str:
        """The zone, under the name that chat services give it."""
        return self.place.zone

    @property
    def country(self) -> str:
        return self.place.country

    @property
    def region(self) -> str:
        return self.place.region

    def delay(self, task: str, dice: Dice) -> timedelta:
        """The working time after which this person does the task this time."""
        share, low, high = self.habit.lapses.get(task, (0.0, 0.0, 0.0))
        if dice.chance(share):
            return dice.hours(low, high)
        low, high = PACE[task]
        return dice.hours(low * self.habit.pace, high * self.habit.pace)


def headcounts(people: int) -> dict[str, int]:
    """The number of people per role in a company of that size; at least one for required roles."""
    counts = {
        "recruiter": max(1, people // 5),
        "coordinator": max(1, people * 2 // 25),
        "sourcer": people // 25,
        "hiring_manager": max(1, people * 8 // 25),
        "approver": 2,
    }
    counts["interviewer"] = max(2, people - sum(counts.values()))
    return counts


def staff(
    count: int, places: Sequence[OfficeLocation], dice: Dice, since: date, domain: str = DOMAIN
) -> list[Person]:
    """`count` people (at least eight), each office with some of each role, in order of role.

    Their ids are their places in the list until the ledger gives them one; absences reach from
    `since` over two years. Approvers have none: without them nothing would move.
    """
    people: list[Person] = []
    taken: set[str] = set()
    for role, number in headcounts(count).items():
        for turn in range(number):
            name = _name(dice, taken)
            place = places[(turn + (2 if role == "interviewer" else 0)) % len(places)]
            people.append(
                Person(
                    id=str(len(people)),
                    name=name,
                    email=f"{name.lower().replace(' ', '.')}@{domain}",
                    title=_TITLES[role],
                    place=place,
                    roles=(role, "interviewer") if role == "hiring_manager" else (role,),
                    habit=HABITS[_CAST[role][turn % len(_CAST[role])]],
                    away=() if role == "approver" else _leaves(dice, since),
                )
            )
    return people


def _name(dice: Dice, taken: set[str]) -> str:
    while True:
        name = f"{dice.pick(FIRST)} {dice.pick(LAST)}"
        if name in taken and len(taken) > 3000:
            name = f"{name}-{dice.pick(LAST)}"
        if name not in taken:
            taken.add(name)
            return name


def _leaves(dice: Dice, since: date) -> tuple[tuple[date, date, str], ...]:
    """About two leaves of a week or two a year, from a Monday on."""
    monday = since - since.weekday() * DAY
    leaves = []
    for quarter in range(8):
        week, weeks, takes = dice.below(12), 1 + dice.chance(0.3), dice.chance(0.45)
        if takes:
            first = monday + (quarter * 13 + week) * 7 * DAY
            leaves.append((first, first + (weeks * 7 - 3) * DAY, "leave"))
    return tuple(leaves)
