"""`atsbridge init`: the first settings, a tried credential, and what a run would do."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from atsbridge.cli import FAILED
from atsbridge.cli.asking import PAIR, Asking, parse_pairs
from atsbridge.cli.first_files import add_to, add_unplaced_people, write_new, write_secret
from atsbridge.errors import ConfigError

if TYPE_CHECKING:
    from atsbridge.app import FirstSettings, Question
    from atsbridge.context import Services
    from atsbridge.plugins import Plugins
    from atsbridge.ports import ConnectorSpec, SettingsDraft

_SANDBOX = "sandbox"


@click.command()
@click.option("--connector", metavar="NAME", help="The ATS, or sandbox for a fictional company.")
@click.option("--account", metavar="NAME", help="A short name for this ATS account.")
@click.option("--set", "pairs", multiple=True, metavar=PAIR, help="A key of the connector.")
@click.option("--sink", metavar="KIND", help="Where messages go: slack, email, console, ...")
@click.option("--sink-set", "sink_pairs", multiple=True, metavar=PAIR, help="A key of the sink.")
@click.option("--channel", metavar="NAME", help="Where problems are reported.")
@click.option(
    "--packs",
    metavar="NAMES",
    help='Rule packs, with commas: names, "recommended" (the default), "all" or "none".',
)
@click.option("--redirect-to", metavar="EMAIL", help="Send every message to this address at first.")
@click.pass_obj
def init(config: Path, /, **given: Any) -> None:
    """Write the settings, try the credential, and show what a run would do. Sends nothing.

    Asks for what no option says. Without a terminal, everything needed must be an option or an
    environment variable. Secrets are asked without echo, and kept in files that only you can read.
    If the settings exist already, another account is added to them.
    """
    from atsbridge.plugins import discover

    plugins = discover()
    asking = Asking(interactive=sys.stdin.isatty())
    connectors = sorted(plugins.connectors())
    connector = asking.choose("Which ATS?", [*connectors, _SANDBOX], given["connector"])
    if connector == _SANDBOX:
        _show_sandbox()
        return
    _refuse_packs(plugins, connector, given["packs"], config)
    first = _ask_account(asking, plugins, connector, given, config)
    if not config.exists():
        first = _ask_sink(asking, plugins, first, given, config)
        first = _ask_packs(asking, plugins, first, given["packs"])
        _write_first(config, first)
    else:
        _add_account(config, first)
    good = _check(config, first.account) and _look(config, first.account)
    _print_next(config)
    if not good:
        sys.exit(FAILED)


def _refuse_packs(plugins: Plugins, connector: str, given: str | None, config: Path) -> None:
    """ConfigError for packs that cannot be chosen, before anything is asked or written."""
    from atsbridge.app import choose_packs, find_pack_offers

    if given is None:
        return
    if config.exists():
        remedy = "Change `[rules] packs` there, or leave --packs out"
        raise ConfigError("these settings name their packs", where=str(config), remedy=remedy)
    choose_packs(find_pack_offers(plugins, plugins.connectors()[connector]), given)


def _ask_account(
    asking: Asking, plugins: Plugins, connector: str, given: Mapping[str, Any], config: Path
) -> FirstSettings:
    """The account's name and the keys of its connector; secrets are written to files."""
    import re

    from atsbridge.app import FirstSettings, find_questions

    account = asking.text("A short name for this account", given["account"], connector)
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", account):
        remedy = "Use lower-case letters, digits, - and _, for example: acme"
        raise ConfigError(f'"{account}" cannot be the name of an account', remedy=remedy)
    spec = plugins.connectors()[connector]
    questions = find_questions(spec.settings, "accounts", account)
    values = asking.values(spec.settings, questions, parse_pairs(given["pairs"]))
    values = {key: value for key, value in values.items() if value}
    draft = _draft(spec, account, values, config)
    kept = _keep_secrets(config, account, questions, values)
    return FirstSettings(account, connector, kept, sections=draft.sections, inline=draft.inline)


