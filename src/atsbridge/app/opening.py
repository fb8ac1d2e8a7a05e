"""How a plugin's section becomes its settings, and its spec an open connector or sink.

Which ones are wanted is `app`'s to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import SecretStr, ValidationError

from atsbridge.errors import AtsbridgeError, ConfigError, PluginError
from atsbridge.net.secrets import remember
from atsbridge.ports import Tools
from atsbridge.settings import secrets
from atsbridge.settings.mistakes import unknown_key

T = TypeVar("T")


def options(
    folder: Path,
    given: Mapping[str, Any],
    model: type[Any],
    where: str,
    core: type[Any] | None = None,
) -> Any:
    """A plugin's section as the plugin's own settings; `core` has the section's other keys."""
    try:
        found = model.model_validate(secrets(given, folder, where))
    except ValidationError as error:
        words = [*model.model_fields, *(core.model_fields if core else ("kind",))]
        lines = [
            f"{where} {'.'.join(map(str, problem['loc']))}: {_say(problem, words, where, model)}"
            for problem in error.errors(include_input=False)
        ]
        raise ConfigError("\n".join(lines)) from None
    values = (getattr(found, name) for name in model.model_fields)
    remember(*(one.get_secret_value() for one in values if isinstance(one, SecretStr)))
    return found


def named(found: Mapping[str, T], name: str, where: str) -> T:
    try:
        return found[name]
    except KeyError:
        known = ", ".join(sorted(found)) or "none; install one"
        raise ConfigError(
            f"no plugin brings {name!r}", where=where, remedy=f"Installed: {known}"
        ) from None


def opened(spec: Any, options: Any, tools: Tools, where: str) -> Any:
    """What the plugin makes of its settings; whatever it raises becomes one of our errors."""
    try:
        return spec.open(options, tools)
    except AtsbridgeError:
        raise
    except Exception as error:  # noqa: BLE001  the plugin boundary; the text may hold a secret
        raise PluginError(
            f"{spec.name} could not be opened: it raised {type(error).__name__}",
            where=where,
            remedy=f"Report it to the author of {spec.name}",
        ) from None


def _say(problem: Any, words: Iterable[str], where: str, model: type[Any]) -> str:
    """One mistake in a section; `words` are the keys it may have."""
    key = str(problem["loc"][-1]) if problem["loc"] else ""
    if problem["type"] == "extra_forbidden":
        return unknown_key(key, words)
    if problem["type"] == "missing":
        if model.model_fields[key].annotation is not SecretStr:
            return "this key is needed"
        variable = "ATSBRIDGE_" + "__".join((*where.strip("[]").split("."), key)).upper()
        return f"this secret is needed: put it into {variable}, or name its file in {key}_file"
    return str(problem["msg"].removeprefix("Value error, "))
