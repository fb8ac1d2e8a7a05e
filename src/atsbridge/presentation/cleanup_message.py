"""The proposal to clean up: the backlog of a recruiter's requisitions, in one message."""

from __future__ import annotations

from collections.abc import Sequence

from atsbridge.cases import Directory
from atsbridge.model import Case, Message, Notice, clean
from atsbridge.presentation.baseline_message import (
    SHOWN,
    UNNAMED,
    CaseFacts,
    find_application,
    find_role_page,
    heading,
)
from atsbridge.presentation.formatting import count
from atsbridge.presentation.local_time import Reader


def render(
    notice: Notice, cases: Sequence[Case], found: CaseFacts, directory: Directory
) -> Message:
    """One message for all of `cases`, of which there is at least one, by requisition.

    Requisitions with the most items come first; ten are named, the rest is counted. Candidates are
    counted, never named. In a channel what is confidential is counted without its requisition.
    `found`: the facts of each case by its rule and subject.
    """
    now = notice.created_at or max(case.opened_at for case in cases)
    by_role: dict[str, list[Case]] = {}
    for case in cases:
        role = heading(notice, found.get((case.rule, case.subject)))
        by_role.setdefault(role, []).append(case)
    ordered = sorted(by_role.items(), key=lambda item: (-len(item[1]), item[0]))
    shown, rest = ordered[:SHOWN], len(ordered) - SHOWN
    reader = Reader(directory, notice.destination, now)
    lines = [_line(role, its, found, reader) for role, its in shown]
    more = [f"… and {count(rest, 'more role')}"] if rest > 0 else []
    return Message(
        key=notice.key,
        headline=f"Clean up {count(len(cases), 'old item')} in {_roles(by_role)}",
        body="\n".join((_ask(cases, found), "", "Most first:", *lines, *more)),
        why=(
            "They were overdue long before atsbridge first looked. Nobody is reminded of them, and"
            " they count in no figure. When somebody acts on one, its reminders begin again."
        ),
        link_text=f"Open in {directory.ats}",
        tone="due",
        links=tuple(find_role_page(role, its, found) for role, its in shown),
    )


def _roles(by_role: dict[str, list[Case]]) -> str:
    return "confidential roles" if set(by_role) == {UNNAMED} else count(len(by_role), "role")


def _ask(cases: Sequence[Case], found: CaseFacts) -> str:
    ask = "Please close the roles that are filled or stopped"
    if any(find_application(case, found) for case in cases):
        ask += ", and archive the candidates whom nobody considers any more"
    return f"{ask}. There is no deadline."


def _line(role: str, cases: Sequence[Case], found: CaseFacts, reader: Reader) -> str:
    """ "• Data Engineer (REQ-104): 214 candidates, the oldest waiting since Mon 3 Mar 2025"."""
    candidates = {one for case in cases if (one := find_application(case, found))}
    others = sum(not find_application(case, found) for case in cases)
    parts = [count(len(candidates), "candidate")] if candidates else []
    parts += [count(others, "other item" if candidates else "item")] if others else []
    first = min((case.started_at or case.opened_at) for case in cases)
    oldest = "the oldest waiting" if len(cases) > 1 else "waiting"
    return f"• {clean(role)}: {' and '.join(parts)}, {oldest} since {reader.since(first)}"
