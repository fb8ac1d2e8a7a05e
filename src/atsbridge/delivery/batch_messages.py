"""Messages that belong to no single case: summaries, digests and messages to the operators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from atsbridge.cases import make_ops_message
from atsbridge.delivery.delivery_env import DeliveryEnv
from atsbridge.delivery.delivery_report import PERSONAL_ONLY
from atsbridge.delivery.routing import Route
from atsbridge.model import (
    ENDS,
    Case,
    Destination,
    DropCode,
    Found,
    Handling,
    Hold,
    Key,
    Message,
    Notice,
    NoticeState,
    Purpose,
    Sensitivity,
    drop_notice,
    hold_notice,
)
from atsbridge.presentation import (
    baseline_message,
    cleanup_message,
    digest_message,
    message_data,
    removed_rule,
)
from atsbridge.rules import PERSON, Rule

_NEXT_DAY = timedelta(hours=23)  # the digest of the next morning finds it


@dataclass(frozen=True, slots=True)
class BatchMessage:
    """`message`: None where no line applies any more. `lines`: the notices that it lists.

    `dropped`: the other lines, as they are to be stored: dropped, held, or put off to a morning.
    """

    message: Message | None
    lines: tuple[Notice, ...] = ()
    dropped: tuple[Notice, ...] = ()

    def settle_lines(self, sent: Notice) -> tuple[Notice, ...]:
        """The lines as they are stored once the message is sent."""
        listed = [
            replace(
                one,
                state=NoticeState.SENT,
                hold=None,
                error=None,
                sent_at=sent.sent_at,
                digest=sent.key,
            )
            for one in self.lines
        ]
        return (*listed, *self.dropped)

    def drop_lines(self, code: DropCode) -> tuple[Notice, ...]:
        """The lines as they are stored if the message is dropped: no other message lists them."""
        return (*(drop_notice(one, code) for one in self.lines), *self.dropped)


def compose(notice: Notice, route: Route, env: DeliveryEnv) -> BatchMessage:
    """The message as it is now; each line is checked again."""
    if notice.purpose is Purpose.OPS:
        return BatchMessage(make_ops_message(notice))
    if notice.purpose is Purpose.DIGEST:
        return _compose_digest(notice, route, env)
    if notice.purpose is Purpose.CLEANUP:
        return _compose_cleanup(notice, env)
    return _compose_summary(notice, route, env)


def _compose_summary(notice: Notice, route: Route, env: DeliveryEnv) -> BatchMessage:
    rules, directory = env.request.rules, env.directory
    open_cases = env.store.cases.read_cases(notice.account, open_only=True)
    cases = [case for case in open_cases if case.subject.kind != PERSON]
    late = baseline_message.baseline(notice, cases, rules, directory)
    if not late:
        return BatchMessage(None)
    facts, named = _read_facts(late, env), env.find_clearance(route).allows(Sensitivity.PERSONAL)
    message = baseline_message.render(notice, late, rules, directory, facts, named=named)
    return BatchMessage(message)


def _compose_cleanup(notice: Notice, env: DeliveryEnv) -> BatchMessage:
    """What of the notice's cases is still in the backlog of a live rule."""
    rules, numbers = env.request.rules, frozenset(notice.summary_cases)
    left = [
        case
        for case in env.store.cases.read_open_cases(notice.account)
        if case.number in numbers and case.in_backlog
        if (rule := rules.get(case.rule)) is not None and rule.status == "live"
    ]
    if not left:
        return BatchMessage(None)
    facts = _read_facts(left, env)
    return BatchMessage(cleanup_message.render(notice, left, facts, env.directory))


def _read_facts(cases: Sequence[Case], env: DeliveryEnv) -> Mapping[tuple[str, Key], Found]:
    """The facts of each case, by its rule and subject."""
    rules = env.request.rules
    return {
        (rule, Key(one.account, one.kind, one.id)): one
        for rule, subjects in _group_by_rule(cases).items()
        for one in message_data.read_all(env.store.subjects, rules[rule], subjects)
    }


def _group_by_rule(cases: Sequence[Case]) -> Mapping[str, Sequence[Key]]:
    found: dict[str, list[Key]] = {}
    for case in cases:
        found.setdefault(case.rule, []).append(case.subject)
    return found


@dataclass(slots=True)
class _DigestLines:
    """The lines of a digest in the making: of several notices of one case, the last. `to`: who
    reads it."""

    env: DeliveryEnv
    to: Destination
    lines: dict[int, digest_message.DigestLine] = field(default_factory=dict)
    dropped: list[Notice] = field(default_factory=list)

    def add(self, one: Notice) -> None:
        """List a notice, drop it, or leave it for later."""
        env, ends = self.env, one.purpose in ENDS
        case, rule = env.store.cases.read_case(one.case), env.find_rule(one)
        if env.request.is_stopped(one.rule):
            self._put_off(one)
            return
        if rule is None and ends:
            rule = removed_rule(one)
        if case is None or rule is None:
            self.dropped.append(drop_notice(one, DropCode.CASE_ENDED))
        elif not ends and is_obsolete(case):
            self.dropped.append(drop_handled(one, case))
        elif rule.personal and self.to.person != one.subject.id:
            env.report(one, PERSONAL_ONLY)
            self.dropped.append(drop_notice(one, DropCode.PERSONAL))
        elif not ends and rule.status == "shadow":
            self.dropped.append(hold_notice(one, Hold.SHADOW))
        elif not ends and env.request.suppress(case, rule):
            self._put_off(one)
        else:
            self._list(one, case, rule)

    def _put_off(self, one: Notice) -> None:
        self.dropped.append(replace(one, not_before=self.env.time.now() + _NEXT_DAY))

    def _list(self, one: Notice, case: Case, rule: Rule) -> None:
        if earlier := self.lines.pop(case.number, None):
            self.dropped.append(drop_notice(earlier.notice, DropCode.LATER_STEP))
        facts = message_data.read(self.env.store.subjects, rule, one.subject)
        self.lines[case.number] = digest_message.DigestLine(one, case, rule, facts)


def _compose_digest(notice: Notice, route: Route, env: DeliveryEnv) -> BatchMessage:
    held = env.store.outbox.read_notices(notice.account, states=[NoticeState.HELD])
    made = _DigestLines(env, route.to)
    for one in digest_message.find_digest_lines(notice, held):
        made.add(one)
    lines = list(made.lines.values())
    message = None
    if lines:
        context = env.make_context(notice, route)
        message = digest_message.render(notice, lines, route.to, context)
    return BatchMessage(message, tuple(one.notice for one in lines), tuple(made.dropped))


def is_obsolete(case: Case) -> bool:
    """Whether nobody needs to be notified: the case ended, or somebody handles it."""
    return case.end is not None or case.handling is not Handling.NONE


def drop_handled(notice: Notice, case: Case) -> Notice:
    """The notice, dropped because its case has ended or somebody handles it."""
    if case.end is not None:
        return drop_notice(notice, DropCode.CASE_ENDED)
    return drop_notice(notice, DropCode.HANDLED, handling=case.handling.value)
