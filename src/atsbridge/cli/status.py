"""`atsbridge status`: the state of every account on one screen, read from the store alone."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atsbridge.cli import FAILED, HELD
from atsbridge.cli.options import ACCOUNT, JSON
from atsbridge.cli.output import console, count, emit_json, is_piped, one_line
from atsbridge.model import to_iso

if TYPE_CHECKING:
    from atsbridge.cli.documents import AccountStatusDocument, ProblemDocument, WorkersDocument
    from atsbridge.queries import AccountStatus, StatusProblem, WorkerStatus

_NOTICE_NAMES = {
    "queued": "to send",
    "sending": "being sent",
    "retry": "to try again",
    "held": "held",
    "dead": "given up",
}
_STYLES = {"good": "green", "attention": "yellow", "failed": "bold red"}


@click.command()
@ACCOUNT
@JSON
@click.pass_obj
def status(config: Path, account: str | None, as_json: bool) -> None:
    """Show each account: data, last run, open cases, messages that wait, and problems.

    Reads the store and asks no ATS. Exit 1 if something has to be repaired, 3 if somebody should
    look, so that it serves as a health check.
    """
    from atsbridge.app import open_services
    from atsbridge.queries import find_shared_problems, read_status, read_worker_status

    with open_services(config) as app:
        names = [account] if account else sorted(app.settings.accounts)
        workers = read_worker_status(app)
        by_workers = workers is not None
        found = [read_status(app, name, by_workers=by_workers) for name in names]
        shared = [*find_shared_problems(app), *(workers.problems if workers else ())]
        now = app.time.now()
    if as_json:
        emit_json(
            {
                "at": now.isoformat(),
                "accounts": [_convert(one) for one in found],
                "workers": _convert_workers(workers) if workers else None,
                "problems": [_convert_problem(one) for one in shared],
            }
        )
    else:
        _print(found, shared, now)
        if workers:
            _print_workers(workers, now)
    if any(one.health == "failed" for one in found) or not found:
        sys.exit(FAILED)
    if shared or any(one.health == "attention" for one in found):
        sys.exit(HELD)


def _convert(one: AccountStatus) -> AccountStatusDocument:
    return {
        "account": one.account,
        "connector": one.connector,
        "health": one.health,
        "last_run": to_iso(one.last_run),
        "next_run": to_iso(one.next_run),
        "overdue": one.overdue,
        "lists_read": one.data.lists,
        "oldest_list": one.data.oldest or None,
        "oldest_read_at": to_iso(one.data.oldest_at),
        "unread_lists": list(one.data.unread),
        "stale_lists": list(one.data.stale),
        "open_cases": one.cases.open,
        "late_cases": one.cases.late,
        "shadow_cases": one.cases.shadow,
        "backlog_cases": one.cases.backlog,
        "cases_by_side": dict(one.cases.by_side),
        "notices": dict(one.notices),
        "breaker": list(one.breaker),
        "webhooks_quiet": one.webhooks_quiet,
        "problems": [_convert_problem(problem) for problem in one.problems],
    }


def _convert_workers(workers: WorkerStatus) -> WorkersDocument:
    return {
        "alive": workers.alive,
        "silent": workers.silent,
        "versions": list(workers.versions),
        "accounts_at_once": workers.accounts_at_once,
        "running": workers.running,
        "waiting": workers.waiting,
        "longest_wait_seconds": round(workers.longest_wait, 1),
        "failed": workers.failed,
        "last_heard": to_iso(workers.last_heard),
    }


def _convert_problem(problem: StatusProblem) -> ProblemDocument:
    return {"where": problem.where, "what": problem.what, "remedy": problem.remedy}


def _print(found: Sequence[AccountStatus], shared: Sequence[StatusProblem], now: datetime) -> None:
    from rich.text import Text

    out = console()
    if not found:
        out.print("There is no account. `atsbridge init` writes the settings of the first one.")
    for one in found:
        line = Text(one.account, style="bold").append(f" ({one.connector}) ", style="not bold")
        out.print(line.append(one.health, style=_STYLES[one.health]))
        _print_facts(_facts(one, now))
    if shared:
        out.print(Text("settings and plugins", style="bold"))
        _print_facts(("problem", _text_of(one)) for one in shared)


def _print_workers(workers: WorkerStatus, now: datetime) -> None:
    from rich.text import Text

    console().print(Text("workers", style="bold"))
    alive = f"{workers.alive:,}, {count(workers.accounts_at_once, 'account')} at once"
    silent = f"; {workers.silent:,} silent within the last day" if workers.silent else ""
    waits = f", the first for {workers.longest_wait:.0f} s" if workers.waiting else ""
    queue = f"{workers.running:,} at work, {workers.waiting:,} waiting{waits}"
    if workers.failed:
        queue += f"; {workers.failed:,} lost with their worker within a week"
    heard = _ago(now - workers.last_heard) if workers.last_heard else "never"
    _print_facts(iter([("alive", f"{alive}{silent}"), ("accounts", queue), ("last seen", heard)]))


def _print_facts(facts: Iterator[tuple[str, str]]) -> None:
    if is_piped():
        for label, text in facts:
            click.echo(f"  {label:<12}{one_line(text)}")
        return
    from rich.table import Table
    from rich.text import Text

    lines = Table.grid(padding=(0, 2, 0, 0))  # wrapped lines stay next to their label
    for label, text in facts:
        style = "yellow" if label in ("problem", "attention") else "dim"
        lines.add_row(Text(f"  {label}", style=style), Text(text))
    console().print(lines)


def _facts(one: AccountStatus, now: datetime) -> Iterator[tuple[str, str]]:
    """Label and text of each line of an account."""
    yield "last run", _last_run(one, now)
    yield "data", _data(one, now)
    yield "open cases", _cases(one)
    waiting = [
        f"{number:,} {name}"
        for key, name in _NOTICE_NAMES.items()
        if (number := one.notices.get(key))
    ]
    if waiting:
        yield "messages", f"{', '.join(waiting)}. `atsbridge notices` lists them"
    if one.data.unread:
        yield "attention", f"could not be read yet: {', '.join(one.data.unread)}"
    if one.data.stale:
        yield (
            "attention",
            f"too old or doubted, so rules do not use them: {', '.join(one.data.stale)}",
        )
    if one.breaker:
        yield "attention", f"the circuit breaker holds the messages of {', '.join(one.breaker)}"
    if one.webhooks_quiet:
        yield "attention", f"webhooks stopped coming. See `atsbridge webhooks {one.account}`"
    for problem in one.problems:
        yield "problem", _text_of(problem)


def _last_run(one: AccountStatus, now: datetime) -> str:
    if one.last_run is None:
        return "never. Start one with `atsbridge run --dry-run`: it reads and sends nothing"
    text = f"{_ago(now - one.last_run)} ({one.last_run:%a %d %b %H:%M} UTC)"
    if one.overdue:
        return f"{text}. Overdue: no run was started since. See the log of cron or of the workers"
    return f"{text}, next expected {one.next_run:%H:%M} UTC" if one.next_run else text


def _data(one: AccountStatus, now: datetime) -> str:
    if one.data.oldest_at is None:
        return "nothing has been read yet"
    return (
        f"{count(one.data.lists, 'list')}; the one read longest ago is {one.data.oldest}, "
        f"{_ago(now - one.data.oldest_at)}"
    )


def _cases(one: AccountStatus) -> str:
    apart = f"; {one.cases.shadow:,} in shadow" if one.cases.shadow else ""
    apart += f"; {one.cases.backlog:,} in the backlog" if one.cases.backlog else ""
    if not one.cases.open:
        return f"none{apart}"
    sides = ", ".join(
        f"{number:,} with {'others' if side == 'other' else side + 's'}"
        for side, number in one.cases.by_side.items()
    )
    return f"{one.cases.open:,} ({one.cases.late:,} late): {sides}{apart}"


def _text_of(problem: StatusProblem) -> str:
    text = f"{problem.where}: {problem.what}" if problem.where else problem.what
    return f"{text}. {problem.remedy}" if problem.remedy else text


def _ago(past: timedelta) -> str:
    """ "5 minutes ago"; "just now" within a minute, and for a clock that was ahead."""
    minutes = int(past.total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 120:
        return f"{count(minutes, 'minute')} ago"
    hours = minutes // 60
    return f"{count(hours, 'hour')} ago" if hours < 48 else f"{count(hours // 24, 'day')} ago"
