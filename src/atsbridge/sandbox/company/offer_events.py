"""Events of an offer: drafted, approved, sent, answered; and the hire."""

from __future__ import annotations

from datetime import timedelta

from atsbridge.sandbox.company.application_events import end, touch
from atsbridge.sandbox.company.event_queue import CompanyWorld, Journey
from atsbridge.sandbox.company.office_locations import DAY

_ACCEPTS, _HAGGLES, _REFUSED = 0.76, 0.35, 0.03


def draft(world: CompanyWorld, journey: Journey) -> None:
    """The recruiter drafts the offer."""
    ledger, now = world.ledger, world.now
    low, high = journey.search.pay
    if journey.offer and ledger.get("offer", journey.offer).status != "rejected":
        ledger.change("offer", journey.offer, now, status="deprecated")
    journey.offers += 1
    step = (high - low) // 4 or 1
    amount = min(high, low + step * (journey.dice.below(4) + journey.offers - 1))
    starts = now.date() + DAY * (28 + journey.dice.below(45))
    starts += DAY * (-starts.weekday() % 7)  # a Monday
    journey.offer = ledger.add(
        "offer",
        now,
        application=journey.id,
        version=journey.offers,
        status="draft",
        drafted_at=now,
        starts_on=starts,
        pay={"salary": amount, "currency": journey.search.place.currency},
    )
    touch(world, journey)
    world.owe(journey, journey.search.recruiter, "send", "ask_approval", journey, journey.offer)


def ask_approval(world: CompanyWorld, journey: Journey, offer: str) -> None:
    """The recruiter asks the approvers, one after the other."""
    ledger, now = world.ledger, world.now
    ledger.change("offer", offer, now, status="pending_approval")
    approvals = [
        ledger.add(
            "approval",
            now,
            offer=offer,
            user=user,
            status="waiting" if place else "due",
            requested_at=None if place else now,
        )
        for place, user in enumerate(journey.search.approvers)
    ]
    touch(world, journey)
    first = journey.search.approvers[0]
    world.owe(journey, first, "approve", "approve", journey, offer, tuple(approvals))


def approve(world: CompanyWorld, journey: Journey, offer: str, approvals: tuple[str, ...]) -> None:
    """One approver answers; the next is asked, or the offer may go out."""
    ledger, now, search = world.ledger, world.now, journey.search
    if journey.dice.chance(_REFUSED):
        ledger.change("approval", approvals[0], now, status="rejected", decided_at=now)
        world.owe(journey, search.recruiter, "draft", "draft", journey)
        return
    ledger.change("approval", approvals[0], now, status="approved", decided_at=now)
    touch(world, journey)
    if rest := approvals[1:]:
        ledger.change("approval", rest[0], now, status="due", requested_at=now)
        user = ledger.get("approval", rest[0]).user
        world.owe(journey, user, "approve", "approve", journey, offer, rest)
    else:
        ledger.change("offer", offer, now, status="approved", approved_at=now)
        world.owe(journey, search.recruiter, "send", "send", journey, offer)


def send(world: CompanyWorld, journey: Journey, offer: str) -> None:
    """The offer goes to the candidate, who thinks about it."""
    world.ledger.change("offer", offer, world.now, status="sent", sent_at=world.now)
    touch(world, journey, contacted_at=world.now)
    back = journey.search.place.after(world.now, journey.dice.hours(5, 36))
    world.at(back, "reply", journey, offer)


def reply(world: CompanyWorld, journey: Journey, offer: str) -> None:
    """The candidate says yes or no, or asks for more."""
    if journey.ended:
        return
    ledger, now, dice = world.ledger, world.now, journey.dice
    search = journey.search
    if not search.open:  # somebody else was quicker
        ledger.change("offer", offer, now, status="deprecated")
        end(world, journey, "rejected", "ours")
    elif dice.chance(_ACCEPTS):
        ledger.change("offer", offer, now, status="accepted", resolved_at=now)
        _hire(world, journey)
    else:
        ledger.change("offer", offer, now, status="rejected", resolved_at=now)
        if journey.offers < 2 and dice.chance(_HAGGLES):
            touch(world, journey)
            world.owe(journey, search.recruiter, "draft", "draft", journey)
        else:
            end(world, journey, "withdrawn", "theirs")


def _hire(world: CompanyWorld, journey: Journey) -> None:
    ledger, now, search = world.ledger, world.now, journey.search
    end(world, journey, "hired", "hired")
    seat = next(o for o in search.openings if ledger.get("opening", o).status == "open")
    ledger.change(
        "opening", seat, now, status="filled", closed_at=now, custom={"application": journey.id}
    )
    row = ledger.get("requisition", search.id)
    filled = row.filled + 1
    if filled < row.headcount:
        ledger.change("requisition", search.id, now, filled=filled)
        return
    search.open = False
    ledger.change("requisition", search.id, now, filled=filled, status="filled", closed_at=now)
    later = world.after(search.recruiter, timedelta(hours=6))
    world.at(later, "clear", search)
