"""The built-in kinds of rule; plugins add theirs by the hook `atsbridge_rule_kinds`."""

from __future__ import annotations

from atsbridge.ports import AnyRuleKind
from atsbridge.rules.kinds.celebrate import CelebrateKind
from atsbridge.rules.kinds.changed import ChangedKind
from atsbridge.rules.kinds.complete import CompleteKind
from atsbridge.rules.kinds.count import CountKind
from atsbridge.rules.kinds.market import MarketKind
from atsbridge.rules.kinds.order import OrderKind
from atsbridge.rules.kinds.quiet import QuietKind
from atsbridge.rules.kinds.ratio import RatioKind
from atsbridge.rules.kinds.recurring import RecurringKind
from atsbridge.rules.kinds.sla import SlaKind
from atsbridge.rules.kinds.spread import SpreadKind
from atsbridge.rules.kinds.unusual import UnusualKind

BUILTIN_KINDS: tuple[AnyRuleKind, ...] = (
    SlaKind(),
    QuietKind(),
    OrderKind(),
    CelebrateKind(),
    CompleteKind(),
    ChangedKind(),
    RatioKind(),
    SpreadKind(),
    MarketKind(),
    CountKind(),
    RecurringKind(),
    UnusualKind(),
)
