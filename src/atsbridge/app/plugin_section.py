"""Turn a plugin's section into its settings, and its spec into an open connector or sink.

A section is checked without its secrets, which are read only where they are used: checking rules
needs none, and a secret that cannot be read costs only the account or sink that it belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel, SecretStr

from atsbridge.errors import AtsbridgeError, ConfigError, PluginError
from atsbridge.model import did_you_mean
from atsbridge.net import remember
from atsbridge.ports import ConnectorSpec, SinkSpec, Tools
from atsbridge.settings import (
    COMMAND_SUFFIX,
    PREFIX,
    SEPARATOR,
    SUFFIX,
    AccountSettings,
    ConfigErrors,
    Problem,
    Settings,
    SinkSettings,
    VariableText,
    check_address,
    expanded,
    fields_of,
    is_secret,
    parse_command,
    typed,
    validated,
    within,
)

# Stands in for a secret while a section is checked: an address, and long enough for any validator
# that is likely. Errors about it are dropped.
_PLACEHOLDER = "https://placeholder.invalid/placeholder-placeholder"


@dataclass(frozen=True)
class PluginSection:
    """The part of a section that belongs to a plugin.

    `keys`: its path, such as ("accounts", "acme"). `core`: the class of the section with its other
    keys.
    """

    keys: tuple[str, ...]
    given: Mapping[str, Any] = field(repr=False)
    model: type[BaseModel]
    core: type[BaseModel]

    def files(self) -> dict[str, str]:
        """The files that secrets stand in: "token" -> what token_file says."""
        fields = fields_of(self.model)
        return {
            name: str(value)
            for key, value in self.given.items()
            if key.endswith(SUFFIX) and key not in fields
            for name in (key.removesuffix(SUFFIX),)
            if name in fields
        }

    def commands(self) -> dict[str, Any]:
        """The commands that print secrets: "token" -> what token_command says."""
        fields = fields_of(self.model)
        return {
            name: value
            for key, value in self.given.items()
            if key.endswith(COMMAND_SUFFIX) and key not in fields
            for name in (key.removesuffix(COMMAND_SUFFIX),)
            if name in self.secrets()
        }

    def secrets(self) -> list[str]:
        """The keys that hold secrets."""
        return [key for key, kind in fields_of(self.model).items() if is_secret(kind)]

    def check(self) -> list[Problem]:
        """Every error that can be found without reading a secret."""
        files = self.files()
        wrong = [*self._files_wrong(files), *self._commands_wrong()]
        _, found, stand_ins = self._with_stand_ins()
        found = [one for one in found if one.keys[:1] not in {(key,) for key in stand_ins}]
        return list(within([*wrong, *self._addresses(), *found, *self._ignored()], self.keys))

    def settings_without_secrets(self) -> Any:
        """The plugin's own settings with placeholders for secrets. None if they have errors."""
        made, found, _ = self._with_stand_ins()
        return None if found else made

    def _with_stand_ins(self) -> tuple[BaseModel | None, list[Problem], set[str]]:
        """The settings with placeholders, the problems, and the keys that have placeholders."""
        given = self._inline()
        stand_ins = {*self.files(), *(key for key in self.secrets() if key not in given)}
        made, found = self._validated(given | dict.fromkeys(stand_ins, _PLACEHOLDER))
        return made, found, stand_ins

    def settings(self, settings: Settings) -> Any:
        """The plugin's own settings, secrets included. ConfigErrors names every mistake."""
        given, errors = self._inline(), []
        for name, file in self.files().items():
            try:
                given[name] = settings.secret_text(file, *self.keys, f"{name}{SUFFIX}")
            except ConfigError as error:
                errors.append(error)
        for name, command in self.commands().items():
            try:
                given[name] = settings.secret_output(
                    parse_command(command), *self.keys, f"{name}{COMMAND_SUFFIX}"
                )
            except ConfigError as error:
                errors.append(error)
        made, found = self._validated(given)
        unread = {(name,) for name in (*self.files(), *self.commands()) if name not in given}
        found = [self._for_secret(one) for one in found if one.keys not in unread]
        errors += settings.source.errors(within(found, self.keys))
        if errors or made is None:
            raise ConfigErrors(errors)
        values = (getattr(made, name) for name in self.model.model_fields)
        remember(*(one.get_secret_value() for one in values if isinstance(one, SecretStr)))
        return made

    def _inline(self) -> dict[str, Any]:
        """The given values without the names of secret files. An empty variable is no secret."""
        files = self.files()
        skipped = {f"{name}{SUFFIX}" for name in files}
        skipped |= {f"{name}{COMMAND_SUFFIX}" for name in self.commands()}
        secret = {*self.secrets(), *files}
        return {
            key: value
            for key, value in self.given.items()
            if key not in skipped
            and not (key in secret and isinstance(value, VariableText) and not value)
        }

    def _validated(self, given: Mapping[str, Any]) -> tuple[BaseModel | None, list[Problem]]:
        values, unreadable = typed(self.model, given)
        made, found = validated(self.model, values, self.core.model_fields)
        return made, [*unreadable, *found]

    def _files_wrong(self, files: Mapping[str, str]) -> Iterator[Problem]:
        for name, file in files.items():
            key = f"{name}{SUFFIX}"
            if name in self._inline():
                yield Problem((key,), f"both {name} and {key} are set", "Keep one of them")
            elif not isinstance(self.given[key], str) or not file.strip():
                yield Problem((key,), "write the path of a file in quotes")
            else:
                try:
                    expanded(file)
                except ValueError as error:
                    yield Problem((key,), str(error))

    def _commands_wrong(self) -> Iterator[Problem]:
        for name, value in self.commands().items():
            key = f"{name}{COMMAND_SUFFIX}"
            other = name if name in self._inline() else f"{name}{SUFFIX}"
            if other in self.given:
                yield Problem((key,), f"both {other} and {key} are set", "Keep one of them")
                continue
            try:
                parse_command(value)
            except ValueError as error:
                yield Problem((key,), str(error))

    def _ignored(self) -> Iterator[Problem]:
        """Keys that the plugin's model would ignore silently."""
        if self.model.model_config.get("extra", "ignore") != "ignore":
            return
        names = {*self.model.model_fields, *fields_of(self.model)}
        known = [*fields_of(self.model), *self.core.model_fields]
        for key in self.given:
            bare = key.removesuffix(SUFFIX).removesuffix(COMMAND_SUFFIX)
            if key not in names and bare not in names:
                yield Problem((key,), "unknown key", did_you_mean(key, known), at_key=True)

    def _addresses(self) -> Iterator[Problem]:
        """Addresses, hosts and ports that no server can have, whatever the plugin's model says."""
        for key, value in self._inline().items():
            if key in self.secrets():
                continue
            name = key.rpartition("_")[2]
            if name in _NETWORK and value and (what := _NETWORK[name](str(value))):
                yield Problem((key,), what)

    def _for_secret(self, problem: Problem) -> Problem:
        """Say where to put a missing secret."""
        key = problem.keys[0] if problem.keys else ""
        given = {*self._inline(), *self.files(), *self.commands()}
        if key not in self.secrets() or key in given:
            return problem
        variable = PREFIX + SEPARATOR.join((*self.keys, str(key))).upper()
        remedy = f"Put it into {variable}, or name its file in {key}{SUFFIX} or its command in"
        remedy += f" {key}{COMMAND_SUFFIX}"
        return replace(problem, what="this secret is needed", remedy=remedy)


