"""`atsbridge cases`: what is open, who has the ball, and what was done about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from atsbridge.cases import ended_because
from atsbridge.cli.case_verbs import COMMANDS
from atsbridge.cli.output import console, emit_json
from atsbridge.errors import ConfigError, RuleError
from atsbridge.model import clean

if TYPE_CHECKING:
    from atsbridge.context import Services
    from atsbridge.model import Case, Key


_HOLDER = ("application.holder", "application.holder_since")


@dataclass(frozen=True, slots=True)
class Row:
    """A case with the words a person wants: whose search it is about, and who has the ball."""

    case: Case
    account: str
    title: str
    about: str
    waiting_on: str
    waiting_since: datetime | None = None
    said: str = ""  # by whom it is handled or silenced, and why

    def as_dict(self) -> dict[str, Any]:
        """Plain values; instants as ISO 8601 in UTC."""
        case = self.case
        return {
            "number": case.number,
            "account": self.account,
            "rule": case.rule,
            "subject": str(case.subject),
            "about": self.about,
            "clock": case.clock,
            "handling": case.handling,
            "said": self.said,
            "end": case.end,
            "end_reason": ended_because(case.end_reason),
            "end_code": case.end_reason.code if case.end_reason else None,
            "waiting_on": self.waiting_on,
            "waiting_since": self.waiting_since.isoformat() if self.waiting_since else None,
            "opened_at": case.opened_at.isoformat(),
            "started_at": case.started_at.isoformat() if case.started_at else None,
            "due_at": case.due_at.isoformat() if case.due_at else None,
            "ended_at": case.ended_at.isoformat() if case.ended_at else None,
        }


@click.group(invoke_without_command=True)
@click.pass_context
def cases(context: click.Context) -> None:
    """What is open, and who has the ball. `cases show NUMBER` tells one case's history."""
    if context.invoked_subcommand is None:
        context.invoke(list_cases, account=None, every=False, as_json=False)


