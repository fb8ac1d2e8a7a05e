"""Messages that belong to no single case: a first look's summary, a digest, word to ops.

What they say is in `summary`, `digest` and `cases.word`; sending them is `deliver`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from atsbridge.cases import words
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


Hushed = Callable[[Case, Rule], str]  # why nobody is to hear of a case now, "" if they are


@dataclass(frozen=True, slots=True)
class Bulletin:
    """The message, None where nothing is left to say; the lines it tells.

    `dropped`: the others, as they stand then: dropped, or put off to another morning.
    """

    message: Message | None
    told: tuple[Notice, ...] = ()
    dropped: tuple[Notice, ...] = ()

    def along(self, sent: Notice) -> list[Notice]:
        """The lines as they stand once the bulletin is `sent`."""
        told = [
            replace(
                one,
                state=NoticeState.SENT,
                hold=None,
                error=None,
                sent_at=sent.sent_at,
                digest=sent.key,
            )
            for one in self.told
        ]
        return [*told, *self.dropped]


def make(
    notice: Notice,
    to: Destination,
    store: Store,
    rules: Mapping[str, Rule],
    context: MessageContext,
    hushed: Hushed,
    stopped: Callable[[str], bool],
) -> Bulletin:
    """The bulletin as it stands now; each line is looked at again before it is told."""
    if notice.purpose is Purpose.OPS:
        return Bulletin(words(notice))
    if notice.purpose is Purpose.DIGEST:
        return _digest(notice, to, store, rules, context, hushed, stopped)
    directory = context.directory
    found_open = store.cases.read_cases(notice.account, open_only=True)
    cases = [case for case in found_open if case.subject.kind != PERSON]
    late = baseline_message.baseline(notice, cases, rules, directory)
    if not late:
        return Bulletin(None)

    found = {
        (rule, Key(one.account, one.kind, one.id)): one
        for rule, subjects in _by_rule(late).items()
        for one in message_data.read_all(store.subjects, rules[rule], subjects)
    }
    return Bulletin(baseline_message.render(notice, late, rules, directory, found))


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
    hushed: Hushed,
    stopped: Callable[[str], bool],
) -> Bulletin:
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
        if one.purpose not in ENDS and hushed(case, rule):
            dropped.append(replace(one, not_before=now + _DAY))
            continue
        if earlier := lines.pop(case.number, None):
            over = drop_notice(earlier.notice, DropCode.LATER_STEP)
            dropped.append(over)
        lines[case.number] = digest_message.DigestLine(
            one, case, rule, message_data.read(store.subjects, rule, one.subject)
        )
    told: Sequence[digest_message.DigestLine] = list(lines.values())
    message = digest_message.render(notice, told, to, context) if told else None
    return Bulletin(message, tuple(one.notice for one in told), tuple(dropped))


def is_obsolete(case: Case) -> bool:
    """Whether nobody needs to be disturbed any more."""
    return case.end is not None or case.handling is not Handling.NONE


def drop_obsolete(notice: Notice, case: Case) -> Notice:
    """The notice, dropped because its case has ended or somebody handles it."""
    if case.end is not None:
        return drop_notice(notice, DropCode.CASE_ENDED)
    return drop_notice(notice, DropCode.HANDLED, handling=case.handling.value)