def _draft(
    spec: ConnectorSpec, account: str, values: Mapping[str, str], config: Path
) -> SettingsDraft:
    """Further settings that the connector finds out from the first ones; prints what it says."""
    from atsbridge.ports import SettingsDraft, Tools
    from atsbridge.timesource import SystemTime

    if spec.draft is None:
        return SettingsDraft({})
    tools = Tools(account, SystemTime(), folder=config.parent)
    found = spec.draft(spec.settings.model_validate(values), tools)
    for note in found.notes:
        click.echo(f"  {note}")
    return found


def _ask_sink(
    asking: Asking,
    plugins: Plugins,
    first: FirstSettings,
    given: Mapping[str, Any],
    config: Path,
) -> FirstSettings:
    """Where messages go, and who gets them at first."""
    from atsbridge.app import find_questions

    kinds = sorted(plugins.sinks().keys() - {"ats"})
    default = given["sink"] or (None if asking.interactive else "console")
    sink = asking.choose("Where do messages go?", kinds, default)
    model = plugins.sinks()[sink].settings
    questions = find_questions(model, "sinks", sink)
    values = asking.values(model, questions, parse_pairs(given["sink_pairs"]))
    name = "Address for problems" if sink == "email" else "Channel for problems"
    channel = asking.text(name, given["channel"], "recruiting-ops")
    text = "Send every message to one address at first (empty for no)"
    return replace(
        first,
        sink=sink,
        sink_values=_keep_secrets(config, sink, questions, values),
        channel=channel.lstrip("#"),
        redirect_to=asking.text(text, given["redirect_to"], ""),
    )


def _ask_packs(
    asking: Asking, plugins: Plugins, first: FirstSettings, given: str | None
) -> FirstSettings:
    """The rule packs, counted by what an account with these settings can answer."""
    from atsbridge.app import adapt_spec, find_pack_offers

    spec = plugins.connectors()[first.connector]
    offers = find_pack_offers(plugins, adapt_spec(spec, first.values, first.sections))
    return replace(first, packs=asking.packs(offers, given))


def _keep_secrets(
    config: Path, name: str, questions: Sequence[Question], values: Mapping[str, str]
) -> dict[str, str]:
    """The values with each secret in a file; one that a variable holds stays there."""
    import os

    secret = {one.key: one.variable for one in questions if one.secret}
    kept = {}
    for key, value in values.items():
        if key not in secret:
            kept[key] = value
        elif os.environ.get(secret[key]) != value:
            kept[f"{key}_file"] = write_secret(config.parent, f"{name}.{key}", value)
    return kept


def _write_first(config: Path, first: FirstSettings) -> None:
    from atsbridge.app import format_settings

    write_new(config, format_settings(first))
    names = ", ".join(name.rpartition(":")[2] for name in first.packs or ()) or "none"
    click.echo(f"Wrote {config}. Rule packs: {names}.")


def _add_account(config: Path, first: FirstSettings) -> None:
    """Add the account to settings that exist; its messages go where theirs do."""
    from atsbridge.app import format_account
    from atsbridge.settings import load

    settings = load(config, environ={})  # a variable may already have the new account's secret
    if first.account in settings.accounts:
        place = settings.place("accounts", first.account)
        remedy = "Name another one with --account, or edit it there"
        raise ConfigError("this account exists already", where=place, remedy=remedy)
    sink = next(iter(settings.notify.dm or settings.sinks), "console")
    add_to(config, format_account(replace(first, sink=sink)))
    click.echo(f"Added the account {first.account} to {config}.")


def _check(config: Path, account: str) -> bool:
    """Print whether the account can be read. What is wrong is said with its remedy."""
    from atsbridge.app import examine, open_services
    from atsbridge.cli.doctor import print_checks

    click.echo(f"\nChecking {account} ...")
    with open_services(config) as services:
        checks = examine(services, [account])[account]
    shown = [check for check in checks if check.detail or not check.good]
    print_checks(account, shown)
    click.echo(f"{len(checks) - len(shown)} further checks are ok; `atsbridge doctor` lists all.")
    return all(check.good or check.warning for check in checks)


