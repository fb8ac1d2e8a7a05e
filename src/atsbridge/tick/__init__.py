"""One run over all accounts: sync, evaluate, decide, deliver, report."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
