"""Errors and warnings in the settings that can be found only with the plugins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from atsbridge.app.plugin_section import PluginSection, connector_section, sink_section
from atsbridge.context import Services
from atsbridge.errors import ConfigError
from atsbridge.model import SURE, clean, did_you_mean, suggest
from atsbridge.settings import (
    ATS,
    SUFFIX,
    Problem,
    Settings,
    VariableText,
    expanded,
    is_exposed,
    member,
    names,
    shown,
)

if TYPE_CHECKING:
    from atsbridge.ports import ConnectorSpec

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
POSTGRES = "PostgreSQL needs a package that is not installed here"
INSTALL_POSTGRES = 'Run: pip install "atsbridge[postgres]"'


def find_mistakes(services: Services) -> Iterator[Problem]:
    """Every error that the package `settings` cannot find alone."""
    yield from _zone_data()
    yield from _store(services)
    yield from _packs(services)
    yield from _accounts(services)
    yield from _sinks(services)
    yield from _templates(services)
    yield from _pilot(services)
    yield from _clock(services)


def find_warnings(services: Services, unknown: Sequence[tuple[str, str]]) -> Iterator[ConfigError]:
    """Problems that stop nothing and should be corrected, each with its place.

    The secrets of the sandbox are public.
    """
    for name, meant in unknown:
        remedy = f"Did you mean {meant}?" if meant else "Unset it, or see docs/settings.md"
        yield ConfigError("no setting has this name", where=clean(name), remedy=remedy)
    yield from services.settings.file_errors
    if is_sandboxed(services.settings):
        return
    for keys, file in _secret_files(services):
        if is_exposed(file):
            what = f"others on this machine may read the secret file {file}"
            where = services.settings.place(*keys)
            yield ConfigError(what, where=where, remedy=f"Run: chmod 600 {file}")
    seen: set[str] = set()
    for keys in _written_secrets(services):
        name = services.settings.source.find_setting_file(keys)
        main = name == services.settings.source.name
        file = Path(name) if main else services.settings.path(name)
        if name not in seen and is_exposed(file):
            what = "others on this machine may read this file, and it holds a secret"
            where = services.settings.place(*keys)
            yield ConfigError(what, where=where, remedy=f"Run: chmod 600 {file}")
        seen.add(name)


def is_sandboxed(settings: Settings) -> bool:
    """Whether every account and every sink is on this machine's loopback."""
    sections = [*settings.accounts.values(), *settings.sinks.values()]
    urls = [s.options.get("base_url") for s in sections]
    remote = [
        s.kind
        for s in settings.sinks.values()
        if s.kind not in ("console", "slack")
        and not (s.kind == "email" and s.options.get("host") in _LOOPBACK)
    ]
    hosts = [urlsplit(str(url)).hostname for url in urls if url]
    accounts_named = all(a.options.get("base_url") for a in settings.accounts.values())
    slack_named = all(
        s.options.get("base_url") for s in settings.sinks.values() if s.kind == "slack"
    )
    return accounts_named and slack_named and not remote and all(h in _LOOPBACK for h in hosts)


def _secret_files(services: Services) -> Iterator[tuple[tuple[str, ...], Path]]:
    """Every file that the settings name for a secret, with the keys that name it."""
    settings = services.settings
    for keys in (("store", "url_file"), ("run", "ping_url_file"), ("serve", "token_file")):
        if file := getattr(getattr(settings, keys[0]), keys[1]):
            yield keys, settings.path(file)
    for section in _plugin_sections(services):
        for key, name in section.files().items():
            yield (*section.keys, f"{key}{SUFFIX}"), settings.path(expanded(name))


def _written_secrets(services: Services) -> Iterator[tuple[str, ...]]:
    """The secrets of plugins that are written in the settings file itself."""
    for section in _plugin_sections(services):
        for key in section.secrets():
            value = section.given.get(key)
            if value and isinstance(value, str) and not isinstance(value, VariableText):
                yield (*section.keys, key)


def _plugin_sections(services: Services) -> Iterator[PluginSection]:
    for name, account in services.settings.accounts.items():
        if (connector := services.plugins.connector(account.connector)) is not None:
            yield connector_section(services.settings, name, connector)
    for name, section in services.settings.sinks.items():
        if (sink := services.plugins.sink(section.kind)) is not None:
            yield sink_section(services.settings, name, sink)


def _zone_data() -> Iterator[Problem]:
    """Whether this machine has time zone data; a wrong zone is an error of its own setting."""
    from atsbridge.worktime import FALLBACK_ZONE, parse_zone

    try:
        parse_zone(FALLBACK_ZONE)
    except ValueError as error:
        yield Problem((), str(error))


def _store(services: Services) -> Iterator[Problem]:
    url = services.settings.store.url.get_secret_value().lower()
    if url.startswith("postgres") and find_spec("psycopg") is None:
        yield Problem(("store", "url"), POSTGRES, INSTALL_POSTGRES)


