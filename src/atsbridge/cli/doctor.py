"""`atsbridge doctor`: can every account be read and written as allowed, and what is missing.

A message of trial is `sendtest`'s.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from atsbridge.cli import FAILED
from atsbridge.cli.output import console, count, emit_json
from atsbridge.errors import AtsbridgeError

if TYPE_CHECKING:
    from atsbridge.app import App
    from atsbridge.ports import Checked


@click.command()
@click.option("--account", help="Only this account.")
@click.option(
    "--send-test",
    "who",
    metavar="WHO",
    help="Send one message along each way to an e-mail address, channel:#name or team, and stop.",
)
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def doctor(config: Path, account: str | None, who: str | None, as_json: bool) -> None:
    """Check settings, rules, store, and each account's host, credential and permissions."""
    from atsbridge.app import wired

    with wired(config) as app:
        names = [account] if account else sorted(app.settings.accounts)
        for name in names:
            app.account(name)
        if who is not None:
            from atsbridge.cli.sendtest import tested

            found = {f"a test to {who}": list(tested(app, who, names))}
        else:
            found = {"atsbridge": _own(app)} | {name: _account(app, name) for name in names}
    if as_json:
        emit_json(
            {
                name: [
                    {"what": c.what, "good": c.good, "detail": c.detail, "remedy": c.remedy}
                    for c in checks
                ]
                for name, checks in found.items()
            }
        )
    else:
        for name, checks in found.items():
            _print(name, checks)
    if not all(check.good for checks in found.values() for check in checks):
        sys.exit(FAILED)


def _own(app: App) -> list[Checked]:
    from atsbridge.ports import Checked

    checks = [Checked("settings", good=True, detail=count(len(app.settings.accounts), "account"))]
    checks += [Checked(f"plugin {t.plugin}", False, t.what, t.remedy) for t in app.plugins.troubles]
    looks: dict[str, Callable[[App], str]] = {"store": _store, "rules": _rules}
    for what, look in looks.items():
        try:
            checks.append(Checked(what, good=True, detail=look(app)))
        except AtsbridgeError as error:
            checks.append(Checked(what, good=False, detail=error.what, remedy=error.remedy))
    return checks


def _store(app: App) -> str:
    return count(sum(len(app.store.cases(name)) for name in app.settings.accounts), "case")


def _rules(app: App) -> str:
    by_status: dict[str, int] = {}
    for rule in app.checked_rules.rules.values():
        by_status[rule.status] = by_status.get(rule.status, 0) + 1
    return ", ".join(f"{count} {status}" for status, count in sorted(by_status.items()))


def _account(app: App, name: str) -> list[Checked]:
    from atsbridge.ports import Checked

    try:
        checks = list(app.connector(name).check())
    except AtsbridgeError as error:
        return [Checked("connection", good=False, detail=error.what, remedy=error.remedy)]
    read = any(check.good and check.what.startswith("read ") for check in checks)
    if checks and not checks[-1].good and not read:
        return checks  # nothing further can work: what might be written is not the question
    wanted = _wanted(app, name)
    return (
        [_weighed(check, wanted) for check in checks]
        + _writes(app, name)
        + _left(app, name)
        + _places(app, name)
    )


def _places(app: App, name: str) -> list[Checked]:
    """Who has no zone or country, and which countries ask for a region; no check of its own."""
    from atsbridge.ports import Checked
    from atsbridge.run.places import calendars_of, listed, regions_wanted, unplaced
    from atsbridge.worktime.versions import holidays_version, zones_version

    try:
        now = app.time.now()
        calendars = calendars_of(app, name, (now.year,))
        found = unplaced(app, name, calendars, calendars.locales)
        open_regions = regions_wanted(calendars, now.year)
    except AtsbridgeError:
        return []  # the store is told among the checks of atsbridge itself
    offices = f" ({listed(found.offices)})" if found.offices else ""
    unknown = f"not known of {_people(len(found.zone))}: {listed(found.zone)}"
    checks = [
        Checked(
            "time zones",
            good=not found.zone,
            detail=unknown if found.zone else f"tzdata {zones_version()}",
            remedy=f"Name their offices{offices} in [offices], them in [people], or a timezone in"
            f" [accounts.{name}]",
        )
    ]
    if found.country:
        detail = f"none for {_people(len(found.country))} of no country: {listed(found.country)}"
        checks.append(Checked("public holidays", good=True, detail=detail))
    for country, number in open_regions.items():
        detail = (
            f"depend on the region in {country}: {_people(number)} without one have what most"
            f" regions keep (holidays {holidays_version()})"
        )
        checks.append(Checked("public holidays", good=True, detail=detail))
    return checks


