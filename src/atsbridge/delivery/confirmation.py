"""Whether what is about to be told is still so: who is asked about, and what waits if nobody knows.

Asking the ATS and judging again is the caller's; sending is `sending`'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Protocol

from atsbridge.model import DropCode, Hold, Notice, NoticeState, Purpose, drop_notice, hold_notice
from atsbridge.ports import Store
from atsbridge.presentation import digest_message

_CONFIRMED = (Purpose.SEND, Purpose.FOLLOW_UP)
_AGAIN = timedelta(minutes=1)  # no claim of the same tick comes by so late without asking anew


@dataclass(frozen=True, slots=True)
class Looked:
    """What a second look found: cases that moved, and why of others nothing can be said."""

    moved: frozenset[int] = frozenset()
    unsure: Mapping[int, str] = field(default_factory=dict)


class LookAgain(Protocol):
    """Asks the ATS again, where what is known is old; judges these cases and stores what follows.

    `unsent`: keys of notices in hand that have reached nobody, and are dropped with what ends
    or moves their case. Raises StoreError only.
    """

    def __call__(self, cases: Sequence[int], unsent: frozenset[str]) -> Looked: ...


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Of what was claimed: what goes, and what does not, as it is stored."""

    going: Sequence[tuple[Notice, bool]]
    settled: Sequence[Notice] = ()


def confirm(
    claimed: Sequence[tuple[Notice, bool]],
    account: str,
    store: Store,
    look: LookAgain,
    now: datetime,
) -> Confirmed:
    """Look again at what is to be told to people, singly or as a line of a digest.

    What is over is dropped by then, in the transaction that ended its case; what is unsure is
    held to the next tick, of a digest line by line.
    """
    single = {n.key: n for n, _ in claimed if n.purpose in _CONFIRMED and _personal(n)}
    digests = [n for n, _ in claimed if n.purpose is Purpose.DIGEST and _personal(n)]
    held = store.outbox.read_notices(account, states=[NoticeState.HELD]) if digests else ()
    lines = {
        one.key: [n for n in digest_message.lines_of(one, held) if n.purpose in _CONFIRMED]
        for one in digests
    }
    cases = dict.fromkeys(n.case for n in chain(single.values(), *lines.values()))
    if not cases:
        return Confirmed(claimed)
    unsent = frozenset(n.key for n, over in claimed if n.key in single and not (over or n.attempts))
    looked = look(list(cases), unsent)
    dropped = _find_dropped(
        account, store, looked.moved & {single[key].case for key in unsent}, unsent
    )
    waits: list[Notice] = []
    for notice, taken_over in claimed:
        if notice.key in single and notice.key not in dropped and notice.case in looked.unsure:
            waits.append(_held(notice, now, taken_over=taken_over))
    for one in digests:
        late = [n for n in lines[one.key] if n.case in looked.unsure]
        waits += [replace(line, not_before=now + _AGAIN) for line in late]
        if late and len(late) == len(lines[one.key]):
            waits.append(drop_notice(one, DropCode.UNCONFIRMED))
    if waits:
        store.outbox.settle(*waits)
    over = {n.key for n in waits} | dropped.keys()
    return Confirmed(
        [pair for pair in claimed if pair[0].key not in over], [*dropped.values(), *waits]
    )


def _find_dropped(
    account: str, store: Store, cases: frozenset[int], keys: frozenset[str]
) -> dict[str, Notice]:
    """Those of `keys` that were dropped with what became of their case."""
    now = (n for number in sorted(cases) for n in store.outbox.read_notices(account, case=number))
    return {n.key: n for n in now if n.key in keys and n.state is NoticeState.DROPPED}


def _held(notice: Notice, now: datetime, *, taken_over: bool) -> Notice:
    """To the next tick; one that may have arrived is still looked up then."""
    held = hold_notice(notice, Hold.UNCONFIRMED, now + _AGAIN)
    return replace(held, attempts=max(notice.attempts, int(taken_over)))


def _personal(notice: Notice) -> bool:
    return notice.destination.kind == "person"