def connector_section(settings: Settings, account: str, spec: ConnectorSpec) -> PluginSection:
    """The part of an account's section that is its connector's."""
    given = settings.accounts[account].options
    return PluginSection(("accounts", account), given, spec.settings, AccountSettings)


def sink_section(settings: Settings, name: str, spec: SinkSpec) -> PluginSection:
    """The part of a sink's section that is its kind's."""
    section = settings.sinks.get(name)
    given = section.options if section is not None else {}
    return PluginSection(("sinks", name), given, spec.settings, SinkSettings)


def _wrong_url(text: str) -> str:
    try:
        check_address(text)
    except ValueError as error:
        return str(error)
    return ""


def _wrong_host(text: str) -> str:
    sound = re.fullmatch(r"[\w.:-]+", text) and not re.search(r"[^:]:\d+$", text)
    return "" if sound else "write the name of a host, without https:// and without a port"


def _wrong_port(text: str) -> str:
    sound = not text.isdecimal() or int(text[:9]) <= 65_535
    return "" if sound else "a port is a number from 1 to 65535"


_NETWORK = {"url": _wrong_url, "host": _wrong_host, "port": _wrong_port}


def open_plugin(spec: Any, options: Any, tools: Tools, where: str) -> Any:
    """The connector or sink that a plugin makes of its settings.

    Whatever it raises becomes a PluginError that quotes nothing: the text may hold a secret.
    """
    try:
        return spec.open(options, tools)
    except AtsbridgeError:
        raise
    except Exception as error:  # noqa: BLE001  the plugin boundary
        raise PluginError(
            f"{spec.name} could not be opened: it raised {type(error).__name__}",
            where=where,
            remedy=f"Report it to the author of {spec.name}",
        ) from None
