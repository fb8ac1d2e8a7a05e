"""Word to ops of what can newly not be read, and which rules stay silent for it. Said once.

What cannot be believed is `sync.freshness`' to say; that it is judged as unknown, the judge's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from atsbridge.cases.word import word
from atsbridge.model.notice import Destination, Notice
from atsbridge.rules.coverage import decisive
from atsbridge.rules.rule import Rule
from atsbridge.run.memory import Memory

_NAMED = 5


def told(
    account: str,
    ops: Destination,
    memory: Memory,
    unreadable: frozenset[str],
    rules: Sequence[Rule],
    now: datetime,
) -> Iterator[Notice]:
    """A notice if rules that could say something at the tick before cannot now; else nothing.

    `rules`: the watched ones. A first tick says nothing: `doctor` tells what is never read.
    """
    before = frozenset(memory.unreadable)
    lost = unreadable - before
    if memory.at is None or not lost:
        return
    blind = sorted(
        rule.id for rule in rules if decisive(rule) & lost and not decisive(rule) & before
    )
    if not blind:
        return
    fields = sorted(lost & frozenset(c for r in rules if r.id in blind for c in decisive(r)))
    body = (
        f"What they need cannot be read now or is too old: {_listed(fields)}. Until it can be read"
        " again these rules open, tell and end nothing; the clocks go on. `atsbridge doctor` says"
        " what is wrong."
    )
    headline = f"{account}: {_listed(blind)} {'are' if len(blind) > 1 else 'is'} silent for now"
    yield word(account, ops, f"blind/{now.isoformat()}", headline, body, now)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    return f"{shown} and {len(names) - _NAMED} more" if len(names) > _NAMED else shown
