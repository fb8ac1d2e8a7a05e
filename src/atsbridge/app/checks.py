"""Everything that can be wrong with a configuration before a connection is made.

Only the configuration: what an ATS refuses is found by `doctor` and the sync.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from atsbridge.app.opening import options
from atsbridge.errors import ConfigError, PluginError
from atsbridge.run.calendars import FALLBACK_ZONE
from atsbridge.settings.sections import AccountSettings
from atsbridge.worktime.zones import parse_zone

if TYPE_CHECKING:
    from atsbridge.app import App


def mistakes(app: App) -> Iterator[ConfigError]:
    """Every mistake, in the order of the file's sections."""
    yield from _zones(app)
    yield from _accounts(app)
    yield from _sinks(app)
    yield from _templates(app)
    yield from _pilot(app)


def _zones(_app: App) -> Iterator[ConfigError]:
    """What is said of each zone in the settings is said by them; here, that there are any."""
    try:
        parse_zone(FALLBACK_ZONE)
    except ValueError as error:
        yield ConfigError(str(error))


def _pilot(app: App) -> Iterator[ConfigError]:
    if not app.settings.pilot.where:
        return
    from atsbridge.rules.pilot import read

    for mistake in read(app.settings.pilot.where)[1]:
        mend = mistake.remedy.replace("Write: where: ", "Write: ")
        yield ConfigError(mistake.what, where="[pilot] where", remedy=mend)


def _accounts(app: App) -> Iterator[ConfigError]:
    several = len(app.settings.accounts) > 1
    for name, section in app.settings.accounts.items():
        where = f"[accounts.{name}]"
        try:
            options(
                app.settings.folder,
                section.options,
                app.spec(name).settings,
                where,
                AccountSettings,
            )
        except ConfigError as error:
            yield error
        except PluginError:
            pass  # this account's tick says so; the others go on
        if several and section.sinks is None:
            yield ConfigError(
                "sinks is needed once there are two accounts",
                where=where,
                remedy='Name them, for example sinks = ["slack"]',
            )
        yield from _writes(app, name)
        yield from _teams(app, name)


def _writes(app: App, account: str) -> Iterator[ConfigError]:
    """What an account lets us write, and which reminders of its own it names, must exist."""
    section, where = app.account(account), f"[accounts.{account}]"
    try:
        spec = app.spec(account)
    except (ConfigError, PluginError):
        return  # told already
    for word in section.write:
        if word not in spec.writes:
            yield ConfigError(
                f"{spec.title} cannot write {word!r}",
                where=f"{where} write",
                remedy=f"It can: {', '.join(spec.writes) or 'nothing'}",
            )
    preset = section.native_reminders
    if preset and preset not in spec.reminders:
        yield ConfigError(
            f"there are no native reminders {preset!r}",
            where=f"{where} native_reminders",
            remedy=f"{spec.title} has: {', '.join(spec.reminders) or 'none'}",
        )


def _teams(app: App, account: str) -> Iterator[ConfigError]:
    """A team on a sink the account does not name would leak one customer to another."""
    allowed = app.sinks_allowed(account)
    for name, team in app.teams(account).items():
        if team.sink not in allowed:
            yield ConfigError(
                f"team {name!r} stands on sink {team.sink!r}, which this account does not name",
                where=f"[accounts.{account}]",
                remedy=f"Add [accounts.{account}.teams.{name}] on one of: "
                + (", ".join(allowed) or "its sinks"),
            )
    if app.settings.notify.ops not in app.teams(account):
        yield ConfigError(
            f"there is no team {app.settings.notify.ops!r} to tell of trouble",
            where="[notify] ops",
            remedy=f"Add [teams.{app.settings.notify.ops}] with sink and to",
        )


def _templates(app: App) -> Iterator[ConfigError]:
    """The folder of own layouts; what is in each is seen when it is used."""
    own = app.settings.notify.templates
    if not own:
        return
    from atsbridge.sinks.layout import NAMES

    folder, known = app.settings.path(own), ", ".join(NAMES)
    if not folder.is_dir():
        yield ConfigError(
            f"there is no folder {folder}",
            where="[notify] templates",
            remedy=f"Make it, with any of: {known}",
        )
    elif not any((folder / name).is_file() for name in NAMES):
        yield ConfigError(
            f"{folder} has none of the layouts there are",
            where="[notify] templates",
            remedy=f"Name them {known}",
        )


def _sinks(app: App) -> Iterator[ConfigError]:
    wanted = {s for a in app.settings.accounts.values() for s in a.sinks or ()}
    for name in sorted({*app.settings.sinks, *app.settings.notify.dm, *wanted}):
        try:
            spec, section, where = app.sink_section(name)
            options(app.settings.folder, section, spec.settings, where)
        except ConfigError as error:
            yield error
