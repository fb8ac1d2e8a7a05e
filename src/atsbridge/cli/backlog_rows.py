"""The backlog as `cases list --backlog` counts it: by requisition and by who owes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from atsbridge.cli.output import console, count, table
from atsbridge.model import to_iso

if TYPE_CHECKING:
    from atsbridge.cli.case_rows import CaseRow
    from atsbridge.cli.documents import BacklogDocument

_NO_CODE = "-"


@dataclass(frozen=True, slots=True)
class BacklogGroup:
    """The backlog of one requisition that waits on one person. `code`: "" for no requisition.

    `oldest_due`: the earliest due instant, in UTC. `proposed`: how many of the cases a clean-up
    message covers.
    """

    account: str
    code: str
    assignee: str
    cases: int
    oldest_due: datetime | None
    proposed: int

    def as_document(self) -> BacklogDocument:
        """The group as JSON."""
        return {
            "account": self.account,
            "requisition": self.code or None,
            "assignee": self.assignee,
            "cases": self.cases,
            "oldest_due_at": to_iso(self.oldest_due),
            "proposed": self.proposed,
        }


def group_backlog(rows: Iterable[CaseRow]) -> list[BacklogGroup]:
    """The open cases of the backlog in groups, the largest first."""
    from atsbridge.model import FirstLook

    groups: dict[tuple[str, str, str], list[CaseRow]] = {}
    for row in rows:
        if row.case.end is None:
            groups.setdefault((row.account, row.code, row.assignee), []).append(row)
    found = [
        BacklogGroup(
            *where,
            cases=len(its),
            oldest_due=min((row.case.due_at for row in its if row.case.due_at), default=None),
            proposed=sum(row.case.first_look is FirstLook.PROPOSED for row in its),
        )
        for where, its in groups.items()
    ]
    return sorted(found, key=lambda one: (-one.cases, one.account, one.code, one.assignee))


def print_backlog(groups: Sequence[BacklogGroup], *, several: bool) -> None:
    """Print a line for each requisition and person, and the sum."""
    heads: tuple[str, ...] = ("requisition", "waiting on", "cases", "oldest due", "proposed")
    lines: list[tuple[str, ...]] = [
        (
            one.code or _NO_CODE,
            one.assignee,
            f"{one.cases:,}",
            f"{one.oldest_due:%Y-%m-%d}" if one.oldest_due else "-",
            f"{one.proposed:,}",
        )
        for one in groups
    ]
    if several:
        heads = ("account", *heads)
        lines = [(one.account, *line) for one, line in zip(groups, lines, strict=True)]
    table(heads, lines, empty="Nothing is in the backlog.")
    if groups:
        total = sum(one.cases for one in groups)
        console().print(
            f"{count(total, 'case')} in the backlog: long overdue when its rule first ran. Nobody"
            " is reminded of them, and they are in no figure. A case is followed again when"
            " somebody acts on it. `--json` names each.",
            markup=False,
        )
