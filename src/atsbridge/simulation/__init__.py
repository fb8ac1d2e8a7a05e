"""Rule tests and backtests on a simulated clock. Nothing is stored or sent."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
