"""The messages that a run would send or hold with the stored data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from atsbridge.context import AccountContext
from atsbridge.model import Hold, Notice, NoticeState
from atsbridge.ports import Decision
from atsbridge.queries.rehearsals import Rehearsals, RehearsedNotice
from atsbridge.rules import PERSON

# Messages of one shadow rule that are shown. All of them may be hundreds; the others are counted.
SHADOW_SAMPLES = 3


@dataclass(frozen=True, slots=True)
class PlannedMessages:
    """`shown`: in the order of the outbox, daily summaries last.

    `more_shadow`: rule -> further messages of a shadow rule that are not shown.
    """

    shown: tuple[RehearsedNotice, ...]
    more_shadow: dict[str, int]


def plan_messages(
    context: AccountContext, decision: Decision, waiting: Iterable[Notice]
) -> PlannedMessages:
    """The texts of what a decision would send, and of what waits from earlier runs.

    What is found of a person is not shown: nobody else may read it.
    """
    room = Rehearsals(context, context.rules)
    decided = room.store.add(decision)
    keys = {one.key for one in decided}
    every = [*decided, *(one for one in waiting if one.key not in keys)]
    kept = [one for one in every if _is_shown(one)]
    chosen, more = _choose_shadow(kept)
    now = context.time.now()
    single = [room.show(one, now) for one in chosen if one.hold is not Hold.DIGEST]
    return PlannedMessages((*single, *_digests(room, chosen)), more)


def _is_shown(notice: Notice) -> bool:
    return notice.subject.kind != PERSON and notice.state is not NoticeState.DROPPED


def _choose_shadow(notices: Iterable[Notice]) -> tuple[list[Notice], dict[str, int]]:
    """All notices but those of shadow rules, of which the first few."""
    chosen, seen = list[Notice](), dict[str, int]()
    for one in notices:
        if one.hold is Hold.SHADOW:
            seen[one.rule] = seen.get(one.rule, 0) + 1
            if seen[one.rule] > SHADOW_SAMPLES:
                continue
        chosen.append(one)
    more = {rule: count - SHADOW_SAMPLES for rule, count in seen.items() if count > SHADOW_SAMPLES}
    return chosen, more


def _digests(room: Rehearsals, notices: Iterable[Notice]) -> Iterator[RehearsedNotice]:
    """The next daily summary of each reader, with everything that is held for it by then."""
    readers: dict[tuple[str, str, str], list[Notice]] = {}
    for one in notices:
        if one.hold is Hold.DIGEST and one.not_before is not None:
            readers.setdefault(one.destination.place, []).append(one)
    for lines in readers.values():
        mornings = [one.not_before for one in lines if one.not_before is not None]
        yield room.show_digest(tuple(lines), max(mornings))
