"""Events of an interview: requested, booked, answered, moved, canceled, held, and scored."""

from __future__ import annotations

from datetime import datetime, timedelta

from atsbridge.model import Interview
from atsbridge.sandbox.company.application_events import touch
from atsbridge.sandbox.company.event_queue import CompanyWorld, Journey, Slot
from atsbridge.sandbox.company.office_locations import HALF_HOUR, Window, common

_MOVES, _FAILS, _DECLINES = 0.12, 0.03, 0.04


def arrange(world: CompanyWorld, journey: Journey, slot: Slot, stay: str) -> None:
    """The stage needs an interview; the candidate is asked for their availability."""
    if journey.ended or journey.stay != stay:
        return
    interview = world.ledger.add(
        "interview",
        world.now,
        application=journey.id,
        stage=slot.stage,
        status="to_be_scheduled",
        custom={"name": slot.name, "slot": slot.order},
    )
    journey.owed[interview] = set()
    answers = journey.search.place.after(world.now, journey.dice.hours(0.5, 6))
    world.at(answers, "offer_times", journey, slot, interview)


def offer_times(world: CompanyWorld, journey: Journey, slot: Slot, interview: str) -> None:
    """The candidate gives their availability; somebody has to book the interview."""
    if journey.ended or interview not in journey.owed:
        return
    world.ledger.change("interview", interview, world.now, availability_at=world.now)
    search = journey.search
    books = search.recruiter if journey.kind == "screen" else search.coordinator
    world.owe(journey, books, "schedule", "book", journey, slot, interview, books)


def book(world: CompanyWorld, journey: Journey, slot: Slot, interview: str, organizer: str) -> None:
    """Choose the panel and the time; each seat gets a scorecard."""
    if interview not in journey.owed:
        return
    ledger, now, dice = world.ledger, world.now, journey.dice
    panel = _panel(world, journey, slot)
    start, end = _room(world, journey, panel, slot.minutes)
    ledger.change(
        "interview",
        interview,
        now,
        status="scheduled",
        starts_at=start,
        ends_at=end,
        scheduled_at=now,
        organizer=organizer,
    )
    touch(world, journey, contacted_at=now)
    for number, user in enumerate(panel):
        card = ledger.add(
            "scorecard", now, application=journey.id, interview=interview, author=user
        )
        required = number < 2 or dice.chance(0.8)
        seat = ledger.add(
            "seat",
            now,
            interview=interview,
            user=user,
            response="needs_action",
            feedback_required=required,
            scorecard=card,
        )
        journey.seated.setdefault(interview, []).append(seat)
        if required:
            journey.owed[interview].add(seat)
        world.at(world.after(user, dice.hours(0.3, 10)), "answer", journey, seat, start)
    world.at(end, "meet", journey, interview, start)
    _foresee(world, journey, slot, interview, organizer, start)


def _foresee(
    world: CompanyWorld,
    journey: Journey,
    slot: Slot,
    interview: str,
    organizer: str,
    start: datetime,
) -> None:
    """Plan that some interviews are moved or canceled before they happen."""
    drawn = journey.dice.random()
    when = world.after(organizer, journey.dice.hours(2, 16))
    if when >= start - 2 * HALF_HOUR:
        return
    if drawn < _MOVES:
        world.at(when, "move", journey, slot, interview, start)
    elif drawn < _MOVES + _FAILS:
        world.at(when, "call_off", journey, slot, interview, start)


def _panel(world: CompanyWorld, journey: Journey, slot: Slot) -> list[str]:
    search = journey.search
    if journey.kind == "screen":
        return [search.recruiter]
    here = [user for user in search.panel if user not in world.left]
    panel = journey.dice.some(here, slot.seats)
    return panel or [search.manager]


def _room(world: CompanyWorld, journey: Journey, panel: list[str], minutes: int) -> Window:
    """Find the first time, from about the day after tomorrow, at which all are free.

    Interviewers are removed from `panel` until there is one.
    """
    length = timedelta(minutes=minutes)
    earliest = journey.search.place.after(world.now, journey.dice.hours(7, 24))
    while True:
        people = [world.people[user] for user in panel]
        room = common([(p.place, p.away) for p in people], earliest, length)
        if room is not None:
            turns = (room[1] - room[0] - length) // HALF_HOUR
            start = room[0] + journey.dice.below(turns + 1) * HALF_HOUR
            return start, start + length
        panel.pop()
        if not panel:
            panel.append(journey.search.manager)


def answer(world: CompanyWorld, journey: Journey, seat: str, start: datetime) -> None:
    """An interviewer answers the invitation; if they decline, another one takes the seat."""
    ledger, dice = world.ledger, journey.dice
    row = ledger.get("seat", seat)
    interview = ledger.get("interview", row.interview)
    if interview.status != "scheduled" or interview.starts_at != start or world.now >= start:
        return
    drawn = dice.random()
    if drawn < _DECLINES and journey.kind != "screen":
        replace(world, journey, seat)
    elif drawn < 0.93:
        response = "accepted" if drawn < 0.88 else "tentative"
        ledger.change("seat", seat, world.now, response=response)


