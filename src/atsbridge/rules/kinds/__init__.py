"""The built-in kinds of rule; plugins add theirs by the hook `atsbridge_rule_kinds`."""

from __future__ import annotations

from atsbridge.ports import RuleKind
from atsbridge.rules.kinds.quiet import QuietKind
from atsbridge.rules.kinds.sla import SlaKind

BUILTIN: tuple[RuleKind, ...] = (SlaKind(), QuietKind())
