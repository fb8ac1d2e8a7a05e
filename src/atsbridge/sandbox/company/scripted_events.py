"""What a week holds for certain, whatever the dice say: so that each pack has something to do.

What else happens is drawn in `days`.
"""

from __future__ import annotations

from datetime import timedelta

from atsbridge.sandbox.company import requisition_events
from atsbridge.sandbox.company.event_queue import World

# Working hours of the first office from now, and the change of mind that comes then.
_CHANGES = ((9, "rebudget"), (12, "reprioritise"), (15, "rethink"))


def plan(world: World) -> None:
    """Put the changes into the days to come."""
    for place, (hours, act) in enumerate(_CHANGES):
        when = world.places[0].after(world.now, timedelta(hours=hours))
        world.at(when, "surprise", place, act)


def surprise(world: World, place: int, act: str) -> None:
    """The change, on the search with the most, or next to most, candidates in play.

    Nobody says a word of it. It is one that may be spoken of: not a confidential one.
    """
    going = [
        search
        for search in world.searches.values()
        if search.open and not search.held and not _confidential(world, search.id)
    ]
    going.sort(key=lambda search: (-len(search.journeys), search.id))
    if going:
        getattr(requisition_events, act)(world, going[place % len(going)])


def _confidential(world: World, requisition: str) -> bool:
    return bool(getattr(world.ledger.get("requisition", requisition), "confidential", False))
