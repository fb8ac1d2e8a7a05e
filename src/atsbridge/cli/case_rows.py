"""Rows of `cases list`: a case with its rule's title, its subject in words, and who has to act."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from atsbridge.cli.output import console, is_piped, table
from atsbridge.errors import RuleError
from atsbridge.model import clean, to_iso
from atsbridge.presentation import describe

if TYPE_CHECKING:
    from rich.text import Text

    from atsbridge.cli.documents import CaseDocument
    from atsbridge.context import Services
    from atsbridge.model import Case, Key
    from atsbridge.rules import Rule

_ASSIGNEE, _SINCE = "application.assignee", "application.assignee_since"
_CODE = "requisition.code"
_MIN_TABLE = 80  # columns; a narrower terminal gets three lines per case


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in words. `remark`: who handled or silenced it, until when and why.

    `informs`: the rule announces an event, so that nothing can be late. `finding`: a check found
    something, so that it is due from then on and nobody promised a time.
    """

    case: Case
    account: str
    title: str
    about: str
    assignee: str
    assigned_since: datetime | None = None
    remark: str = ""
    code: str = ""  # of the requisition
    email: str = ""
    shadow: bool = False
    informs: bool = False
    finding: bool = False

    def is_late(self, now: datetime) -> bool:
        """Whether it is open and past its due instant."""
        due = self.case.due_at
        return self.case.end is None and not self.informs and due is not None and due <= now

    @property
    def state_note(self) -> str:
        """In brackets: how it ended, who handles it, or why its clock does not run."""
        case = self.case
        if case.end is not None:
            return f"({describe(case.end_reason)})" if case.end_reason else ""
        if case.handling != "none":
            until = f" until {case.handling_until:%a %-d %b}" if case.handling_until else ""
            return f"({case.handling}{until})"
        return f"({case.clock})" if case.clock in ("paused", "unknown") else ""

    def as_document(self, now: datetime) -> CaseDocument:
        """The row as JSON; instants as ISO 8601 in UTC."""
        case = self.case
        return {
            "number": case.number,
            "account": self.account,
            "rule": case.rule,
            "shadow": self.shadow,
            "subject": str(case.subject),
            "requisition": self.code or None,
            "about": self.about,
            "clock": case.clock,
            "backlog": case.in_backlog,
            "handling": case.handling,
            "remark": self.remark,
            "end": case.end,
            "end_code": case.end_reason.code if case.end_reason else None,
            "end_reason": describe(case.end_reason),
            "assignee": self.assignee,
            "assigned_since": to_iso(self.assigned_since),
            "late": self.is_late(now),
            "opened_at": case.opened_at.isoformat(),
            "started_at": to_iso(case.started_at),
            "due_at": to_iso(case.due_at),
            "ended_at": to_iso(case.ended_at),
        }


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases to list; an empty value matches every case.

    `person`: part of a name, or an e-mail address. `requisition`: a code.
    """

    person: str = ""
    rule: str = ""
    requisition: str = ""
    late: bool = False

    @property
    def is_set(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.person or self.rule or self.requisition or self.late)

    def matches(self, row: CaseRow, now: datetime) -> bool:
        """Whether the row is to be listed."""
        person = self.person.casefold()
        return (
            (not person or person in row.assignee.casefold() or person == row.email.casefold())
            and self.rule in ("", row.case.rule)
            and self.requisition.casefold() in ("", row.code.casefold())
            and (not self.late or row.is_late(now))
        )


def find_rows(app: Services, account: str, chosen: CaseFilter, *, every: bool) -> Iterator[CaseRow]:
    """The rows of an account that match, in no order; `every`: ended cases too.

    What is found of a person is told to that person alone, so it is in no list.
    """
    from atsbridge.rules import PERSON

    now = app.time.now()
    found = app.store.cases.read_cases(account, open_only=not every)
    listed = [case for case in found if case.subject.kind != PERSON]
    return (row for row in describe_cases(app, account, listed) if chosen.matches(row, now))


def split_backlog(rows: Iterable[CaseRow]) -> tuple[list[CaseRow], list[CaseRow]]:
    """The rows outside the backlog, and those in it."""
    apart: tuple[list[CaseRow], list[CaseRow]] = ([], [])
    for row in rows:
        apart[row.case.in_backlog].append(row)
    return apart


def describe_cases(app: Services, account: str, found: Iterable[Case]) -> Iterator[CaseRow]:
    """The cases of one account as rows, in the same order."""
    from atsbridge.context import AccountContext
    from atsbridge.presentation import about, described
    from atsbridge.replies import Remarks

    users = AccountContext(app, account).users
    names = {user.id: clean(user.name or user.id) for user in users.values()}
    emails = {user.id: user.email or "" for user in users.values()}
    by_email = {user.email: names[user.id] for user in users.values() if user.email}
    rules = _read_rules(app)
    cases = list(found)
    reassigned = app.store.silences.read_reassigned(account)
    remarks = Remarks(app.store, account, app.time.now())
    subjects = ((one.subject.kind, one.subject.id) for one in cases)
    known = described(app.store.subjects, account, subjects, (_ASSIGNEE, _SINCE, _CODE))
    for case in cases:
        row = known.get((case.subject.kind, case.subject.id))
        facts = row.facts if row else {}
        rule = rules.get(case.rule)
        yield CaseRow(
            case,
            account,
            clean(rule.title) if rule else case.rule,
            about(row) if row else case.subject.id,
            _name_assignee(case, names, by_email, reassigned),
            _since(case, facts),
            remarks.of(case),
            code=str(facts.get(_CODE) or ""),
            email=reassigned.get(
                (case.subject, case.owed_by or ""), emails.get(case.owed_by or "", "")
            ),
            shadow=rule is not None and rule.status != "live",
            informs=rule is not None and rule.news,
            finding=rule is not None and rule.check is not None,
        )


def _name_assignee(
    case: Case,
    names: Mapping[str, str],
    by_email: Mapping[str, str],
    reassigned: Mapping[tuple[Key, str], str],
) -> str:
    """Who has to act: the person who owes it, or the person it was reassigned to."""
    owes = names.get(case.owed_by or "", "nobody in particular")
    other = reassigned.get((case.subject, case.owed_by or ""))
    if other is None:
        return owes
    return f"{by_email.get(other, other) or 'the team of the rule'} (in place of {owes})"


def _read_rules(app: Services) -> Mapping[str, Rule]:
    """The configured rules; none if they cannot be read."""
    try:
        return app.packs.rule_set.rules
    except RuleError:
        return {}


def _since(case: Case, facts: Mapping[str, Any]) -> datetime | None:
    """Since when the person who owes it has to act."""
    if case.owed_by is not None and case.owed_by == facts.get(_ASSIGNEE):
        since: datetime | None = facts.get(_SINCE)
        return since or case.started_at
    return case.started_at


# --- printing -------------------------------------------------------------------------------


def print_rows(rows: Sequence[CaseRow], now: datetime, *, several: bool) -> None:
    """Print the rows: lines in a pipe, a table on a terminal, blocks on a narrow one."""
    if is_piped():
        _print_lines(rows, now, several=several)
        return
    if console().width < _MIN_TABLE:
        _print_blocks(rows, now, several=several)
    else:
        for account in dict.fromkeys(row.account for row in rows):
            mine = [row for row in rows if row.account == account]
            _print_table(mine, now, account if several else "")
    console().print(
        f"{_summarize(rows, now)} `atsbridge cases show NUMBER` shows one case.", markup=False
    )


def _print_lines(rows: Sequence[CaseRow], now: datetime, *, several: bool) -> None:
    heads: tuple[str, ...] = (
        "case",
        "account",
        "status",
        "due",
        "waiting on",
        "since",
        "what",
        "about",
        "note",
    )
    lines: list[tuple[str, ...]] = [
        (
            str(row.case.number),
            row.account,
            "shadow" if row.shadow else "live",
            _due(row, now)[0],
            row.assignee,
            f"{row.assigned_since:%Y-%m-%d}" if row.assigned_since else "-",
            row.title,
            row.about,
            " ".join(part for part in (row.state_note, row.remark) if part) or "-",
        )
        for row in rows
    ]
    if not several:
        heads, lines = _drop_account(heads), [_drop_account(line) for line in lines]
    table(heads, lines, empty="")


def _drop_account(cells: Sequence[str]) -> tuple[str, ...]:
    return (*cells[:1], *cells[2:])


def _print_blocks(rows: Sequence[CaseRow], now: datetime, *, several: bool) -> None:
    out = console()
    for row in rows:
        where = f"{row.account}, " if several else ""
        out.print(f"{where}case {row.case.number}, {_due(row, now)[0]}", markup=False, style="bold")
        for text in _cells(row, now):
            out.print(text)
        click.echo()


def _print_table(rows: Sequence[CaseRow], now: datetime, title: str) -> None:
    """Who has to act since when, when it is due, and what it is: two lines per case."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    if title:
        made.title, made.title_justify, made.title_style = title, "left", "bold"
    made.add_column("case", justify="right", no_wrap=True, style="dim")
    made.add_column("due", no_wrap=True)
    made.add_column("waiting on", min_width=14)
    made.add_column("what", ratio=1)
    for row in rows:
        when, style = _due(row, now)
        what, who = _cells(row, now)
        made.add_row(Text(str(row.case.number)), Text(when, style=style), who, what)
    console().print(made)


