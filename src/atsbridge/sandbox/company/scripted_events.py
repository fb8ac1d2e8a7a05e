"""Events that happen in every demo week, so that each pack has something to report."""

from __future__ import annotations

from datetime import timedelta

from atsbridge.sandbox.company import requisition_events
from atsbridge.sandbox.company.event_queue import CompanyWorld

# Working hours of the first office from now, and the event that happens then.
_CHANGES = ((9, "rebudget"), (12, "reprioritize"), (15, "rethink"))


def plan(world: CompanyWorld) -> None:
    """Plan the changes for the next days."""
    for place, (hours, act) in enumerate(_CHANGES):
        when = world.places[0].after(world.now, timedelta(hours=hours))
        world.at(when, "surprise", place, act)


def surprise(world: CompanyWorld, place: int, act: str) -> None:
    """Make an unannounced change to one of the requisitions with the most active candidates.

    Confidential requisitions are left out, because messages about them are restricted.
    """
    going = [
        search
        for search in world.searches.values()
        if search.open and not search.held and not _confidential(world, search.id)
    ]
    going.sort(key=lambda search: (-len(search.journeys), search.id))
    if going:
        getattr(requisition_events, act)(world, going[place % len(going)])


def _confidential(world: CompanyWorld, requisition: str) -> bool:
    return bool(getattr(world.ledger.get("requisition", requisition), "confidential", False))
