"""The built-in kinds of rule; plugins add theirs by the hook `atsbridge_rule_kinds`."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
