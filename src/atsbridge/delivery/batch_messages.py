"""Messages that belong to no single case: a baseline summary, a digest, a notice to ops."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from atsbridge.cases import make_ops_message
from atsbridge.model import (
    ENDS,
    Case,
    Destination,
    DropCode,
    Handling,
    Key,
    Message,
    Notice,
    NoticeState,
    Purpose,
    drop_notice,
)
from atsbridge.ports import Store
from atsbridge.presentation import (
    MessageContext,
    baseline_message,
    digest_message,
    message_data,
    removed_rule,
)
from atsbridge.rules import PERSON, Rule

_DAY = timedelta(hours=23)  # the digest of the next morning finds it
PURPOSES = (Purpose.SUMMARY, Purpose.DIGEST, Purpose.OPS)


FindSuppression = Callable[[Case, Rule], str]  # why a case is suppressed now; "" if it is not


@dataclass(frozen=True, slots=True)
class BatchMessage:
    """The message, None where nothing is left to send, and the notices it lists.

    `dropped`: the notices it does not list: dropped, or held for the next digest.
    """

    message: Message | None
    listed: tuple[Notice, ...] = ()
    dropped: tuple[Notice, ...] = ()

    def along(self, sent: Notice) -> list[Notice]:
        """The listed notices, marked as sent with the batch message, and the dropped ones."""
        listed = [
            replace(
                one,
                state=NoticeState.SENT,
                hold=None,
                error=None,
                sent_at=sent.sent_at,
                digest=sent.key,
            )
            for one in self.listed
        ]
        return [*listed, *self.dropped]


def make(
    notice: Notice,
    to: Destination,
    store: Store,
    rules: Mapping[str, Rule],
    context: MessageContext,
    find_suppression: FindSuppression,
    stopped: Callable[[str], bool],
) -> BatchMessage:
    """Make the batch message; each line is checked again before it is listed."""
    if notice.purpose is Purpose.OPS:
        return BatchMessage(make_ops_message(notice))
    if notice.purpose is Purpose.DIGEST:
        return _digest(notice, to, store, rules, context, find_suppression, stopped)
    directory = context.directory
    found_open = store.cases.read_cases(notice.account, open_only=True)
    cases = [case for case in found_open if case.subject.kind != PERSON]
    late = baseline_message.baseline(notice, cases, rules, directory)
    if not late:
        return BatchMessage(None)

    found = {
        (rule, Key(one.account, one.kind, one.id)): one
        for rule, subjects in _by_rule(late).items()
        for one in message_data.read_all(store.subjects, rules[rule], subjects)
    }
    return BatchMessage(baseline_message.render(notice, late, rules, directory, found))


def _by_rule(cases: Sequence[Case]) -> Mapping[str, Sequence[Key]]:
    found: dict[str, list[Key]] = {}
    for case in cases:
        found.setdefault(case.rule, []).append(case.subject)
    return found


def _digest(
    notice: Notice,
    to: Destination,
    store: Store,
    rules: Mapping[str, Rule],
    context: MessageContext,
    find_suppression: FindSuppression,
    stopped: Callable[[str], bool],
) -> BatchMessage:
    now = context.now
    held = store.outbox.read_notices(notice.account, states=[NoticeState.HELD])
    lines: dict[int, digest_message.DigestLine] = {}  # of several notices of one case, the last
    dropped: list[Notice] = []
    for one in digest_message.lines_of(notice, held):
        case, rule = store.cases.read_case(one.case), rules.get(one.rule)
        if stopped(one.rule):
            dropped.append(replace(one, not_before=now + _DAY))
            continue
        if rule is None and one.purpose in ENDS:
            rule = removed_rule(one)
        if case is None or rule is None or (one.purpose not in ENDS and is_obsolete(case)):
            dropped.append(drop_notice(one, DropCode.CASE_ENDED))
            continue
        if one.purpose not in ENDS and find_suppression(case, rule):
            dropped.append(replace(one, not_before=now + _DAY))
            continue
        if earlier := lines.pop(case.number, None):
            over = drop_notice(earlier.notice, DropCode.LATER_STEP)
            dropped.append(over)
        lines[case.number] = digest_message.DigestLine(
            one, case, rule, message_data.read(store.subjects, rule, one.subject)
        )
    listed: Sequence[digest_message.DigestLine] = list(lines.values())
    message = digest_message.render(notice, listed, to, context) if listed else None
    return BatchMessage(message, tuple(one.notice for one in listed), tuple(dropped))


def is_obsolete(case: Case) -> bool:
    """Whether the case has ended or somebody handles it."""
    return case.end is not None or case.handling is not Handling.NONE


def drop_obsolete(notice: Notice, case: Case) -> Notice:
    """The notice, dropped because its case has ended or somebody handles it."""
    if case.end is not None:
        return drop_notice(notice, DropCode.CASE_ENDED)
    return drop_notice(notice, DropCode.HANDLED, handling=case.handling.value)
