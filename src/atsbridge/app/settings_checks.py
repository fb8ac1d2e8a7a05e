"""Everything that can be wrong with the settings and shows only once the plugins are known.

Only the settings: what an ATS refuses is found by `doctor` and the sync.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from atsbridge.app.openers import PluginSection
from atsbridge.context import FALLBACK_ZONE
from atsbridge.errors import ConfigError
from atsbridge.model import SURE, clean, did_you_mean, suggest
from atsbridge.settings import (
    ATS,
    SUFFIX,
    Problem,
    VariableText,
    expanded,
    is_exposed,
    member,
    names,
    shown,
)

if TYPE_CHECKING:
    from atsbridge.app.application import App
    from atsbridge.ports import ConnectorSpec

POSTGRES = "PostgreSQL needs a package that is not installed here"
INSTALL_POSTGRES = 'Run: pip install "atsbridge[postgres]"'


def mistakes(app: App) -> Iterator[Problem]:
    """Every mistake that `settings` cannot see by itself."""
    yield from _zone_data()
    yield from _store(app)
    yield from _packs(app)
    yield from _accounts(app)
    yield from _sinks(app)
    yield from _templates(app)
    yield from _pilot(app)
    yield from _clock(app)


def doubts(app: App) -> Iterator[ConfigError]:
    """What stops nothing and should still be mended, each with where it is.

    The sandbox's secrets are everybody's.
    """
    for name, meant in app.unknown:
        remedy = f"Did you mean {meant}?" if meant else "Unset it, or see docs/settings.md"
        yield ConfigError("no setting has this name", where=clean(name), remedy=remedy)
    if app.sandboxed():
        return
    for keys, file in _secret_files(app):
        if is_exposed(file):
            what = f"others on this machine may read the secret file {file}"
            where = app.settings.place(*keys)
            yield ConfigError(what, where=where, remedy=f"Run: chmod 600 {file}")
    keys = next(_written_secrets(app), ())
    if keys and is_exposed(file := Path(app.settings.source.name)):
        what = "others on this machine may read this file, and it holds a secret"
        yield ConfigError(what, where=app.settings.place(*keys), remedy=f"Run: chmod 600 {file}")


def _secret_files(app: App) -> Iterator[tuple[tuple[str, ...], Path]]:
    """Every file that the settings name for a secret, with the keys that name it."""
    settings = app.settings
    for keys in (("store", "url_file"), ("run", "ping_url_file")):
        if file := getattr(getattr(settings, keys[0]), keys[1]):
            yield keys, settings.path(file)
    for section in _plugin_sections(app):
        for key, name in section.files().items():
            yield (*section.keys, f"{key}{SUFFIX}"), settings.path(expanded(name))


def _written_secrets(app: App) -> Iterator[tuple[str, ...]]:
    """The secrets of plugins that stand in the settings file itself."""
    for section in _plugin_sections(app):
        for key in section.secrets():
            value = section.given.get(key)
            if value and isinstance(value, str) and not isinstance(value, VariableText):
                yield (*section.keys, key)


def _plugin_sections(app: App) -> Iterator[PluginSection]:
    for name, account in app.settings.accounts.items():
        if (connector := app.plugins.connector(account.connector)) is not None:
            yield app.account_section(name, connector)
    for name, section in app.settings.sinks.items():
        if (sink := app.plugins.sink(section.kind)) is not None:
            yield app.sink_options(name, sink)


def _zone_data() -> Iterator[Problem]:
    """What is wrong with a zone is said where it stands; here, that this machine has any."""
    from atsbridge.worktime import parse_zone

    try:
        parse_zone(FALLBACK_ZONE)
    except ValueError as error:
        yield Problem((), str(error))


def _store(app: App) -> Iterator[Problem]:
    url = app.settings.store.url.get_secret_value().lower()
    if url.startswith("postgres") and find_spec("psycopg") is None:
        yield Problem(("store", "url"), POSTGRES, INSTALL_POSTGRES)


def _packs(app: App) -> Iterator[Problem]:
    """Packs are named, or files: whether a file is there is seen when rules are read."""
    from atsbridge.rules import BUILTIN, builtin_packs

    for name in app.settings.rules.packs:
        if name.startswith(BUILTIN) and name not in builtin_packs():
            keys = member(app.settings, ("rules", "packs"), name)
            remedy = did_you_mean(name, builtin_packs(), "There are")
            yield Problem(keys, f"there is no pack {shown(name)}", remedy)


def _accounts(app: App) -> Iterator[Problem]:
    for name in app.settings.accounts:
        spec = app.plugins.connector(app.account(name).connector)
        if spec is None:
            yield from _no_connector(app, name)
        else:
            yield from app.account_section(name, spec).check()
            yield from _writes(app, name, spec)
            yield from _map(app, name, spec)
        yield from _account_teams(app, name)


def _no_connector(app: App, account: str) -> Iterator[Problem]:
    """Where a plugin did not load, the account may be right: its part of a run says so."""
    wanted, known = app.account(account).connector, sorted(app.plugins.connectors())
    if app.plugins.troubles and suggest(wanted, known) is None:
        return
    what = f"no installed plugin provides the connector {shown(wanted)}"
    remedy = did_you_mean(wanted, known, "Installed")
    yield Problem(("accounts", account, "connector"), what, remedy)


def _writes(app: App, account: str, spec: ConnectorSpec) -> Iterator[Problem]:
    """What an account lets us write, and which reminders of its own it names, must exist."""
    section, keys = app.account(account), ("accounts", account)
    for capability in section.write:
        if capability not in spec.writes:
            place = member(app.settings, (*keys, "write"), capability)
            remedy = did_you_mean(capability, spec.writes, "It can", SURE)
            yield Problem(place, f"{spec.title} cannot write {shown(capability)}", remedy)
    preset = section.native_reminders
    if preset and preset not in spec.reminders:
        remedy = did_you_mean(preset, spec.reminders, f"{spec.title} has")
        what = f"there are no native reminders {shown(preset)}"
        yield Problem((*keys, "native_reminders"), what, remedy)


def _map(app: App, account: str, spec: ConnectorSpec) -> Iterator[Problem]:
    lines = app.account(account).map
    if not lines:
        return
    from atsbridge.sync import wrong_lines

    for keys, error in wrong_lines(lines, account, spec.streams):
        yield Problem(("accounts", account, "map", *keys), error.what, error.remedy)


def _account_teams(app: App, account: str) -> Iterator[Problem]:
    """A team on a sink the account does not name would leak one customer to another."""
    section, allowed = app.account(account), app.sinks_allowed(account)
    configured = {*names(app.settings, "sinks"), ATS}
    misspelt = not configured.issuperset(allowed)  # said already, and the cause of the rest
    for name, team in app.teams(account).items():
        if team.sink not in allowed and team.sink in configured and not misspelt:
            own = ("teams", name, "sink") if name in section.teams else ("sinks",)
            remedy = f"Add [accounts.{account}.teams.{name}] on one of: "
            yield Problem(
                ("accounts", account, *own),
                f'team "{name}" is on the sink "{team.sink}", which this account does not name',
                remedy + (", ".join(allowed) or "its sinks"),
            )
    ops = app.settings.notify.ops
    known = list(dict.fromkeys((*app.teams(account), *names(app.settings, "teams"))))
    if ops not in known:
        remedy = did_you_mean(ops, known, f"Add [teams.{ops}] with sink and to; configured")
        what = f"there is no team {shown(ops)} to tell of trouble"
        yield Problem(("notify", "ops"), what, remedy)


def _templates(app: App) -> Iterator[Problem]:
    """The folder of own layouts; what is in each is seen when it is used."""
    own = app.settings.notify.templates
    if not own:
        return
    from atsbridge.sinks import NAMES

    keys, known = ("notify", "templates"), ", ".join(NAMES)
    folder = app.settings.path(own)
    if not folder.is_dir():
        yield Problem(keys, f"there is no folder {folder}", f"Make it, with any of: {known}")
    elif not any((folder / name).is_file() for name in NAMES):
        yield Problem(keys, f"{folder} has none of the layouts there are", f"Name them {known}")


def _sinks(app: App) -> Iterator[Problem]:
    for name, section in app.settings.sinks.items():
        spec = app.plugins.sink(section.kind)
        if spec is not None:
            yield from app.sink_options(name, spec).check()
            continue
        what = f"no installed plugin provides the sink {shown(section.kind)}"
        remedy = did_you_mean(section.kind, sorted(app.plugins.sinks()), "Installed")
        yield Problem(("sinks", name, "kind"), what, remedy)


def _pilot(app: App) -> Iterator[Problem]:
    where = app.settings.pilot.where
    if not where:
        return
    from atsbridge.rules import wrong_conditions

    for keys, what, remedy, at_key in wrong_conditions(where):
        yield Problem(("pilot", "where", *keys), what, remedy, at_key=at_key)


def _clock(app: App) -> Iterator[Problem]:
    if app.settings.run.clock_file and not app.sandboxed():
        remedy = "Remove it, or point every account and sink at this machine"
        yield Problem(("run", "clock_file"), "clock_file is for the sandbox only", remedy)