def replace(world: CompanyWorld, journey: Journey, seat: str) -> None:
    """Give the seat and its scorecard to another interviewer who is free."""
    ledger, now = world.ledger, world.now
    row = ledger.get("seat", seat)
    interview = ledger.get("interview", row.interview)
    seated = {ledger.get("seat", other).user for other in journey.seated[row.interview]}
    free = [
        user
        for user in journey.search.panel
        if user not in seated | world.left and _has_time(world, user, interview)
    ]
    if free:
        user = journey.dice.pick(free)
        ledger.change("scorecard", row.scorecard, now, author=user)
        ledger.change("seat", seat, now, user=user, response="accepted")
    elif row.user not in world.left:
        ledger.change("seat", seat, now, response="accepted")


def _has_time(world: CompanyWorld, user: str, interview: Interview) -> bool:
    """Whether that person works during the whole interview."""
    start, end = interview.starts_at, interview.ends_at
    if start is None or end is None:
        return False
    return world.after(user, end - start - timedelta(seconds=1), start) < end


def move(
    world: CompanyWorld, journey: Journey, slot: Slot, interview: str, start: datetime
) -> None:
    """The interview is moved to another time; everybody has to answer again."""
    ledger, now = world.ledger, world.now
    row = ledger.get("interview", interview)
    if row.status != "scheduled" or row.starts_at != start:
        return
    seats = [ledger.get("seat", seat) for seat in journey.seated[interview]]
    panel = [seat.user for seat in seats]
    before = len(panel)
    later, end = _room(world, journey, panel, slot.minutes)
    if len(panel) < before or later == start:
        return
    ledger.change("interview", interview, now, starts_at=later, ends_at=end)
    touch(world, journey)
    for seat in seats:
        ledger.change("seat", seat.id, now, response="needs_action")
        world.at(
            world.after(seat.user, journey.dice.hours(0.3, 8)), "answer", journey, seat.id, later
        )
    world.at(end, "meet", journey, interview, later)


def call_off(
    world: CompanyWorld, journey: Journey, slot: Slot, interview: str, start: datetime
) -> None:
    """The interview is canceled, and a new one is arranged."""
    row = world.ledger.get("interview", interview)
    if journey.ended or row.status != "scheduled" or row.starts_at != start:
        return
    world.ledger.change("interview", interview, world.now, status="cancelled")
    touch(world, journey)
    del journey.owed[interview]
    arrange(world, journey, slot, journey.stay)


def meet(world: CompanyWorld, journey: Journey, interview: str, start: datetime) -> None:
    """The interview ends, if it was not moved; the interviewers owe their scorecards."""
    ledger = world.ledger
    row = ledger.get("interview", interview)
    if journey.ended or row.status != "scheduled" or row.starts_at != start:
        return
    ledger.change("interview", interview, world.now, status="awaiting_feedback")
    touch(world, journey)
    for seat in journey.seated[interview]:
        if seat not in journey.owed[interview]:
            continue
        user = ledger.get("seat", seat).user
        world.owe(journey, user, "feedback", "write_up", journey, interview, seat)


def write_up(world: CompanyWorld, journey: Journey, interview: str, seat: str) -> None:
    """An interviewer submits a scorecard; after the last one of the stage, the decision is due."""
    ledger, now, dice = world.ledger, world.now, journey.dice
    row = ledger.get("seat", seat)
    if row.user in world.left:  # people who left submit nothing
        ledger.change("seat", seat, now, feedback_required=False)
    else:
        rating = _rate(journey)
        journey.ratings.append(rating)
        criteria = journey.search.criteria
        ratings = {c: max(-2, min(2, rating + dice.below(3) - 1)) for c in criteria}
        if rating == 0 and len(criteria) > 1:  # an undecided interviewer skips a question
            del ratings[criteria[-1]]
        ledger.change(
            "scorecard",
            row.scorecard,
            now,
            submitted_at=now,
            recommendation=rating,
            ratings=ratings,
        )
        touch(world, journey)
    journey.owed[interview].discard(seat)
    if not journey.owed[interview]:
        ledger.change("interview", interview, now, status="complete")
    if not any(journey.owed.values()) and all(
        ledger.get("interview", held).status == "complete" for held in journey.owed
    ):
        screen = journey.kind == "screen"
        who = journey.search.recruiter if screen else journey.search.manager
        world.owe(journey, who, "submit" if screen else "decide", "decide_application", journey)


def _rate(journey: Journey) -> int:
    """A rating from -2 to 2 around the candidate's talent; rarely undecided."""
    level = journey.talent * 4 - 2 + journey.dice.between(-1.2, 1.2)
    rating = max(-2, min(2, round(level)))
    return rating or (1 if journey.dice.chance(0.5) else 0)
