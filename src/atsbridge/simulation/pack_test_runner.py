"""Run the tests of a pack: each `at` is a run that evaluates and decides, but sends nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from atsbridge.cases import DecisionOptions, Directory, Superiors, decide
from atsbridge.cases import acknowledgement as handling
from atsbridge.errors import ConfigError
from atsbridge.model import (
    Case,
    Destination,
    End,
    Found,
    Handling,
    Message,
    Notice,
    NoticeState,
    Purpose,
    RecipientCode,
    State,
    User,
    Verdict,
    recipient_reason,
    resolve,
)
from atsbridge.ports import Decision
from atsbridge.presentation import MessageContext
from atsbridge.rules import (
    TEAM,
    EvaluationContext,
    Expectation,
    Market,
    PackTest,
    PackTestAnswer,
    Rule,
    RuleStatus,
    evaluate_rule,
    field_paths,
    is_place,
    split_recipient,
)
from atsbridge.simulation.pack_test_world import ACCOUNT, ZONE, PackTestWorld
from atsbridge.worktime import Calendar

Render = Callable[..., Message]  # as `presentation.render`

_CASE = 1
_OPS, _SOMEBODY = "ops", "somebody"
_STANDING = {State.KEPT: End.RESOLVED, State.CANCELLED: End.CANCELLED, State.OUTSIDE: End.CANCELLED}


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message of a simulated run: the role, channel or team it is for, and its text."""

    to: str
    via: str
    text: str


@dataclass(frozen=True, slots=True)
class PackTestMoment:
    """The outcome of one simulated run, beside the expected one."""

    expected: Expectation
    verdict: Verdict
    case: Case | None
    sent: tuple[SentMessage, ...]
    zone: str

    @property
    def end(self) -> End | None:
        """How the case ended; without a case, what the verdict means for the subject."""
        if self.case is not None:
            return self.case.end
        return _STANDING.get(self.verdict.state)

    @property
    def handling(self) -> Handling:
        return self.case.handling if self.case is not None else Handling.NONE


@dataclass(frozen=True, slots=True)
class PackTestResult:
    """A test of a rule with its moments."""

    rule: Rule
    example: PackTest
    moments: tuple[PackTestMoment, ...]


def play(
    rules: Iterable[Rule], hours: Mapping[str, str], render: Render
) -> Iterator[PackTestResult]:
    """Run the tests of these rules, in their order; retired rules are left out.

    `hours`: name of a calendar -> its office hours. Time zones and holidays come from the people in
    the test; UTC and none if it names none. ConfigError if a rule names a calendar without hours.
    """
    for rule in rules:
        for example in rule.tests if rule.status is not RuleStatus.RETIRED else ():
            trial = _PackTestRun(replace(rule, status=RuleStatus.LIVE), example, hours, render)
            yield PackTestResult(rule, example, tuple(map(trial.tick, example.expects)))


