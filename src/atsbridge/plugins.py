"""Find plugins by entry point, check them, and call their hooks; a faulty one is left out.

`hookspecs` lists what a plugin may add. `app` chooses connectors and sinks by name.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pluggy

from atsbridge import hookspecs
from atsbridge.errors import ConfigError
from atsbridge.installation import repair_advice
from atsbridge.model import Key, did_you_mean
from atsbridge.ports import AnyRuleKind, ConnectorSpec, SinkSpec

GROUP = "atsbridge"
# The entry points of atsbridge itself. Every rule and message needs them, so they are loaded first,
# keep their names, and their failure ends the command.
BUILTIN = {"rules": "atsbridge.rules.rules_plugin", "sinks": "atsbridge.sinks.sinks_plugin"}


S = TypeVar("S", ConnectorSpec, SinkSpec)


class Loadable(Protocol):
    """The part of an entry point that is used here."""

    @property
    def name(self) -> str: ...

    def load(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Trouble:
    """A plugin that was left out, wholly or in part, and why."""

    plugin: str
    what: str
    remedy: str = ""
    hook: str = field(default="", compare=False)  # "" if the plugin could not be loaded

    @property
    def place(self) -> str:
        """The attempted step, as `Plugins.worked` names it."""
        return f"plugin {self.plugin}/{self.hook}"


@dataclass(frozen=True, slots=True)
class Installed:
    """A plugin that is in use. `version` is its distribution's, if it has one."""

    name: str
    version: str
    hooks: tuple[str, ...]


