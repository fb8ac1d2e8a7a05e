"""The summary of a first look: what was late already, in one message to a rule's owner.

Which cases open as baseline is decided in `cases`; single notices are `render`'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from atsbridge.cases.people import Directory
from atsbridge.delivery import facts as paths
from atsbridge.delivery.words import count, lower_first, since
from atsbridge.model.case import Case
from atsbridge.model.notice import Message, Notice
from atsbridge.model.query import Found
from atsbridge.model.text import clean
from atsbridge.rules.rule import Rule

_SHOWN = 10  # cases named; the rest is counted


def baseline(
    notice: Notice, cases: Sequence[Case], rules: Mapping[str, Rule], directory: Directory
) -> list[Case]:
    """The cases this summary speaks of that are still open, longest due first."""
    to = notice.destination

    def told_here(case: Case) -> bool:
        rule = rules.get(case.rule)
        if rule is None or rule.status != "live" or rule.news:
            return False
        if case.end is not None or not case.baseline:
            return False
        owner = directory.owner(rule)
        same = (owner.sink, owner.kind, owner.address) == (to.sink, to.kind, to.address)
        return same and case.opened_at == notice.created_at

    late = [case for case in cases if told_here(case)]
    return sorted(late, key=lambda case: (case.due_at is None, case.due_at, case.number))


def render(
    notice: Notice,
    cases: Sequence[Case],
    rules: Mapping[str, Rule],
    directory: Directory,
    read: Callable[[Case], Found],
) -> Message:
    """One message for all of `cases`, of which there is at least one.

    Names the first ten with role and holder; a confidential requisition is counted, not named.
    """
    per_rule = Counter(case.rule for case in cases)
    listed = [
        f"{clean(rules[rule].title)}: {number:,}"
        for rule, number in sorted(per_rule.items(), key=lambda item: (-item[1], item[0]))
    ]
    lines = [
        _line(case, rules[case.rule], read(case), notice, directory) for case in cases[:_SHOWN]
    ]
    rest = len(cases) - len(lines)
    more = [f"… and {rest:,} more"] if rest else []
    return Message(
        key=notice.key,
        headline=f"First look: {count(len(cases), 'promise is', 'promises are')} waiting",
        body="\n".join((" · ".join(listed), "", "Waiting longest:", *lines, *more)),
        why=(
            "These were due, or nearly, before atsbridge looked for the first time, so nobody was "
            "messaged about them one by one. From now on whoever owes the next step hears of it."
        ),
        link_text=f"Open in {directory.ats}",
        tone="late",
    )


def _line(case: Case, rule: Rule, found: Found, notice: Notice, directory: Directory) -> str:
    if found.facts.get(paths.CONFIDENTIAL) and notice.destination.kind == "channel":
        return f"• A confidential requisition: {lower_first(clean(rule.title))}"
    title = clean(str(found.facts.get(paths.TITLE) or "a requisition"))
    code = found.facts.get(paths.CODE)
    role = f"{title} ({clean(str(code))})" if code else title
    owes = clean(directory.name(case.owed_by)) or "nobody in particular"
    start = case.started_at
    when = f" since {since(start, directory.zone, case.opened_at)}" if start else ""
    return f"• {role}: {lower_first(clean(rule.title))}, waiting on {owes}{when}"
