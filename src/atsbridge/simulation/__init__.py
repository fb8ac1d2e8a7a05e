"""Rule tests and backtests on a clock of their own; nothing is stored or sent."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