@dataclass(slots=True)
class Plugins:
    """All loaded plugins, with typed accessors. `troubles`: what could not be loaded or failed.

    Several threads may share one. The hooks of one plugin are called one at a time; a slow plugin
    delays no other.
    """

    manager: pluggy.PluginManager
    installed: list[Installed] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    _answered: set[tuple[str, str]] = field(default_factory=set)
    _builtin: set[str] = field(default_factory=set)
    _turns: dict[str, threading.RLock] = field(default_factory=dict)  # by plugin

    @property
    def worked(self) -> frozenset[str]:
        """The steps that succeeded: loading each plugin, and each of its hooks."""
        places = {f"plugin {plugin}/{hook}" for plugin, hook in self._answered}
        places |= {f"plugin {one.name}/" for one in self.installed}
        return frozenset(places - {one.place for one in self.troubles})

    def connectors(self) -> Mapping[str, ConnectorSpec]:
        """Connectors by name; the first plugin that brings a name keeps it."""
        return self._named("atsbridge_connectors", ConnectorSpec)

    def connector(self, name: str) -> ConnectorSpec | None:
        """The connector of that name. A plugin of the same name is loaded first."""
        return self._found("atsbridge_connectors", ConnectorSpec, name)

    def sinks(self) -> Mapping[str, SinkSpec]:
        """Kinds of sink by name."""
        return self._named("atsbridge_sinks", SinkSpec)

    def sink(self, name: str) -> SinkSpec | None:
        """The kind of sink of that name; the built-in ones are tried first."""
        return self._found("atsbridge_sinks", SinkSpec, name, first="sinks")

    def rule_kinds(self) -> Mapping[str, AnyRuleKind]:
        """Kinds of rule by name."""
        return self._named("atsbridge_rule_kinds", None)

    def rule_packs(self) -> Mapping[str, Path]:
        """Rule packs by name."""
        packs: dict[str, Path] = {}
        for plugin, found in self._answers("atsbridge_rule_packs"):
            for name, path in dict(found).items():
                self._take(packs, plugin, "rule pack", name, Path(path))
        return packs

    def market_tables(self) -> Mapping[str, Path]:
        """Market tables by name."""
        tables: dict[str, Path] = {}
        for plugin, found in self._answers("atsbridge_market_tables"):
            for name, path in dict(found).items():
                self._take(tables, plugin, "market table", name, Path(path))
        return tables

    def people(self) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        """(plugin, e-mail, keys) of each person that a plugin knows."""
        for plugin, found in self._answers("atsbridge_people"):
            try:
                rows = [(str(email), dict(keys)) for email, keys in dict(found).items()]
            except (TypeError, ValueError):
                self._trouble(plugin, "atsbridge_people", "atsbridge_people gave no mapping")
                continue
            yield from ((plugin, email, keys) for email, keys in rows)

    @property
    def knows_absences(self) -> bool:
        """Whether any plugin may know absences."""
        return bool(self.manager.hook.atsbridge_absences.get_hookimpls())

    def absences(self) -> Iterator[tuple[str, dict[str, list[tuple[date, date]]]]]:
        """(plugin, e-mail -> first and last day of each absence) of each plugin that answers."""
        hook = "atsbridge_absences"
        for plugin, found in self._answers(hook):
            try:
                rows = {
                    str(email): [_span(*one) for one in spans] for email, spans in found.items()
                }
            except (AttributeError, TypeError, ValueError):
                what = f"{hook} gave no mapping of addresses to pairs of days"
                self._trouble(plugin, hook, what)
                continue
            yield plugin, rows

    def brief(self, account: str, requisition: Key) -> Mapping[str, Any] | None:
        """The first brief that a plugin has for a requisition: section -> text."""
        hook = "atsbridge_briefs"
        for plugin, found in self._answers(hook, account=account, requisition=requisition):
            if isinstance(found, Mapping):
                return found
            self._trouble(plugin, hook, f"{hook} gave a {type(found).__name__}")
        return None

    @property
    def keeps_briefs(self) -> bool:
        """Whether any plugin may have a brief."""
        return bool(self.manager.hook.atsbridge_briefs.get_hookimpls())

    def holidays(self, country: str, year: int, region: str = "") -> dict[str, str]:
        """Days off that plugins add: yyyy-mm-dd -> name. Invalid days are left out and reported."""
        days: dict[str, str] = {}
        for plugin, found in self._answers(
            "atsbridge_holidays", country=country, year=year, region=region
        ):
            try:
                given = dict(found).items()
                days |= {date.fromisoformat(str(day)).isoformat(): str(name) for day, name in given}
            except (TypeError, ValueError):
                what = "atsbridge_holidays gave something else than days and names"
                self._trouble(plugin, "atsbridge_holidays", what)
        return days

    def recipient(self, account: str, email: str, sink: str) -> str | None:
        """The first address a plugin knows for a person in a sink."""
        call = self._answers("atsbridge_recipient", account=account, email=email, sink=sink)
        return next((str(found) for _, found in call), None)

    @property
    def observes_runs(self) -> bool:
        """Whether any plugin is called after a run."""
        return bool(self.manager.hook.atsbridge_tick_finished.get_hookimpls())

    def tick_finished(self, summary: Mapping[str, Any]) -> None:
        """Tell every observer that a run ended. `summary`: as `run --json` prints it."""
        for _ in self._answers("atsbridge_tick_finished", summary=summary):
            pass

    def _answers(
        self, hook: str, *, first: str = "", **arguments: Any
    ) -> Iterator[tuple[str, Any]]:
        """(plugin, answer) of each implementation that returned one; failures are reported."""
        impls = getattr(self.manager.hook, hook).get_hookimpls()
        for impl in sorted(impls, key=lambda one: one.plugin_name != first):
            try:
                with self._turns.setdefault(impl.plugin_name, threading.RLock()):
                    answer = impl.function(*(arguments[name] for name in impl.argnames))
            except Exception as error:  # noqa: BLE001 - the boundary: a plugin may raise anything
                self._raised(impl.plugin_name, hook, error)
                continue
            self._answered.add((impl.plugin_name, hook))
            if answer is not None:
                yield impl.plugin_name, answer

    def _found(self, hook: str, kind: type[S], name: str, first: str = "") -> S | None:
        """The first item of that name. Later items are not created."""
        for plugin, answer in self._answers(hook, first=first or name):
            for item in self._items(plugin, hook, answer):
                if isinstance(item, kind) and item.name == name:
                    return item
        return None

    def _named(self, hook: str, kind: type[Any] | None) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for plugin, answer in self._answers(hook):
            for item in self._items(plugin, hook, answer):
                if (kind is not None and not isinstance(item, kind)) or not hasattr(item, "name"):
                    self._trouble(plugin, hook, f"{hook} gave a {type(item).__name__}")
                    continue
                self._take(found, plugin, hook, item.name, item)
        return found

    def _items(self, plugin: str, hook: str, answer: Any) -> Iterator[Any]:
        """The items of an answer up to an exception: it may be a generator."""
        try:
            yield from answer if isinstance(answer, Iterable) else [answer]
        except Exception as error:  # noqa: BLE001 - the boundary, as above
            self._raised(plugin, hook, error)

    def _raised(self, plugin: str, hook: str, error: Exception) -> None:
        """Name the plugin that raised; ConfigError where it is one of our own."""
        if plugin in self._builtin:
            raise _broken(plugin, error) from error
        self._trouble(plugin, hook, f"{hook} raised {_say(error)}")

    def _take(self, found: dict[str, Any], plugin: str, hook: str, name: str, item: Any) -> None:
        if name in found:
            remedy = "Uninstall one of the two plugins"
            what = hook.removeprefix("atsbridge_")
            self._trouble(plugin, hook, f"{what}: the name {name!r} is taken already", remedy)
        else:
            found[name] = item

    def _trouble(self, plugin: str, hook: str, what: str, remedy: str = "") -> None:
        trouble = Trouble(plugin, what, remedy or "Its other parts stay in use", hook)
        if trouble not in self.troubles:
            self.troubles.append(trouble)


