"""The summary of a first look: what was late already, in one message to a rule's owner.

Which cases it is about is decided in `cases.baseline`; single notices are `render`'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from atsbridge.cases import Directory
from atsbridge.model import Case, Found, Key, Message, Notice, clean
from atsbridge.presentation import message_data as paths
from atsbridge.presentation.clearance import secret
from atsbridge.presentation.formatting import count, lower_first
from atsbridge.presentation.local_time import Reader
from atsbridge.rules import Rule

_SHOWN = 10  # requisitions; the rest is counted
_UNNAMED = "Confidential requisitions"  # nobody is named who works on them
_NAMED = 3  # people each waits on; the rest is counted


def baseline(
    notice: Notice, cases: Sequence[Case], rules: Mapping[str, Rule], directory: Directory
) -> list[Case]:
    """The cases this summary speaks of that are still open, longest due first."""
    older = frozenset(notice.summary_cases)

    def told_here(case: Case) -> bool:
        rule = rules.get(case.rule)
        if rule is None or rule.status != "live" or rule.news or case.end is not None:
            return False
        if directory.owner(rule).place != notice.destination.place:
            return False
        return case.number in older or (case.baseline and case.opened_at == notice.created_at)

    late = [case for case in cases if told_here(case)]
    return sorted(late, key=lambda case: (case.due_at is None, case.due_at, case.number))


def render(
    notice: Notice,
    cases: Sequence[Case],
    rules: Mapping[str, Rule],
    directory: Directory,
    found: Mapping[tuple[str, Key], Found],
) -> Message:
    """One message for all of `cases`, of which there is at least one, by requisition.

    Names the ten that wait longest, with who is waited for; in a channel what is confidential is
    counted, and neither the requisition nor anybody who works on it is named. `found`: the facts
    of each case by its rule and subject.
    """
    per_rule = Counter(case.rule for case in cases)
    listed = [
        f"{clean(rules[rule].title)}: {number:,}"
        for rule, number in sorted(per_rule.items(), key=lambda item: (-item[1], item[0]))
    ]
    looked = notice.created_at or max(case.opened_at for case in cases)
    by_role: dict[str, list[Case]] = {}
    for case in cases:
        by_role.setdefault(_role(notice, found.get((case.rule, case.subject))), []).append(case)
    lines = [
        _line(role, its, rules, Reader(directory, notice.destination, looked, its[0].owed_by))
        for role, its in list(by_role.items())[:_SHOWN]
    ]
    rest = len(by_role) - len(lines)
    more = [f"… and {count(rest, 'more search', 'more searches')}"] if rest else []
    return Message(
        key=notice.key,
        headline=f"First look: {count(len(cases), 'promise is', 'promises are')} waiting",
        body="\n".join((" · ".join(listed), "", "Waiting longest:", *lines, *more)),
        why=(
            "These were due, or nearly, before atsbridge looked, so nobody was messaged about them "
            "one by one. From now on whoever owes the next step hears of it."
        ),
        link_text=f"Open in {directory.ats}",
        tone="late",
    )


def _role(notice: Notice, found: Found | None) -> str:
    """The requisition as its group is headed: "Data Engineer (REQ-104)"."""
    facts = found.facts if found else {}
    if secret(notice.destination, facts):
        return _UNNAMED
    title = clean(str(facts.get(paths.TITLE) or "")) or "Without a requisition"
    code = facts.get(paths.CODE)
    return f"{title} ({clean(str(code))})" if code else title


def _line(
    role: str,
    cases: Sequence[Case],
    rules: Mapping[str, Rule],
    reader: Reader,
) -> str:
    """ "• Data Engineer (REQ-104): interview feedback is late (3), waiting on Mara Lind"."""
    things = [
        lower_first(clean(rules[rule].title)) + (f" ({number})" if number > 1 else "")
        for rule, number in Counter(case.rule for case in cases).items()
    ]
    if role == _UNNAMED:
        return f"• {role}: {', '.join(things)}"
    names = [clean(reader.directory.name(case.owed_by)) for case in cases]
    people = list(dict.fromkeys(name for name in names if name))
    others = len(people) - _NAMED
    if not people:
        return f"• {role}: {', '.join(things)}"
    named = [*people[:_NAMED], f"{others} more"] if others > 0 else people
    who = " and ".join(part for part in (", ".join(named[:-1]), named[-1]) if part)
    first = min((case.started_at for case in cases if case.started_at), default=None)
    when = f" since {reader.since(first)}" if first else ""
    return f"• {role}: {', '.join(things)}, waiting on {who}{when}"
