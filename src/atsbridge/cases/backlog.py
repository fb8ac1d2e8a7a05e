"""The backlog: what was overdue for long when a rule first looked at it. Pure.

Accounts hold years of forgotten candidates. A case in the backlog is no promise: nobody is
reminded of it, it is in no figure, no digest and no escalation. The recruiter of its requisition
gets one message that proposes to clean up. It becomes a normal case when somebody acts on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime

from atsbridge.cases.baseline import make_summary
from atsbridge.cases.recipients import Directory, person
from atsbridge.model import (
    Case,
    Destination,
    FirstLook,
    Key,
    Notice,
    Purpose,
    RecipientCode,
    State,
    Verdict,
    recipient_reason,
)
from atsbridge.rules import Rule
from atsbridge.worktime import Calendar, Duration, counted

_RECRUITER = recipient_reason(RecipientCode.ROLE, role="requisition.recruiter")


def _nobody(subjects: Sequence[Key]) -> Mapping[Key, str | None]:
    return dict.fromkeys(subjects)


@dataclass(frozen=True, slots=True)
class BacklogPolicy:
    """What belongs to the backlog. `after`: by how much it is overdue; None: nothing belongs to it.

    `is_first_look`: whether the rule looks at the subject for the first time; asked only of what
    is overdue by more than `after` and has no case. `acted_on`: numbers of cases of the backlog
    on whose subject somebody acted since. `recruiters`: subject -> user id of the recruiter of
    its requisition. `asked`: the places that got a clean-up message within the last month.
    """

    after: Duration | None = None
    is_first_look: Callable[[Rule, Key], bool] = field(default=lambda _rule, _subject: True)
    acted_on: frozenset[int] = frozenset()
    recruiters: Callable[[Sequence[Key]], Mapping[Key, str | None]] = field(default=_nobody)
    asked: Callable[[], Set[tuple[str, str, str]]] = field(default=frozenset)

    def takes(
        self,
        verdict: Verdict,
        rule: Rule,
        now: datetime,
        calendars: Callable[[str | None, str], Calendar],
    ) -> bool:
        """Whether a case that this verdict opens belongs to the backlog."""
        if self.after is None or verdict.state is not State.BREACHED or not has_backlog(rule):
            return False
        if verdict.due is None or now - verdict.due.at <= self.after.span:
            return False  # working time is never more than the time that passed
        calendar = calendars(verdict.owed_by, rule.calendar)
        overdue = counted(calendar, self.after.unit, verdict.due.at, now)
        return overdue > self.after.span and self.is_first_look(rule, verdict.subject)


def has_backlog(rule: Rule) -> bool:
    """Whether the rule promises something by a due instant; news and findings do not grow old."""
    return rule.clock is not None and not (rule.news or rule.personal or rule.periodic)


def propose_cleanups(
    account: str,
    now: datetime,
    cases: Iterable[Case],
    rules: Mapping[str, Rule],
    directory: Directory,
    policy: BacklogPolicy,
) -> tuple[list[Case], list[Notice]]:
    """Make one clean-up message for each recruiter of these cases, and mark the cases.

    Only stored cases are listed: a message names them by number. Cases that are not in the backlog,
    are covered by a message already or belong to a rule that is not live are passed over. Where no
    recruiter can be reached, the rule's owner gets it. Whoever got one within the last month gets
    the next one after it: an account whose past is read over days gives no message a day.
    """
    fresh = [case for case in cases if needs_proposal(case, rules.get(case.rule))]
    if not fresh:
        return [], []
    recruiters, asked = policy.recruiters([case.subject for case in fresh]), policy.asked()
    readers: dict[tuple[str, str, str], Destination] = {}
    covered: dict[tuple[str, str, str], list[Case]] = {}
    for case in fresh:
        owner = directory.owner(rules[case.rule])
        to = person(recruiters.get(case.subject), _RECRUITER, directory, owner)
        if to.place not in asked:
            readers.setdefault(to.place, to)
            covered.setdefault(to.place, []).append(case)
    notices = [
        make_summary(
            Purpose.CLEANUP, account, now, readers[place], [case.number for case in covered[place]]
        )
        for place in sorted(readers)
    ]
    cases_covered = (case for its in covered.values() for case in its)
    return [replace(case, first_look=FirstLook.PROPOSED) for case in cases_covered], notices


def needs_proposal(case: Case, rule: Rule | None) -> bool:
    """Whether no clean-up message covers this case of the backlog of a live rule yet."""
    waits = case.first_look is FirstLook.BACKLOG and case.end is None
    return waits and rule is not None and rule.status == "live"
