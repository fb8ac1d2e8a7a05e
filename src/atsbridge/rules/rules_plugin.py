"""The built-in kinds and packs, registered like those of a plugin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from atsbridge.hookspecs import hookimpl
from atsbridge.ports import AnyRuleKind

ATSBRIDGE_API = 1


@hookimpl
def atsbridge_rule_kinds() -> Iterable[AnyRuleKind]:
    from atsbridge.rules.kinds import BUILTIN_KINDS

    return BUILTIN_KINDS


@hookimpl
def atsbridge_rule_packs() -> Mapping[str, Path]:
    from atsbridge.rules.compile import builtin_packs

    return builtin_packs()
