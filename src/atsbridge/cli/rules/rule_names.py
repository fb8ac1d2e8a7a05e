"""Find a rule by the name somebody typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atsbridge.errors import ConfigError

if TYPE_CHECKING:
    from atsbridge.rules import Rule, RuleSet


def known(found: RuleSet, name: str) -> Rule:
    """The rule of that id. ConfigError suggests the closest id, or says what is wrong with it."""
    from atsbridge.model import suggest
    from atsbridge.rules import RuleErrors

    rules = found.rules
    if name in rules:
        return rules[name]
    if found.mistakes and (found.unread or name in found.stopped):
        raise RuleErrors(found.mistakes)
    near = suggest(name, rules)
    remedy = f'Did you mean "{near}"?' if near else "See `atsbridge rules list`"
    raise ConfigError(f"there is no rule {name!r}", remedy=remedy)
