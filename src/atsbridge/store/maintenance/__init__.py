"""Care for a whole store: back it up, copy it to another database, check it."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
