"""`atsbridge rules promote`: the next status of a rule, with the evidence for it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from atsbridge.cli import FAILED
from atsbridge.cli.output import count, emit_json
from atsbridge.cli.rules.backtest import length
from atsbridge.cli.rules.rule_names import known
from atsbridge.cli.rules.shadow_time import find_shadow_times, read_reason
from atsbridge.errors import ConfigError, RuleError
from atsbridge.textfile import decode, name_of, read_bytes

if TYPE_CHECKING:
    from atsbridge.context import Services
    from atsbridge.rules import Promotion, Rule


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement of a promotion: whether it is met, and its description."""

    good: bool
    what: str


@click.command("promote")
@click.argument("rule")
@click.option(
    "--to",
    "status",
    type=click.Choice(["shadow", "live", "retired"]),
    help="Default: the next status.",
)
@click.option("--since", default="90d", show_default=True, help="How far back to backtest.")
@click.option("--now", is_flag=True, help="Do not wait for the days in shadow; needs --why.")
@click.option("--why", metavar="TEXT", help="Why the rule does not wait; stored and shown.")
@click.option("--dry-run", is_flag=True, help="Check everything, write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.pass_obj
def promote_command(
    config: Path, /, rule: str, status: str | None, dry_run: bool, as_json: bool, **given: Any
) -> None:
    """Promote RULE from draft to shadow, or from shadow to live. Exit 1 if it does not qualify.

    It requires tests that pass, no lints, and a backtest in which nobody gets more messages in a
    day than the limit; to go live also some working days in shadow ([rules] shadow_for), which an
    edit of the rule's texts does not interrupt. It writes an override into your first own pack
    file, with the evidence as a comment. Retiring a rule has no requirements.
    """
    from atsbridge.app import open_services
    from atsbridge.rules import Promotion, RuleStatus

    span, waived = length(given["since"]), read_reason(given["why"], now=given["now"])
    with open_services(config) as app:
        found = known(app.packs.checked_rules, rule)
        to = _next(found, status)
        shown = (
            []
            if to == "retired"
            else list(_evidence(app, replace(found, status=RuleStatus(to)), span, waived))
        )
        today = f"{app.time.now():%Y-%m-%d}"
        first = f"{found.status} -> {to} on {today}, by `atsbridge rules promote {rule}`"
        what = Promotion(rule, to, [first, *(one.what for one in shown)])
        good = all(one.good for one in shown)
        file = _own_pack(app)
        new = _rewritten(app, file, what) if good else b""
        if good and not dry_run:
            _write(file, new)
            _remember(app, rule, f"{found.status} -> {to}", waived)
    if as_json:
        evidence = [{"good": one.good, "what": one.what} for one in shown]
        written = str(file) if good and not dry_run else None
        change = {"rule": rule, "from_status": found.status, "to_status": to}
        emit_json({**change, "evidence": evidence, "waived": waived or None, "file": written})
    else:
        for one in shown:
            click.echo(f"{'yes' if one.good else 'no':<5}{one.what}")
        click.echo(_ending(rule, to, file, good=good, dry_run=dry_run))
    if not good:
        sys.exit(FAILED)


def _ending(rule: str, to: str, file: Path, *, good: bool, dry_run: bool) -> str:
    if not good:
        return f"{rule} is not changed: see the lines with no"
    return f"{rule} {'would be' if dry_run else 'is'} {to}: an override in {file}"


def _next(rule: Rule, wanted: str | None) -> str:
    from atsbridge.rules import NEXT

    to = wanted or NEXT.get(rule.status)
    if to is None:
        remedy = f"`rules promote {rule.id} --to retired` ends it" if rule.status == "live" else ""
        raise ConfigError(f"{rule.id} is {rule.status}: there is no next step", remedy=remedy)
    if to == rule.status:
        raise ConfigError(f"{rule.id} is already {to}")
    return to


def _remember(app: Services, rule: str, change: str, waived: str) -> None:
    """Store when the rule was promoted and why it did not wait; `rules show` tells it."""
    from atsbridge.context import PastPromotion, SharedRunState

    state = SharedRunState(app.store.run_state)
    state.note_promotion(rule, PastPromotion(change, app.time.now(), waived))


def _evidence(app: Services, rule: Rule, since: timedelta, waived: str) -> Iterator[Requirement]:
    """All requirements. `rule` has the new status.

    `waived`: why it does not wait for its days in shadow; "" where it does.
    """
    yield _tests(app, rule)
    yield _lints(app, rule)
    if rule.status == "live":
        for one in find_shadow_times(app, rule):
            text = f"{one.what}; not waited for: {waived}" if waived else one.what
            yield Requirement(one.is_enough or bool(waived), text)
    yield from _rehearsals(app, rule, since)


def _tests(app: Services, rule: Rule) -> Requirement:
    from atsbridge.presentation import render
    from atsbridge.simulation import pack_test_report, play

    hours = {name: section.hours for name, section in app.settings.calendars.items()}
    outcomes = list(play([rule], hours, render))
    failed = [pack_test_report.title(one) for one in outcomes if pack_test_report.differences(one)]
    if not outcomes:
        return Requirement(
            False, "tests: there is none; show one case that fires and one that does not"
        )
    if failed:
        return Requirement(
            False, f"tests: {len(failed)} of {len(outcomes)} fail: {'; '.join(failed)}"
        )
    return Requirement(True, f"tests: {len(outcomes)} came true")


def _lints(app: Services, rule: Rule) -> Requirement:
    from atsbridge.cli.rules.pack_findings import lints

    others = [one for one in app.packs.rule_set.rules.values() if one.id != rule.id]
    apart = set(lints(app, others))
    about = [one for one in lints(app, [*others, rule]) if one not in apart]
    if about:
        return Requirement(
            False, "lints: " + "; ".join(f"{one.message} [{one.code}]" for one in about)
        )
    return Requirement(True, "lints: none")


def _rehearsals(app: Services, rule: Rule, since: timedelta) -> Iterator[Requirement]:
    from atsbridge.queries import run_backtest

    budget = app.settings.notify.max_interruptions_per_day
    for account in sorted(app.settings.accounts):
        if not any(state.read_at for state in app.store.records.read_states(account).values()):
            yield Requirement(
                False, f"backtest {account}: it was never read; run `atsbridge sync` first"
            )
            continue
        found = run_backtest(app, account, rule, since)
        one, over = found.figures, found.figures.over_budget
        text = (
            f"backtest {account}, {since.days} days: {count(one.opened, 'case')},"
            f" {count(one.messages, 'message')} to {count(len(one.readers), 'person')},"
            f" {one.per_week:.1f} to a person in a week;"
            f" {len(over) or 'nobody'} over {budget} in a day"
        )
        if one.unsure:
            text += f"; no history for {one.unsure:,} of {one.subjects:,} in part of it"
        yield Requirement(not over, text)


def _own_pack(app: Services) -> Path:
    """The first pack file of the customer: neither built in nor from a plugin."""
    from atsbridge.rules import discovery

    folder, plugins = app.settings.folder, app.plugins.rule_packs()
    theirs = {path.resolve() for path in plugins.values()}
    for file in discovery.find(app.settings.rules.packs, folder, plugins):
        path = file.resolve()
        if path not in theirs and not path.is_relative_to(discovery.builtin_folder().resolve()):
            return path
    raise ConfigError(
        "there is no pack file of your own to write to",
        where="[rules] packs",
        remedy='Make one that says version: 1, and add it: packs = [..., "my-rules.yaml"]',
    )


def _rewritten(app: Services, file: Path, what: Promotion) -> bytes:
    """The file's new content; it loads, and nothing but this status differs. RuleError else."""
    from atsbridge.rules import load, promoted

    name = name_of(file, app.settings.folder)
    raw = read_bytes(file, name=name, error=RuleError)
    windows = b"\r\n" in raw
    new = promoted(file.name, decode(raw, name, RuleError), what)
    packs = [(one, new if one == name else old) for one, old in app.packs.texts]
    found = load(packs, app.plugins.rule_kinds()).rules
    if {one.id: one.status for one in found.values()} != {
        one.id: what.status if one.id == what.rule else one.status
        for one in app.packs.rule_set.rules.values()
    }:
        raise RuleError(
            f"the status of {what.rule} is said elsewhere, too, so nothing was written",
            where=name,
            remedy=f"Write status: {what.status} where it is said last",
        )
    done = new.replace("\n", "\r\n") if windows else new
    return (b"\xef\xbb\xbf" if raw.startswith(b"\xef\xbb\xbf") else b"") + done.encode()


def _write(file: Path, content: bytes) -> None:
    """Replace the file in one step; it keeps its mode."""
    beside = file.with_name(f".{file.name}.new")
    try:
        beside.write_bytes(content)
        shutil.copymode(file, beside)
        beside.replace(file)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise ConfigError(
            f"the pack cannot be written: {error.strerror or error}", where=str(file)
        ) from None