def _cells(row: CaseRow, now: datetime) -> tuple[Text, Text]:
    """What it is about, and who has to act."""
    from rich.text import Text

    what = Text(row.title)
    if row.shadow:
        what.append("  [shadow: nobody is notified]", style="italic")
    if row.state_note:
        what.append(f"  {row.state_note}", style="italic")
    if row.remark:
        what.append(f"\n{row.remark}", style="italic")
    what.append(f"\n{row.about}", style="dim")
    who = Text(row.assignee)
    since = row.assigned_since
    if since is not None and since <= now and row.case.end is None:
        who.append(f"\nsince {since:%a %-d %b}", style="dim")
    return what, who


def _due(row: CaseRow, now: datetime) -> tuple[str, str]:
    """How late or soon, and the style: "18 h late", "in 3 days", "-" where nothing is due.

    What a check found is "to settle".
    """
    case = row.case
    if case.end is not None:
        return str(case.end), "dim"
    if case.due_at is None or row.informs:
        return "-", ""
    if row.finding:
        return "to settle", "yellow"
    hours = int(abs((now - case.due_at).total_seconds()) // 3600)
    span = f"{hours} h" if hours < 48 else f"{hours // 24} days"
    return (f"{span} late", "red") if row.is_late(now) else (f"in {span}", "yellow")


def _summarize(rows: Sequence[CaseRow], now: datetime) -> str:
    """ "12 open, 3 late, 2 to settle, 1 acknowledged or snoozed, 4 shadow."."""
    left = [row for row in rows if row.case.end is None]
    late = sum(row.is_late(now) and not row.finding for row in left)
    settle = sum(row.finding and not row.informs for row in left)
    handled = sum(row.case.handling != "none" for row in left)
    shadow = sum(row.shadow for row in left)
    parts = [f"{len(left):,} open", f"{late:,} late"]
    parts += [f"{settle:,} to settle"] if settle else []
    parts += [f"{handled:,} acknowledged or snoozed"] if handled else []
    parts += [f"{shadow:,} shadow"] if shadow else []
    return ", ".join(parts) + "."
