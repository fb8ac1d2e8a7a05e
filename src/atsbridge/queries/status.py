"""The state of the installation on one screen: data, last run, open cases, messages, problems."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from atsbridge.context import AccountContext, RunOutcome, Services
from atsbridge.errors import AtsbridgeError
from atsbridge.model import Case, NoticeState
from atsbridge.ports import StreamStatus
from atsbridge.queries.sides import Side, find_sides
from atsbridge.queries.webhook_status import is_quiet

if TYPE_CHECKING:
    from atsbridge.ports import Stream
    from atsbridge.rules import Rule

# A run is overdue once this many intervals have passed without one: one may be skipped while an
# earlier run still works, and cron starts late on a busy machine.
_OVERDUE_INTERVALS = 3


class Health(StrEnum):
    """The state of an account."""

    GOOD = "good"
    ATTENTION = "attention"  # it works, but somebody should look at it
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class StatusProblem:
    """One problem: what is wrong, where, and what to do."""

    where: str
    what: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class DataStatus:
    """How fresh the account's data is. Instants are in UTC.

    `lists`: how many lists have been read to their end; `oldest`: the one read longest ago, and
    when. `unread`: lists that could not be read yet. `stale`: lists that a live rule needs and does
    not use now, because they are too old or not believed.
    """

    lists: int = 0
    oldest: str = ""
    oldest_at: datetime | None = None
    unread: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """The open cases of an account. Cases of shadow rules are counted apart: nobody is notified.

    `backlog`: cases of live rules that were long overdue when its rule first ran; they are counted
    apart, too. `by_side`: who has to act ("hiring manager", "recruiter", ...) -> open cases.
    """

    open: int = 0
    late: int = 0
    shadow: int = 0
    backlog: int = 0
    by_side: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """One account. Instants are in UTC; `next_run` is None where no run is expected."""

    account: str
    connector: str
    last_run: datetime | None
    next_run: datetime | None
    data: DataStatus
    cases: CaseCounts
    notices: Mapping[str, int]  # state -> messages in the outbox
    breaker: tuple[str, ...] = ()  # rules whose messages the circuit breaker holds
    problems: tuple[StatusProblem, ...] = ()
    overdue: bool = False
    webhooks_quiet: bool = False  # they came before and stopped

    @property
    def health(self) -> Health:
        """FAILED where something has to be repaired."""
        if self.problems or self.overdue:
            return Health.FAILED
        dead = self.notices.get(NoticeState.DEAD, 0)
        look = dead or self.breaker or self.data.stale or self.webhooks_quiet
        return Health.ATTENTION if look else Health.GOOD


def read_status(services: Services, account: str, *, by_workers: bool = False) -> AccountStatus:
    """The status of one account, from the store alone. ConfigError where it is not configured.

    `by_workers`: workers serve it, so that a run is expected although `[run] every` is not set.
    """
    context, now = AccountContext(services, account), services.time.now()
    outcome = context.run_state.read_outcome()
    # What a webhook started is no run: cron may have stopped although webhooks still come.
    last = outcome.at if outcome is not None else context.run_state.read_last_run()
    every = services.settings.run.every
    if by_workers and not every:
        every = services.interval(account)
    return AccountStatus(
        account,
        context.section.connector,
        last,
        last + every if last and every else None,
        _read_data(context, now),
        _count_cases(context, now),
        dict(services.store.outbox.count_notices(account)),
        outcome.breaker if outcome else (),
        tuple(_find_problems(context, outcome)),
        bool(last and every and now > last + _OVERDUE_INTERVALS * every),
        _are_webhooks_quiet(context, now),
    )


def _are_webhooks_quiet(context: AccountContext, now: datetime) -> bool:
    try:
        if context.spec.webhooks is None:
            return False
    except AtsbridgeError:
        return False  # a problem of its own
    return is_quiet(context.store.hints.read_state(context.account), now)


def find_shared_problems(services: Services) -> list[StatusProblem]:
    """Problems that concern all accounts: settings, plugins that were left out, rules."""
    found = [StatusProblem(one.where, one.what, one.remedy) for one in services.find_warnings()]
    found += [
        StatusProblem(f"plugin {one.plugin}", one.what, one.remedy)
        for one in services.plugins.troubles
    ]
    mistakes: list[AtsbridgeError] = []
    try:
        mistakes += services.packs.rule_set.mistakes
    except AtsbridgeError as error:
        mistakes.append(error)
    return [*found, *(StatusProblem(one.where, one.what, one.remedy) for one in mistakes)]


def _find_problems(context: AccountContext, outcome: RunOutcome | None) -> Iterator[StatusProblem]:
    if outcome is not None:
        yield from (StatusProblem(*one) for one in outcome.problems)
    try:
        _ = context.spec
    except AtsbridgeError as error:
        yield StatusProblem(context.account, error.what, error.remedy)


def _read_data(context: AccountContext, now: datetime) -> DataStatus:
    from atsbridge.sync import is_readable

    states = context.store.records.read_states(context.account)
    try:
        spec = context.spec
    except AtsbridgeError:
        return DataStatus()
    known = {stream.name: stream for stream in spec.streams}
    read = {
        name: one.read_at
        for name, one in states.items()
        if name in known and one.read_at is not None
    }
    oldest = min(read, key=lambda name: read[name], default="")
    unread = [
        name
        for name, one in states.items()
        if name in known and one.read_at is None and one.status is not StreamStatus.NEVER
    ]
    max_age, needed = context.section.max_age, _needed_fields(context.services)
    stale = [
        name
        for name in read
        if needed & _fields_of(known[name])
        and not is_readable(known[name], states, spec, now, max_age)
    ]
    return DataStatus(
        len(read), oldest, read.get(oldest), tuple(sorted(unread)), tuple(sorted(stale))
    )


def _needed_fields(services: Services) -> frozenset[str]:
    """The "kind.field"s that live rules need."""
    from atsbridge.rules import needs

    live = (rule for rule in _read_rules(services).values() if rule.status == "live")
    return frozenset(field for rule in live for field in needs(rule))


def _fields_of(stream: Stream) -> set[str]:
    return {f"{kind}.{column}" for kind, columns in stream.owns.items() for column in columns}


def _count_cases(context: AccountContext, now: datetime) -> CaseCounts:
    rules = _read_rules(context.services)
    found = context.store.cases.read_cases(context.account, open_only=True)
    promoted = [case for case in found if _is_live(rules.get(case.rule))]
    live = [case for case in promoted if not case.in_backlog]
    sides = Counter(find_sides(context.store.subjects, context.account, live).values())
    late = sum(1 for case in live if _is_late(case, rules.get(case.rule), now))
    by_side = {str(side): sides[side] for side in Side if sides[side]}
    return CaseCounts(
        len(live), late, len(found) - len(promoted), len(promoted) - len(live), by_side
    )


def _read_rules(services: Services) -> Mapping[str, Rule]:
    """The rules by id; none if they cannot be read, which is reported separately."""
    try:
        return services.packs.rule_set.rules
    except AtsbridgeError:
        return {}


def _is_live(rule: Rule | None) -> bool:
    """A case of a rule that cannot be read now counts as live: its rule was live before."""
    return rule is None or rule.status == "live"


def _is_late(case: Case, rule: Rule | None, now: datetime) -> bool:
    informs = rule is not None and rule.news
    return not informs and case.due_at is not None and case.due_at <= now