def discover(entry_points: Iterable[Loadable] | None = None) -> Plugins:
    """Load every plugin of the entry point group: built-in ones first, then in order of name.

    ConfigError if a built-in plugin is missing or broken; failures of other plugins are reported in
    `troubles`.
    """
    manager = pluggy.PluginManager("atsbridge")
    manager.add_hookspecs(hookspecs)
    plugins = Plugins(manager)
    points = list(metadata.entry_points(group=GROUP) if entry_points is None else entry_points)
    if entry_points is None:
        _expect_builtin(points)
    for point in sorted(points, key=lambda p: (not _is_builtin(p), p.name)):
        plugins.troubles.extend(_register(plugins, point))
    return plugins


def _expect_builtin(points: Iterable[Loadable]) -> None:
    found = {point.name for point in points if _is_builtin(point)}
    for name in sorted(BUILTIN.keys() - found):
        raise ConfigError(
            f"the built-in {name} are not registered: the installation of atsbridge is incomplete",
            remedy="Reinstall it: pip install --force-reinstall atsbridge",
        )


def _is_builtin(point: Loadable) -> bool:
    return getattr(point, "value", "") == BUILTIN.get(point.name)


def _broken(name: str, error: Exception) -> ConfigError:
    return ConfigError(
        f"the built-in {name} cannot be loaded: {_say(error)}", remedy=repair_advice()
    )


def _register(plugins: Plugins, point: Loadable) -> Iterator[Trouble]:
    name = point.name
    if plugins.manager.has_plugin(name):
        yield Trouble(name, "another plugin has this name", "Uninstall one of the two plugins")
        return
    try:
        module = point.load()
    except Exception as error:
        if _is_builtin(point):
            raise _broken(name, error) from error
        yield Trouble(name, f"cannot be loaded: {_say(error)}", "Reinstall or remove it")
        return
    built_for, number = getattr(module, "ATSBRIDGE_API", None), hookspecs.ATSBRIDGE_API
    if built_for != number:
        what = (
            "does not say which plugin API it is for"
            if built_for is None
            else (f"is built for plugin API {built_for}, this atsbridge has {number}")
        )
        yield Trouble(name, what, f"Install a version that sets ATSBRIDGE_API = {number}")
        return
    yield from _misspelled(name, module)
    try:
        plugins.manager.register(module, name)
    except (pluggy.PluginValidationError, ValueError) as error:
        with_name = str(error).splitlines()[-1]
        yield Trouble(name, f"does not fit the hooks: {with_name}", "See atsbridge.hookspecs")
        return
    callers = plugins.manager.get_hookcallers(module) or []
    hooks = tuple(c.name for c in callers if hasattr(hookspecs, c.name))
    plugins.installed.append(Installed(name, _version(point), hooks))
    if _is_builtin(point):
        plugins._builtin.add(name)


def _misspelled(plugin: str, module: Any) -> Iterator[Trouble]:
    known = [n for n in vars(hookspecs) if n.startswith("atsbridge_")]
    for name, member in vars(module).items():
        if hasattr(member, "atsbridge_impl") and name not in known:
            hint = did_you_mean(name, known, "The hooks are")
            yield Trouble(plugin, f"there is no hook {name}", hint)


def _span(first: date, last: date) -> tuple[date, date]:
    """Both days of an absence; an instant is no day. ValueError if they are none, or swapped."""
    if type(first) is not date or type(last) is not date or last < first:
        raise ValueError("not a first and a last day")
    return first, last


def _version(point: Any) -> str:
    dist = getattr(point, "dist", None)
    return str(dist.version) if dist is not None else ""


def _say(error: Exception) -> str:
    text = str(error).splitlines()
    return f"{type(error).__name__}: {text[0]}" if text else type(error).__name__
