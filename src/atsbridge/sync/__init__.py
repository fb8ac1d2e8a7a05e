"""Read one account into the store: lists, children, the past, and deleted records."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
