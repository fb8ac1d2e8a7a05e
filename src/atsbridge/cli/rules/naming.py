"""A rule by the name somebody typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from atsbridge.errors import ConfigError

if TYPE_CHECKING:
    from atsbridge.rules.rule import Rule


def known(rules: Mapping[str, Rule], name: str) -> Rule:
    """The rule of that id. ConfigError names the nearest there is."""
    from atsbridge.rules.mistakes import nearest

    if name in rules:
        return rules[name]
    near = nearest(name, rules)
    remedy = f'Did you mean "{near}"?' if near else "See `atsbridge rules list`"
    raise ConfigError(f"there is no rule {name!r}", remedy=remedy)
