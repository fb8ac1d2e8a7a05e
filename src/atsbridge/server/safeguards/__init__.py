"""What stands before every page: who reads, how much, how fast, and what is noted of it."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