def _look(config: Path, account: str) -> bool:
    """Read the account, place its offices and people, and print what a run would do.

    Returns whether all of it could be read; prints what could not.
    """
    from atsbridge.app import open_services
    from atsbridge.cli.output import sync_progress
    from atsbridge.cli.plan import print_plan
    from atsbridge.cli.rules.rule_state import print_coverage
    from atsbridge.context import describe_failures
    from atsbridge.tick import RunObserver, RunOptions, tick

    click.echo("\nReading the account. This sends no message and writes nothing to the ATS ...")
    with open_services(config) as services, sync_progress() as progress:
        options = RunOptions(accounts=(account,), dry_run=True)
        failures = tick(services, options, RunObserver(progress=progress)).failures
        notes = [*_place_offices(services, config, account)]
    with open_services(config) as services:
        notes += add_unplaced_people(services, config.parent, account)
        for note in notes:
            click.echo(note)
        print_coverage(services, account)
        click.echo("\nWhat a run would do now:\n")
        print_plan(services, tick(services, replace(options, sync=False)))
    for line in describe_failures(failures):
        click.echo(f"  {line}", err=True)
    return not failures


def _place_offices(services: Services, config: Path, account: str) -> Iterator[str]:
    """Add the zones of offices whose names tell them; say which names do not."""
    from atsbridge.app import format_offices, guess_place
    from atsbridge.context import AccountContext

    names = [office.name for office in AccountContext(services, account).offices if office.name]
    missing = sorted(set(names) - services.settings.offices.keys())
    guesses = {name: guess for name in missing if (guess := guess_place(name)).zone}
    if guesses:
        add_to(config, format_offices(guesses))
        yield f"Placed {len(guesses)} offices by their names; please check them in {config}."
    if unknown := [name for name in missing if name not in guesses]:
        yield f"No time zone is known for: {', '.join(unknown)}. Add them as [offices.NAME]."


def _print_next(config: Path) -> None:
    """The lines for cron and systemd, with absolute paths."""
    import shutil

    found = shutil.which("atsbridge")
    program = str(Path(found).resolve()) if found else f"{sys.executable} -m atsbridge"
    command = f"{program} --config {config.resolve()} run"
    click.echo(
        "\nNothing was sent. Next:\n"
        f"  atsbridge --config {config} doctor     checks everything again\n"
        f"  atsbridge --config {config} run        sends what is due\n"
        "\nTo run it every ten minutes, add this line with `crontab -e`:\n"
        f"  */10 * * * *  {command}\n"
        "or use it as ExecStart= of a systemd service with a timer."
    )


def _show_sandbox() -> None:
    """What a run would do for the fictional company, which lives as long as this takes."""
    from atsbridge.app import open_services
    from atsbridge.cli.plan import print_plan
    from atsbridge.plugins import discover
    from atsbridge.sandbox import START, SandboxOptions, build_sandbox
    from atsbridge.tick import RunOptions, tick

    folder = Path(_SANDBOX)
    folder.mkdir(exist_ok=True)
    (folder / "clock").unlink(missing_ok=True)
    options = SandboxOptions(START, frozen=True)
    with build_sandbox(folder, discover().connectors().values(), options) as running:
        config = folder / "atsbridge.toml"
        config.write_text(running.config(), "utf-8")
        click.echo(f"A fictional company on {running.clock.now():%A, %d %B %Y}. Reading it ...\n")
        with open_services(config) as services:
            names = tuple(sorted(services.settings.accounts))
            print_plan(services, tick(services, RunOptions(accounts=names, dry_run=True)))
    click.echo(
        "This is what a run would do. Nothing was sent, and the company was shut down.\n"
        "  atsbridge demo       plays five of its days, with every message\n"
        "  atsbridge sandbox    serves it until Ctrl-C, to try your rules against\n"
        "  atsbridge init       connects your own ATS"
    )
