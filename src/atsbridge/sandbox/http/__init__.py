"""The HTTP server of every fake: rate limits, faults, hostile responses."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