def _packs(services: Services) -> Iterator[Problem]:
    """Check the names of packs. Whether a file exists is checked when rules are read."""
    from atsbridge.rules import BUILTIN, builtin_packs

    for name in services.settings.rules.packs:
        if name.startswith(BUILTIN) and name not in builtin_packs():
            keys = member(services.settings, ("rules", "packs"), name)
            remedy = did_you_mean(name, builtin_packs(), "There are")
            yield Problem(keys, f"there is no pack {shown(name)}", remedy)


def _accounts(services: Services) -> Iterator[Problem]:
    for name in services.settings.accounts:
        spec = services.plugins.connector(services.account(name).connector)
        if spec is None:
            yield from _no_connector(services, name)
        else:
            yield from connector_section(services.settings, name, spec).check()
            yield from _writes(services, name, spec)
            yield from _map(services, name, spec)
        yield from _account_teams(services, name)


def _no_connector(services: Services, account: str) -> Iterator[Problem]:
    """The error of an unknown connector; none if a plugin did not load and may be the one."""
    wanted, known = services.account(account).connector, sorted(services.plugins.connectors())
    if services.plugins.troubles and suggest(wanted, known) is None:
        return
    what = f"no installed plugin provides the connector {shown(wanted)}"
    remedy = did_you_mean(wanted, known, "Installed")
    yield Problem(("accounts", account, "connector"), what, remedy)


def _writes(services: Services, account: str, spec: ConnectorSpec) -> Iterator[Problem]:
    """Check that the writes and native reminders that an account names exist."""
    section, keys = services.account(account), ("accounts", account)
    for capability in section.write:
        if capability not in spec.writes:
            place = member(services.settings, (*keys, "write"), capability)
            remedy = did_you_mean(capability, spec.writes, "It can", SURE)
            yield Problem(place, f"{spec.title} cannot write {shown(capability)}", remedy)
    preset = section.native_reminders
    if preset and preset not in spec.reminders:
        remedy = did_you_mean(preset, spec.reminders, f"{spec.title} has")
        what = f"there are no native reminders {shown(preset)}"
        yield Problem((*keys, "native_reminders"), what, remedy)


def _map(services: Services, account: str, spec: ConnectorSpec) -> Iterator[Problem]:
    lines = services.account(account).map
    if not lines:
        return
    from atsbridge.sync import find_map_errors

    for keys, error in find_map_errors(lines, account, spec.streams):
        yield Problem(("accounts", account, "map", *keys), error.what, error.remedy)


def _account_teams(services: Services, account: str) -> Iterator[Problem]:
    """A team must use one of the account's own sinks: any other leaks data to another account."""
    section, allowed = services.account(account), services.sink_names(account)
    configured = {*names(services.settings, "sinks"), ATS}
    # Reported separately; it causes the other errors.
    misspelled = not configured.issuperset(allowed)
    for name, team in services.teams(account).items():
        if team.sink not in allowed and team.sink in configured and not misspelled:
            own = ("teams", name, "sink") if name in section.teams else ("sinks",)
            remedy = f"Add [accounts.{account}.teams.{name}] on one of: "
            yield Problem(
                ("accounts", account, *own),
                f'team "{name}" is on the sink "{team.sink}", which this account does not name',
                remedy + (", ".join(allowed) or "its sinks"),
            )
    ops = services.settings.notify.ops
    known = list(dict.fromkeys((*services.teams(account), *names(services.settings, "teams"))))
    if ops not in known:
        remedy = did_you_mean(ops, known, f"Add [teams.{ops}] with sink and to; configured")
        what = f"there is no team {shown(ops)} to tell of trouble"
        yield Problem(("notify", "ops"), what, remedy)


def _templates(services: Services) -> Iterator[Problem]:
    """Check the folder of custom layouts. The layouts are checked when they are used."""
    own = services.settings.notify.templates
    if not own:
        return
    from atsbridge.sinks import NAMES

    keys, known = ("notify", "templates"), ", ".join(NAMES)
    folder = services.settings.path(own)
    if not folder.is_dir():
        yield Problem(keys, f"there is no folder {folder}", f"Make it, with any of: {known}")
    elif not any((folder / name).is_file() for name in NAMES):
        yield Problem(keys, f"{folder} has none of the layouts there are", f"Name them {known}")


def _sinks(services: Services) -> Iterator[Problem]:
    for name, section in services.settings.sinks.items():
        spec = services.plugins.sink(section.kind)
        if spec is not None:
            yield from sink_section(services.settings, name, spec).check()
            continue
        what = f"no installed plugin provides the sink {shown(section.kind)}"
        remedy = did_you_mean(section.kind, sorted(services.plugins.sinks()), "Installed")
        yield Problem(("sinks", name, "kind"), what, remedy)


def _pilot(services: Services) -> Iterator[Problem]:
    where = services.settings.pilot.where
    if not where:
        return
    from atsbridge.rules import wrong_conditions

    for keys, what, remedy, at_key in wrong_conditions(where):
        yield Problem(("pilot", "where", *keys), what, remedy, at_key=at_key)


def _clock(services: Services) -> Iterator[Problem]:
    if services.settings.run.clock_file and not is_sandboxed(services.settings):
        remedy = "Remove it, or point every account and sink at this machine"
        yield Problem(("run", "clock_file"), "clock_file is for the sandbox only", remedy)