@dataclass(slots=True)
class _PackTestRun:
    """One test while it runs. Its case stays open from moment to moment, as in a store."""

    rule: Rule
    example: PackTest
    hours: Mapping[str, str]
    render: Render
    case: Case | None = None
    sent: list[Notice] = field(default_factory=list)
    heard: datetime | None = None  # replies up to this instant have been applied

    def tick(self, expected: Expectation) -> PackTestMoment:
        """Evaluate and decide at the instant. Every notice counts as sent."""
        world = PackTestWorld(self.rule, self.example, expected.at)
        found, calendars = world.subject(), self._calendars(world)
        self._answered(expected.at)
        around = EvaluationContext(
            now=expected.at,
            calendars=calendars,
            intervals=world.spans,
            owners=world.owners,
            changes=world.changes,
            others=world.others,
            market=Market(self.example.market),
            opened=lambda _rule, _subject: self.case.opened_at if self.case else None,
        )
        verdict = evaluate_rule(self.rule, found, around)
        directory = self._directory(world, found)
        decision = decide(
            ACCOUNT,
            expected.at,
            [verdict],
            [self.case] if self.case is not None else [],
            {self.rule.id: self.rule},
            DecisionOptions(
                directory=directory, calendars=calendars, read_notices=lambda _: self.sent
            ),
        )
        case = self.case
        if decision.cases:
            case = replace(decision.cases[0], number=_CASE)
        fresh = [n for n in decision.notices if n.purpose in (Purpose.SEND, Purpose.FOLLOW_UP)]
        sent = tuple(self._sent(n, case, found, directory, expected.at) for n in fresh if case)
        self.sent += [replace(n, case=_CASE, state=NoticeState.SENT) for n in fresh]
        self.case = case if case is not None and case.end is None else None
        if self.case is None:
            self.sent.clear()
        return PackTestMoment(expected, verdict, case, sent, self._zone(world, verdict))

    def _calendars(self, world: PackTestWorld) -> Callable[[str | None, str], Calendar]:
        def of(user: str | None, name: str) -> Calendar:
            try:
                hours = self.hours[name]
            except KeyError:
                known = ", ".join(sorted(self.hours))
                raise ConfigError(
                    f"there is no calendar {name!r}",
                    where=str(self.rule.place),
                    remedy=f"Add [calendars.{name}], or use one of: {known}",
                ) from None
            return world.calendar(user, name, hours)

        return of

    def _answered(self, now: datetime) -> None:
        """Apply the replies of people since the last run."""
        for one in self.example.answers:
            if self.case is None or not (self.heard is None or self.heard < one.at) or one.at > now:
                continue
            answer = _answer(self.case, one)
            self.case = replace(answer.cases[0], number=_CASE)
        self.heard = now

    def _directory(self, world: PackTestWorld, found: Found) -> Directory:
        """A directory in which every person of the facts has an address."""
        refs = (
            path for path in found.facts if resolve(self.rule.subject, path).field.ref == "user"
        )
        ids = dict.fromkeys(found.facts[path] for path in refs if found.facts[path])
        ids |= dict.fromkeys(self._named(found))
        if self.rule.personal:
            ids[found.id] = None
        users = {
            one: User(
                account=ACCOUNT,
                id=one,
                name=world.person(one).name or one,
                email=f"{one}@test.example",
                active=True,
            )
            for one in ids
        }
        superiors, above = _superiors(self.rule, found, users)
        places = {self.rule.owner or _OPS}
        places |= {one.to.removeprefix(TEAM) for one in self.rule.steps if one.to.startswith(TEAM)}
        return Directory(
            users={**users, **above},
            superiors=superiors,
            teams={
                name: Destination(
                    "chat", "channel", name, why=(recipient_reason(RecipientCode.TEAM, name=name),)
                )
                for name in places
            },
            ops=Destination("chat", "channel", _OPS),
            sinks=("chat",),
            away={one: why for one in ids if (why := world.away(one))},
            zones={one: zone for one in ids if (zone := world.person(one).timezone)},
        )

    def _named(self, found: Found) -> Iterator[str]:
        """Whom the custom fields name that steps go to."""
        for step in self.rule.steps:
            path = split_recipient(step.to).path
            value = field_paths.value_at(found.kind, path, found.facts)
            if field_paths.part(found.kind, path)[1] and isinstance(value, str):
                yield value

    def _zone(self, world: PackTestWorld, verdict: Verdict) -> str:
        """The zone of the person who has to act, else of the first person of the test."""
        known = [world.person(verdict.owed_by), *self.example.people.values()]
        return next((one.timezone for one in known if one.timezone), ZONE)

    def _sent(
        self, notice: Notice, case: Case, found: Found, directory: Directory, now: datetime
    ) -> SentMessage:
        step, to = self.rule.steps[notice.step], notice.destination
        message = self.render(self.rule, notice, case, found, MessageContext(directory, now))
        lines = [message.headline, message.body, *(": ".join(f) for f in message.facts)]
        return SentMessage(
            self._whom(step.to, to, found), step.via, "\n".join([*lines, message.why])
        )

    def _whom(self, recipient: str, to: Destination, found: Found) -> str:
        """The name that a test uses for the destination of a message."""
        if is_place(recipient) or to.person == recipient:
            return recipient
        if to.kind != "person":
            return to.address  # nobody could be reached: the team that owns the rule
        named = field_paths.value_at(found.kind, recipient, found.facts)
        if named == to.person or self.rule.personal:
            return recipient
        return next((p for p, value in found.facts.items() if value == to.person), recipient)


def _superiors(
    rule: Rule, found: Found, users: Mapping[str, User]
) -> tuple[Superiors, dict[str, User]]:
    """Superiors that a step names, for every person of the facts."""
    managers: dict[str, str] = {}
    heads: dict[str, str] = {}
    above: dict[str, User] = {}
    for step in rule.steps:
        name = split_recipient(step.to)
        base = field_paths.value_at(rule.subject, name.path, found.facts)
        if not base or not (name.levels or name.head):
            continue
        email = f"{step.to}@test.example"
        above[step.to] = User(account=ACCOUNT, id=step.to, name=step.to, email=email, active=True)
        if name.head:
            heads[base] = email
            continue
        below = users[base].email or ""
        for _ in range(name.levels - 1):
            below = managers.setdefault(below, f"manager.of.{below}")
        managers[below] = email
    return Superiors(managers, heads), above


def _answer(case: Case, answer: PackTestAnswer) -> Decision:
    """The effect of a person's reply on the case."""
    until = answer.until or answer.at
    match answer.says:
        case "ack":
            return handling.acknowledge(case, answer.at, until, _SOMEBODY, "")
        case "snooze":
            return handling.snooze(case, answer.at, until, _SOMEBODY, "")
        case "done":
            return handling.done(case, answer.at, _SOMEBODY, "")
        case _:
            return handling.false_alarm(case, answer.at, _SOMEBODY, "")
