"""The first summary: what was overdue when atsbridge started, in one message to a rule's owner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from atsbridge.cases import Directory
from atsbridge.model import Case, Found, Key, Message, Notice, clean
from atsbridge.presentation import message_data as paths
from atsbridge.presentation.case_text import role_of
from atsbridge.presentation.clearance import secret
from atsbridge.presentation.formatting import count, lower_first, together
from atsbridge.presentation.local_time import Reader
from atsbridge.rules import Rule

SHOWN = 10  # requisitions; the rest is counted
UNNAMED = "Confidential roles"  # nobody is named who works on them
_NAMED = 3  # people that a requisition waits on; the rest is counted

CaseFacts = Mapping[tuple[str, Key], Found]


def baseline(
    notice: Notice, cases: Sequence[Case], rules: Mapping[str, Rule], directory: Directory
) -> list[Case]:
    """Return the cases of this summary that are still open, longest due first."""
    older = frozenset(notice.summary_cases)

    def belongs(case: Case) -> bool:
        rule = rules.get(case.rule)
        if rule is None or rule.status != "live" or rule.news or case.end is not None:
            return False
        if directory.owner(rule).place != notice.destination.place:
            return False
        return case.number in older or (case.in_summary and case.opened_at == notice.created_at)

    late = [case for case in cases if belongs(case)]
    return sorted(late, key=lambda case: (case.due_at is None, case.due_at, case.number))


def render(
    notice: Notice,
    cases: Sequence[Case],
    rules: Mapping[str, Rule],
    directory: Directory,
    found: CaseFacts,
    *,
    named: bool = True,
) -> Message:
    """One message for all of `cases`, of which there is at least one, by requisition.

    Names the ten that wait longest, with who is waited for; in a channel what is confidential is
    counted, and neither the requisition nor anybody who works on it is named. `found`: the facts
    of each case by its rule and subject. `named`: with the names of colleagues.
    """
    started = notice.created_at or max(case.opened_at for case in cases)
    by_role: dict[str, list[Case]] = {}
    for case in cases:
        by_role.setdefault(heading(notice, found.get((case.rule, case.subject))), []).append(case)
    shown = list(by_role.items())[:SHOWN]
    lines = [
        f"• {role}: {_list_things(its, rules, found)}"
        + ("" if role == UNNAMED or not named else _waiting(its, directory, notice, started))
        for role, its in shown
    ]
    rest = len(by_role) - len(lines)
    more = [f"… and {count(rest, 'more role')}"] if rest else []
    return Message(
        key=notice.key,
        headline=_headline(cases, started),
        body="\n".join((_per_rule(cases, rules), "", "Oldest first:", *lines, *more)),
        why=(
            "Nobody was messaged about these. From now on, whoever has the next step gets a"
            " reminder when something becomes due."
        ),
        link_text=f"Open in {directory.ats}",
        tone="late",
        links=tuple(find_role_page(role, its, found) for role, its in shown),
    )


def _headline(cases: Sequence[Case], started: datetime) -> str:
    """ "13 items were already overdue when atsbridge started"."""
    overdue = sum(case.due_at is None or case.due_at <= started for case in cases)
    if not overdue:
        return f"{count(len(cases), 'item was', 'items were')} due soon when atsbridge started"
    soon = len(cases) - overdue
    was = count(overdue, "item was", "items were")
    more = f" and {soon:,} due soon" if soon else ""
    return f"{was} already overdue{more} when atsbridge started"


def _per_rule(cases: Sequence[Case], rules: Mapping[str, Rule]) -> str:
    """ "Feedback: 9 · Next step: 4"."""
    numbers = Counter(case.rule for case in cases)
    ordered = sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    return " · ".join(f"{clean(rules[rule].title)}: {number:,}" for rule, number in ordered)


def heading(notice: Notice, found: Found | None) -> str:
    """The requisition as its group is headed: "Data Engineer (REQ-104)"."""
    facts = found.facts if found else {}
    if secret(notice.destination, facts):
        return UNNAMED
    return role_of(facts) or "Without a role"


def _list_things(cases: Sequence[Case], rules: Mapping[str, Rule], found: CaseFacts) -> str:
    """ "feedback for 2 candidates, next step"."""
    return ", ".join(
        lower_first(clean(rules[rule].title)) + _how_many(cases, rule, number, found)
        for rule, number in Counter(case.rule for case in cases).items()
    )


def _waiting(cases: Sequence[Case], directory: Directory, notice: Notice, started: datetime) -> str:
    """ ", waiting on Mara since Friday"; "" where nobody is known by name."""
    names = [clean(directory.name(case.owed_by)) for case in cases]
    people = list(dict.fromkeys(name for name in names if name))
    if not people:
        return ""
    others = len(people) - _NAMED
    who = together([*people[:_NAMED], f"{others} more"] if others > 0 else people)
    first = min((case.started_at for case in cases if case.started_at), default=None)
    reader = Reader(directory, notice.destination, started, cases[0].owed_by)
    return f", waiting on {who}" + (f" since {reader.since(first)}" if first else "")


def _how_many(cases: Sequence[Case], rule: str, number: int, found: CaseFacts) -> str:
    """ " for 2 candidates", " for 1 candidate (3 in total)"; "" for a single one."""
    if number < 2:
        return ""
    applications = {
        application
        for case in cases
        if case.rule == rule and (application := find_application(case, found))
    }
    if not applications:
        return f" ({number:,} in total)"
    total = f" ({number:,} in total)" if number > len(applications) else ""
    return f" for {count(len(applications), 'candidate')}{total}"


def find_application(case: Case, found: CaseFacts) -> str:
    """The application that a case is about; "" for none."""
    if case.subject.kind == "application":
        return case.subject.id
    path = paths.path_to(case.subject.kind, "application")
    one = found.get((case.rule, case.subject))
    return str(one.facts.get(path) or "") if path and one else ""


def find_role_page(role: str, cases: Sequence[Case], found: CaseFacts) -> str:
    """The page of the requisition, else of its first record with a page."""
    if role == UNNAMED:
        return ""
    known = [one for case in cases if (one := found.get((case.rule, case.subject)))]
    pages = (str(one.facts.get("requisition.url") or "") for one in known)
    return next(filter(None, pages), "") or next(filter(None, map(paths.link, known)), "") or ""
