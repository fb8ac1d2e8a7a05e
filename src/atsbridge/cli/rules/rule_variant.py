"""A rule with other values of some keys, for a backtest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import yaml

from atsbridge.errors import ConfigError, RuleError
from atsbridge.rules import read

if TYPE_CHECKING:
    from atsbridge.context import Services
    from atsbridge.rules import Rule


def variant(app: Services, rule: str, changes: Sequence[str]) -> Rule:
    """The rule with other values of some keys ("target=2bd", "clock.pause=[]").

    RuleErrors as for a pack, where the value will not do; they name the file "--set". Mistakes that
    the packs have without it are left to whoever reads the packs.
    """
    from atsbridge.rules import RuleErrors, load_good

    if not changes:
        return app.packs.rule_set.rules[rule]
    override: dict[str, Any] = {"id": rule}
    for change in changes:
        key, value = pair(change)
        at = override
        *blocks, last = key.split(".")
        for block in blocks:
            at = at.setdefault(block, {})
            if not isinstance(at, dict):
                what = f"{key} is set inside {block}, which is set to {at}"
                raise ConfigError(what, remedy="Set only one of the two")
        at[last] = value
    text = yaml.safe_dump({"version": 1, "overrides": [override]}, sort_keys=False)
    packs = [*app.packs.texts, ("--set", text)]
    found = load_good(packs, app.plugins.rule_kinds(), app.packs.known)
    before = {str(one) for one in app.packs.rule_set.mistakes}
    if mistakes := [one for one in found.mistakes if str(one) not in before]:
        raise RuleErrors(mistakes)
    return found.rules[rule]


def pair(text: str) -> tuple[str, Any]:
    """ "target=2bd" -> key and value, read as YAML. ConfigError for anything else."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip() or not value.strip():
        raise ConfigError(
            f"{text!r} sets nothing", remedy="Write a key and a value, for example target=2bd"
        )
    try:
        found = read("--set", value)
    except RuleError as error:
        wrong: tuple[RuleError, ...] = (error,)
    else:
        wrong = found.errors
    if wrong:
        raise ConfigError(
            f"the value of {key.strip()} cannot be read: {wrong[0].what}",
            remedy="Write it as in a rule: target=2bd",
        )
    return key.strip(), found.data
