"""The tables that workers share: rounds and workers, beside those of the queue's library."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
