"""Notices to ops: data that newly cannot be read, and errors in packs; each is sent once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from atsbridge.cases import word
from atsbridge.context import AccountContext, Memory, Services
from atsbridge.model import Destination, Notice, cut
from atsbridge.rules import Rule, decisive, required
from atsbridge.sync import doubt, find_failing, find_supplied

_NAMED = 5  # rules, fields or lists that a message names; the others are counted
_QUOTED = 5  # errors in packs that a message quotes; the others are counted
_ROOM = 300  # characters of each


@dataclass(frozen=True, slots=True)
class DoubtedList:
    """A list that was read and is not believed: why, what to do, and the fields it supplies.

    `key`: "stream@instant", the same as long as the doubt lasts.
    """

    key: str
    reason: str
    remedy: str
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class DataLossAlert:
    """Alerts about lost data. `memory`: of the last run. `rules`: the live and shadow rules."""

    account: str
    ops: Destination
    memory: Memory
    rules: Sequence[Rule]
    now: datetime

    def report(self, context: AccountContext) -> tuple[tuple[Notice, ...], tuple[str, ...]]:
        """The notices, and the keys of the doubted lists that ops know of then."""
        states, account_map = context.store.records.read_states(self.account), context.account_map
        failed = find_failing(states, context.spec, account_map)
        lost = self.report_lost(context.unknown_fields, failed)
        notices, keys = self.report_doubted(list(_doubted_lists(context, self.now)))
        return (*lost, *notices), keys

    def report_lost(
        self, unknown: frozenset[str], failing: frozenset[str] = frozenset()
    ) -> Iterator[Notice]:
        """A notice if rules that were evaluated in the last run cannot be evaluated now.

        `failing`: the fields of lists whose last try failed; a first run reports nothing else: what
        an ATS never supplies is in `doctor`.
        """
        memory, account = self.memory, self.account
        before = frozenset(memory.unreadable)
        lost = unknown - before if memory.at is not None else unknown & failing
        if not lost:
            return
        needed = {rule.id: decisive(rule) | required(rule) for rule in self.rules}
        silent = sorted(rule for rule, its in needed.items() if its & lost and not its & before)
        if not silent:
            return
        fields = sorted(lost & frozenset().union(*(needed[rule] for rule in silent)))
        body = (
            f"What they need cannot be read now or is too old: {_listed(fields)}. Until it can be"
            " read again these rules open, tell and end nothing; the clocks go on. `atsbridge"
            " doctor` says what is wrong."
        )
        is_are = "are" if len(silent) > 1 else "is"
        headline = f"{account}: {_listed(silent)} {is_are} silent for now"
        topic = f"blind/{self.now.isoformat()}"
        yield word(account, self.ops, topic, headline, body, self.now)

    def report_doubted(
        self, lists: Sequence[DoubtedList]
    ) -> tuple[tuple[Notice, ...], tuple[str, ...]]:
        """One notice for the lists that some watched rule needs and ops do not know of yet.

        Also the keys to remember, of all that ops know of and that are still doubted.
        """
        needed = {rule.id: required(rule) for rule in self.rules}
        silent = {
            one.key: sorted(rule for rule, its in needed.items() if its & one.fields)
            for one in lists
        }
        reported = [one.key for one in lists if one.key in self.memory.doubted]
        news = [one for one in lists if one.key not in reported and silent[one.key]]
        keys = tuple(sorted((*reported, *(one.key for one in news))))
        if not news:
            return (), keys
        lines = [
            f"{one.reason}. Rules that wait for it: {_listed(silent[one.key])}. {one.remedy}"
            for one in news
        ]
        body = "\n".join(
            (*lines, "Until then these rules open and end no case, and send no message.")
        )
        names = [one.key.partition("@")[0] for one in news]
        noun = "the list" if len(names) == 1 else "the lists"
        headline = f"{self.account}: rules wait for {noun} {_listed(names)}"
        topic = f"doubted/{' '.join(one.key for one in news)}"
        return (word(self.account, self.ops, topic, headline, body, self.now),), keys


def _doubted_lists(context: AccountContext, now: datetime) -> Iterator[DoubtedList]:
    """The lists whose doubt has lasted long enough to be reported."""
    states, spec = context.store.records.read_states(context.account), context.spec
    for stream in spec.streams:
        state = states.get(stream.name)
        if state and state.doubt and doubt.is_reported(stream, state, now):
            yield DoubtedList(
                f"{stream.name}@{state.doubt.since.isoformat()}",
                doubt.describe(stream, state.doubt),
                doubt.suggest_remedy(stream, state.doubt, context.account),
                find_supplied((stream.name,), spec, context.account_map),
            )


def pack_errors(services: Services) -> tuple[str, ...]:
    """Every error in the packs, in order of file and line."""
    return tuple(str(error) for error in services.packs.rule_set.mistakes)


def alert_pack_errors(context: AccountContext, memory: Memory, now: datetime) -> Iterator[Notice]:
    """A notice to ops if there are errors that the last run did not know.

    Packs are shared by all accounts: only the first account sends it.
    """
    errors, account = pack_errors(context.services), context.account
    if account != min(context.settings.accounts) or not set(errors) - set(memory.mistakes):
        return
    number = len(errors)
    headline = f"{number} {'mistakes' if number > 1 else 'mistake'} in the rules"
    lines = [f"• {cut(one, _ROOM)}" for one in errors[:_QUOTED]]
    if number > _QUOTED:
        lines.append(f"and {number - _QUOTED} more")
    lines.append(
        "The rules they are in are stopped: their open cases stay as they are, and nobody hears of"
        " them until the mistakes are corrected. All other rules run. `atsbridge rules check` shows"
        " every mistake."
    )
    yield word(account, context.ops, f"mistakes/{now.isoformat()}", headline, "\n".join(lines), now)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    return f"{shown} and {len(names) - _NAMED} more" if len(names) > _NAMED else shown
