"""Word to ops of what can newly not be read, and which rules stay silent for it. Said once.

What cannot be believed is `sync.freshness`' to say; that it is judged as unknown, the judge's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from atsbridge.cases import word
from atsbridge.context import Memory, Services
from atsbridge.model import Destination, Notice
from atsbridge.rules import Rule, decisive, required
from atsbridge.sync import doubt, failing, parse, supplied

_NAMED = 5


def unread(
    app: Services,
    account: str,
    ops: Destination,
    memory: Memory,
    unreadable: frozenset[str],
    rules: Sequence[Rule],
    now: datetime,
) -> tuple[tuple[Notice, ...], tuple[str, ...]]:
    """What ops have to hear of what cannot be read; and the doubts they have heard of then."""
    spec, states = app.spec(account), app.store.records.read_states(account)
    account_map = parse(app.account(account).map, account, spec.streams)
    doubts = [
        Doubted(
            f"{stream.name}@{state.doubt.since.isoformat()}",
            doubt.reason(stream, state.doubt),
            doubt.remedy(stream, state.doubt, account),
            supplied((stream.name,), spec, account_map),
        )
        for stream in spec.streams
        if (state := states.get(stream.name)) and state.doubt and doubt.tells(stream, state, now)
    ]
    failed = failing(states, spec, account_map)
    blind = told(account, ops, memory, unreadable, rules, now, failed)
    notices, keys = doubted(account, ops, memory, doubts, rules, now)
    return (*blind, *notices), keys


def told(
    account: str,
    ops: Destination,
    memory: Memory,
    unreadable: frozenset[str],
    rules: Sequence[Rule],
    now: datetime,
    failing: frozenset[str] = frozenset(),
) -> Iterator[Notice]:
    """A notice if rules that could say something at the tick before cannot now; else nothing.

    `rules`: the watched ones. `failing`: what hangs on lists whose last try failed; a first tick
    speaks of nothing else: what an ATS never says is `doctor`'s to tell.
    """
    before = frozenset(memory.unreadable)
    lost = unreadable - before if memory.at is not None else unreadable & failing
    if not lost:
        return
    needed = {rule.id: decisive(rule) | required(rule) for rule in rules}
    blind = sorted(rule for rule, its in needed.items() if its & lost and not its & before)
    if not blind:
        return
    fields = sorted(lost & frozenset().union(*(needed[rule] for rule in blind)))
    body = (
        f"What they need cannot be read now or is too old: {_listed(fields)}. Until it can be read"
        " again these rules open, tell and end nothing; the clocks go on. `atsbridge doctor` says"
        " what is wrong."
    )
    headline = f"{account}: {_listed(blind)} {'are' if len(blind) > 1 else 'is'} silent for now"
    yield word(account, ops, f"blind/{now.isoformat()}", headline, body, now)


@dataclass(frozen=True, slots=True)
class Doubted:
    """A list that was read and is not believed: why, what to do, and what hangs on it.

    `key`: "stream@instant", the same as long as the doubt lasts.
    """

    key: str
    reason: str
    remedy: str
    fields: frozenset[str]


def doubted(
    account: str,
    ops: Destination,
    memory: Memory,
    lists: Sequence[Doubted],
    rules: Sequence[Rule],
    now: datetime,
) -> tuple[tuple[Notice, ...], tuple[str, ...]]:
    """One notice for the lists that some watched rule needs and ops have not heard of yet.

    Also the keys to remember, of all that ops have heard of and that are still doubted.
    """
    needed = {rule.id: required(rule) for rule in rules}
    silent = {
        one.key: sorted(rule for rule, its in needed.items() if its & one.fields) for one in lists
    }
    heard = [one.key for one in lists if one.key in memory.doubted]
    news = [one for one in lists if one.key not in heard and silent[one.key]]
    keys = tuple(sorted((*heard, *(one.key for one in news))))
    if not news:
        return (), keys
    lines = [
        f"{one.reason}. Silent until then: {_listed(silent[one.key])}. {one.remedy}" for one in news
    ]
    body = "\n".join(
        (*lines, "Until then these rules open, tell and end nothing; the clocks go on.")
    )
    names = [one.key.partition("@")[0] for one in news]
    headline = f"{account}: {_listed(names)} cannot be believed yet"
    topic = f"doubted/{' '.join(one.key for one in news)}"
    return (word(account, ops, topic, headline, body, now),), keys


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    return f"{shown} and {len(names) - _NAMED} more" if len(names) > _NAMED else shown
