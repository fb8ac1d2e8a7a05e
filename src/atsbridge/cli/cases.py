"""`atsbridge cases`: what is open, who has the ball, and what was done about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from atsbridge.cli.handling import COMMANDS
from atsbridge.cli.output import console, emit_json, table
from atsbridge.errors import ConfigError

if TYPE_CHECKING:
    from atsbridge.app import App
    from atsbridge.model.case import Case


@dataclass(frozen=True, slots=True)
class Row:
    """A case with the words a person wants: whose search it is about, and who has the ball."""

    case: Case
    account: str
    about: str
    waiting_on: str

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
            "end": case.end,
            "end_reason": case.end_reason,
            "waiting_on": self.waiting_on,
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
    from atsbridge.app import wired

    with wired(config) as app:
        names = [account] if account else sorted(app.settings.accounts)
        rows = [row for name in names for row in _rows(app, name, every=every)]
        now = app.time.now()
    rows.sort(key=lambda row: (row.case.end is not None, row.case.due_at or now, row.case.number))
    if as_json:
        emit_json([row.as_dict() for row in rows])
        return
    table(
        ("", "rule", "about", "state", "due", "waiting on"),
        [
            (
                str(row.case.number),
                row.case.rule,
                row.about,
                _state(row.case),
                _ago(row.case.due_at, now),
                row.waiting_on,
            )
            for row in rows
        ],
        empty="Nothing is open. Everybody kept their promises.",
    )


@cases.command()
@click.argument("number", type=int)
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def show(config: Path, number: int, as_json: bool) -> None:
    """One case: how it came about, who was told, and how it ended."""
    from atsbridge.app import wired

    with wired(config) as app:
        case = app.store.case(number)
        if case is None:
            raise ConfigError(f"there is no case {number}", remedy="See `atsbridge cases`")
        row = next(iter(_described(app, case.subject.account, [case])))
        history = app.store.transitions(number)
        notices = app.store.notices(case.subject.account, case=number)
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
    out.print(f"case {number}: {case.rule}: {row.about}", markup=False, style="bold")
    out.print(f"{case.end or case.clock}, waiting on {row.waiting_on}", markup=False)
    for step in history:
        out.print(f"  {step.at:%a %d %b %H:%M}  {step.name}: {step.reason}", markup=False)
    for notice in notices:
        to = f"{notice.destination.address} in {notice.destination.sink}"
        out.print(f"  {notice.state} {notice.purpose} to {to}", markup=False)
        out.print(f"      {notice.destination.why} {notice.reason}".rstrip(), markup=False)


for _command in COMMANDS:
    cases.add_command(_command)


def _rows(app: App, account: str, *, every: bool) -> Iterable[Row]:
    return _described(app, account, app.store.cases(account, open_only=not every))


def _described(app: App, account: str, found: Iterable[Case]) -> Iterable[Row]:
    from atsbridge.model.catalogue import roots
    from atsbridge.model.query import All, Query
    from atsbridge.run.people import users_of

    users = users_of(app, account)
    names = {user.id: user.name or user.id for user in users.values()}
    by_kind: dict[str, list[Case]] = {}
    for case in found:
        by_kind.setdefault(case.subject.kind, []).append(case)
    for kind, its in by_kind.items():
        wanted = ("requisition.title", "candidate.initials", "stage.name")
        known = tuple(path for path in wanted if path.partition(".")[0] in roots(kind))
        ids = sorted({case.subject.id for case in its})
        rows = app.store.select(account, Query(kind, All(), known), ids=ids, filtered=False)
        about = {row.id: _about(row.facts) for row in rows}
        for case in its:
            who = names.get(case.owed_by or "", "nobody in particular")
            yield Row(case, account, about.get(case.subject.id, case.subject.id), who)


def _about(facts: Mapping[str, Any]) -> str:
    parts = (facts.get("requisition.title"), facts.get("candidate.initials"))
    text = " · ".join(str(part) for part in parts if part)
    stage = facts.get("stage.name")
    return f"{text} ({stage})" if stage else text


def _state(case: Case) -> str:
    """How it stands; what somebody said of it comes before its clock."""
    return str(case.end or (case.clock if case.handling == "none" else case.handling))


def _ago(at: datetime | None, now: datetime) -> str:
    if at is None:
        return "-"
    hours = int((now - at).total_seconds() // 3600)
    span = f"{abs(hours)} h" if abs(hours) < 48 else f"{abs(hours) // 24} days"
    return f"{span} ago" if hours >= 0 else f"in {span}"