@cases.command("list")
@click.option("--account", help="Only this account.")
@click.option("--all", "every", is_flag=True, help="Ended ones too.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def list_cases(config: Path, account: str | None, every: bool, as_json: bool) -> None:
    """Open cases, longest overdue first."""
    from atsbridge.app import open_services

    with open_services(config) as app:
        names = [account] if account else sorted(app.settings.accounts)
        rows = [row for name in names for row in _rows(app, name, every=every)]
        now = app.time.now()
        read = any(app.store.records.read_states(name) for name in names)
    rows.sort(key=lambda row: (row.case.end is not None, row.case.due_at or now, row.case.number))
    if as_json:
        emit_json([row.as_dict() for row in rows])
        return
    if not rows:
        click.echo(
            "Nothing is open. Everybody kept their promises."
            if read
            else "Nothing has been read yet: `atsbridge run --dry-run` reads, and sends nothing."
        )
        return
    _print(rows, now, several=len(names) > 1)


@cases.command()
@click.argument("number", type=int)
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def show(config: Path, number: int, as_json: bool) -> None:
    """One case: how it came about, who was told, and how it ended."""
    from atsbridge.app import open_services

    with open_services(config) as app:
        case = app.store.cases.read_case(number)
        if case is None:
            raise ConfigError(f"there is no case {number}", remedy="See `atsbridge cases`")
        row = next(iter(_described(app, case.subject.account, [case])))
        history = app.store.cases.read_transitions(number)
        notices = app.store.outbox.read_notices(case.subject.account, case=number)
    if as_json:
        emit_json(
            {
                **row.as_dict(),
                "history": [
                    {"at": t.at.isoformat(), "what": t.name, "why": t.reason, "who": t.actor}
                    for t in history
                ],
                "notices": [
                    {
                        "to": n.destination.address,
                        "sink": n.destination.sink,
                        "why": n.destination.why,
                        "state": n.state,
                        "reason": n.reason,
                        "sent_at": n.sent_at.isoformat() if n.sent_at else None,
                    }
                    for n in notices
                ],
            }
        )
        return
    out = console()
    out.print(f"case {number}: {row.title} ({case.rule})", markup=False, style="bold")
    out.print(row.about, markup=False)
    held = f", waiting on {row.waiting_on}" if case.end is None else ""
    out.print(f"{case.end or case.clock}{held} {_said(case)}".rstrip(), markup=False)
    if row.said:
        out.print(row.said, markup=False)
    for step in history:
        out.print(f"  {step.at:%a %d %b %H:%M}  {step.name}: {step.reason}", markup=False)
    for notice in notices:
        to = f"{notice.destination.address} in {notice.destination.sink}"
        out.print(f"  {notice.state} {notice.purpose} to {to}", markup=False)
        out.print(f"      {notice.destination.why} {notice.reason}".rstrip(), markup=False)


for _command in COMMANDS:
    cases.add_command(_command)


def _rows(app: Services, account: str, *, every: bool) -> Iterable[Row]:
    return _described(app, account, app.store.cases.read_cases(account, open_only=not every))


def _described(app: Services, account: str, found: Iterable[Case]) -> Iterable[Row]:
    from atsbridge.context import users_of
    from atsbridge.presentation import about, described
    from atsbridge.replies import Remarks

    users = users_of(app, account)
    names = {user.id: clean(user.name or user.id) for user in users.values()}
    titles = _titles(app)
    its = list(found)
    instead = app.store.silences.read_reassigned(account)
    emails = {user.email: names[user.id] for user in users.values() if user.email}
    remarks = Remarks(app.store, account, app.time.now())
    known = described(
        app.store.subjects, account, ((one.subject.kind, one.subject.id) for one in its), _HOLDER
    )
    for case in its:
        row = known.get((case.subject.kind, case.subject.id))
        yield Row(
            case,
            account,
            titles.get(case.rule, case.rule),
            about(row) if row else case.subject.id,
            _waiting_on(case, names, emails, instead),
            _since(case, row.facts if row else {}),
            remarks.of(case),
        )


def _waiting_on(
    case: Case,
    names: Mapping[str, str],
    emails: Mapping[str, str],
    instead: Mapping[tuple[Key, str], str],
) -> str:
    """Who has to act: whoever owes it, or whom it was handed to."""
    owes = names.get(case.owed_by or "", "nobody in particular")
    handed = instead.get((case.subject, case.owed_by or ""))
    if handed is None:
        return owes
    return f"{emails.get(handed, handed) or 'the team of the rule'} (in place of {owes})"


def _titles(app: Services) -> Mapping[str, str]:
    """What the rules are called; none where they cannot be read."""
    try:
        return {rule.id: clean(rule.title) for rule in app.packs.rule_set.rules.values()}
    except RuleError:
        return {}


def _since(case: Case, facts: Mapping[str, Any]) -> datetime | None:
    """Since when whoever owes it has the ball."""
    if case.owed_by is not None and case.owed_by == facts.get("application.holder"):
        since: datetime | None = facts.get("application.holder_since")
        return since or case.started_at
    return case.started_at


# --- the table ------------------------------------------------------------------------------


def _print(rows: list[Row], now: datetime, *, several: bool) -> None:
    """Who has the ball since when, when it is due, and what it is: two lines a case."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    out = console()
    for account in dict.fromkeys(row.account for row in rows):
        made = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
        if several:
            made.title, made.title_justify, made.title_style = account, "left", "bold"
        made.add_column("case", justify="right", no_wrap=True, style="dim")
        made.add_column("due", no_wrap=True)
        made.add_column("waiting on", overflow="fold", min_width=14)
        made.add_column("what", overflow="fold", ratio=1)
        for row in (one for one in rows if one.account == account):
            when, style = _due(row.case, now)
            who = Text(row.waiting_on)
            since = row.waiting_since
            if since is not None and since <= now and row.case.end is None:
                who.append(f"\nsince {since:%a %-d %b}", style="dim")
            what = Text(row.title)
            if said := _said(row.case):
                what.append(f"  {said}", style="italic")
            if row.said:
                what.append(f"\n{row.said}", style="italic")
            what.append(f"\n{row.about}", style="dim")
            made.add_row(Text(str(row.case.number)), Text(when, style=style), who, what)
        out.print(made)
    click.echo(_sum(rows, now))


def _due(case: Case, now: datetime) -> tuple[str, str]:
    """How late or soon, and in which colour."""
    if case.end is not None:
        return str(case.end), "dim"
    if case.due_at is None:
        return "-", ""
    hours = int(abs((now - case.due_at).total_seconds()) // 3600)
    span = f"{hours} h" if hours < 48 else f"{hours // 24} days"
    if case.due_at > now:
        return f"in {span}", "yellow"
    return f"{span} late", "red"


def _said(case: Case) -> str:
    """What makes it other than running or late: paused, not known, or what somebody said."""
    if case.end is not None:
        return f"({ended_because(case.end_reason)})" if case.end_reason else ""
    if case.handling != "none":
        until = f" until {case.handling_until:%a %-d %b}" if case.handling_until else ""
        return f"({case.handling}{until})"
    return f"({case.clock})" if case.clock in ("paused", "unknown") else ""


def _sum(rows: list[Row], now: datetime) -> str:
    left = [row.case for row in rows if row.case.end is None]
    late = sum(1 for case in left if case.due_at is not None and case.due_at <= now)
    handled = sum(1 for case in left if case.handling != "none")
    parts = [f"{len(left):,} open", f"{late:,} late"]
    parts += [f"{handled:,} acknowledged or snoozed"] if handled else []
    return ", ".join(parts) + ". `atsbridge cases show NUMBER` tells one's history."