def _people(number: int) -> str:
    return count(number, "person") if number == 1 else f"{number:,} people"


def _wanted(app: App, name: str) -> dict[str, list[str]]:
    """ "read LIST", as a connector says it -> the live rules that need that list."""
    from atsbridge.rules.coverage import needs

    try:
        live = [rule for rule in app.rules.rules.values() if rule.status == "live"]
    except AtsbridgeError:
        return {}  # told among the checks of atsbridge itself
    reads = {rule.id: needs(rule) for rule in live}
    found: dict[str, list[str]] = {}
    for stream in app.spec(name).streams:
        owned = {f"{kind}.{c}" for kind, columns in stream.owns.items() for c in columns}
        rules = [rule for rule, columns in reads.items() if owned & columns]
        for word in {stream.name, stream.path.strip("/")}:
            found[f"read {word}"] = rules
    return found


def _weighed(check: Checked, wanted: dict[str, list[str]]) -> Checked:
    """A list that cannot be read, with the live rules that stay silent for it."""
    rules = wanted.get(check.what)
    if check.good or rules is None:
        return check
    silent = f"needed by {', '.join(rules)}" if rules else "no live rule needs it"
    return replace(check, detail=f"{check.detail}; {silent}")


def _writes(app: App, name: str) -> list[Checked]:
    """Whether the credential may write what the account allows, without writing."""
    from atsbridge.ports import Checked

    found = []
    for word in app.account(name).write:
        try:
            found.append(app.connector(name).may(word))
        except AtsbridgeError as error:
            found.append(Checked(f"write {word}", False, error.what, error.remedy))
    return found + _unallowed(app, name)


def _unallowed(app: App, name: str) -> list[Checked]:
    """What live rules would write and the account does not allow: left out, as it may be meant."""
    from atsbridge.cases.people import unwritten
    from atsbridge.ports import Checked

    try:
        live = [rule for rule in app.rules.rules.values() if rule.status == "live"]
    except AtsbridgeError:
        return []  # told among the checks of atsbridge itself
    wanted: dict[str, list[str]] = {}
    for rule in live:
        for word in unwritten(rule, app.account(name).write):
            wanted.setdefault(word, []).append(rule.id)
    return [
        Checked(f"write {word}", True, f"not allowed; left out of {', '.join(rules)}")
        for word, rules in sorted(wanted.items())
    ]


def _left(app: App, name: str) -> list[Checked]:
    """What is left to the ATS to remind of."""
    from atsbridge.ports import Checked

    preset = app.account(name).native_reminders
    says = "; ".join(one.says for one in app.spec(name).reminders.get(preset, ()))
    return [Checked(f"native reminders {preset}", good=True, detail=says)] if preset else []


def _print(name: str, checks: list[Checked]) -> None:
    from rich.table import Table
    from rich.text import Text

    lines = Table.grid()  # so that what is longer than a line stays beside its mark
    for check in checks:
        mark = Text("  ok  ", style="green") if check.good else Text("  no  ", style="bold red")
        line = Text(check.what)
        if check.detail:
            line.append(f"  {check.detail}", style="dim")
        lines.add_row(mark, line)
        if check.remedy and not check.good:
            lines.add_row("", Text(check.remedy))
    out = console()
    out.print(Text(name, style="bold"))
    out.print(lines)
