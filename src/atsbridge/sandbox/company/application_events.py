"""Events of an application: it arrives, moves between stages, is rejected or withdrawn."""

from __future__ import annotations

from typing import Any

from atsbridge.sandbox.company.event_queue import CompanyWorld, Journey, Search
from atsbridge.sandbox.company.invented_names import FIRST, LAST, SOURCES
from atsbridge.sandbox.company.random_source import Dice

PASS_RATES = {  # stage kind -> share of candidates who move on, before ratings count
    "lead": 0.36,
    "screen": 0.62,
    "review": 0.62,
    "interview": 0.5,
    "assessment": 0.8,
    "reference": 0.95,
}
_SETTLED = ("accepted", "rejected", "deprecated")
_WITHDRAWS = {"screen": 0.05, "review": 0.03, "assessment": 0.12, "interview": 0.07, "offer": 0.03}


def arrive(world: CompanyWorld, search: Search, rush: float) -> None:
    """A candidate applies, even if the requisition was closed that day.

    `rush`: applicants per candidate that the team can interview.
    """
    now, ledger = world.now, world.ledger
    dice = Dice(world.seed, 7, len(ledger.records("application")))
    first, last = dice.pick(FIRST), dice.pick(LAST)
    candidate = ledger.add(
        "candidate", now, display_name=f"{first} {last}", initials=f"{first[0]}{last[0]}"
    )
    application = ledger.add(
        "application",
        now,
        candidate=candidate,
        requisition=search.id,
        stage=search.stages[0][0],
        status="active",
        recruiter=search.recruiter,
        coordinator=search.coordinator,
        source=dice.pick(SOURCES),
        applied_at=now,
        last_activity_at=now,
        tags=(),
    )
    journey = Journey(application, candidate, search, dice, dice.random(), rush)
    world.journeys[application] = journey
    search.journeys[application] = journey
    enter(world, journey, 0)


def touch(world: CompanyWorld, journey: Journey, **values: Any) -> None:
    """Record activity on the application, with new values."""
    world.ledger.change("application", journey.id, world.now, last_activity_at=world.now, **values)


def enter(world: CompanyWorld, journey: Journey, step: int) -> None:
    """The application enters a stage, and somebody owes the next action."""
    now, ledger, search = world.now, world.ledger, journey.search
    if journey.stay:
        ledger.change("stage_stay", journey.stay, now, left_at=now)
    journey.step = step
    journey.owed.clear()
    journey.seated.clear()
    journey.ratings.clear()
    journey.stay = ledger.add(
        "stage_stay",
        now,
        application=journey.id,
        stage=journey.stage,
        entered_at=now,
        origin="ats",
    )
    if ledger.get("application", journey.id).stage != journey.stage:
        touch(world, journey, stage=journey.stage)
    if journey.dice.chance(_WITHDRAWS.get(journey.kind, 0)):
        leaves = search.place.after(now, journey.dice.hours(4, 45))
        world.at(leaves, "withdraw", journey, journey.stay)
    _hand_over(world, journey)


def _hand_over(world: CompanyWorld, journey: Journey) -> None:
    search = journey.search
    match journey.kind:
        case "lead":
            world.owe(journey, search.recruiter, "sift", "decide_application", journey)
        case "review":
            world.owe(journey, search.manager, "review", "decide_application", journey)
        case "reference":
            world.owe(journey, search.recruiter, "refer", "decide_application", journey)
        case "offer":
            world.owe(journey, search.recruiter, "draft", "draft", journey)
        case "assessment":
            back = search.place.after(world.now, journey.dice.hours(8, 30))
            world.at(back, "hand_in", journey, journey.stay)
        case _:
            for slot in search.plan:
                if slot.stage == journey.stage:
                    world.at(world.now, "arrange", journey, slot, journey.stay)


def hand_in(world: CompanyWorld, journey: Journey, stay: str) -> None:
    """The candidate returns the assessment; the manager reviews it."""
    if not journey.ended and journey.stay == stay:
        touch(world, journey)
        world.owe(journey, journey.search.manager, "review", "decide_application", journey)


def decide_application(world: CompanyWorld, journey: Journey) -> None:
    """The person who has to act moves the candidate on, or rejects them."""
    if not journey.search.open:
        end(world, journey, "rejected", "ours", _filled(world))
        return
    share = PASS_RATES[journey.kind] / (journey.rush if journey.kind == "lead" else 1)
    if journey.ratings:
        share += 0.2 * sum(journey.ratings) / len(journey.ratings)
    if journey.dice.chance(min(0.96, max(0.0, share))):
        enter(world, journey, journey.step + 1)
    else:
        end(world, journey, "rejected", "ours")


def end(world: CompanyWorld, journey: Journey, status: str, kind: str, reason: str = "") -> None:
    """End the application as hired, rejected or withdrawn, with a reason of that kind."""
    now, ledger = world.now, world.ledger
    if not reason:
        fit = [r for r, of in world.reasons.items() if of == kind]
        reason = journey.dice.pick(fit[:3])
    journey.ended = True
    ledger.change("stage_stay", journey.stay, now, left_at=now)
    touch(
        world,
        journey,
        status=status,
        reason=reason,
        rejected_at=None if status == "hired" else now,
    )
    for interview in journey.owed:
        if ledger.get("interview", interview).status in ("to_be_scheduled", "scheduled"):
            ledger.change("interview", interview, now, status="cancelled")
    if journey.offer and ledger.get("offer", journey.offer).status not in _SETTLED:
        ledger.change("offer", journey.offer, now, status="deprecated")
    journey.duties.clear()
    del world.journeys[journey.id], journey.search.journeys[journey.id]


def withdraw(world: CompanyWorld, journey: Journey, stay: str) -> None:
    """The candidate withdraws, if the application is still in the same stage."""
    if not journey.ended and journey.stay == stay:
        end(world, journey, "withdrawn", "theirs")


def clear(world: CompanyWorld, search: Search) -> None:
    """The requisition is closed: the recruiter rejects the remaining candidates."""
    reason = _filled(world)
    for journey in list(search.journeys.values()):
        end(world, journey, "rejected", "ours", reason)


def _filled(world: CompanyWorld) -> str:
    """The rejection reason for a filled or closed requisition."""
    return list(world.reasons)[3]
